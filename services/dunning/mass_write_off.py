"""Which contracts a mass run would write off, and why it leaves the others (R-85).

| a contract is left where | asked by |
|--------------------------|----------|
| it has no end, or an invoice is not older than the write-off | the rule itself |
| it is paid in another way, or owes another currency | ``payment_method``, ``currency`` |
| its newest open receivable is overdue for fewer days | ``newest_overdue_days`` |
| it ended fewer days ago, or has not ended | ``ended_days`` |
| its escalation finished fewer days ago, or has not finished | ``escalation_finished_days`` |
| nothing may fire: switched off, or paused by somebody else | ``exclude_suspended`` |
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from schemas.contracts import PaymentMethod
from schemas.instructions import WriteOff
from schemas.values import ContractId, Money, derived_id
from services.dunning.escalation import rules, stops
from services.dunning.ledger import claims
from services.dunning.model import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The day of the write-off, and which contracts it is for; None asks for nothing."""

    on: date
    payment_method: PaymentMethod | None = None
    currency: str | None = None
    newest_overdue_days: int | None = None
    ended_days: int | None = None
    escalation_finished_days: int | None = None
    exclude_suspended: bool = False


class Reason(NamedTuple):
    """Why a contract is left: a stable code, and a sentence about it."""

    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What becomes of a contract that owes: written off, unless there are reasons against it."""

    contract_id: ContractId
    open: Money
    receivables: int
    newest_overdue_days: int
    reasons: tuple[Reason, ...]

    @property
    def is_written_off(self) -> bool:
        """Whether all that was wanted is so."""
        return not self.reasons


def propose(account: Account, wanted: Wanted) -> Proposal | None:
    """Return what becomes of *account*; None where nothing is owed on it (R-16)."""
    owed = claims.owed(account)
    if not owed:
        return None
    found = (check(account, wanted) for check in _CHECKS)
    return Proposal(
        contract_id=account.contract_id,
        open=Money.of(sum(item.open for item in owed), account.currency),
        receivables=len(owed),
        newest_overdue_days=_newest_age(account, on=wanted.on),
        reasons=tuple(reason for reason in found if reason is not None),
    )


def event_id(contract_id: ContractId, on: date) -> str:
    """Return the id of the instruction, so that a run that is repeated says nothing new."""
    return derived_id(WriteOff.__name__, contract_id, on)


def finished_on(account: Account) -> date | None:
    """Return when the escalation finished; None while it has not, or where there is none.

    A reminder that was the last step counts from its dispatch. For any other step nobody keeps
    the day on which it fired: it is no later than the last evaluation, of which there is none
    any more once no step is left.
    """
    run, item = account.run, rules.anchor_of(account)
    if run is None or item is None or item.anchor not in run.exhausted:
        return None
    last = max(each.step for each in run.decisions if each.anchor == item.anchor)
    letters = [each for each in run.reminders if each.anchor == item.anchor and not each.cancelled]
    settled = [each.settled_on for each in letters if each.step == last]
    return settled[-1] if settled else account.evaluated_on


def _ends(account: Account, _: Wanted) -> Reason | None:
    return Reason("no_end", "the contract has no end") if account.ends_on is None else None


def _has_no_newer_invoice(account: Account, wanted: Wanted) -> Reason | None:
    latest = account.latest_invoice_on
    if latest is None or latest < wanted.on:
        return None
    return Reason("invoice", f"its invoice of {latest} is not older than the write-off")


def _is_paid_so(account: Account, wanted: Wanted) -> Reason | None:
    method = account.registered.payment_method
    if wanted.payment_method in (None, method):
        return None
    return Reason("payment_method", f"it is paid by {method}")


def _owes_in(account: Account, wanted: Wanted) -> Reason | None:
    if wanted.currency in (None, account.currency):
        return None
    return Reason("currency", f"it owes {account.currency}")


def _is_overdue(account: Account, wanted: Wanted) -> Reason | None:
    days = _newest_age(account, on=wanted.on)
    if wanted.newest_overdue_days is None or days >= wanted.newest_overdue_days:
        return None
    overdue = f"{days} days overdue" if days > 0 else "not overdue"
    return Reason("newest_overdue", f"its newest open receivable is {overdue}")


def _has_ended(account: Account, wanted: Wanted) -> Reason | None:
    if wanted.ended_days is None or account.ends_on is None:
        return None
    days = (wanted.on - account.ends_on).days
    if days >= wanted.ended_days:
        return None
    return Reason("ended", f"it ended {days} days ago" if days >= 0 else f"it ends in {-days} days")


def _is_escalated(account: Account, wanted: Wanted) -> Reason | None:
    if wanted.escalation_finished_days is None:
        return None
    finished = finished_on(account)
    if finished is None:
        return Reason("escalation", "its escalation has not finished")
    days = (wanted.on - finished).days
    if days >= wanted.escalation_finished_days:
        return None
    return Reason("escalation", f"its escalation finished on {finished}, {days} days ago")


def _is_not_suspended(account: Account, wanted: Wanted) -> Reason | None:
    if not wanted.exclude_suspended:
        return None
    now = (each for each in stops.stops(account, None) if each.covers(wanted.on))
    by = next((each.by for each in now if each.finding.outcome == "suspended"), None)
    return Reason("suspended", f"it is suspended by {by}") if by else None


def _newest_age(account: Account, *, on: date) -> int:
    return min(rules.age(item, on=on) for item in claims.owed(account))


_CHECKS: tuple[Callable[[Account, Wanted], Reason | None], ...] = (
    _ends,
    _has_no_newer_invoice,
    _is_paid_so,
    _owes_in,
    _is_overdue,
    _has_ended,
    _is_escalated,
    _is_not_suspended,
)
