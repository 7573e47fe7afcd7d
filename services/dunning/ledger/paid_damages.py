"""Damages that were paid as a letter demanded them: booked with the payment, and back (R-110)."""

from datetime import date
from itertools import groupby

from schemas.frozen import replace
from schemas.message import ContractMessage
from schemas.receivables import About
from schemas.values import PaymentId, ReceivableId, derived_id
from services.dunning.ledger.entries import LedgerEntry, post
from services.dunning.ledger.ledger import add_item, give_free
from services.dunning.model import Account, Outcome, Reminder, Run
from services.dunning.open_items import Assignment, Damage, OpenItem, Receipt

# What is paid first of them: as they are listed, or costs before interest (§ 367 BGB).
AS_LISTED = ("fee", "interest", "lump_sum")
COSTS_FIRST = ("fee", "lump_sum", "interest")


def letter(account: Account) -> Reminder | None:
    """Return the last letter of the run that was dispatched; after a reset that of the last run."""
    run = account.run or account.former
    if run is None:
        return None
    ours = (r for r in run.reminders if r.after_its_run or r.created_on >= run.started_on)
    sent = [each for each in ours if each.dispatched_on and each.counts]
    return max(sent, key=lambda each: each.dispatched_on or date.min, default=None)


def fee_id(account: Account, reminder: Reminder) -> ReceivableId:
    """Return the name of the item that a booked fee of *reminder* is (R-72)."""
    return ReceivableId(derived_id("fee", account.contract_id, *fee_name(reminder)))


def fee_name(reminder: Reminder) -> tuple[str, ...]:
    """Return what names a booking of the fee of *reminder*; each further one has its number."""
    again = reminder.charged_again
    return (reminder.dunning_id, str(again)) if again else (reminder.dunning_id,)


def book(
    account: Account,
    demanded: Reminder,
    available: int,
    *,
    payment_id: PaymentId,
    on: date,
    order: tuple[str, ...] = AS_LISTED,
) -> tuple[Account, tuple[ContractMessage, ...], tuple[ReceivableId, ...]]:
    """Book of the damages of *demanded* what is *available*, an entry each kind, to be paid now.

    Return the names of the items, too: what is booked is paid at once, and never open.
    """
    paid, left = [], []
    for each in sorted(demanded.damages, key=lambda damage: order.index(damage.kind)):
        part = min(available, each.amount)
        available -= part
        paid += [replace(each, amount=part)] if part else []
        left += [replace(each, amount=each.amount - part)] if part < each.amount else []
    account = _changed(account, replace(demanded, damages=tuple(left)))
    said: list[ContractMessage] = []
    names = []
    for _, parts in groupby(paid, key=lambda damage: damage.kind):
        item = _item(account, demanded, tuple(parts), on=on)
        account, posted = _post(account, item, payment_id)
        said += posted
        names.append(item.receivable_id)
    return account, tuple(said), tuple(names)


def unbook(account: Account, receipt: Receipt, amount: int, *, on: date) -> Outcome:
    """Take back up to *amount* of the damages that *receipt* paid, before anything else of it."""
    said: list[ContractMessage] = []
    name = receipt.receipt_id
    for each in reversed(receipt.assigned):
        item = account.item(each.receivable_id)
        part = min(amount, each.amount)
        if item is not None and item.demanded_by is not None and part:
            account, posted = _unpost(account, name, item, part, on=on)
            said += posted
            amount -= part
    return account, tuple(said)


def booked_on(account: Account, receipt: Receipt) -> int:
    """Return how much of *receipt* pays damages that a letter demanded."""
    items = ((account.item(each.receivable_id), each.amount) for each in receipt.assigned)
    return sum(amount for item, amount in items if item and item.demanded_by)


def claimed(account: Account, damage: Damage) -> Account:
    """Return *account* whose letters demand *damage* no longer: an item of its own does."""
    run, former = (_all_without(each, damage) for each in (account.run, account.former))
    return replace(account, run=run, former=former)


def _all_without(run: Run | None, damage: Damage) -> Run | None:
    if run is None:
        return None
    return replace(run, reminders=tuple(_without(each, damage) for each in run.reminders))


def _without(reminder: Reminder, damage: Damage) -> Reminder:
    key = damage.kind, damage.receivable_id
    left = (
        replace(each, amount=max(0, each.amount - damage.amount))
        if (each.kind, each.receivable_id) == key
        else each
        for each in reminder.damages
    )
    return replace(reminder, damages=tuple(each for each in left if each.amount))


