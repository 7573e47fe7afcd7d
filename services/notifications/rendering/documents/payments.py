"""How a document is paid; amounts are in the minor unit of its currency."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """The customer pays by transfer; without an account the document names none."""

    amount: int
    due_on: date | None
    payee: str
    iban: str | None = None
    bic: str | None = None
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Debit:
    """We collect, and say so before (R-79)."""

    amount: int
    due_on: date
    mandate_reference: str | None = None
    creditor_id: str | None = None
    account: str | None = None
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A card is charged; ``account`` is what may be shown of its number."""

    amount: int
    due_on: date
    account: str | None = None
    reference: str


@dataclass(frozen=True, slots=True)
class EarlyPayment:
    """Less is to be paid by whoever pays within so many days (R-84a)."""

    percent: Decimal
    days: int


Payment = Transfer | Debit | Card
