"""What became of acts: a document is made or not, a delivery has left or not, or came back."""

from schemas.deliveries import Bounced, DeliveryReturned
from schemas.drafts import DocumentMade, DocumentNotMade, HandedOver, NotHandedOver
from schemas.frozen import replace
from schemas.message import ContractMessage, NotYet, Refused
from schemas.outcomes import ActOutcome
from schemas.terms import Terms
from services.notifications.model import Correspondence, Mailing, OpenAct, Outcome, Sending
from services.notifications.ways import announcing, choice, drafting, sending

# What of a document is told beside its hash, by each of its deliveries.
_KEPT = {"xml_hash", "template_version", "letterhead_version", "rule_set"}


def made(correspondence: Correspondence, outcome: DocumentMade, terms: Terms) -> Outcome:
    """Send what is made, where it still stands (R-55)."""
    correspondence, mailing, _ = _settled(correspondence, outcome)
    more = outcome.model_dump(include=_KEPT)
    file = drafting.stored(mailing, outcome.hash, **more)
    if len(sending.enclosures(correspondence, mailing)) < len(mailing.enclosed):
        # An invoice of which it says that a copy comes with it could not be made.
        return drafting.draft(correspondence, mailing, terms)
    mailing = replace(mailing, stage="made", file=file, content=None, items=())
    if not correspondence.stands(mailing):
        said = sending.dropped(correspondence, mailing)
        return correspondence.with_mailing(mailing), said
    route = choice.wished(correspondence, mailing)
    return sending.send(correspondence, mailing, route, terms=terms)


def not_made(correspondence: Correspondence, outcome: DocumentNotMade) -> Outcome:
    """Say that a document reaches nobody; it is drafted again when somebody asks for it."""
    correspondence, mailing, _ = _settled(correspondence, outcome)
    mailing = replace(mailing, stage="unmade")
    correspondence = correspondence.with_mailing(mailing)
    if not correspondence.stands(mailing):
        return correspondence, sending.dropped(correspondence, mailing)
    return correspondence, (sending.unmade(correspondence, mailing, reason=outcome.reason),)


def handed_over(correspondence: Correspondence, outcome: HandedOver, terms: Terms) -> Outcome:
    """Say that a delivery has left, on the day that has begun (R-58)."""
    if outcome.effect_id in correspondence.postings:
        return announcing.posted(correspondence, outcome, terms)
    correspondence, mailing, delivery = _delivery(correspondence, outcome)
    today = terms.today(correspondence.entity_id)
    mailing, said = sending.sent(correspondence, mailing, delivery, on=today, at=outcome.sent_at)
    return correspondence.with_mailing(mailing), (said,)


def not_handed_over(
    correspondence: Correspondence, outcome: NotHandedOver, terms: Terms
) -> Outcome:
    """Try the next way; an address that is a wrong one is closed (R-53, R-121)."""
    if outcome.effect_id in correspondence.postings:
        return announcing.not_posted(correspondence, outcome)
    correspondence, mailing, delivery = _delivery(correspondence, outcome)
    if outcome.closes:
        correspondence = _closed(correspondence, delivery)
    failed = replace(delivery, phase="failed")
    mailing = mailing.with_sending(failed)
    reason, again = outcome.reason, outcome.again
    return sending.lost(correspondence, mailing, failed, reason=reason, terms=terms, again=again)


def come_back(correspondence: Correspondence, returned: DeliveryReturned, terms: Terms) -> Outcome:
    """Close the address until the customer changes, and try the next way (R-121)."""
    key = correspondence.pointers.get(returned.delivery_id)
    mailing = correspondence.mailings.get(key) if key else None
    delivery = mailing.sending(returned.delivery_id) if mailing else None
    if mailing is None or delivery is None or delivery.phase == "intended":
        raise NotYet("delivery")
    if delivery.phase == "returned":
        return correspondence, ()
    if delivery.phase == "failed" or delivery.channel == "archive":
        raise Refused("conflict", "what never left cannot come back")
    correspondence = _closed(correspondence, delivery)
    bounced = Bounced(**sending.about(correspondence, mailing, delivery), reason=returned.reason)
    delivery = replace(delivery, phase="returned")
    correspondence, said = sending.lost(
        correspondence, mailing.with_sending(delivery), delivery, reason="came_back", terms=terms
    )
    return correspondence, (bounced, *said)


def go_on(correspondence: Correspondence, terms: Terms) -> Outcome:
    """Try the next way of what reached nobody before today, where it still stands (R-53)."""
    said: list[ContractMessage] = []
    keys, correspondence = correspondence.later, replace(correspondence, later=())
    for mailing in [correspondence.mailings[key] for key in keys]:
        way, mailing = mailing.next_way, replace(mailing, next_way=None)
        correspondence = correspondence.with_mailing(mailing)
        if way is not None and correspondence.stands(mailing):
            route = choice.Route(way, "fallback")
            correspondence, more = sending.send(correspondence, mailing, route, terms=terms)
            said += more
    return correspondence, tuple(said)


def _closed(correspondence: Correspondence, delivery: Sending) -> Correspondence:
    """Close the address until the customer changes (R-121)."""
    return replace(
        correspondence, closed=correspondence.closed | {f"{delivery.channel}:{delivery.to}"}
    )


def _delivery(
    correspondence: Correspondence, outcome: ActOutcome
) -> tuple[Correspondence, Mailing, Sending]:
    correspondence, mailing, act = _settled(correspondence, outcome)
    delivery = mailing.sending(act.delivery_id) if act.delivery_id else None
    if delivery is None:
        raise Refused("conflict", "its act is the making of a document")
    return correspondence, mailing, delivery


def _settled(
    correspondence: Correspondence, outcome: ActOutcome
) -> tuple[Correspondence, Mailing, OpenAct]:
    """Return what the act was about, and that it is not waited for any more."""
    act = correspondence.acts.get(outcome.effect_id)
    if act is None:
        raise Refused("conflict", "its act is settled, or was never intended")
    is_making = isinstance(outcome, DocumentMade | DocumentNotMade)
    if is_making != (act.delivery_id is None):
        raise Refused("conflict", "it is the outcome of another kind of act")
    mailing = correspondence.mailings[act.key]
    return correspondence.without_act(outcome.effect_id), mailing, act
