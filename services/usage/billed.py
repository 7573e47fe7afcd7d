"""On which charge and document of a contract an event stands, from what was said of it (U-60)."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple

from schemas.charges import UsageCharged, UsageCorrected
from schemas.invoices import CreditNoteIssued, InvoiceIssued, Line
from schemas.message import ContractMessage


class Stated(NamedTuple):
    """A message of charges or invoices, and the instant from which it counts."""

    at: datetime
    message: ContractMessage


class BillableUse(NamedTuple):
    """What an event counts for: its number among the contract's usage, its local day."""

    number: int
    day: date
    component_id: str
    group: Mapping[str, str]
    # From when it could be charged, where that was later than when it was taken (U-59).
    since: datetime | None = None


def charge_of(use: BillableUse, said: Iterable[Stated]) -> Stated | None:
    """Return the first charge of *said*, which is in order, that has *use* in it (U-03).

    None where nothing was charged of it yet, or where it changed nothing of what was charged.
    """
    return next((each for each in said if _has(each, use)), None)


def document_of(charge: Stated, said: Iterable[Stated]) -> str | None:
    """Return the number of the first document since *charge* that has a line of it."""
    charged = charge.message
    assert isinstance(charged, UsageCharged | UsageCorrected), "only what was charged is billed"
    for document in (each.message for each in said if each.at >= charge.at):
        if isinstance(document, InvoiceIssued | CreditNoteIssued) and any(
            _bills(line, charged) for line in document.lines
        ):
            return document.number
    return None


def _bills(line: Line, charged: UsageCharged | UsageCorrected) -> bool:
    """Say whether *line* is of a charge; documents of others may name none."""
    if line.refers_to is not None:
        return False  # it takes back what was billed before
    if line.charge_id is not None:
        return line.charge_id == charged.charge_id
    return (line.component_id, line.period) == (charged.component_id, charged.period)


def _has(each: Stated, use: BillableUse) -> bool:
    charged = each.message
    if not isinstance(charged, UsageCharged | UsageCorrected):
        return False
    if charged.component_id != use.component_id or (charged.group or {}) != use.group:
        return False
    is_taken = charged.cut is not None and use.number <= charged.cut
    is_open = use.since is None or use.since <= each.at
    return is_taken and is_open and charged.period.from_ <= use.day < charged.period.until
