"""What is owed, and what was paid, taken back and fought over: the values of the ledger."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from schemas.reminders import ItemKind
from schemas.values import ChargebackId, ContractId, DunningId, PaymentId, ReceivableId
from services.dunning.arrangements import Objection

# A receivable under which steps fire: it ages anew each time it is reopened.
Anchor = tuple[ReceivableId, int]
# What a payer wants paid, each with how much of it at most; None is all of it.
Wishes = tuple[tuple[ReceivableId, int | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """What the default of a receivable has cost; the fee of a letter is of no single one."""

    kind: Literal["fee", "interest", "lump_sum"]
    amount: int
    receivable_id: ReceivableId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """How much less is open since ``on``; negative where it became more."""

    on: date
    amount: int
    # The day on which the money came that it was; of what is no money there is none.
    came_on: date | None = None
    # The day on which the bank took it back: what is open again by that ages from it.
    returned_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What may be deducted where the money is here by a day, in percent (R-84a)."""

    percent: str
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class VatPart:
    """What of an amount is of one category and rate of VAT; both empty where nobody said them."""

    category: str = ""
    rate: str = ""
    net: int
    tax: int

    @property
    def gross(self) -> int:
        return self.net + self.tax


@dataclass(frozen=True, slots=True, kw_only=True)
class Deferral:
    """A time that the creditor gave: from ``since`` the debt is not due before ``until`` (R-98)."""

    since: date
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """A receivable; settled ones are kept, for they may be reopened."""

    receivable_id: ReceivableId
    kind: ItemKind
    number: str | None = None
    issued_on: date
    due_on: date
    amount: int
    open: int
    # Given up, and not open any more: still unpaid.
    written_off: int = 0
    anchor_on: date
    reopening: int = 0
    entry: int
    deferrals: tuple[Deferral, ...] = ()
    # Times of instalments that were kept, without default interest.
    interest_free: tuple[Deferral, ...] = ()
    objection: Objection | None = None
    # What makes default begin: the contract fixed the date, the invoice said that default
    # comes after 30 days, a reminder of a run that has ended was received.
    due_date_is_agreed: bool = False
    says_default: bool = False
    reminded_on: date | None = None
    # Of the interest and the lump sum that it costs: what was paid as demanded, or claimed.
    interest_booked: int = 0
    lump_sum_booked: int = 0
    # Damages that were paid as this reminder demanded them, and of which debts they are.
    demanded_by: DunningId | None = None
    caused_by: "tuple[Assignment, ...]" = ()
    # When it was last looked at whether the customer is told that it will be due, and when they
    # were: what is disputed is not.
    noticed_on: date | None = None
    told_on: date | None = None
    # What may be deducted by whoever pays early, and was (R-84a); ``credited`` is what credit notes
    # are of it, whatever they pay, ``vat`` what that leaves by rate.
    offers: tuple[Offer, ...] = ()
    discount: tuple[VatPart, ...] = ()
    credited: int = 0
    vat: tuple[VatPart, ...] = ()
    # What was assigned to it or taken off it, in the order of the entries: interest needs it.
    movements: tuple[Movement, ...] = ()

    def __post_init__(self) -> None:
        assert self.open >= 0, "I2: no less than nothing is open"
        assert self.written_off >= 0, "I2: no less than nothing is written off"
        unpaid = self.open + self.written_off + self.discounted
        assert unpaid <= self.amount, "I2: no more is unpaid than the amount"

    @classmethod
    def due_at_once(
        cls, name: str, *, kind: ItemKind, amount: int, on: date, entry: int
    ) -> "OpenItem":
        """Return what is owed beside the invoices: issued, due and ageing from *on*."""
        return cls(
            receivable_id=ReceivableId(name),
            kind=kind,
            issued_on=on,
            due_on=on,
            amount=amount,
            open=amount,
            anchor_on=on,
            entry=entry,
        )

    @property
    def anchor(self) -> Anchor:
        return self.receivable_id, self.reopening

    @property
    def is_open(self) -> bool:
        return self.open > 0

    @property
    def discounted(self) -> int:
        """What was deducted because it was paid early."""
        return sum(each.gross for each in self.discount)

    @property
    def disputed(self) -> int:
        """What is disputed of what is open: money that comes pays the rest first (R-116)."""
        if self.objection is None or self.objection.is_settled:
            return 0
        amount = self.objection.amount
        return self.open if amount is None else min(amount, self.open)

    @property
    def falls_due_on(self) -> date:
        """The due date that counts: the agreed new one where time was given (R-98)."""
        return self.deferrals[-1].until if self.deferrals else self.due_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A part of a receipt that pays a receivable."""

    receivable_id: ReceivableId
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Credit kept for an invoice that the payer named and that is not known yet (R-80)."""

    receivable_id: ReceivableId
    amount: int
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What of a payment was meant for another contract, and which, where that was said (R-118)."""

    amount: int
    to: ContractId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Credited:
    """What a credit note is of an invoice, whatever it pays; by rate where it says so."""

    receivable_id: ReceivableId
    amount: int
    vat: tuple[VatPart, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A payment or a credit note: what it pays, and what of it is credit."""

    receipt_id: str
    kind: Literal["payment", "credit"]
    booked_on: date
    amount: int
    # The number of the entry that booked it: receipts are kept in this order, as items are.
    entry: int = 0
    assigned: tuple[Assignment, ...] = ()
    # What the bank took back of it, or what of it was cancelled or went to another contract.
    taken_back: int = 0
    # What of that went to which other contract.
    moved: tuple[Moved, ...] = ()
    # What we paid back out of its credit: the bank can take that back all the same (R-74a).
    refunded: int = 0
    kept: tuple[Kept, ...] = ()
    # Of a credit note: what of which invoice it credits, by the name that it says.
    credits: tuple[Credited, ...] = ()

    def __post_init__(self) -> None:
        assert self.free >= 0, "no more is assigned and kept than came in"
        assert self.left >= 0, "no more is taken back than came in"

    def credits_any(self, item: OpenItem) -> bool:
        """Say whether it is a credit note on *item*, whatever else it pays."""
        return any(each.receivable_id in (item.receivable_id, item.number) for each in self.credits)

    @property
    def credit(self) -> int:
        """What pays no receivable."""
        return self.kept_by_us - sum(each.amount for each in self.assigned)

    @property
    def kept_by_us(self) -> int:
        """What of it is still here."""
        return self.amount - self.taken_back - self.refunded

    @property
    def free(self) -> int:
        """The credit that is kept for nothing."""
        return self.credit - sum(each.amount for each in self.kept)

    @property
    def left(self) -> int:
        """What can still be taken back, whatever we paid back of it (R-74a)."""
        return self.amount - self.taken_back


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A payment on its way; no step fires through ``held_until`` (R-13)."""

    payment_id: PaymentId
    held_until: date
    method: str
    initiated_on: date
    amount: int
    wishes: Wishes = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """A chargeback that is fought over: an annotation, no money (R-77)."""

    opened_on: date
    stage: str | None = None
    closed_on: date | None = None
    outcome: Literal["won", "lost", "accepted"] | None = None

    @property
    def is_open(self) -> bool:
        return self.closed_on is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chargeback:
    """Money taken back: from which payment, and what it reopened."""

    chargeback_id: ChargebackId
    payment_id: PaymentId
    kind: Literal["sepa_return", "card_chargeback"]
    booked_on: date
    amount: int
    entry: int
    # What has come back of it.
    reversed: int = 0
    reopened: tuple[Assignment, ...] = ()
    # Damages that the payment had paid and that were taken back first.
    damages: int = 0
    reason_code: str | None = None
    stage: str | None = None
    dispute: Dispute | None = None

    def __post_init__(self) -> None:
        assert self.reversed <= self.amount, "no more comes back than was taken"

    @property
    def is_disputed(self) -> bool:
        """Whether it is fought over; what has come back whole is not, whoever forgot to say so."""
        fought = self.dispute is not None and self.dispute.is_open
        return fought and self.reversed < self.amount
