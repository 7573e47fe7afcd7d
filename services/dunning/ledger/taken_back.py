"""What was paid is taken back: by the bank, by us, or because it was never meant for here."""

from datetime import date

from schemas.frozen import replace
from schemas.values import derived_id
from services.dunning.ledger import allocation
from services.dunning.ledger.ledger import Ages, add_item, assign, combined
from services.dunning.model import Account
from services.dunning.open_items import Assignment, OpenItem, Receipt


def take_back(
    account: Account,
    receipt: Receipt,
    amount: int,
    *,
    on: date,
    ages_from: Ages = None,
) -> Account:
    """Take *amount* of *receipt* back: from its credit, then from what it paid last (R-74).

    What we had paid back of it is then paid back out of other credit, and where there is none it
    is owed by an item of its own: no receivable is open beyond its amount (R-74a).
    """
    at = account.receipts.index(receipt)
    off = [replace(each, amount=-each.amount) for each in allocation.take_back(amount, receipt)]
    account = assign(account, receipt, off, on=on, ages_from=ages_from)
    left = account.receipts[at]
    short = max(0, amount - left.credit)
    kept = allocation.less(left.kept, max(0, amount - left.free))
    left = replace(
        left, taken_back=left.taken_back + amount, refunded=left.refunded - short, kept=kept
    )
    account = replace(
        account,
        receipts=(*account.receipts[:at], left, *account.receipts[at + 1 :]),
        balance=account.balance + amount - short,
    )
    account, short = _out_of_credit(account, short)
    return _owe_refund(account, left, short, on=on) if short else account


def pay_back(account: Account, receipt: Receipt, amount: int) -> Account:
    """Take *amount* out of the credit of *receipt* because we paid it back (R-83)."""
    at = account.receipts.index(receipt)
    kept = allocation.less(receipt.kept, max(0, amount - receipt.free))
    less = replace(receipt, refunded=receipt.refunded + amount, kept=kept)
    receipts = (*account.receipts[:at], less, *account.receipts[at + 1 :])
    return replace(account, receipts=receipts, balance=account.balance + amount)


def take_over(account: Account, receipt: Receipt, amount: int) -> Account:
    """Let other credit pay up to *amount* of what *receipt* pays, which then has that credit.

    What is open stays as it is: credit moves between payments by assignment (R-74a).
    """
    at = account.receipts.index(receipt)
    for other in (*account.receipts[:at], *account.receipts[at + 1 :]):
        receipt = account.receipts[at]
        part = min(amount, other.credit, sum(each.amount for each in receipt.assigned))
        if part:
            handed = allocation.take_back(receipt.credit + part, receipt)
            account = _hand_over(account, receipt, other, handed)
            amount -= part
    return account


def _out_of_credit(account: Account, amount: int) -> tuple[Account, int]:
    """Pay *amount* back out of whatever credit there is; return what is lacking."""
    for receipt in account.receipts:
        part = min(amount, receipt.credit)
        if part:
            account = pay_back(account, receipt, part)
            amount -= part
    return account, amount


def _owe_refund(account: Account, receipt: Receipt, amount: int, *, on: date) -> Account:
    name = derived_id("taken back", account.contract_id, receipt.receipt_id, receipt.taken_back)
    number = account.entries + 1
    item = OpenItem.due_at_once(name, kind="refund", amount=amount, on=on, entry=number)
    return add_item(account, item)


def _hand_over(
    account: Account, receipt: Receipt, other: Receipt, parts: tuple[Assignment, ...]
) -> Account:
    off = [replace(each, amount=-each.amount) for each in parts]
    given = replace(receipt, assigned=combined(receipt.assigned, off))
    handed = sum(each.amount for each in parts)
    kept = allocation.less(other.kept, max(0, handed - other.free))
    taken = replace(other, assigned=(*other.assigned, *parts), kept=kept)
    receipts = tuple(
        given if each is receipt else taken if each is other else each for each in account.receipts
    )
    return replace(account, receipts=receipts)
