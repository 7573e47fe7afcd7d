"""Which billing periods have an amount that depends on others, and when that is known.

| rule | says | here |
|------|------|------|
| U-15 | a part of a period has its part of the minimum and the maximum, by days | ``_part`` |
| U-25 | two plans in a period: the parts of both, for all its lines, once | ``settlements`` |
| U-25 | it waits for the usage of the period, also where the contract ends | ``_settles_on`` |
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

from schemas.plans import PlanPublished
from schemas.terms import Terms
from schemas.values import Money
from services.invoicing.model import Contract, Discount
from services.invoicing.timeline.components import delay_of
from services.invoicing.timeline.timeline import Phase, phases, to_charge
from services.tariffs.periods import Period, enclosing, overlap, periods_of
from services.tariffs.proration import days_of

_NOTHING = Fraction(0)


class Settlement(NamedTuple):
    """A billing period, the days of it that the plans held, and what it costs at least and at most.

    Bounds are exact, in the minor unit; there is no maximum where a plan of the period has none.
    ``charged`` are the days that are charged, ``settles_on`` the day on which its usage is known.
    """

    whole: Period
    duration: str
    held: Period
    charged: Period
    settles_on: date
    minimum: Fraction = _NOTHING
    maximum: Fraction | None = None
    discounts: tuple[Discount, ...] = ()

    @property
    def is_needed(self) -> bool:
        """Whether anything depends on what the period costs."""
        return bool(self.minimum or self.maximum is not None or self.discounts)


def settlements(contract: Contract, terms: Terms, today: date) -> list[Settlement]:
    """Return the periods that are not settled, through the first whose usage is not known yet."""
    parts: dict[tuple[str, Period], list[Phase]] = {}
    for phase in phases(contract, terms):
        duration = phase.plan.billing_period
        for whole in _begun(contract, phase, today):
            parts.setdefault((duration, whole), []).append(phase)
    days = _charged(contract)
    found = [_settlement(contract, key, some, days) for key, some in parts.items()]
    return sorted((each for each in found if each.is_needed), key=lambda each: each.whole)


def _charged(contract: Contract) -> list[Period]:
    """Return the days on which the plan is charged, through the last of what has its rhythm."""
    days = to_charge(contract)
    if contract.run_out is None:
        return days
    served = Period(date.min, contract.run_out.base)
    return [both for each in days if (both := overlap(each, served))]


def _begun(contract: Contract, phase: Phase, today: date) -> Iterator[Period]:
    """Yield the periods that share a day with *phase*: those that have begun, and one more."""
    stretch, since = phase.stretch, contract.settled_until
    anchor, duration = contract.agreement.anchor_on, phase.plan.billing_period
    if since > stretch.from_on:
        # An end may lie before what is settled: its period is not.
        stretch = Period(max(stretch.from_on, enclosing(anchor, duration, since).from_on),
                         stretch.until)  # fmt: skip
    for whole in periods_of(anchor, duration, stretch):
        if whole.until > since:
            yield whole
        if whole.from_on > today:
            return


def _settlement(
    contract: Contract, key: tuple[str, Period], some: list[Phase], days: Iterable[Period]
) -> Settlement:
    duration, whole = key
    held = [(each.plan, cut) for each in some if (cut := overlap(whole, each.stretch))]
    charged = [(plan, both) for plan, cut in held for day in days if (both := overlap(cut, day))]
    anchor = contract.agreement.anchor_on
    least = [_part(plan, plan.minimum, cut, whole, anchor) for plan, cut in charged]
    most = [_part(plan, plan.maximum, cut, whole, anchor) for plan, cut in charged]
    return Settlement(
        whole=whole,
        duration=duration,
        held=_around(held),
        charged=_around(charged or held),
        settles_on=_settles_on(contract, whole, some),
        minimum=sum((each or _NOTHING for each in least), _NOTHING),
        maximum=None if None in most or not most else sum(filter(None, most), _NOTHING),
        discounts=_discounts(contract, whole, some),
    )


def _part(
    plan: PlanPublished, bound: Money | None, cut: Period, whole: Period, anchor: date
) -> Fraction | None:
    """Return what *cut* has of a bound of *whole*; None where there is no bound."""
    if bound is None:
        return None
    part, all_ = (
        days_of(days, whole, duration=plan.billing_period, proration=plan.proration, anchor=anchor)
        for days in (cut, whole)
    )
    return Fraction(bound.minor * part, all_)


def _discounts(contract: Contract, whole: Period, some: Iterable[Phase]) -> tuple[Discount, ...]:
    """Return the discounts that take something off usage, or off a minimum."""
    plans = [each.plan for each in some]
    metered = {charge.component_id for plan in plans for charge in plan.metered}
    waits = bool(metered) or any(plan.minimum or plan.maximum for plan in plans)
    return tuple(
        each
        for each in contract.discounts
        if overlap(each.stretch, whole)
        and (waits if each.component_id is None else each.component_id in metered)
    )


def _settles_on(contract: Contract, whole: Period, some: Iterable[Phase]) -> date:
    last = min(whole.until, contract.agreement.life.until)
    if contract.closed_until is not None and contract.closed_until >= last:
        return last
    return last + timedelta(days=max(delay_of(each.plan) for each in some))


def _around(parts: Iterable[tuple[PlanPublished, Period]]) -> Period:
    cuts = [cut for _, cut in parts]
    return Period(min(each.from_on for each in cuts), max(each.until for each in cuts))
