"""What was arranged with a customer about what is owed: objections, promises, instalments."""

from dataclasses import dataclass
from datetime import date

from schemas.values import ReceivableId


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """What the customer disputes of an invoice: an amount, or all of it (R-116)."""

    amount: int | None
    reason_code: str
    is_settled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """Money that was promised by a day; no step fires through ``held_until`` (R-115)."""

    promise_id: str
    receivables: tuple[ReceivableId, ...]
    amount: int
    on: date
    held_until: date
    # What was owed of the receivables, less what was credited since: what is paid is off this.
    owed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Instalment:
    """A part of what is owed, with a due date and a name of its own (R-117)."""

    receivable_id: ReceivableId
    on: date
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Instalments in the place of receivables, as long as they are paid (R-117)."""

    agreement_id: str
    receivables: tuple[ReceivableId, ...]
    plan: tuple[Instalment, ...]
    lapses_after_days: int
    agreed_on: date
    no_interest: bool = False

    @property
    def total(self) -> int:
        return sum(each.amount for each in self.plan)
