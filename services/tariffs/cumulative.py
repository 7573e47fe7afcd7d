"""What all events of a component cost together: rated as a whole, in the order of their time.

The order in which events came never matters (U-10): they are taken by their time, and where no
price depends on the events before, sums say the same. A change of price cuts the period into
segments that follow one another on one cumulative quantity (U-22, U-58).

| rule | says | here |
|------|------|------|
| U-14 | an allowance is used up in the order of time | ``walk`` |
| U-50 | bounds of an event, once allowance and tiers are known | ``_bounded`` |
| U-58 | sum and count are cumulative over all segments | ``walk``, ``of_sums`` |
| U-58 | max, min, last, unique: each segment by itself, shared by days | ``by_days`` |

Amounts are exact, in units of the currency.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

from schemas.plans import BY_EVENT, Charge, Percentage
from services.tariffs import pricing
from services.tariffs.events import NOTHING, Measured

# The price of the interval that the whole quantity reaches: no part of it is an event's.
_OF_INTERVALS = ("flat", "bucket", "capacity")


class Segment(NamedTuple):
    """A component at one charge, over so many days; ``units`` and ``amount`` are sums."""

    charge: Charge
    days: int
    units: Fraction = NOTHING
    amount: Fraction = NOTHING


class PricedStep(NamedTuple):
    """An event on the cumulative quantity, and what it costs."""

    units: Fraction
    amount: Fraction


def is_priced_by_event(charge: Charge) -> bool:
    """Say whether what an event costs is not the price of a quantity."""
    bounds = charge.minimum_per_event or charge.maximum_per_event
    return bool(charge.bands or charge.price_list or bounds) or charge.model in BY_EVENT


def is_additive(charge: Charge) -> bool:
    """Say whether sums of *charge* are all that its price needs, in whichever order they came."""
    if charge.aggregation not in (None, "count", "sum") or charge.persistent:
        return False
    if not is_priced_by_event(charge):
        return True
    share = charge.percentage
    allowance = charge.free_units or (share and (share.free_events or share.free_amount))
    return not allowance and charge.model in ("per_unit", *BY_EVENT)


def alone(charge: Charge, measured: Measured) -> Fraction:
    """Return what an event of an additive *charge* costs by itself, beside the model's price."""
    if not is_priced_by_event(charge):
        return measured.fee
    return walk([(charge, measured)])[0].amount


def of_sums(
    segments: Sequence[Segment], *, days: int | None = None, opens: bool = True
) -> Fraction:
    """Return what *segments* of sums cost together.

    They share *days*, or those of all of them; without *opens*, what a period costs before its
    first unit is not theirs.
    """
    total = sum((each.units for each in segments), NOTHING)
    days = sum(each.days for each in segments) if days is None else days
    is_whole, before = segments[0].charge.model in _OF_INTERVALS, NOTHING
    cost = base(segments[0].charge, total) if opens and not is_whole else NOTHING
    for each in segments:
        cost += each.amount
        if not is_priced_by_event(each.charge):
            cost += _between(each, before, total=total, days=days)
        before += each.units
    return cost


def by_days(segments: Sequence[Segment], *, days: int) -> Fraction:
    """Return what *segments* cost, each for its own quantity and what it has of all *days*."""
    cost = (pricing.cost(each.charge, each.units) * each.days / days for each in segments)
    return sum(cost, NOTHING) + sum((each.amount for each in segments), NOTHING)


def walk(events: Iterable[tuple[Charge, Measured]]) -> list[PricedStep]:
    """Return what each event costs, one after the other; *events* are in the order of time."""
    some = list(events)
    total = sum((measured.units for _, measured in some), NOTHING)
    left, before, found = _Left(), NOTHING, list[PricedStep]()
    for charge, measured in some:
        cost, is_free = left.take(charge, measured, before=before, total=total)
        found.append(
            PricedStep(measured.units, _bounded(charge, cost + measured.fee, is_free=is_free))
        )
        before += measured.units
    return found


class _Left:
    """How much of the allowances by event is used up."""

    def __init__(self) -> None:
        self._events, self._amount = 0, NOTHING

    def take(
        self, charge: Charge, measured: Measured, *, before: Fraction, total: Fraction
    ) -> tuple[Fraction, bool]:
        """Return what an event costs before its bounds, and whether it was free altogether."""
        if charge.model == "percentage" and charge.percentage is not None:
            return self._share(charge.percentage, measured.value)
        if charge.model == "dynamic":
            return measured.value, False
        free = pricing.free_units(charge)
        paid = max(NOTHING, before + measured.units - free) - max(NOTHING, before - free)
        is_free = (not paid and measured.units > 0) or not (measured.units or measured.fee)
        if measured.parts:
            return _of_parts(measured, measured.units - paid), is_free
        return _added(charge, before, measured.units, total=total), is_free

    def _share(self, share: Percentage, value: Fraction) -> tuple[Fraction, bool]:
        self._events += 1
        if self._events <= (share.free_events or 0):
            return NOTHING, True
        free = min(value, max(NOTHING, Fraction(share.free_amount or 0) - self._amount))
        self._amount += free
        if free and free == value:
            return NOTHING, True
        cost = (value - free) * Fraction(share.rate) / 100
        return cost + Fraction(share.per_event or 0), False


def _of_parts(measured: Measured, free: Fraction) -> Fraction:
    """Return what the parts of an event cost; *free* units come off from its start on."""
    cost = NOTHING
    for units, unit_price in measured.parts:
        off = min(units, free)
        free -= off
        cost += (units - off) * unit_price
    return cost


def base(charge: Charge, total: Fraction) -> Fraction:
    """Return what a period costs before its first unit; *total* are all its units (U-11)."""
    is_reached = charge.model == "volume" and total > pricing.free_units(charge)
    return NOTHING if is_reached or charge.model in BY_EVENT else pricing.cost(charge, NOTHING)


def _between(segment: Segment, before: Fraction, *, total: Fraction, days: int) -> Fraction:
    """Return what the units of *segment* add to those *before*, or what its days have of all."""
    charge = segment.charge
    if charge.model not in _OF_INTERVALS:
        return _added(charge, before, segment.units, total=total)
    return pricing.cost(charge, total) * segment.days / days if days else NOTHING


def _added(charge: Charge, before: Fraction, units: Fraction, *, total: Fraction) -> Fraction:
    """Return what *units* add that follow on those *before*."""
    if charge.model == "volume":
        return pricing.at_tier_of(charge, total, before=before, units=units)
    return pricing.cost(charge, before + units) - pricing.cost(charge, before)


def _bounded(charge: Charge, cost: Fraction, *, is_free: bool) -> Fraction:
    """Return *cost* within the bounds of an event; what is free stays free."""
    if is_free:
        return cost
    share = charge.percentage
    least = charge.minimum_per_event or (share and share.minimum_per_event)
    most = charge.maximum_per_event or (share and share.maximum_per_event)
    cost = min(cost, Fraction(most)) if most else cost
    return max(cost, Fraction(least)) if least else cost
