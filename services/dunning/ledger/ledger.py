"""The ledger: what is owed, what pays it, and what is taken back, each posted as an entry."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal

from schemas.frozen import replace
from schemas.message import Refused
from schemas.values import Money, ReceivableId
from services.dunning.ledger import allocation, instalments
from services.dunning.ledger.entries import LedgerEntry, post
from services.dunning.model import Account, Outcome
from services.dunning.open_items import Assignment, Kept, Movement, OpenItem, Receipt, Wishes

# A payment that was never meant for an item has made it no younger and no older.
AS_BEFORE: Literal["as before"] = "as before"
# Since when what is open again ages; None is its due date.
Ages = date | Literal["as before"] | None


def money_of(account: Account, money: Money) -> int:
    """Return *money* in the minor unit of the contract's one currency (R-43)."""
    if account.currency != money.currency:
        raise Refused("currency", f"the contract is in {account.currency}")
    return money.minor


def pays(account: Account, amount: int, *, wishes: Wishes = (), on: date) -> allocation.Plan:
    """Return what *amount* of a day pays: what was wished, then what is due, then the rest."""
    later = instalments.to_come(account.agreements, account.items, on=on)
    return allocation.plan(amount, account.items, wishes=wishes, on=on, later=later)


def post_item(account: Account, item: OpenItem, entry: LedgerEntry) -> Outcome:
    """Book *item*, and set the contract's credit off against it (R-82)."""
    after = set_off(add_item(account, item), on=entry.booked_on)
    return post(account, after, entry)


def post_receipt(
    account: Account, receipt: Receipt, entry: LedgerEntry, *, wishes: Wishes, came_on: date
) -> Outcome:
    """Book money or a credit note at once; what it does not pay stays credit (R-82).

    What is kept for an invoice waits from the day on which it came, whatever day it is booked on.
    """
    plan = pays(account, receipt.amount, wishes=wishes, on=entry.booked_on)
    account, revived = revive(account, plan.paid, entry)
    kept = allocation.keep(plan.kept, came_on + allocation.KEPT_FOR)
    receipt = replace(receipt, kept=kept, entry=account.entries + 1)
    after = replace(
        account,
        receipts=(*account.receipts, receipt),
        balance=account.balance - receipt.amount,
    )
    after = assign(after, receipt, plan.paid, on=entry.booked_on)
    after, said = post(account, after, entry)
    return after, (*revived, *said)


def post_return(
    account: Account, receipt: Receipt, amount: int, entry: LedgerEntry, *, wishes: Wishes
) -> Outcome:
    """Book that *amount* which was taken back of *receipt* has come again (R-77)."""
    at = account.receipts.index(receipt)
    plan = pays(account, amount, wishes=wishes, on=entry.booked_on)
    account, revived = revive(account, plan.paid, entry)
    again = replace(receipt, taken_back=receipt.taken_back - amount)
    receipts = (*account.receipts[:at], again, *account.receipts[at + 1 :])
    after = replace(account, receipts=receipts, balance=account.balance - amount)
    after = assign(after, again, plan.paid, on=entry.booked_on)
    after, said = post(account, after, entry)
    return after, (*revived, *said)


def revive(account: Account, paid: Iterable[Assignment], entry: LedgerEntry) -> Outcome:
    """Demand again what was written off and is now *paid*, before it is paid (R-86)."""
    again = {
        name: part - item.open
        for name, part in allocation.totals(paid).items()
        if (item := account.item(name)) and part > item.open
    }
    if not again:
        return account, ()
    after = owe_again(account, again, on=entry.booked_on)
    name = (entry.kind, *entry.name)
    return post(account, after, replace(entry, kind="write_off_reversal", name=name))


def owe_again(account: Account, parts: allocation.Parts, *, on: date) -> Account:
    """Return *account* with *parts* of what was written off open again, as old as it is (R-76)."""
    items = tuple(
        moved(_owed_again(item, part), Movement(on=on, amount=-part))
        if (part := parts.get(item.receivable_id, 0))
        else item
        for item in account.items
    )
    return replace(account, items=items, balance=account.balance + sum(parts.values()))


def add_item(account: Account, item: OpenItem) -> Account:
    """Return *account* owing *item* too; nothing is paid by that."""
    item = replace(item, entry=account.entries + 1)
    return replace(account, items=(*account.items, item), balance=account.balance + item.amount)


