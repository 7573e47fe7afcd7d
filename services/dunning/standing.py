"""What all contracts owe and how far their runs have come, as figures for who watches."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import NamedTuple

from services.dunning.ledger.claims import claimed
from services.dunning.model import Account, Run

# By the name of a figure: what it is, and what it is told by.
TOLD: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "open_minor": ("What is open of receivables, in minor units", "currency"),
        "credit_minor": ("What was paid and pays nothing yet, in minor units", "currency"),
        "overdue_minor": (
            "What is overdue, less what is disputed and all credit (R-16), in minor units",
            "currency",
        ),
        "runs": ("Runs by the highest level of their letters; 0 before the first", "level"),
    }
)


class Part(NamedTuple):
    """What a contract adds to a figure; *since* which day, where only time makes it count."""

    name: str
    of: str
    amount: int
    since: date | None = None


def parts(account: Account) -> Iterator[Part]:
    """Yield what *account* adds to the figures; open less credit is its balance (I1)."""
    if account.contract is None:
        return
    currency = account.currency
    yield Part("open_minor", currency, sum(each.open for each in account.items))
    yield Part("credit_minor", currency, sum(each.credit for each in account.receipts))
    for item in claimed(account):
        # From the day after its anchor date on it is one day overdue.
        yield Part("overdue_minor", currency, item.open, item.anchor_on + timedelta(days=1))
    if account.run is not None:
        yield Part("runs", str(_level(account.run)), 1)


def _level(run: Run) -> int:
    return max((each.level for each in run.reminders if each.counts), default=0)
