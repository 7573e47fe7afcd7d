"""Which plan holds on a day, which days are rated, and in which period they are.

| rule | says | here |
|------|------|------|
| U-03 | the local day of an event decides, ends are exclusive | ``Agreement.day_of`` |
| U-21 | periods count from the original anchor | ``period_of`` |
| R-65 | what is used in a pause is kept, and not rated | ``rated`` |
| U-28 | nor what is used after the end of what is metered | ``rated`` |
| U-30 | a period closes at its end plus the delay of its plan, hours round up | ``closes_on`` |
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from schemas.calendars import A_DAY
from schemas.plans import Charge, PlanPublished
from schemas.terms import Terms
from services.tariffs.periods import Period, enclosing, overlap, without
from services.usage.model import FOREVER, Contract

# The rhythm in which a contract without a plan is looked at.
_MONTHLY = "P1M"
_DELAY_HOURS = 24
# How long after its day usage may come, unless the plan says otherwise (U-32).
_LATE_DAYS = 90


class Phase(NamedTuple):
    """A stretch of days with one plan."""

    stretch: Period
    plan: PlanPublished


def phases(contract: Contract, terms: Terms) -> Iterator[Phase]:
    """Yield which plan holds when, also before the contract begins and after it ends."""
    ends = (*(each.from_on for each in contract.changes[1:]), FOREVER)
    # A contract without a plan has no change.
    for change, until in zip(contract.changes, ends, strict=False):
        if change.from_on < until:
            yield Phase(Period(change.from_on, until), terms.plans[change.plan])


def plan_on(contract: Contract, day: date, terms: Terms) -> PlanPublished | None:
    """Return the plan that holds on *day*."""
    for change in reversed(contract.changes):
        if change.from_on <= day < FOREVER:
            return terms.plans[change.plan]
    return None


def charges_on(contract: Contract, day: date, terms: Terms) -> tuple[Charge, ...]:
    """Return the components that are rated by us: those with a meter."""
    plan = plan_on(contract, day, terms)
    return tuple(each for each in plan.metered if each.meter) if plan else ()


def period_of(contract: Contract, day: date, terms: Terms) -> Period:
    """Return the billing period of *day*; a change of rhythm begins and ends one."""
    found, anchor = list(phases(contract, terms)), contract.agreement.anchor_on
    index = next((n for n, phase in enumerate(found) if day in phase.stretch), None)
    if index is None:
        whole = enclosing(anchor, _MONTHLY, day)
        return (
            overlap(whole, Period(date.min, found[0].stretch.from_on)) or whole if found else whole
        )
    rhythm = found[index].plan.billing_period
    first = last = index
    while first > 0 and found[first - 1].plan.billing_period == rhythm:
        first -= 1
    while last + 1 < len(found) and found[last + 1].plan.billing_period == rhythm:
        last += 1
    whole = enclosing(anchor, rhythm, day)
    stretch = Period(found[first].stretch.from_on, found[last].stretch.until)
    return overlap(whole, stretch) or whole


def rated(contract: Contract, stretch: Period) -> list[Period]:
    """Return the days of *stretch* that are rated: of the contract's life, without pauses."""
    agreed = contract.agreement
    holes = [each.stretch for each in contract.pauses]
    for until in (agreed.trial_until, agreed.billed_until):
        if until is not None:
            holes.append(Period(agreed.starts_on, max(agreed.starts_on, until)))
    if agreed.metered_ends.on is not None:
        holes.append(Period(agreed.metered_ends.on, FOREVER))
    both = overlap(stretch, agreed.life) if agreed.life.days else None
    return without(both, holes) if both else []


def is_rated(contract: Contract, day: date) -> bool:
    """Say whether usage of *day* is rated."""
    return bool(rated(contract, Period(day, day + A_DAY)))


def closes_on(contract: Contract, period: Period, terms: Terms) -> date:
    """Return the day with which *period* closes: its end, or the contract's, and the delay."""
    until = min(period.until, max(contract.agreement.life.until, period.from_on))
    plan = plan_on(contract, until - A_DAY, terms)
    hours = _DELAY_HOURS
    if plan is not None and plan.billing_delay_hours is not None:
        hours = plan.billing_delay_hours
    return until + timedelta(days=-(-hours // 24))


def is_metered(contract: Contract, stretch: Period, terms: Terms) -> bool:
    """Say whether some component is metered in *stretch*."""
    return any(
        overlap(phase.stretch, stretch) and any(each.meter for each in phase.plan.metered)
        for phase in phases(contract, terms)
    )


def oldest(contract: Contract, terms: Terms) -> date:
    """Return the first day of which usage may still come (U-32)."""
    today = terms.today(contract.agreement.legal_entity_id)
    plan = plan_on(contract, today, terms)
    days = plan.late_days if plan and plan.late_days else _LATE_DAYS
    return today - timedelta(days=days) if today > date.min else date.min


def today_of(contract: Contract, terms: Terms) -> date:
    """Return the day that has begun; before the first one it is the day before all."""
    return max(terms.today(contract.agreement.legal_entity_id), date.min)
