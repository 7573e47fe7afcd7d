"""Which pieces a message needs, and what leaves the correspondence when it is worked off.

| piece | holds | is needed by |
|-------|-------|--------------|
| ``invoice/R-1`` | the document and its deliveries | its making, returns, copies, credit notes |
| ``entries/2026-03`` | what was booked in that month | entries, statements |
| ``delivery/...`` | of which document that delivery is | what comes back |
"""

from collections.abc import Iterator, Mapping
from datetime import date

from schemas.calendars import A_DAY
from schemas.days import DayBegan
from schemas.deliveries import DeliveryReturned
from schemas.frozen import replace
from schemas.instructions import ResendDocument, SendStatement
from schemas.invoices import CreditNoteIssued
from schemas.message import Message
from schemas.outcomes import ActOutcome
from schemas.receivables import EntryPosted
from schemas.reminders import (
    NoticeCancelled,
    ReminderCancelled,
    ReminderCreated,
    ReminderReleased,
)
from services.notifications.model import (
    KINDS,
    Correspondence,
    LedgerMonth,
    Mailing,
    Pointer,
    delivery_key,
    invoices_of,
    key_of,
    month_key,
)

Piece = Mailing | Pointer | LedgerMonth


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
    known = correspondence.mailings.keys() | correspondence.ledger.keys() | pointers
    return frozenset(named - known)


def recall(correspondence: Correspondence, pieces: Mapping[str, Piece]) -> Correspondence:
    """Return *correspondence* with *pieces* at hand; what it holds itself is newer."""
    mailings = {name: each for name, each in pieces.items() if isinstance(each, Mailing)}
    ledger = {name: each for name, each in pieces.items() if isinstance(each, LedgerMonth)}
    pointers = {
        name.removeprefix("delivery/"): each.points_to
        for name, each in pieces.items()
        if isinstance(each, Pointer)
    }
    return replace(
        correspondence,
        mailings=mailings | correspondence.mailings,
        pointers=pointers | correspondence.pointers,
        ledger=ledger | correspondence.ledger,
    )


def file_away(correspondence: Correspondence) -> tuple[Correspondence, Mapping[str, Piece]]:
    """Return *correspondence* without its pieces, and those that changed by their names."""
    if not (correspondence.mailings or correspondence.pointers or correspondence.ledger):
        return correspondence, {}
    pieces: dict[str, Piece] = {**correspondence.mailings, **correspondence.ledger}
    pieces |= {delivery_key(n): Pointer(points_to=i) for n, i in correspondence.pointers.items()}
    changed = {name: piece for name, piece in pieces.items() if name in correspondence.touched}
    emptied = replace(correspondence, mailings={}, pointers={}, ledger={}, touched=frozenset())
    return emptied, changed


def _named(correspondence: Correspondence, message: Message) -> Iterator[str]:
    match message:
        case CreditNoteIssued():
            yield from [key_of("invoice", message.invoice_id)] if message.invoice_id else []
        case ReminderCreated():
            yield from invoices_of(message)
        case ReminderReleased() | ReminderCancelled():
            yield key_of("reminder", message.dunning_id)
        case NoticeCancelled():
            yield key_of("before_due", message.notice_id)
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
            yield from _months_of_day(correspondence, message.day)
        case _:
            yield from _of_ledger(correspondence, message)


def _of_ledger(correspondence: Correspondence, message: Message) -> Iterator[str]:
    match message:
        case EntryPosted():
            yield month_key(message.booked_on)
        case SendStatement():
            yield from _months(correspondence, message.since or message.as_of, message.as_of)
            # What waits since a late day is drawn with it.
            yield from _months_waiting(correspondence)
        case _:
            return


def _months(correspondence: Correspondence, since: date, as_of: date) -> Iterator[str]:
    """Yield the months of a statement in which something was booked."""
    first, last = month_key(since), month_key(as_of)
    yield from (key for key in correspondence.sums if first <= key <= last)


def _months_waiting(correspondence: Correspondence) -> Iterator[str]:
    for owed in correspondence.statements:
        yield from _months(correspondence, owed.since, owed.as_of)


def _months_of_day(correspondence: Correspondence, day: date) -> Iterator[str]:
    """Yield those that a day may need: of statements that wait, and the month before."""
    yield from _months_waiting(correspondence)
    if correspondence.addressee.statements != "monthly":
        return
    last = day.replace(day=1) - A_DAY
    yield from _months(correspondence, last, last)