def assign(
    account: Account,
    receipt: Receipt,
    parts: Iterable[Assignment],
    *,
    on: date,
    ages_from: Ages = None,
) -> Account:
    """Let *receipt* pay *parts*, or pay them no longer where they are negative.

    What is open again by that ages from *ages_from* (R-71), else from its due date (R-76), and
    never before it is due; where it is AS_BEFORE it has the age that it had.
    """
    parts = tuple(parts)
    paid = allocation.totals(parts)
    items = tuple(
        _paid_by(receipt, item, paid[item.receivable_id], on=on, ages_from=ages_from)
        if item.receivable_id in paid
        else item
        for item in account.items
    )
    left = replace(receipt, assigned=combined(receipt.assigned, parts))
    receipts = tuple(left if each is receipt else each for each in account.receipts)
    return replace(account, items=items, receipts=receipts)


def set_off(account: Account, *, on: date) -> Account:
    """Let credit pay what is open: first what it is kept for, then the oldest (R-82)."""
    for receipt in account.receipts:
        if receipt.credit:
            account = _set_off_kept(account, receipt, on=on)
    for receipt in account.receipts:
        if receipt.free and account.open_items:
            # What was written off is not asked for: only money that comes revives it.
            owed = (replace(item, written_off=0) for item in account.open_items)
            later = instalments.to_come(account.agreements, account.items, on=on)
            paid = allocation.plan(receipt.free, owed, on=on, later=later).paid
            account = assign(account, receipt, paid, on=on)
    return account


def keep_only(account: Account, receipt: Receipt, kept: tuple[Kept, ...]) -> Account:
    """Return *account* with no more than *kept* of the credit of *receipt* kept for anything."""
    freed = replace(receipt, kept=kept)
    receipts = tuple(freed if each is receipt else each for each in account.receipts)
    return replace(account, receipts=receipts)


def give_free(account: Account, receipt: Receipt, name: ReceivableId, amount: int) -> Account:
    """Return *account* where *receipt* pays *amount* of an item no longer, and nobody owes it."""
    off = [Assignment(receivable_id=name, amount=-amount)]
    freed = replace(receipt, assigned=combined(receipt.assigned, off))
    receipts = tuple(freed if each is receipt else each for each in account.receipts)
    return replace(account, receipts=receipts, balance=account.balance - amount)


def _set_off_kept(account: Account, receipt: Receipt, *, on: date) -> Account:
    known = [each for each in receipt.kept if account.named(each.receivable_id)]
    if not known:
        return account
    at = account.receipts.index(receipt)
    kept = tuple(each for each in receipt.kept if each not in known)
    account = keep_only(account, receipt, kept)
    paid = []
    for each in known:
        item = account.named(each.receivable_id)
        assert item is not None, "what it is kept for is known"
        part = min(each.amount, item.open)
        paid.append(Assignment(receivable_id=item.receivable_id, amount=part))
    freed = account.receipts[at]
    return assign(account, freed, [each for each in paid if each.amount], on=on)


def _owed_again(item: OpenItem, part: int) -> OpenItem:
    return replace(item, written_off=item.written_off - part)


def moved(item: OpenItem, movement: Movement, *, ages_from: Ages = None) -> OpenItem:
    """Return *item* with less open by *movement*; it ages anew where nothing was open (R-71)."""
    again = movement.amount < 0 and not item.is_open
    if isinstance(ages_from, date):
        movement = replace(movement, returned_on=ages_from)
    since = item.anchor_on if ages_from == AS_BEFORE else ages_from
    ages_from = max(since or item.falls_due_on, item.falls_due_on)
    return replace(
        item,
        open=item.open - movement.amount,
        anchor_on=ages_from if again else item.anchor_on,
        reopening=item.reopening + again,
        movements=(*item.movements, movement),
    )


def _paid_by(receipt: Receipt, item: OpenItem, part: int, *, on: date, ages_from: Ages) -> OpenItem:
    """Return *item* as *receipt* pays a part of it; a credit note on it is no money (R-84a)."""
    came_on = None if receipt.credits_any(item) else receipt.booked_on
    return moved(item, Movement(on=on, amount=part, came_on=came_on), ages_from=ages_from)


def combined(
    assigned: tuple[Assignment, ...], parts: Sequence[Assignment]
) -> tuple[Assignment, ...]:
    """Append what is paid too; take off what is not paid any more, the last first (R-74)."""
    off = {each.receivable_id: -each.amount for each in parts if each.amount < 0}
    left = []
    for each in reversed(assigned):
        part = min(each.amount, off.get(each.receivable_id, 0))
        if part:
            off[each.receivable_id] -= part
        if each.amount > part:
            left.append(replace(each, amount=each.amount - part))
    return (*reversed(left), *(each for each in parts if each.amount > 0))
