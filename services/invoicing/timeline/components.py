"""What a contract has booked: components, each with its price a period, over stretches of days."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from schemas.invoices import LineKind
from schemas.plans import Charge, PlanPublished
from schemas.terms import Terms
from services.invoicing.model import Contract, Discount
from services.invoicing.rules.tax import percent
from services.invoicing.timeline.timeline import Phase, by_plan, phases
from services.tariffs import pricing
from services.tariffs.periods import Period, overlap
from services.tariffs.proration import Proration
from services.tariffs.rounding import rounded, split

# What is charged once is charged for a day.
ONCE = "P1D"
_A_DAY = timedelta(days=1)


class Component(NamedTuple):
    """A component at one price; what has its ``slot`` and ``price_name`` is billed once a day.

    ``price`` is that of a whole billing period, exact, in the minor unit; a discount is a
    component of its own, with a negative one. Its invoice waits ``delay`` days for usage (U-30).
    """

    slot: str
    charge: Charge
    name: str
    price: Fraction
    quantity: str
    duration: str
    in_advance: bool
    proration: Proration
    delay: int
    kind: LineKind = "recurring"
    # How many days ahead a period in advance is billed (U-26).
    days_before: int = 0
    # Whether it has the plan's own rhythm.
    of_plan: bool = True

    @property
    def is_once(self) -> bool:
        return self.kind == "one_time"

    @property
    def price_name(self) -> str:
        """What tells this price from others of the component, however it was written."""
        rate = self.charge.vat_rate
        taxed = "the usual rate" if rate is None else percent(rate)
        return f"{Fraction(self.quantity)} for {self.price} at {taxed}"


class BookedComponent(NamedTuple):
    """A component over a stretch of days."""

    component: Component
    stretch: Period


def booked(contract: Contract, terms: Terms) -> list[BookedComponent]:
    """Return all that is booked, in the order of the plan; only another price cuts it (U-22)."""
    found = phases(contract, terms)
    pieces = [BookedComponent(each, cut) for phase in found for cut, some in _cuts(phase, contract)
              for each in some]  # fmt: skip
    pieces += _once(contract, by_plan(found))
    pieces = [each for piece in pieces for each in _running_out(contract, piece)]
    order: dict[str, int] = {}
    for each in pieces:
        order.setdefault(each.component.charge.component_id, len(order))
    pieces.sort(key=lambda each: (each.component.slot, each.stretch))
    joined = list(_joined(pieces))
    return sorted(joined, key=lambda each: order[each.component.charge.component_id])


def _running_out(contract: Contract, each: BookedComponent) -> Iterator[BookedComponent]:
    """Yield what of *each* is served still, where the contract ends after what is billed (U-28)."""
    if contract.run_out is None:
        yield each
        return
    until = contract.run_out.until(each.component.charge.component_id)
    served = overlap(each.stretch, Period(date.min, max(until, date.min)))
    if served:
        yield each._replace(stretch=served)


def charge_of(plan: PlanPublished, component_id: str | None) -> Charge | None:
    """Return the component of that name."""
    charges = (*plan.recurring, *plan.metered, *plan.one_time)
    return next((each for each in charges if each.component_id == component_id), None)


def _cuts(phase: Phase, contract: Contract) -> Iterator[tuple[Period, list[Component]]]:
    """Yield what a phase holds, cut where a discount begins or ends."""
    discounts = [d for d in contract.discounts if overlap(d.stretch, phase.stretch)]
    days = {day for each in discounts for day in each.stretch if day in phase.stretch}
    edges = sorted({*phase.stretch, *days})
    full = list(_components(phase))
    for cut in (Period(*pair) for pair in pairwise(edges)):
        some = [each for each in discounts if cut.from_on in each.stretch]
        off = _discounted(full, some)
        yield cut, [*full, *off]


def _components(phase: Phase) -> Iterator[Component]:
    plan = phase.plan
    for charge in plan.recurring:
        quantity = phase.quantities.get(charge.component_id, "0" if charge.optional else "1")
        if Decimal(quantity):
            bill, duration = charge.bill or plan.bill, charge.billing_period or plan.billing_period
            yield Component(
                slot=charge.component_id,
                charge=charge,
                name=charge.name,
                price=pricing.amount(charge, quantity, currency=plan.currency),
                quantity=quantity,
                duration=duration,
                in_advance=bill == "in_advance",
                proration=plan.proration,
                delay=delay_of(plan),
                days_before=plan.bill_days_before or 0,
                of_plan=duration == plan.billing_period,
            )


def slot_of(*names: str) -> str:
    """Return a slot that is no component's: none has the separator in its name (``Id``)."""
    return "\x1f".join(names)


