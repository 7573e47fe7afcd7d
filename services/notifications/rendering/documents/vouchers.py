"""Invoices, and what corrects them; amounts are in the minor unit of the currency."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from services.notifications.rendering.documents.parties import Head
from services.notifications.rendering.documents.payments import EarlyPayment, Payment

# 380, 381, 381 of all of an invoice, and 384 (UNTDID 1001).
VoucherKind = Literal["invoice", "credit_note", "cancellation", "correction"]


@dataclass(frozen=True, slots=True)
class Days:
    """Half-open, as all our periods."""

    from_on: date
    until: date

    @property
    def last_on(self) -> date:
        """The last day of it, as people and e-invoices write it."""
        return max(self.from_on, self.until - timedelta(days=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A quantity that the price of its line does not count, and its own price where one is known.

    Both are told in words only.
    """

    quantity: Decimal
    unit: str = "C62"
    unit_name: str | None = None
    price: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line whose net is quantity * price / base, to the cent and by no rounding but that.

    ``unit`` is a code of UN/ECE 20 or 21. Where quantity and price cannot say the net, they are
    one and the net, and ``counted`` is the quantity as it was (U-62).
    """

    name: str
    quantity: Decimal
    unit: str = "C62"
    # What the unit is called where its code says too little.
    unit_name: str | None = None
    price: Decimal
    base: Decimal = Decimal(1)
    counted: Count | None = None
    net: int
    category: str
    rate: Decimal
    days: Days | None = None
    note: str | None = None
    # The document that a line of a credit note takes back.
    of_document: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Surcharge:
    """An allowance or a charge on the whole document; its net is positive in both."""

    name: str
    net: int
    category: str
    rate: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Tax:
    """The tax of one category and rate, and why there is none."""

    category: str
    rate: Decimal
    net: int
    tax: int
    exemption: str | None = None
    exemption_code: str | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """Another document, by its printed number."""

    number: str
    issued_on: date


@dataclass(frozen=True, slots=True)
class AccountingTax:
    """The tax of a document in another currency than its own."""

    amount: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """An invoice, or what corrects one; all of its amounts are positive unless a line takes off."""

    head: Head
    kind: VoucherKind
    number: str
    days: Days | None = None
    lines: tuple[Line, ...]
    allowances: tuple[Surcharge, ...] = ()
    charges: tuple[Surcharge, ...] = ()
    taxes: tuple[Tax, ...]
    net: int
    tax: int
    gross: int
    rounding: int = 0
    prepaid: int = 0
    payment: Payment | None = None
    early_payments: tuple[EarlyPayment, ...] = ()
    notes: tuple[str, ...] = ()
    corrects: Reference | None = None
    # The tax in the currency of the tax office, where the document is in another (BT-6, BT-111).
    accounting_tax: AccountingTax | None = None
    says_default: bool = False

    @property
    def payable(self) -> int:
        """What is to be paid, or given back (BT-115)."""
        return self.gross - self.prepaid + self.rounding

    @property
    def supplied_on(self) -> date:
        """The day on which all of it was supplied: the last of its days, else that of the issue."""
        return self.days.last_on if self.days else self.head.issued_on
