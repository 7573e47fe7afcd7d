"""What changed an account, posted as an entry with the balance after it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from schemas.frozen import replace
from schemas.invoices import Vat
from schemas.message import ContractMessage
from schemas.receivables import (
    About,
    Assigned,
    EntryKind,
    EntryPosted,
    Owed,
    ReceivableReopened,
    ReceivableSettled,
)
from schemas.values import Money, derived_id
from services.dunning.model import Account, Outcome

# So that no message outgrows what a broker takes, however long the names are.
_ASSIGNED_MOST = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """What an entry is called: *name* is unique among those of its kind of the contract."""

    kind: EntryKind
    name: tuple[str, ...]
    about: About
    booked_on: date
    reason_code: str | None = None
    foreign: Money | None = None
    foreign_fee: Money | None = None
    vat: tuple[Vat, ...] = ()


def post(before: Account, after: Account, entry: LedgerEntry) -> Outcome:
    """Number the entry that made *after* of *before*, and say what it did.

    What it assigns beyond a thousand receivables follows in entries of nothing.
    """
    assigned = tuple(_assigned(before, after))
    parts = [assigned[n : n + _ASSIGNED_MOST] for n in range(0, len(assigned), _ASSIGNED_MOST)]
    parts = parts or [()]
    said = [_posted(before, after, entry, parts[0], number=before.entries + 1)]
    for number, part in enumerate(parts[1:], 2):
        named = replace(entry, name=(*entry.name, "part", str(number)))
        said.append(_posted(after, after, named, part, number=before.entries + number))
    after = replace(after, entries=before.entries + len(parts))
    return after, (*said, *_changes(before, after, entry.kind))


def _posted(
    before: Account,
    after: Account,
    entry: LedgerEntry,
    assigned: tuple[Assigned, ...],
    *,
    number: int,
) -> EntryPosted:
    return EntryPosted(
        contract_id=after.contract_id,
        entry_id=derived_id("entry", after.contract_id, entry.kind, *entry.name),
        number=number,
        about=entry.about,
        kind=entry.kind,
        money=Money.of(after.balance - before.balance, after.currency),
        booked_on=entry.booked_on,
        owed=tuple(_owed(before, after)),
        assigned=assigned,
        balance=Money.of(after.balance, after.currency),
        reason_code=entry.reason_code,
        foreign=entry.foreign,
        foreign_fee=entry.foreign_fee,
        vat=entry.vat,
    )


def _owed(before: Account, after: Account) -> Iterable[Owed]:
    """Yield the receivables that there were not before."""
    known = {each.receivable_id for each in before.items}
    for item in after.items:
        if item.receivable_id not in known:
            yield Owed(
                receivable_id=item.receivable_id,
                kind=item.kind,
                number=item.number,
                amount=Money.of(item.amount, after.currency),
                due_on=item.due_on,
            )


def _assigned(before: Account, after: Account) -> Iterable[Assigned]:
    """Yield by how much the entry itself changed what is open."""
    was_open = {each.receivable_id: each.open for each in before.items}
    for item in after.items:
        paid = was_open.get(item.receivable_id, item.amount) - item.open
        if paid:
            amount = Money.of(paid, after.currency)
            yield Assigned(receivable_id=item.receivable_id, amount=amount)


def _changes(before: Account, after: Account, kind: EntryKind) -> Iterable[ContractMessage]:
    """Yield which receivables are settled now, and which are open again."""
    was_open = {each.receivable_id: each.is_open for each in before.items}
    for item in after.items:
        if was_open.get(item.receivable_id, True) and not item.is_open:
            lost = item.written_off
            yield ReceivableSettled(
                contract_id=after.contract_id,
                receivable_id=item.receivable_id,
                reopening=item.reopening,
                by=kind,
                written_off=Money.of(lost, after.currency) if lost else None,
            )
        elif not was_open.get(item.receivable_id, True) and item.is_open:
            yield ReceivableReopened(
                contract_id=after.contract_id,
                receivable_id=item.receivable_id,
                reopening=item.reopening,
                open=Money.of(item.open, after.currency),
                anchor_on=item.anchor_on,
            )
