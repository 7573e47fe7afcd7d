"""What an event adds to the sums: one of each component that counts it, or of what is unpriced.

``absorb`` and ``process`` share these functions, so that many events at once are what they are one
by one: sums are added, whichever the order and the cut.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction

from schemas.plans import Charge
from schemas.terms import Terms
from services.tariffs.cumulative import alone, is_additive
from services.tariffs.events import counts, group_of, measure
from services.usage.model import Contract, KeptEvent, Sum, key_of, parts_of
from services.usage.timeline.life import charges_on

# The component of what no component prices; its group is the meter.
UNPRICED = ""
NOTHING = Fraction(0)


def shares(contract: Contract, event: KeptEvent, terms: Terms) -> dict[str, Sum]:
    """Return what *event* adds to each sum; it is unpriced where no component counts it (U-55)."""
    return shares_of(contract, event, counting(contract, event, terms), terms)


def counting(contract: Contract, event: KeptEvent, terms: Terms) -> list[Charge]:
    """Return the components that count *event*."""
    day, use = contract.agreement.day_of(event.occurred_at), event.use
    own = [each for each in charges_on(contract, day, terms) if each.meter == event.meter]
    return [each for each in own if counts(each, use)]


def shares_of(
    contract: Contract, event: KeptEvent, charges: Sequence[Charge], terms: Terms
) -> dict[str, Sum]:
    """Return what *event* adds to each sum, where *charges* count it."""
    agreed, use = contract.agreement, event.use
    day, place = agreed.day_of(use.occurred_at), agreed.place
    found = {}
    for charge in charges:
        measured = measure(charge, use, terms, place=place, day=day)
        if measured is not None:
            amount = alone(charge, measured) if is_additive(charge) else NOTHING
            key = key_of(charge.component_id, day, group_of(charge, use))
            found[key] = Sum(1, measured.units, amount, event.number, event.number)
    if not found:
        own = Sum(1, Fraction(event.quantity), NOTHING, event.number, event.number)
        found[key_of(UNPRICED, day, (event.meter,))] = own
    return found


def needs_events(contract: Contract, event: KeptEvent, terms: Terms) -> frozenset[str]:
    """Return the components whose price of *event* depends on the others."""
    day = contract.agreement.day_of(event.occurred_at)
    return frozenset(
        each.component_id
        for each in charges_on(contract, day, terms)
        if each.meter == event.meter and not is_additive(each)
    )


def added(sums: dict[str, Sum], more: dict[str, Sum]) -> dict[str, Sum]:
    """Return *sums* with *more* in them."""
    new = dict(sums)
    for key, each in more.items():
        new[key] = new[key] + each if key in new else each
    return new


def taken_off(sums: dict[str, Sum], less: dict[str, Sum]) -> dict[str, Sum]:
    """Return *sums* without what was added; one of no events is gone."""
    new = dict(sums)
    for key, each in less.items():
        left = new[key].less(each)
        assert left.events >= 0, "only what was counted can be taken off"
        new[key] = left
        if not left.events:
            del new[key]
    return new


def groups_of(sums: Iterable[str], component_id: str) -> set[tuple[str, ...]]:
    """Return the groups of a component that there are."""
    found = (parts_of(key) for key in sums)
    return {group for component, _, group in found if component == component_id}


def of_days(sums: dict[str, Sum], from_on: date, until: date) -> dict[str, Sum]:
    """Return the sums of days of a stretch."""
    return {key: each for key, each in sums.items() if from_on <= parts_of(key)[1] < until}
