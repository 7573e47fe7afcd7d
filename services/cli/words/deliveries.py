"""What became of reminders and invoices on their way, as sentences."""

from schemas.deliveries import (
    Bounced,
    Delivery,
    DeliveryIntended,
    DeliveryReturned,
    Dispatched,
    DispatchFailed,
    EndpointDisabled,
    InstrumentExpired,
    InstrumentExpiring,
)
from schemas.drafts import (
    DocumentDrafted,
    DocumentMade,
    DocumentNotMade,
    HandedOver,
    NotHandedOver,
)
from schemas.outcomes import ActBegan, ActPutOff, ActUnknown
from services.cli.words.names import Names, capital
from services.cli.words.telling import tell


@tell.register
def _intended(message: DeliveryIntended, names: Names) -> str:
    what, way = _what(message, names), names.language.word("way", message.channel)
    return names.language.say("delivery.intended", what=what, way=way)


@tell.register
def _dispatched(message: Dispatched, names: Names) -> str:
    what, way = _what(message, names), names.language.word("way", message.channel)
    return names.language.say("delivery.dispatched", what=what, way=way, on=message.dispatched_on)


@tell.register
def _failed(message: DispatchFailed, names: Names) -> str:
    says, what = names.language, _what(message, names)
    way, why = says.word("way", message.channel), says.word("failure", message.reason)
    if message.fallback is None:
        return says.say("delivery.failed_at_all", what=what, way=way, why=why)
    then = says.word("way", message.fallback)
    return says.say("delivery.failed", what=what, way=way, why=why, then=then)


@tell.register
def _bounced(message: Bounced, names: Names) -> str:
    says, what = names.language, _what(message, names)
    reason = says.word("failure", message.reason) if message.reason else ""
    return says.say("delivery.bounced", what=what, why=says.part("plain.reason", reason=reason))


@tell.register
def _returned(message: DeliveryReturned, names: Names) -> str:
    says = names.language
    why = says.part("plain.reason", reason=says.word("failure", message.reason))
    what = says.say("delivery.other", id=message.delivery_id)
    return says.say("delivery.returned", what=what, on=message.returned_on, why=why)


@tell.register
def _disabled(message: EndpointDisabled, names: Names) -> str:
    says, why = names.language, names.language.word("failure", message.reason)
    at = message.disabled_at.strftime("%Y-%m-%d %H:%M %Z")
    return says.say("delivery.disabled", endpoint=message.endpoint_id, at=at, why=why)


@tell.register
def _expiring(message: InstrumentExpiring, names: Names) -> str:
    on = message.expires_on
    return names.language.say("delivery.expiring", id=message.instrument_id, on=on)


@tell.register
def _expired(message: InstrumentExpired, names: Names) -> str:
    on = message.expires_on
    return names.language.say("delivery.expired", id=message.instrument_id, on=on)


@tell.register
def _unknown(message: ActUnknown, names: Names) -> str:
    return names.language.say("delivery.unknown", id=message.effect_id)


@tell.register
def _began(message: ActBegan, names: Names) -> str:
    return names.language.say("act.began", id=message.effect_id, number=message.attempt)


@tell.register
def _put_off(message: ActPutOff, names: Names) -> str:
    return names.language.say("act.put_off", id=message.effect_id, number=message.attempt)


@tell.register
def _drafted(message: DocumentDrafted, names: Names) -> str:
    return names.language.say("act.drafted", id=message.document_id)


@tell.register
def _made(message: DocumentMade, names: Names) -> str:
    return names.language.say("act.made", id=message.effect_id)


@tell.register
def _not_made(message: DocumentNotMade, names: Names) -> str:
    why = names.language.word("failure", message.reason)
    return names.language.say("act.not_made", id=message.effect_id, why=why)


@tell.register
def _handed_over(message: HandedOver, names: Names) -> str:
    return names.language.say("act.handed_over", id=message.effect_id)


@tell.register
def _not_handed_over(message: NotHandedOver, names: Names) -> str:
    why = names.language.word("failure", message.reason)
    return names.language.say("act.not_handed_over", id=message.effect_id, why=why)


def _what(message: Delivery, names: Names) -> str:
    what = _document(message, names)
    return names.language.say("delivery.copy", what=what) if message.is_copy else capital(what)


def _document(message: Delivery, names: Names) -> str:
    """Return what a clerk calls the document; who delivers for us may name nothing but its id."""
    document, event = message.document, message.event
    if event is not None:
        endpoint, number = event.endpoint_id, event.sequence
        return names.language.say(
            "delivery.event", type=event.type, number=number, endpoint=endpoint
        )
    named = {document.kind: document.id} if document else {}
    if reminder := message.dunning_id or named.get("reminder"):
        return names.reminder(reminder)
    if invoice := message.invoice_id or named.get("invoice"):
        return names.receivable(invoice)
    if document is not None and document.kind in ("before_due", "thanks", "statement"):
        return names.language.say(f"delivery.{document.kind}")
    if document is not None:
        return names.language.say("delivery.note", number=document.number or document.id)
    return names.language.say("delivery.other", id=message.delivery_id)
