"""A document on its way: what is intended, what left, what did not, and what comes then (R-53)."""

from datetime import date, datetime
from typing import Any

from schemas.deliveries import (
    Addressee,
    Channel,
    DeliveryIntended,
    Dispatched,
    DispatchFailed,
    StoredDocument,
)
from schemas.frozen import replace
from schemas.message import ContractMessage
from schemas.terms import LegalEntityPublished, Terms
from services.notifications.model import (
    Correspondence,
    Mailing,
    OpenAct,
    Outcome,
    Sending,
    Way,
    delivery_id_of,
)
from services.notifications.ways import choice
from services.notifications.ways.choice import Route

_LONGEST = 200  # of a name


def send(
    correspondence: Correspondence, mailing: Mailing, route: Route, *, terms: Terms
) -> Outcome:
    """Intend the deliveries of *mailing* on a route; where nobody is reached so, on the next.

    The archive reaches everybody, and is done as soon as it is intended.
    """
    failed: list[ContractMessage] = []
    while not choice.reached(correspondence, mailing, route):
        why = choice.has_none(correspondence, mailing, route.way)
        after = route.after(mailing)
        failed.append(_failed(correspondence, mailing, route, reason=why, fallback=after.way))
        route = after
    correspondence, intended = _intend(correspondence, mailing, route, terms=terms)
    return correspondence, (*failed, *intended)


def _intend(
    correspondence: Correspondence, mailing: Mailing, route: Route, *, terms: Terms
) -> Outcome:
    """Intend a delivery to each who is reached, with copies of what nobody has sent (R-122)."""
    said: list[ContractMessage] = []
    on = terms.today(correspondence.entity_id)
    enclosed = () if route.is_copy else enclosures(correspondence, mailing)
    for to, addressee in choice.reached(correspondence, mailing, route).items():
        sending = _sending(mailing, route, to)
        mailing = mailing.with_sending(sending)
        told = about(correspondence, mailing, sending)
        intended = DeliveryIntended(
            **told,
            intended_on=on,
            recipient=addressee,
            chosen_by=route.by,
            sender=_sender(terms.entities[correspondence.entity_id]),
            language=correspondence.addressee.language,
            enclosed=enclosed,
        )
        said.append(intended)
        correspondence = correspondence.with_pointer(sending.delivery_id, mailing.key)
        if route.way == "archive":
            mailing, done = sent(correspondence, mailing, sending, on=on)
            said.append(done)
        else:
            act = OpenAct(key=mailing.key, delivery_id=sending.delivery_id)
            correspondence = correspondence.with_act(intended.derived_id(), act)
    return correspondence.with_mailing(mailing), tuple(said)


def sent(
    correspondence: Correspondence,
    mailing: Mailing,
    sending: Sending,
    *,
    on: date,
    at: datetime | None = None,
) -> tuple[Mailing, Dispatched]:
    """Return *mailing* of which a delivery has left, and what is said of that (R-58)."""
    told = about(correspondence, mailing, sending)
    mailing = mailing.with_sending(replace(sending, phase="sent"))
    return mailing, Dispatched(**told, dispatched_on=on, sent_at=at)


def lost(
    correspondence: Correspondence,
    mailing: Mailing,
    sending: Sending,
    *,
    reason: str,
    terms: Terms,
    again: bool = False,
) -> Outcome:
    """Say that a delivery reached nobody, and try the next way where no other one is good.

    Where it goes *again*, that is the same way, as a delivery of its own (R-120). A letter to a
    debtor waits for the next day: by then dunning has heard of it, and cancels what is not true any
    more (R-55). A copy has no other way: whoever asked for it hears of it.
    """
    this = _way(sending.channel)
    way = this if again else choice.way_after(this, mailing)
    others = [each for each in mailing.sendings if each.round == sending.round and each.is_good]
    if sending.is_copy or others or not correspondence.stands(mailing):
        way = None
    if way == sending.channel:
        mailing = replace(mailing, round=mailing.round + 1)
    failed = DispatchFailed(
        **about(correspondence, mailing, sending), reason=reason[:_LONGEST], fallback=way
    )
    if way is None:
        return correspondence.with_mailing(mailing), (failed,)
    if mailing.kind == "reminder":
        later = tuple(dict.fromkeys((*correspondence.later, mailing.key)))
        mailing = replace(mailing, next_way=way)
        return replace(correspondence, later=later).with_mailing(mailing), (failed,)
    correspondence, said = send(correspondence, mailing, Route(way, "fallback"), terms=terms)
    return correspondence, (failed, *said)


def unmade(correspondence: Correspondence, mailing: Mailing, *, reason: str) -> DispatchFailed:
    """Return that a document reaches nobody, as it cannot be made."""
    route = choice.wished(correspondence, mailing)
    return _failed(correspondence, mailing, route, reason=reason, fallback=None)


def dropped(correspondence: Correspondence, mailing: Mailing) -> tuple[DispatchFailed, ...]:
    """Say that a letter stays here whose run has ended, as it counts as sent until then (R-50).

    What dunning has cancelled itself it knows to stay here.
    """
    if mailing.kind != "reminder" or mailing.is_cancelled or mailing.sendings:
        return ()
    return (unmade(correspondence, mailing, reason="run_over"),)


def about(correspondence: Correspondence, mailing: Mailing, sending: Sending) -> dict[str, Any]:
    """Return what every message about a delivery says of it."""
    is_mail = sending.channel == "email" and 0 < len(sending.to) <= _LONGEST
    return {
        "contract_id": correspondence.contract_id,
        "delivery_id": sending.delivery_id,
        "channel": sending.channel,
        "to": sending.to if is_mail else None,
        "document": mailing.file or StoredDocument(kind=mailing.kind, id=mailing.document_id),
        "is_copy": sending.is_copy,
        **_moves(mailing, is_copy=sending.is_copy),
    }


def enclosures(correspondence: Correspondence, mailing: Mailing) -> tuple[StoredDocument, ...]:
    """Return the invoices that come with *mailing*, as they are stored."""
    held = (correspondence.mailings.get(each) for each in mailing.enclosed)
    return tuple(each.file for each in held if each is not None and each.file is not None)


def _sender(entity: LegalEntityPublished) -> Addressee:
    return Addressee(name=entity.name, email=entity.contact.email if entity.contact else None)


def _moves(mailing: Mailing, *, is_copy: bool) -> dict[str, str]:
    """Return whose clock the delivery moves: a copy names nobody (R-124)."""
    named = {"invoice": "invoice_id", "reminder": "dunning_id"}
    if is_copy or mailing.kind not in named:
        return {}
    return {named[mailing.kind]: mailing.document_id}


def _failed(
    correspondence: Correspondence,
    mailing: Mailing,
    route: Route,
    *,
    reason: str,
    fallback: Way | None,
) -> DispatchFailed:
    """Return that nobody is reached on a route, to whom a delivery could be intended."""
    told = about(correspondence, mailing, _sending(mailing, route, ""))
    return DispatchFailed(**told, reason=reason[:_LONGEST], fallback=fallback)


def _sending(mailing: Mailing, route: Route, to: str) -> Sending:
    return Sending(
        delivery_id=delivery_id_of(mailing, route.way, to),
        channel=route.way,
        to=to,
        round=mailing.round,
        is_copy=route.is_copy,
    )


def _way(channel: Channel) -> Way:
    assert channel != "webhook", "no document goes by webhook"
    return channel
