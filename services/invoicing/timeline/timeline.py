"""Which plan holds when, and which days of a contract's life are served.

| rule | says | here |
|------|------|------|
| R-60 | the day on which a contract ends is not charged any more | ``Agreement.life`` |
| R-65 | the days of a pause are not billed; what was billed stays, unless the policy credits it | \
``to_charge``, ``may_stand`` |
"""

from collections.abc import Mapping
from datetime import date
from itertools import groupby
from typing import NamedTuple

from schemas.message import NotYet
from schemas.plans import PlanPublished
from schemas.terms import Terms
from services.invoicing.model import FOREVER, Contract
from services.tariffs.periods import Period, overlap, without


class Phase(NamedTuple):
    """A stretch of a contract's life with one plan and the same quantities."""

    stretch: Period
    plan: PlanPublished
    quantities: Mapping[str, str]


def phases(contract: Contract, terms: Terms) -> list[Phase]:
    """Return the phases of the whole life, in order, without those that have no plan.

    Changes count in the order of the days from which they do; of two on one day both count, the
    one that was said later where they say the same thing.
    """
    life = contract.agreement.life
    changes = sorted(contract.changes, key=lambda each: each.from_on)
    ends = [each.from_on for each in changes[1:]] + [FOREVER]
    found, plan, quantities = [], None, dict[str, str]()
    for change, until in zip(changes, ends, strict=True):
        plan = change.plan or plan
        quantities = quantities | change.quantities
        stretch = overlap(Period(change.from_on, until), life)
        if stretch and plan is not None:
            found.append(Phase(stretch, terms.plans[plan], quantities))
    return found


def by_plan(found: list[Phase]) -> list[list[Phase]]:
    """Return the phases, together those that follow each other with the same plan."""
    return [list(same) for _, same in groupby(found, key=lambda each: each.plan.plan_id)]


def to_charge(
    contract: Contract, component_id: str | None = None, *, of_plan: bool = True
) -> list[Period]:
    """Return the days on which a component is charged; *of_plan* has the plan's own rhythm.

    That is its life less pauses, trial, free periods, and what others have billed.
    """
    agreed = contract.agreement
    holes = [each.stretch for each in contract.pauses]
    holes += [
        each.stretch
        for each in contract.free
        if (of_plan if each.component_id is None else each.component_id == component_id)
    ]
    holes += _trial(contract)
    if agreed.billed_until is not None:
        holes.append(Period(agreed.starts_on, max(agreed.starts_on, agreed.billed_until)))
    return without(agreed.life, holes) if agreed.life.days else []


def may_stand(contract: Contract) -> list[Period]:
    """Return the days of which it stands what was billed: more than are charged (R-65)."""
    holes = [each.stretch for each in contract.pauses if each.credits]
    life = contract.agreement.life
    return without(life, [*holes, *_trial(contract)]) if life.days else []


def _trial(contract: Contract) -> list[Period]:
    agreed = contract.agreement
    if agreed.trial_until is None or agreed.trial_until <= agreed.starts_on:
        return []
    return [Period(agreed.starts_on, agreed.trial_until)]


def today_of(contract: Contract, terms: Terms) -> date:
    """Return the day that has begun; what needs one and comes before the first waits for it."""
    today = terms.today(contract.agreement.legal_entity_id)
    if today == date.min:
        raise NotYet("day")
    return today


def plan_of(contract: Contract, terms: Terms) -> PlanPublished | None:
    """Return the plan that holds today, or else the first one to come, or the last one.

    A contract that was annulled from the start keeps the one it was to have: it is ours still.
    """
    today = terms.today(contract.agreement.legal_entity_id)
    found = phases(contract, terms)
    coming = [each for each in found if each.stretch.until > today] or found[-1:]
    if coming:
        return coming[0].plan
    named = [each.plan for each in contract.changes if each.plan is not None]
    return terms.plans[named[-1]] if named else None
