"""How a contract's usage stands today: what runs, what it comes to, and what it comes near to.

It is rated as it would be charged now, without effect. A minimum is known at the end of a period
only (U-15), and is in none of it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from schemas.charges import UsageUnpriced
from schemas.orders import BillInterim
from schemas.terms import Terms
from services.tariffs.periods import Period
from services.usage.granted import Grant
from services.usage.messages.balances import drawn_by
from services.usage.messages.closing import unpriced
from services.usage.metering.counting import of_days
from services.usage.model import Backfill, Contract
from services.usage.rating.charging import differences
from services.usage.rating.lines import RatedLine, charged_in
from services.usage.rating.marks import Mark, marks
from services.usage.rating.running import (
    Running,
    rate_running,
    unclosed_periods,
    used_periods,
)
from services.usage.timeline.life import closes_on, plan_on, today_of


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningPeriod:
    """A period that is not closed, with money in the minor unit.

    ``net`` is what it comes to, ``unbilled`` what of that was not charged yet.
    """

    period: Period
    closes_on: date
    lines: tuple[RatedLine, ...]
    unbilled: int
    marks: tuple[Mark, ...]
    unpriced: tuple[UsageUnpriced, ...]

    @property
    def net(self) -> int:
        """What all its lines come to."""
        return sum(each.net for each in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """A prepaid balance, and what it would have left if all was charged today."""

    grant: Grant
    left_then: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What there is of a contract's usage today."""

    contract_id: str
    today: date
    currency: str
    periods: tuple[RunningPeriod, ...]
    # At which sum of what is not billed it is billed at once (U-17).
    threshold: int | None
    balances: tuple[Balance, ...]
    backfills: tuple[Backfill, ...]
    # Closed periods that are rated again with the next day (U-31).
    rated_again: tuple[Period, ...]
    # Closed periods of which something waits for a balance (U-61).
    held: tuple[Period, ...] = ()

    @property
    def unbilled(self) -> int:
        """What was not charged yet of all periods."""
        return sum(each.unbilled for each in self.periods)


def question(contract: Contract) -> BillInterim:
    """Return the message whose pieces have to be at hand: rated is what it would charge."""
    return BillInterim(contract_id=contract.contract_id)


def standing(contract: Contract, terms: Terms) -> Standing:
    """Return how a registered contract stands; the pieces that ``question`` needs are at hand."""
    today = today_of(contract, terms)
    used, unclosed = used_periods(contract, terms), unclosed_periods(contract, terms)
    running = rate_running(contract, sorted({*used, *unclosed}), terms)
    after = drawn_by(contract, running, today=today)
    left = {each.grant_id: each.left for each in after.grants}
    return Standing(
        contract_id=contract.contract_id,
        today=today,
        currency=contract.agreement.currency,
        periods=tuple(_worth_telling(_periods(contract, running, terms), today)),
        threshold=_threshold(contract, today, terms),
        balances=tuple(
            Balance(grant=each, left_then=left[each.grant_id]) for each in contract.grants
        ),
        backfills=contract.backfills,
        rated_again=tuple(e for e in contract.closed if e.from_on in contract.reopened),
        held=tuple(e for e in contract.closed if e.from_on in contract.held),
    )


def _periods(contract: Contract, running: Running, terms: Terms) -> Iterator[RunningPeriod]:
    for period, some in running:
        charged = charged_in(contract.charged, period)
        sums = of_days(contract.sums, *period)
        yield RunningPeriod(
            period=period,
            closes_on=closes_on(contract, period, terms),
            lines=tuple(some),
            unbilled=sum(each.net for each in differences(some, charged)),
            marks=tuple(marks(contract, period, some, terms)),
            unpriced=tuple(unpriced(contract, period, sums)),
        )


def _worth_telling(periods: Iterable[RunningPeriod], today: date) -> Iterator[RunningPeriod]:
    """Yield the period of today, and others of which there is something to tell."""
    for each in periods:
        is_used = any(line.quantity or line.net for line in each.lines)
        if is_used or each.unbilled or each.unpriced or today in each.period:
            yield each


def _threshold(contract: Contract, today: date, terms: Terms) -> int | None:
    plan = plan_on(contract, today, terms)
    is_on = contract.agreement.threshold_billing
    return plan.threshold.minor if is_on and plan and plan.threshold else None
