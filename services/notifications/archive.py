"""Which pieces a message needs, and what leaves the correspondence when it is worked off.

| piece | holds | is needed by |
|-------|-------|--------------|
| ``invoice/R-1`` | the document and its deliveries | its making, returns, copies, credit notes |
| ``delivery/...`` | of which document that delivery is | what comes back |
"""

from collections.abc import Iterator, Mapping

from schemas.days import DayBegan
from schemas.deliveries import DeliveryReturned
from schemas.frozen import replace
from schemas.instructions import ResendDocument
from schemas.invoices import CreditNoteIssued
from schemas.message import Message
from schemas.outcomes import ActOutcome
from schemas.reminders import ReminderCancelled, ReminderCreated, ReminderReleased
from services.notifications.model import (
    KINDS,
    Correspondence,
    Mailing,
    Pointer,
    delivery_key,
    invoices_of,
    key_of,
)

Piece = Mailing | Pointer


def wanted(correspondence: Correspondence, message: Message) -> frozenset[str]:
    """Return the names of pieces that *message* needs and *correspondence* does not hold.

    Ask again after each recall, until none is wanted: only a pointer knows its mailing, and a
    reminder its invoices.
    """
    if correspondence.customer is None:
        return frozenset()
    named = {*_named(correspondence, message)}
    held = {each: correspondence.mailings.get(each) for each in named}
    for mailing in held.values():
        if mailing is not None:
            named |= {*mailing.items, *mailing.enclosed}
    pointers = {delivery_key(each) for each in correspondence.pointers}
    return frozenset(named - correspondence.mailings.keys() - pointers)


def recall(correspondence: Correspondence, pieces: Mapping[str, Piece]) -> Correspondence:
    """Return *correspondence* with *pieces* at hand; what it holds itself is newer."""
    mailings = {name: each for name, each in pieces.items() if isinstance(each, Mailing)}
    pointers = {
        name.removeprefix("delivery/"): each.points_to
        for name, each in pieces.items()
        if isinstance(each, Pointer)
    }
    return replace(
        correspondence,
        mailings=mailings | correspondence.mailings,
        pointers=pointers | correspondence.pointers,
    )


def file_away(correspondence: Correspondence) -> tuple[Correspondence, Mapping[str, Piece]]:
    """Return *correspondence* without its pieces, and those that changed by their names."""
    if not (correspondence.mailings or correspondence.pointers):
        return correspondence, {}
    pieces: dict[str, Piece] = {**correspondence.mailings}
    pieces |= {delivery_key(n): Pointer(points_to=i) for n, i in correspondence.pointers.items()}
    changed = {name: piece for name, piece in pieces.items() if name in correspondence.touched}
    return replace(correspondence, mailings={}, pointers={}, touched=frozenset()), changed


def _named(correspondence: Correspondence, message: Message) -> Iterator[str]:
    match message:
        case CreditNoteIssued():
            yield from [key_of("invoice", message.invoice_id)] if message.invoice_id else []
        case ReminderCreated():
            yield from invoices_of(message)
        case ReminderReleased() | ReminderCancelled():
            yield key_of("reminder", message.dunning_id)
        case ActOutcome():
            act = correspondence.acts.get(message.effect_id)
            yield from [act.key] if act else []
        case DeliveryReturned():
            yield delivery_key(message.delivery_id)
            key = correspondence.pointers.get(message.delivery_id)
            yield from [key] if key else []
        case ResendDocument():
            yield from (key_of(kind, message.document_id) for kind in KINDS)
        case DayBegan():
            yield from correspondence.later
        case _:
            return