def _item(account: Account, demanded: Reminder, parts: tuple[Damage, ...], *, on: date) -> OpenItem:
    kind, number = parts[0].kind, account.entries + 1
    name = derived_id("damages", account.contract_id, demanded.dunning_id, kind, str(number))
    amount = sum(each.amount for each in parts)
    return replace(
        OpenItem.due_at_once(name, kind=kind, amount=amount, on=on, entry=number),
        demanded_by=demanded.dunning_id,
        caused_by=tuple(
            Assignment(receivable_id=each.receivable_id, amount=each.amount)
            for each in parts
            if each.receivable_id
        ),
    )


def _post(account: Account, item: OpenItem, payment_id: PaymentId) -> Outcome:
    after = noted(add_item(account, item), item.kind, item.caused_by, sign=1)
    return post(account, after, _entry(account, item, payment_id, on=item.issued_on))


def _unpost(account: Account, name: str, item: OpenItem, part: int, *, on: date) -> Outcome:
    back = _last(item.caused_by, part)
    receipt = account.receipt(name, "payment")
    assert receipt is not None, "it has paid the damages"
    after = give_free(account, receipt, item.receivable_id, part)
    left = replace(item, caused_by=_less(item.caused_by, back))
    after = replace(after, items=tuple(left if i is item else i for i in after.items))
    after = noted(after, item.kind, back, sign=-1)
    known = letter(after)
    if known is not None and known.dunning_id == item.demanded_by:
        after = _changed(after, replace(known, damages=(*known.damages, *_again(item, back, part))))
    return post(account, after, _entry(account, item, PaymentId(name), on=on))


def _again(item: OpenItem, back: tuple[Assignment, ...], part: int) -> tuple[Damage, ...]:
    if item.kind == "fee":
        return (Damage(kind="fee", amount=part),)
    kind = "interest" if item.kind == "interest" else "lump_sum"
    return tuple(
        Damage(kind=kind, amount=each.amount, receivable_id=each.receivable_id)  # type: ignore[arg-type]
        for each in back
    )


def _entry(account: Account, item: OpenItem, payment_id: PaymentId, *, on: date) -> LedgerEntry:
    assert item.kind in AS_LISTED, "damages are of one of these kinds"
    return LedgerEntry(
        kind=item.kind,  # type: ignore[arg-type]
        name=("demanded", str(item.demanded_by), str(account.entries + 1)),
        about=About(dunning_id=item.demanded_by, payment_id=payment_id),
        booked_on=on,
    )


def noted(account: Account, kind: str, parts: tuple[Assignment, ...], *, sign: int = 1) -> Account:
    """Return *account* whose debts know what of their interest and lump sum is booked."""
    of = {each.receivable_id: sign * each.amount for each in parts}
    if kind == "fee" or not of:
        return account
    items = tuple(
        _with(item, kind, of[item.receivable_id]) if item.receivable_id in of else item
        for item in account.items
    )
    return replace(account, items=items)


def _with(item: OpenItem, kind: str, amount: int) -> OpenItem:
    if kind == "interest":
        return replace(item, interest_booked=item.interest_booked + amount)
    return replace(item, lump_sum_booked=item.lump_sum_booked + amount)


def _changed(account: Account, reminder: Reminder) -> Account:
    """Return *account* with *reminder* in the place of what it was."""
    run, former = (_with_letter(each, reminder) for each in (account.run, account.former))
    return replace(account, run=run, former=former)


def _with_letter(run: Run | None, reminder: Reminder) -> Run | None:
    if run is None:
        return None
    names = (each.dunning_id for each in run.reminders)
    known = dict(zip(names, run.reminders, strict=True))
    if reminder.dunning_id not in known:
        return run
    return replace(run, reminders=tuple((known | {reminder.dunning_id: reminder}).values()))


def _last(parts: tuple[Assignment, ...], amount: int) -> tuple[Assignment, ...]:
    found = []
    for each in reversed(parts):
        part = min(amount, each.amount)
        amount -= part
        found += [replace(each, amount=part)] if part else []
    return tuple(found)


def _less(parts: tuple[Assignment, ...], back: tuple[Assignment, ...]) -> tuple[Assignment, ...]:
    off = {each.receivable_id: each.amount for each in back}
    left = (replace(each, amount=each.amount - off.get(each.receivable_id, 0)) for each in parts)
    return tuple(each for each in left if each.amount)
