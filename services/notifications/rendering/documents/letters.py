"""Reminders, notices and statements; amounts are in the minor unit of the currency."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from services.notifications.rendering.documents.parties import Head
from services.notifications.rendering.documents.payments import Payment


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """What is open of a receivable; all but an invoice have no number."""

    kind: Literal["invoice", "fee", "refund", "interest", "lump_sum", "instalment"]
    number: str | None = None
    issued_on: date
    due_on: date
    original: int
    open: int
    days_overdue: int = 0


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How many items a list does not name, and what is open of them."""

    count: int
    open: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """A reminder of a level; damages stand apart and bear no tax (R-96)."""

    head: Head
    level: int
    template: str | None = None
    pay_until: date | None = None
    items: tuple[OpenItem, ...]
    items_left_out: LeftOut | None = None
    further: tuple[OpenItem, ...] = ()
    further_left_out: LeftOut | None = None
    fee: int = 0
    interest: int = 0
    lump_sum: int = 0
    demanded: int
    payment: Payment | None = None
    # The number of the ledger's last entry that counts in it.
    as_of: int
    # Numbers of invoices of which a copy comes with it.
    enclosed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        assert self.credit >= 0, "a reminder demands no more than it lists"

    @property
    def owed(self) -> int:
        """What is open of all overdue items, those that are left out included."""
        left_out = self.items_left_out.open if self.items_left_out else 0
        return sum(item.open for item in self.items) + left_out

    @property
    def credit(self) -> int:
        """What is set off against the items and damages: credit of the contract (R-16)."""
        return self.owed + self.fee + self.interest + self.lump_sum - self.demanded


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Word before the due date, or thanks for a payment (R-123); it demands nothing."""

    head: Head
    kind: Literal["before_due", "thanks"]
    items: tuple[OpenItem, ...]
    amount: int
    payment: Payment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """An entry of a statement; what is owed more is positive, ``kind`` names it."""

    booked_on: date
    kind: str
    document: str | None = None
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What happened on an account, and what is open of it by age in days."""

    head: Head
    opening: int
    movements: tuple[Movement, ...]
    # From how many days overdue on, and what is open there; the first is what is not due yet.
    aging: tuple[tuple[int | None, int], ...] = ()

    @property
    def closing(self) -> int:
        """The balance after all movements."""
        return self.opening + sum(each.amount for each in self.movements)
