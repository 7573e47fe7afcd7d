"""Hand-overs: what goes to the tax adviser once, and by which day the books are closed (R-107).

| rule | says | here |
|------|------|------|
| R-107 | what was handed over does not change: all of it is still there, to the cent | ``_check`` |
| R-107 | a hand-over holds what is new since the last | ``hand_over`` |
| R-107 | what is booked later for a closed day stands on the first open one | ``_standing`` |
| R-106 | its tax stays in the month in which it arose | ``_standing`` |
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from schemas.values import LegalEntityId
from services.bookkeeping.books import Books
from services.bookkeeping.facts import Disagrees
from services.bookkeeping.postings import Posting
from services.bookkeeping.revenue import month_of

_A_DAY = timedelta(days=1)


class Closed(ValueError):
    """The books are closed up to that day, or of somebody else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """An entry that was handed over, with its day and the one on which it stands.

    The amount is in the minor unit.
    """

    contract_id: str
    number: int
    entry_id: str
    booked_on: date
    posted_on: date
    amount: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """What was sent under a number; the books are closed up to *until*, that day included."""

    number: int
    until: date
    # Of all legal entities where none is named.
    legal_entity_id: LegalEntityId | None = None
    sent: tuple[Sent, ...] = ()


def hand_over(
    books: Books, before: Sequence[HandOver], *, entity: LegalEntityId | None
) -> tuple[HandOver, tuple[Posting, ...]]:
    """Return what of *books* was in no hand-over *before*, with its postings in order of days.

    Raise Closed where their day is closed, or where those before are of another *entity*, and
    Disagrees where what was handed over is no longer what the ledger says.
    """
    last = before[-1] if before else None
    if last is not None and books.as_of <= last.until:
        raise Closed(f"the books are closed up to {last.until}")
    if last is not None and last.legal_entity_id != entity:
        raise Closed(f"hand-over {last.number} is of {last.legal_entity_id or 'all entities'}")
    _check(books, before)
    known = {each.entry_id for one in before for each in one.sent}
    new = (p for p in books.postings if p.booked.entry.posted.entry_id not in known)
    standing = sorted((_standing(each, last) for each in new), key=lambda each: each.on)
    found = HandOver(
        number=last.number + 1 if last else 1,
        until=books.as_of,
        legal_entity_id=entity,
        sent=tuple(map(_sent, standing)),
    )
    return found, tuple(standing)


def _standing(posting: Posting, last: HandOver | None) -> Posting:
    """Return *posting* on its day, or on the first that is open; its tax stays where it arose."""
    if last is None or posting.on > last.until:
        return posting
    arose_in = month_of(posting.on)
    contras = (replace(c, taxed_in=c.taxed_in or arose_in) if c.tax else c for c in posting.contras)
    return replace(posting, posted_on=last.until + _A_DAY, contras=tuple(contras))


def _sent(posting: Posting) -> Sent:
    entry = posting.booked.entry
    return Sent(
        contract_id=entry.posted.contract_id,
        number=entry.posted.number,
        entry_id=entry.posted.entry_id,
        booked_on=entry.on,
        posted_on=posting.on,
        amount=posting.booked.money,
        currency=posting.booked.ledger.currency,
    )


def _check(books: Books, before: Sequence[HandOver]) -> None:
    if found := list(_changed(books, before)):
        raise Disagrees(*found)


def _changed(books: Books, before: Sequence[HandOver]) -> Iterator[str]:
    amounts = {each.entry.posted.entry_id: each.money for each in books.entries}
    for one in before:
        for each in one.sent:
            if amounts.get(each.entry_id) != each.amount:
                where = f"contract {each.contract_id}, entry {each.number}"
                yield f"{where}: hand-over {one.number} has it, and the ledger has it otherwise"