def discount_slot(slot: str, discount: Discount) -> str:
    """Return the slot of what *discount* takes off the prices of a component."""
    return slot_of(slot, f"discount {discount.number}")


def delay_of(plan: PlanPublished) -> int:
    """Return for how many days an invoice with metered lines waits (U-30); hours round up."""
    if not plan.metered:
        return 0
    hours = 24 if plan.billing_delay_hours is None else plan.billing_delay_hours
    return -(-hours // 24)


def _once(contract: Contract, plans: Iterable[list[Phase]]) -> Iterator[BookedComponent]:
    """Yield what a plan charges once: on its first day, or the first after the trial."""
    trial_until = contract.agreement.trial_until
    for some in plans:
        first = some[0].stretch.from_on
        day = max(first, trial_until or first)
        for phase in (each for each in some if day in each.stretch):
            for charge in phase.plan.one_time:
                yield BookedComponent(_single(charge, phase), Period(day, day + _A_DAY))


def _single(charge: Charge, phase: Phase) -> Component:
    quantity = phase.quantities.get(charge.component_id, "1")
    return Component(
        slot=slot_of(phase.plan.plan_id, charge.component_id),
        charge=charge,
        name=charge.name,
        price=pricing.amount(charge, quantity, currency=phase.plan.currency),
        quantity=quantity,
        duration=ONCE,
        in_advance=True,
        proration="actual",
        delay=0,
        kind="one_time",
    )


def _discounted(full: Sequence[Component], discounts: Iterable[Discount]) -> Iterator[Component]:
    """Yield the discounts as components: in the order of their grant, never below nothing."""
    left = {each.slot: each.price for each in full}
    for discount in discounts:
        some = [c for c in full if is_for(discount, c) and c.price > 0]
        for component, off in _shares(some, discount):
            off = min(off, left[component.slot])
            left[component.slot] -= off
            if off:
                slot = discount_slot(component.slot, discount)
                # No name on the wire is longer.
                name = f"{component.name[:150]}: {discount.name}"
                yield component._replace(slot=slot, name=name, price=-off, kind="discount")


def is_for(discount: Discount, component: Component) -> bool:
    """Say whether a discount is off the price of a component (U-28)."""
    if discount.component_id is not None:
        return discount.component_id == component.slot
    return component.of_plan


def _shares(some: Sequence[Component], discount: Discount) -> Iterable[tuple[Component, Fraction]]:
    """Return what is off each component; an amount is shared out by their prices (U-42)."""
    if discount.percent is not None:
        part = Fraction(discount.percent) / 100
        return [(each, each.price * part) for each in some]
    prices = [rounded(each.price) for each in some]
    if not sum(prices):
        return []
    off = split(min(discount.amount, sum(prices)), prices)
    return zip(some, map(Fraction, off), strict=True)


def _joined(pieces: Iterable[BookedComponent]) -> Iterator[BookedComponent]:
    last: BookedComponent | None = None
    for each in pieces:
        if last and last.component == each.component and last.stretch.until == each.stretch.from_on:
            last = BookedComponent(last.component, Period(last.stretch.from_on, each.stretch.until))
            continue
        if last:
            yield last
        last = each
    if last:
        yield last
