"""What is to be billed, and on which day: booked components cut by billing periods.

| rule | says | here |
|------|------|------|
| U-20, U-21 | billing periods count from the original anchor | ``pieces`` |
| U-26 | a period in advance is billed so many days before it as the plan says | ``_bills_on`` |
| U-30 | what begins or ends at once is billed at once, periods wait for usage | ``_bills_on`` |
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from schemas.calendars import A_DAY
from schemas.terms import Terms
from services.invoicing.model import Contract
from services.invoicing.timeline.components import BookedComponent, Component, booked
from services.invoicing.timeline.timeline import may_stand, to_charge
from services.tariffs.periods import Period, enclosing, overlap, periods_of, without


class BillableStretch(NamedTuple):
    """Days of one component in one billing period, to be billed on a day."""

    component: Component
    whole: Period
    stretch: Period
    bills_on: date
    # Its last day, whatever part of it is billed.
    completed_on: date


class Plan(NamedTuple):
    """All that is booked, over the days that are charged and over those that may stand."""

    charged: list[BookedComponent]
    standing: list[BookedComponent]


def plan(contract: Contract, terms: Terms) -> Plan:
    """Return what the timeline says, from the day on behind which everything is settled."""
    found = booked(contract, terms)
    return Plan(
        [BookedComponent(c, both) for c, s in found
         for each in to_charge(contract, c.charge.component_id, of_plan=c.of_plan)
         if (both := overlap(s, each)) and both.until > contract.settled_until],
        [BookedComponent(c, both) for c, s in found for each in may_stand(contract)
         if (both := overlap(s, each)) and both.until > contract.settled_until],
    )  # fmt: skip


def pieces(contract: Contract, each: BookedComponent) -> Iterator[BillableStretch]:
    """Yield the pieces of *each* that are not settled, in order; there may be no end of them."""
    component, stretch = each
    anchor = stretch.from_on if component.is_once else contract.agreement.anchor_on
    rest = Period(max(stretch.from_on, contract.settled_until), stretch.until)
    for whole in periods_of(anchor, component.duration, rest):
        piece = overlap(whole, stretch)
        if piece:
            yield BillableStretch(
                component,
                whole,
                piece,
                _bills_on(contract, component, whole, piece),
                piece.until - A_DAY,
            )


def unbilled(contract: Contract, piece: BillableStretch) -> list[Period]:
    """Return the days of *piece* that no line stands for, and that are not settled."""
    slot, price = piece.component.slot, piece.component.price_name
    lines = [time for each in contract.invoices for _, time in each.times]
    holes = [s for t in lines if (t.slot, t.price) == (slot, price) for s in t.standing]
    from_on = max(piece.stretch.from_on, contract.settled_until)
    return without(Period(from_on, piece.stretch.until), holes)


def _bills_on(contract: Contract, component: Component, whole: Period, piece: Period) -> date:
    life = contract.agreement.life
    if component.in_advance:
        is_first = life.from_on == piece.from_on
        begins_inside = is_first or piece.from_on != whole.from_on
        if component.days_before and piece.from_on == max(whole.from_on, life.from_on):
            return piece.from_on - timedelta(days=component.days_before)
        return piece.from_on if begins_inside else _after_usage(contract, component, whole.from_on)
    return (
        life.until if life.until <= whole.until else _after_usage(contract, component, whole.until)
    )


def _after_usage(contract: Contract, component: Component, day: date) -> date:
    """Return *day*, or when the usage of the period that ends on it must be known (U-30)."""
    is_known = contract.closed_until is not None and contract.closed_until >= day
    return day if is_known else day + timedelta(days=component.delay)


def begins(contract: Contract, each: BookedComponent, day: date) -> date:
    """Return the first day of the billing period that *day* is in."""
    component, stretch = each
    anchor = stretch.from_on if component.is_once else contract.agreement.anchor_on
    return enclosing(anchor, component.duration, day).from_on
