"""A period rated as a whole: its components over their days, each group by itself.

Nothing here depends on the order in which usage came, nor on what was charged before (U-10).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from schemas.plans import Charge
from schemas.terms import Terms
from services.tariffs.cumulative import Segment, base, by_days, is_additive, of_sums, walk
from services.tariffs.events import NOTHING, Measured, Use, counts, group_of, measure
from services.tariffs.periods import Period, overlap
from services.usage.metering.aggregation import Levels, carries
from services.usage.metering.counting import groups_of
from services.usage.model import Contract, KeptEvent, Sum, parts_of
from services.usage.timeline.life import phases, rated

Group = tuple[str, ...]
SEPARATOR = "\x1f"


class Stretch(NamedTuple):
    """A component at one charge; *days* are those of it that are rated."""

    charge: Charge
    days: list[Period]

    @property
    def length(self) -> int:
        """How many days are rated."""
        return sum(each.days for each in self.days)

    def has(self, day: date) -> bool:
        """Say whether *day* is rated in it."""
        return any(day in each for each in self.days)


class Series(NamedTuple):
    """A group of a component: the stretches at which it is told apart by as many properties.

    Where a plan in the period says another ``group_by``, there are several side by side: what was
    used under each of them is rated by itself, and none is lost. ``served`` are all rated days of
    the component; what a period costs before its first unit is of the series that ``opens`` it.
    """

    group: Group
    stretches: list[Stretch]
    served: int
    opens: bool

    @property
    def own(self) -> Charge:
        """The charge by which it is named."""
        return self.stretches[-1].charge


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What there is of a period: sums, single events where they are needed, levels before it."""

    sums: Mapping[str, Sum]
    events: tuple[KeptEvent, ...] = ()
    opening: Mapping[str, Fraction]


class Rated(NamedTuple):
    """What a component and group cost in a period, exactly, in units of the currency."""

    charge: Charge
    group: Group
    quantity: Fraction
    cost: Fraction
    closing: Fraction = NOTHING
    # Whether its tiers are those of one charge, so that they can be shown.
    is_plain: bool = False


def level_key(component_id: str, group: Group) -> str:
    """Return under which name a level is carried on."""
    return SEPARATOR.join((component_id, *group))


def rate(contract: Contract, period: Period, used: Used, terms: Terms) -> list[Rated]:
    """Return what each component and group of *period* cost, in the order of the plan."""
    return [
        _rated(contract, series, used, terms, period=period)
        for component_id, stretches in components_of(contract, period, terms).items()
        for series in _series(component_id, stretches, used)
    ]


def _series(component_id: str, stretches: list[Stretch], used: Used) -> Iterator[Series]:
    """Yield each group of a component, those of the last charge behind all others."""
    groups = groups_of(used.sums, component_id) | _carried(used.opening, component_id)
    if not all(each.charge.group_by for each in stretches):
        groups.add(())
    served, last = sum(each.length for each in stretches), _depth(stretches[-1])
    for group in sorted(groups, key=lambda each: (len(each) == last, each)):
        own = [each for each in stretches if _depth(each) == len(group)]
        if own:
            yield Series(group, own, served, opens=own[0] is stretches[0])


def _depth(stretch: Stretch) -> int:
    return len(stretch.charge.group_by or ())


def stretches_of(
    contract: Contract, period: Period, terms: Terms
) -> Iterator[tuple[Charge, Period]]:
    """Yield each metered charge of *period* with the days on which its plan holds."""
    for phase in phases(contract, terms):
        both = overlap(phase.stretch, period)
        for charge in (each for each in phase.plan.metered if both and each.meter):
            assert both is not None, "only what is in the period"
            yield charge, both


def components_of(contract: Contract, period: Period, terms: Terms) -> dict[str, list[Stretch]]:
    """Return the metered components of *period*, each at its charges, as far as it is rated."""
    found: dict[str, list[Stretch]] = {}
    for charge, stretch in stretches_of(contract, period, terms):
        some = found.setdefault(charge.component_id, [])
        days = rated(contract, stretch)
        if some and some[-1].charge == charge:
            some[-1].days.extend(days)
        else:
            some.append(Stretch(charge, days))
    return {name: [s for s in some if s.days] for name, some in found.items()
            if any(s.days for s in some)}  # fmt: skip


