"""Discounts and free periods: for the coming time, or from a day on.

| rule | says | here |
|------|------|------|
| U-28 | they count in the rhythm of what they are for: a component, or the plan | ``_rhythm`` |
| U-28 | a grant is answered by what it will touch | ``_touched`` |
"""

from collections.abc import Iterable
from datetime import date

from schemas.frozen import replace
from schemas.invoices import DiscountGranted, FreePeriodGranted, Touched
from schemas.message import Refused
from schemas.orders import GrantDiscount, GrantFreePeriod
from schemas.plans import PlanPublished
from schemas.terms import Terms
from services.invoicing.billing import ends
from services.invoicing.messages.items import amount_of
from services.invoicing.model import FOREVER, Contract, Discount, Free, Outcome
from services.invoicing.timeline import timeline
from services.invoicing.timeline.components import booked
from services.tariffs.periods import Period, enclosing, index_of, overlap, period

_NAMES = {"de": "Rabatt", "en": "Discount", "fr": "Remise"}


def discount(contract: Contract, granted: GrantDiscount, terms: Terms) -> Outcome:
    """Take a percentage or an amount a period off what comes, or off all from a day on."""
    plan = ends.plan_of(contract, terms)
    metered = [each.component_id for each in plan.metered]
    _check_name(plan, granted.component_id, metered)
    duration = _rhythm(plan, granted.component_id)
    from_on = granted.from_on or _next_unbilled(contract, plan, granted.component_id, terms)
    new = Discount(
        number=len(contract.discounts) + 1,
        name=_name(contract, granted),
        percent=granted.percent,
        amount=amount_of(contract, granted.amount) if granted.amount else 0,
        component_id=granted.component_id,
        stretch=_stretch(contract, from_on, granted.periods, duration),
    )
    said = DiscountGranted(
        contract_id=contract.contract_id,
        discount_number=new.number,
        percent=granted.percent,
        amount=granted.amount,
        touches=_touched(contract, new.stretch, granted.component_id, terms, metered=metered),
    )
    return replace(contract, discounts=(*contract.discounts, new)), (said,)


def free_period(contract: Contract, granted: GrantFreePeriod, terms: Terms) -> Outcome:
    """Charge nothing for the coming periods; what was billed stays."""
    plan = ends.plan_of(contract, terms)
    _check_name(plan, granted.component_id)
    from_on = _next_unbilled(contract, plan, granted.component_id, terms)
    stretch = _stretch(contract, from_on, granted.periods, _rhythm(plan, granted.component_id))
    new = Free(component_id=granted.component_id, stretch=stretch)
    said = FreePeriodGranted(
        contract_id=contract.contract_id,
        grant_number=len(contract.free) + 1,
        touches=_touched(contract, stretch, granted.component_id, terms),
    )
    return replace(contract, free=(*contract.free, new)), (said,)


def _check_name(plan: PlanPublished, name: str | None, metered: Iterable[str] = ()) -> None:
    """Refuse what would be granted on nothing that is to come."""
    if name is not None and name not in {*(c.component_id for c in plan.recurring), *metered}:
        raise Refused("invalid", f"no component of the plan that is charged again: {name}")


def _rhythm(plan: PlanPublished, component_id: str | None) -> str:
    own = (c.billing_period for c in plan.recurring if c.component_id == component_id)
    return next(own, None) or plan.billing_period


def _next_unbilled(
    contract: Contract, plan: PlanPublished, component_id: str | None, terms: Terms
) -> date:
    """Return from where on nothing of it is billed, or the start of the running period, if later.

    Of a component by itself, or of all that has the plan's own rhythm.
    """
    agreed, duration = contract.agreement, _rhythm(plan, component_id)
    today = max(timeline.today_of(contract, terms), agreed.starts_on)
    running = max(enclosing(agreed.anchor_on, duration, today).from_on, agreed.starts_on)
    others = agreed.billed_until or running
    return max(running, others, contract.billed_of(component_id, duration) or running)


def _stretch(contract: Contract, from_on: date, periods: int | None, duration: str) -> Period:
    if periods is None:
        return Period(from_on, FOREVER)
    anchor = contract.agreement.anchor_on
    last = index_of(anchor, duration, from_on) + periods - 1
    return Period(from_on, period(anchor, duration, last).until)


def _touched(
    contract: Contract,
    stretch: Period,
    component_id: str | None,
    terms: Terms,
    *,
    metered: Iterable[str] = (),
) -> tuple[Touched, ...]:
    """Return the days of each component that a grant is for, as the timeline stands."""
    found: dict[str, list[Period]] = {}
    for component, booked_for in booked(contract, terms):
        name, both = component.charge.component_id, overlap(stretch, booked_for)
        is_for = component.of_plan if component_id is None else name == component_id
        if component.kind == "recurring" and is_for and both:
            found.setdefault(name, []).append(both)
    if life := overlap(stretch, contract.agreement.life):
        found |= {name: [life] for name in metered if component_id in (None, name)}
    return tuple(
        Touched(component_id=name, from_on=min(some).from_on, until=_end(some))
        for name, some in found.items()
    )


def _end(some: Iterable[Period]) -> date | None:
    until = max(each.until for each in some)
    return None if until == FOREVER else until


def _name(contract: Contract, granted: GrantDiscount) -> str:
    word = _NAMES[contract.agreement.customer.language]
    return f"{word} {granted.percent} %" if granted.percent else word
