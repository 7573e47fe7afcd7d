"""On which day a contract ends, or an option, where that is not said (R-61)."""

from datetime import date

from schemas.contracts import When
from schemas.message import Refused
from schemas.plans import PlanPublished
from schemas.terms import Terms
from services.invoicing.model import Change, Contract
from services.invoicing.timeline import timeline
from services.tariffs.periods import after, enclosing


def day_of(contract: Contract, when: When, terms: Terms, *, wished_on: date) -> date:
    """Return the day on which *contract* ends; ``next_allowed`` is not before *wished_on*.

    Nor before the start, wherever that day falls.
    """
    today, starts_on = timeline.today_of(contract, terms), contract.agreement.starts_on
    if when == "after_current_period":
        return max(starts_on, after_current_period(contract, terms))
    plan = plan_of(contract, terms)
    earliest = max(wished_on, starts_on, after(today, plan.notice) if plan.notice else today)
    if plan.minimum_term:
        earliest = max(earliest, after(contract.agreement.starts_on, plan.minimum_term))
    return _boundary(contract, plan.billing_period, earliest)


def after_current_period(contract: Contract, terms: Terms) -> date:
    """Return until when is billed, or where that is over the end of the running period (R-61).

    An end that is known already has cut what is billed: it shortens no other one (R-63a).
    """
    agreed = contract.agreement
    today = timeline.today_of(contract, terms)
    running = enclosing(agreed.anchor_on, plan_of(contract, terms).billing_period, today).until
    billed = contract.billed_until
    if billed is None or billed <= today:
        return running
    return billed if agreed.ends_on is None else max(billed, running)


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