def _carried(opening: Mapping[str, Fraction], component_id: str) -> set[Group]:
    keys = (tuple(key.split(SEPARATOR)) for key, level in opening.items() if level)
    return {key[1:] for key in keys if key[0] == component_id}


def _rated(
    contract: Contract, series: Series, used: Used, terms: Terms, *, period: Period
) -> Rated:
    charges = [each.charge for each in series.stretches]
    if all(map(is_additive, charges)):
        return _of_sums(series, used.sums)
    if all(each.aggregation in (None, "count", "sum") and not each.persistent for each in charges):
        return _of_events(contract, series, used, terms)
    return _of_levels(contract, series, used, period)


def _of_sums(series: Series, sums: Mapping[str, Sum]) -> Rated:
    segments = []
    for charge, days in series.stretches:
        some = list(_sums_of(sums, charge.component_id, series.group, days))
        units = sum((each.units for each in some), NOTHING)
        amount = sum((each.amount for each in some), NOTHING)
        segments.append(Segment(charge, sum(each.days for each in days), units, amount))
    quantity = sum((each.units for each in segments), NOTHING)
    cost = of_sums(segments, days=series.served, opens=series.opens)
    return Rated(series.own, series.group, quantity, cost, is_plain=len(segments) == 1)


def _sums_of(
    sums: Mapping[str, Sum], component_id: str, group: Group, days: Iterable[Period]
) -> Iterator[Sum]:
    stretches = list(days)
    for key, each in sums.items():
        component, day, own = parts_of(key)
        if (component, own) == (component_id, group) and any(day in s for s in stretches):
            yield each


def _uses(contract: Contract, series: Series, events: Iterable[KeptEvent]) -> list[tuple[int, Use]]:
    """Return the events of a series with their stretches, in the order of time."""
    found = []
    for event in events:
        day = contract.agreement.day_of(event.occurred_at)
        for index, each in enumerate(series.stretches):
            fits = event.meter == each.charge.meter and counts(each.charge, event.use)
            if fits and each.has(day) and group_of(each.charge, event.use) == series.group:
                found.append((index, event.use))
    return sorted(found, key=lambda pair: pair[1].order)


def _of_events(contract: Contract, series: Series, used: Used, terms: Terms) -> Rated:
    agreed, measured = contract.agreement, list[tuple[Charge, Measured]]()
    for index, use in _uses(contract, series, used.events):
        charge, day = series.stretches[index].charge, agreed.day_of(use.occurred_at)
        found = measure(charge, use, terms, place=agreed.place, day=day)
        if found is not None:
            measured.append((charge, found))
    steps = walk(measured)
    quantity = sum((each.units for each in steps), NOTHING)
    first = base(series.stretches[0].charge, quantity) if series.opens else NOTHING
    cost = sum((each.amount for each in steps), first)
    return Rated(series.own, series.group, quantity, cost)


def _of_levels(contract: Contract, series: Series, used: Used, period: Period) -> Rated:
    """Rate each stretch by itself, and share by days (U-58); levels go on through all of them."""
    own, group = series.own, series.group
    opening = used.opening.get(level_key(own.component_id, group), NOTHING)
    levels = Levels(contract, _all_uses(contract, own, group, used), opening)
    segments = [
        Segment(each.charge, each.length, levels.quantity(each.charge, each.days))
        for each in series.stretches
    ]
    days = period.days if carries(own) and own.aggregation != "last" else series.served
    quantity = sum((each.units * each.days / days for each in segments), NOTHING)
    return Rated(own, group, quantity, by_days(segments, days=days), levels.closing)


def _all_uses(contract: Contract, charge: Charge, group: Group, used: Used) -> list[Use]:
    """Return the events of a component and group, those of days that are not rated, too."""
    some = (each.use for each in used.events if each.meter == charge.meter)
    return [use for use in some if counts(charge, use) and group_of(charge, use) == group]
