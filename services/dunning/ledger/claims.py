"""What is claimed of a debtor: what is open, less all credit of the contract (R-16)."""

from datetime import date

from schemas.frozen import replace
from services.dunning.ledger.allocation import seniority
from services.dunning.model import Account
from services.dunning.open_items import Movement, OpenItem, Receipt


def claimed(account: Account) -> tuple[OpenItem, ...]:
    """Return the open items with all credit of the contract off them, the longest overdue first.

    Credit that waits for an unknown invoice is money all the same. In this order the sum of what
    is overdue on any day is what is open and overdue, less the credit: the one number that start,
    threshold, steps, letters and collection ask (R-16, R-41). Nothing is assigned by it.
    """
    left = {item.receivable_id: item for item in account.open_items}
    oldest = sorted(left.values(), key=oldest_first)
    for receipt in account.receipts:
        credit = receipt.credit
        for name in (each.receivable_id for each in oldest if credit):
            part = min(credit, left[name].open)
            left[name] = _less(left[name], part, receipt)
            credit -= part
    return tuple(item for item in left.values() if item.is_open)


def oldest_first(item: OpenItem) -> tuple[date, bool, date, date, int]:
    """Return what brings one anchor before another: its date, then the key (R-01, R-02)."""
    return item.anchor_on, *seniority(item)


def _less(item: OpenItem, part: int, receipt: Receipt) -> OpenItem:
    """Return *item* as if *receipt* had paid a part of it: it bears no interest either (R-94)."""
    if not part:
        return item
    moved = Movement(on=receipt.booked_on, amount=part)
    return replace(item, open=item.open - part, movements=(*item.movements, moved))
