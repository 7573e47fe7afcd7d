"""Open items: what is owed, given up, and credited on a day (R-81 to R-85)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from schemas.receivables import Owed
from schemas.reminders import ItemKind
from schemas.values import ContractId, LegalEntityId, ReceivableId
from services.bookkeeping.booked import Booked
from services.bookkeeping.breakdown import gross_of
from services.bookkeeping.journal import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """A receivable of which something is open or was given up, or the credit of a contract.

    Amounts in the minor unit; what is open of a credit is less than nothing.
    """

    ledger: Ledger
    kind: ItemKind | Literal["credit"]
    receivable_id: ReceivableId | None = None
    number: str | None = None
    booked_on: date | None = None
    due_on: date | None = None
    amount: int
    open: int
    written_off: int = 0
    # Days since it fell due; none before.
    age: int = 0

    @property
    def legal_entity_id(self) -> LegalEntityId:
        return self.ledger.legal_entity_id

    @property
    def contract_id(self) -> ContractId:
        return self.ledger.contract_id

    @property
    def currency(self) -> str:
        return self.ledger.currency


def open_items(ledger: Ledger, entries: Iterable[Booked], *, as_of: date) -> Iterator[OpenItem]:
    """Yield the open items of *ledger* after *entries*, those that count on the day.

    What is written off stays visible (R-85). What pays a receivable that is not booked by that
    day, or more of one than there is, is credit.
    """
    entries = tuple(entries)
    paid: dict[ReceivableId, int] = defaultdict(int)
    lost: dict[ReceivableId, int] = defaultdict(int)
    for each in entries:
        for part in each.entry.posted.assigned:
            paid[part.receivable_id] += part.amount.minor
        for loss in each.losses:
            lost[loss.receivable_id] += gross_of(loss.parts)
    credit = sum(each.money for each in entries)
    for each in entries:
        for owed in each.entry.posted.owed:
            item = _item(ledger, owed, booked_on=each.entry.posted.booked_on, as_of=as_of)
            # Entries that are dated against their order may pay more of it than there is by a day.
            is_open = min(max(0, item.amount - paid[owed.receivable_id]), item.amount)
            credit -= is_open
            if is_open or lost[owed.receivable_id]:
                yield replace(item, open=is_open, written_off=lost[owed.receivable_id])
    if credit:
        yield OpenItem(ledger=ledger, kind="credit", amount=credit, open=credit)


def _item(ledger: Ledger, owed: Owed, *, booked_on: date, as_of: date) -> OpenItem:
    """Return all of a receivable; it ages from its due date, a return makes it no younger."""
    due_on = _due_on(ledger, owed, as_of)
    return OpenItem(
        ledger=ledger,
        kind=owed.kind,
        receivable_id=owed.receivable_id,
        number=owed.number,
        booked_on=booked_on,
        due_on=due_on,
        amount=owed.amount.minor,
        open=owed.amount.minor,
        age=max(0, (as_of - due_on).days),
    )


def _due_on(ledger: Ledger, owed: Owed, as_of: date) -> date:
    """Return the due date: the last that was agreed on by the day, and is no earlier (R-98)."""
    dates = [owed.due_on]
    for said_on, name, until in ledger.deferred:
        if name == owed.receivable_id and said_on <= as_of and until >= owed.due_on:
            dates.append(until)
    return dates[-1]
