"""Of which events a charge is made: what each adds to it, or takes off it (U-64).

An event has a price where it costs something by itself or in the order of time. Where only the
whole has one (a peak, a level, names), its units are told and no amount.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from schemas.charges import UsageCharged, UsageCorrected
from schemas.plans import Charge
from schemas.terms import Terms
from services.tariffs.cumulative import walk
from services.tariffs.events import NOTHING, Measured, counts, measure
from services.tariffs.periods import Period
from services.usage.model import Contract, KeptEvent
from services.usage.rating.rating import components_of

Said = UsageCharged | UsageCorrected


class Entry(NamedTuple):
    """What an event adds: rounded units, and money in units of the currency where it has some."""

    event: KeptEvent
    units: Fraction
    cost: Fraction
    unit_price: Fraction | None = None
    is_priced: bool = True


class _Counted(NamedTuple):
    event: KeptEvent
    charge: Charge
    measured: Measured


def entries(
    contract: Contract, charged: Said, events: Iterable[KeptEvent], terms: Terms
) -> dict[int, Entry]:
    """Return what of *events* is in all that was charged by then of what *charged* is of.

    *contract*, *events* and *terms* are those of the moment at which it was said.
    """
    some = sorted(_counted(contract, charged, events, terms), key=lambda each: each.event.use.order)
    if all(_has_amounts(each.charge) for each in some):
        steps = walk((each.charge, each.measured) for each in some)
        costs: list[Fraction | None] = [step.amount for step in steps]
    else:
        costs = [None] * len(some)
    return {
        each.event.number: Entry(
            each.event, each.measured.units, cost or NOTHING, _price(each), cost is not None
        )
        for each, cost in zip(some, costs, strict=True)
    }


def added(now: Mapping[int, Entry], before: Mapping[int, Entry]) -> list[Entry]:
    """Return how *now* differs from *before*, event by event in the order of time."""
    found = []
    for number in now.keys() | before.keys():
        each, was = now.get(number), before.get(number)
        if each is None:
            assert was is not None, "it is in one of both"
            found.append(was._replace(units=-was.units, cost=-was.cost))
        elif was is None:
            found.append(each)
        elif (each.units, each.cost) != (was.units, was.cost):
            found.append(each._replace(units=each.units - was.units, cost=each.cost - was.cost))
    return sorted(found, key=lambda each: each.event.use.order)


def _counted(
    contract: Contract, charged: Said, events: Iterable[KeptEvent], terms: Terms
) -> Iterable[_Counted]:
    days, agreed = Period(charged.period.from_, charged.period.until), contract.agreement
    stretches = components_of(contract, days, terms).get(charged.component_id, [])
    for event in events:
        day = agreed.day_of(event.occurred_at)
        charge = next((each.charge for each in stretches if each.has(day)), None)
        if charge is not None and _is_of(charge, charged, event):
            measured = _measured(contract, charge, event, day, terms)
            if measured is not None:
                yield _Counted(event, charge, measured)


def _measured(
    contract: Contract, charge: Charge, event: KeptEvent, day: date, terms: Terms
) -> Measured | None:
    if charge.aggregation == "unique_count":
        return Measured(NOTHING)  # a name is no number, and one alone has no units
    return measure(charge, event.use, terms, place=contract.agreement.place, day=day)


def _is_of(charge: Charge, charged: Said, event: KeptEvent) -> bool:
    """Say whether *event* counts in the charge's group; what bounds add beside groups has none."""
    if event.retracted or event.backfill_id is not None:
        return False
    if event.meter != charge.meter or not counts(charge, event.use):
        return False
    if not charge.group_by:
        return charged.group is None
    values = ((name, event.properties.get(name)) for name in charge.group_by)
    return {name: value for name, value in values if value} == charged.group


def _has_amounts(charge: Charge) -> bool:
    return charge.aggregation in (None, "count", "sum") and not charge.persistent


def _price(each: _Counted) -> Fraction | None:
    """Return the price of a unit, or of as many as the charge says, where there is just one."""
    parts, charge = each.measured.parts, each.charge
    if parts:
        base = Fraction(charge.price_base_quantity or 1)
        return parts[0].unit_price * base if len(parts) == 1 else None
    is_one = charge.model == "per_unit" and charge.unit_price is not None
    return Fraction(charge.unit_price or 0) if is_one else None
