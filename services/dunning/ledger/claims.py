"""What is claimed of a debtor: what is open, less all credit (R-16).

| rule | says | here |
|------|------|------|
| R-16 | credit of the contract is off what has been overdue longest | ``owed`` |
| R-116 | what is disputed is not claimed | ``undisputed`` |
| R-117 | instalments take the place of what they are for | ``instalments.in_place_of`` |
"""

from collections.abc import Iterable
from datetime import date

from schemas.message import NotYet
from schemas.values import ReceivableId
from services.dunning.ledger import instalments
from services.dunning.ledger.allocation import seniority
from services.dunning.model import Account
from services.dunning.open_items import OpenItem


def claimed(account: Account) -> tuple[OpenItem, ...]:
    """Return what is demanded, the credit off the longest overdue first, in the order of entries.

    Credit that waits for an unknown invoice is money all the same. The sum of what of it is
    overdue on any day is what is open and overdue, less what is disputed, less the credit: the one
    number that start, threshold, steps, letters and collection ask (R-16, R-41). Nothing is
    assigned by it.
    """
    if account.run is not None and account.run.demands_disputed:
        return _demanded(account, account.open_items)
    return undisputed(account)


def undisputed(account: Account) -> tuple[OpenItem, ...]:
    """Return what is demanded where a dispute counts: without what is disputed (R-116)."""
    return _demanded(account, tuple(_undisputed(item) for item in account.open_items))


def owed(account: Account) -> tuple[OpenItem, ...]:
    """Return the open items with all credit off them, disputed or in instalments (R-85)."""
    return _less_credit(account, account.open_items)


def owed_of(account: Account, names: Iterable[ReceivableId]) -> int:
    """Return what is owed of *names*, disputed or not, less the credit (R-16)."""
    wanted = set(names)
    return sum(item.open for item in owed(account) if item.receivable_id in wanted)


def meant(account: Account, names: Iterable[str]) -> tuple[OpenItem, ...]:
    """Return the items that *names* mean; where there are none, all that are open.

    Raises NotYet where one is not known.
    """
    return tuple(known(account, name) for name in names) or account.open_items


def known(account: Account, name: str) -> OpenItem:
    """Return the item that *name* means; raise NotYet where it did not come yet."""
    item = account.named(name)
    if item is None:
        raise NotYet("invoice")
    return item


def oldest_first(item: OpenItem) -> tuple[date, bool, date, date, int]:
    """Return what brings one anchor before another: its date, then the key (R-01, R-02)."""
    return item.anchor_on, *seniority(item)


def _demanded(account: Account, items: tuple[OpenItem, ...]) -> tuple[OpenItem, ...]:
    """Return *items* as they fall due: instalments first, that credit is off what is due (R-16)."""
    due = instalments.in_place_of(account.agreements, items, account.items)
    return _less_credit(account, due)


def _less_credit(account: Account, items: Iterable[OpenItem]) -> tuple[OpenItem, ...]:
    left = {item.receivable_id: item for item in items}
    oldest = sorted(left.values(), key=oldest_first)
    for receipt in account.receipts:
        credit = receipt.credit
        for name in (each.receivable_id for each in oldest if credit):
            part = min(credit, left[name].open)
            left[name] = instalments.less(left[name], part, on=receipt.booked_on)
            credit -= part
    return tuple(item for item in left.values() if item.is_open)


def _undisputed(item: OpenItem) -> OpenItem:
    """Return *item* without its disputed part, of which no interest is demanded either."""
    return instalments.less(item, item.disputed, on=item.issued_on)
