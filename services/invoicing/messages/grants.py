"""Discounts and free periods: for the coming time, or from a day on."""

from datetime import date

from schemas.frozen import replace
from schemas.message import Refused
from schemas.orders import GrantDiscount, GrantFreePeriod
from schemas.terms import Terms
from services.invoicing.billing import ends
from services.invoicing.messages.items import amount_of
from services.invoicing.model import FOREVER, Contract, Discount, Outcome
from services.invoicing.timeline import timeline
from services.invoicing.timeline.components import charge_of
from services.tariffs.periods import Period, enclosing, index_of, period

_NAMES = {"de": "Rabatt", "en": "Discount", "fr": "Remise"}


def discount(contract: Contract, granted: GrantDiscount, terms: Terms) -> Outcome:
    """Take a percentage or an amount a period off what comes, or off all from a day on."""
    plan = ends.plan_of(contract, terms)
    if granted.component_id is not None and charge_of(plan, granted.component_id) is None:
        raise Refused("invalid", f"no component of the plan: {granted.component_id}")
    from_on = granted.from_on or _next_unbilled(contract, terms)
    new = Discount(
        number=len(contract.discounts) + 1,
        name=_name(contract, granted),
        percent=granted.percent,
        amount=amount_of(contract, granted.amount) if granted.amount else 0,
        component_id=granted.component_id,
        stretch=_stretch(contract, from_on, granted.periods, terms),
    )
    return replace(contract, discounts=(*contract.discounts, new)), ()


def free_period(contract: Contract, granted: GrantFreePeriod, terms: Terms) -> Outcome:
    """Charge nothing for the coming periods; what was billed stays."""
    stretch = _stretch(contract, _next_unbilled(contract, terms), granted.periods, terms)
    return replace(contract, free=(*contract.free, stretch)), ()


def _next_unbilled(contract: Contract, terms: Terms) -> date:
    """Return from where on nothing is billed, or the start of the running period, if later."""
    agreed = contract.agreement
    today = max(timeline.today_of(contract, terms), agreed.starts_on)
    duration = ends.plan_of(contract, terms).billing_period
    running = max(enclosing(agreed.anchor_on, duration, today).from_on, agreed.starts_on)
    return max(running, contract.billed_until or running)


def _stretch(contract: Contract, from_on: date, periods: int | None, terms: Terms) -> Period:
    if periods is None:
        return Period(from_on, FOREVER)
    anchor, duration = contract.agreement.anchor_on, ends.plan_of(contract, terms).billing_period
    last = index_of(anchor, duration, from_on) + periods - 1
    return Period(from_on, period(anchor, duration, last).until)


def _name(contract: Contract, granted: GrantDiscount) -> str:
    word = _NAMES[contract.agreement.customer.language]
    return f"{word} {granted.percent} %" if granted.percent else word
