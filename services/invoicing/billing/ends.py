"""On which day a contract ends, or an option, where that is not said (R-61)."""

from datetime import date

from schemas.contracts import When
from schemas.message import Refused
from schemas.plans import PlanPublished
from schemas.terms import Terms
from services.invoicing.model import Change, Contract, RunOut
from services.invoicing.timeline import timeline
from services.invoicing.timeline.components import booked
from services.tariffs.periods import after, enclosing


def day_of(contract: Contract, terms: Terms, *, wished_on: date) -> date:
    """Return the first day on which *contract* may end, not before *wished_on* or its start."""
    today, starts_on = timeline.today_of(contract, terms), contract.agreement.starts_on
    plan = plan_of(contract, terms)
    earliest = max(wished_on, starts_on, after(today, plan.notice) if plan.notice else today)
    if plan.minimum_term:
        earliest = max(earliest, after(contract.agreement.starts_on, plan.minimum_term))
    return _boundary(contract, plan.billing_period, earliest)


def running_out(contract: Contract, terms: Terms) -> RunOut:
    """Return until when each component is served where nothing new is billed (R-61, U-28).

    That is until when it is billed, or where that is over the end of its running period; what is
    metered ends with the last of what has the plan's own rhythm.
    """
    today, plan = timeline.today_of(contract, terms), plan_of(contract, terms)
    found, base = dict[str, date](), date.min
    for component, stretch in booked(contract, terms):
        name = component.charge.component_id
        if component.kind == "recurring" and today in stretch and name not in found:
            found[name] = _run_out(contract, name, component.duration, today)
            base = max(base, found[name]) if component.of_plan else base
    if base == date.min:
        base = _run_out(contract, None, plan.billing_period, today)
    metered = {each.component_id: base for each in plan.metered}
    return RunOut(said_on=today, base=base, components=found | metered)


def _run_out(contract: Contract, name: str | None, duration: str, today: date) -> date:
    agreed = contract.agreement
    days = [contract.billed_of(name, duration), agreed.billed_until]
    billed = max((day for day in days if day is not None), default=today)
    running = enclosing(agreed.anchor_on, duration, today).until
    if billed <= today:
        return running
    # An end that is known already has cut what is billed: it shortens no other one (R-63a).
    return billed if agreed.ends_on is None else max(billed, running)


def last_of(run_out: RunOut) -> date:
    """Return the day on which a contract ends of which all runs out."""
    return max([run_out.base, *run_out.components.values()])


def day_of_change(contract: Contract, new: Change, when: When, terms: Terms) -> date:
    """Return from when *new* counts: at the end of the period, after the longest notice it needs.

    An option may have a rhythm and a notice of its own; a plan is left with the plan's.
    """
    plan = plan_of(contract, terms)
    today = timeline.today_of(contract, terms)
    named = [each for each in plan.recurring if each.component_id in new.quantities]
    needs = [(each.billing_period, each.notice) for each in named] or [(None, plan.notice)]
    days = []
    for duration, notice in needs:
        earliest = new.from_on
        if when == "next_allowed" and notice:
            earliest = max(earliest, after(today, notice))
        days.append(_boundary(contract, duration or plan.billing_period, earliest))
    return max(days)


def plan_of(contract: Contract, terms: Terms) -> PlanPublished:
    """Return the plan that holds now, or will first; Refused where there is none."""
    plan = timeline.plan_of(contract, terms)
    if plan is None:
        raise Refused("conflict", "the contract has no plan: somebody else invoices it")
    return plan


def _boundary(contract: Contract, duration: str, day: date) -> date:
    """Return *day* where a billing period begins on it, else the end of the one it is in."""
    whole = enclosing(contract.agreement.anchor_on, duration, day)
    return day if whole.from_on == day else whole.until
