"""What became of an event, from the contract and the pieces that hold it (U-60).

What stands among the dead letters, was said twice with one content, or waits for its contract never
came here: that is known to the engine. All else has one of the fates below.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Literal, NamedTuple

from schemas.terms import Terms
from services.tariffs.periods import Period
from services.usage.metering.counting import UNPRICED, of_days
from services.usage.metering.reach import name_of
from services.usage.model import Contract, KeptEvent, Sums, parts_of
from services.usage.rating.tiers import EnteredTier, has_tiers, tiers_between
from services.usage.timeline.life import charges_on, is_rated, period_of

Kind = Literal["counted", "late", "unpriced", "unrated", "retracted", "in_backfill", "unknown"]
_NOTHING = Fraction(0)
# Beside the names of events, which are never empty.
_TOTAL = ""


class Counted(NamedTuple):
    """What an event counts for: rounded units of a component and group, and in which tiers."""

    component_id: str
    group: tuple[str, ...]
    units: Fraction
    tiers: tuple[EnteredTier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of an event: in which period it counts, and for what; its day is a local one."""

    kind: Kind
    number: int | None = None
    day: date | None = None
    period: Period | None = None
    counted: tuple[Counted, ...] = ()

    @property
    def components(self) -> tuple[str, ...]:
        """The components that it counts for."""
        return tuple(each.component_id for each in self.counted)


def pieces_for(contract: Contract, names: Iterable[str], *, terms: Terms) -> frozenset[str]:
    """Return which pieces are needed to tell of events by *names*; ask again after each recall.

    Where a component has tiers, all its events of the period are: a tier goes by what came before.
    """
    found = set[str]()
    tiered = set[tuple[Period, str]]()
    for name in names:
        number = contract.pointers.get(name)
        if number is None:
            found.add(f"name/{name}")
        elif number not in contract.events:
            found.add(f"use/{number}")
        else:
            tiered |= set(_tiered(contract, contract.events[number], terms))
    for period, component_id in tiered:
        found.update(_of_period(contract, period, component_id))
    return frozenset(found)


def fate(contract: Contract, source: str, event_id: str, *, terms: Terms) -> Fate:
    """Return what became of the event of that envelope, whose pieces are at hand if there are."""
    name = name_of(source, event_id)
    return fates(contract, [name], terms=terms)[name]


def fates(contract: Contract, names: Iterable[str], *, terms: Terms) -> dict[str, Fate]:
    """Return what became of each event, whose pieces are at hand if there are."""
    found = {name: _fate(contract, contract.event_named(name), terms) for name in names}
    before = _Before(contract, terms)
    return {
        name: replace(each, counted=before.tiers_of(name, each)) for name, each in found.items()
    }


def _fate(contract: Contract, event: KeptEvent | None, terms: Terms) -> Fate:
    if event is None:
        return Fate(kind="unknown")
    if event.retracted:
        return Fate(kind="retracted", number=event.number)
    if event.backfill_id is not None:
        return Fate(kind="in_backfill", number=event.number)
    day = contract.agreement.day_of(event.occurred_at)
    period, counted = _period(contract, day, terms), tuple(_counted(event))
    kind: Kind = "late" if period.from_on in contract.reopened else "counted"
    if not is_rated(contract, day):
        kind, counted = "unrated", ()
    elif not counted:
        kind = "unpriced"
    return Fate(kind=kind, number=event.number, day=day, period=period, counted=counted)


def _period(contract: Contract, day: date, terms: Terms) -> Period:
    return contract.closed_with(day) or period_of(contract, day, terms)


def _counted(event: KeptEvent) -> Iterator[Counted]:
    for key, each in sorted(event.shares.items()):
        component_id, _, group = parts_of(key)
        if component_id != UNPRICED:
            yield Counted(component_id, group, each.units)


def _tiered(contract: Contract, event: KeptEvent, terms: Terms) -> Iterator[tuple[Period, str]]:
    """Yield the components with tiers that an event counts for, with its period."""
    told = _fate(contract, event, terms)
    if told.day is None or told.period is None:
        return
    tiers = {e.component_id for e in charges_on(contract, told.day, terms) if has_tiers(e)}
    for component_id in tiers.intersection(told.components):
        yield told.period, component_id


def _of_period(contract: Contract, period: Period, component_id: str) -> Iterator[str]:
    """Yield the pieces that hold the events of a component in a period."""
    sums = _sums(contract, period)
    if sums is None:
        yield f"period/{period.from_on}"
        return
    for key, each in sums.items():
        if parts_of(key)[0] == component_id:
            numbers = range(each.first, each.last + 1)
            yield from (f"use/{n}" for n in numbers if n not in contract.events)


def _sums(contract: Contract, period: Period) -> Sums | None:
    """Return the sums of *period*; None where it is closed and not at hand."""
    if period not in contract.closed:
        return of_days(contract.sums, *period)
    closed = contract.periods.get(period.from_on.isoformat())
    return None if closed is None else closed.sums


class _Used(NamedTuple):
    event: KeptEvent
    day: date
    units: Fraction


class _Before:
    """How much of each component and group came before an event, in the order of time (U-14)."""

    def __init__(self, contract: Contract, terms: Terms) -> None:
        self._contract, self._terms = contract, terms
        self._known: dict[tuple[Period, str, tuple[str, ...]], dict[str, Fraction]] = {}
        self._used: dict[tuple[str, tuple[str, ...]], list[_Used]] = defaultdict(list)
        for event in contract.events.values():
            if not event.retracted and event.backfill_id is None:
                for key, each in event.shares.items():
                    component_id, day, group = parts_of(key)
                    self._used[component_id, group].append(_Used(event, day, each.units))

    def tiers_of(self, name: str, told: Fate) -> tuple[Counted, ...]:
        """Return what an event counts for, with its tiers."""
        if told.day is None or told.period is None:
            return told.counted
        charges = charges_on(self._contract, told.day, self._terms)
        found = {each.component_id: each for each in charges if has_tiers(each)}
        return tuple(
            each._replace(
                tiers=tiers_between(
                    charge,
                    self._before(told.period, each)[name],
                    each.units,
                    total=self._before(told.period, each)[_TOTAL],
                )
            )
            if (charge := found.get(each.component_id))
            else each
            for each in told.counted
        )

    def _before(self, period: Period, counted: Counted) -> dict[str, Fraction]:
        place = (period, counted.component_id, counted.group)
        if place not in self._known:
            self._known[place] = self._summed(*place)
        return self._known[place]

    def _summed(
        self, period: Period, component_id: str, group: tuple[str, ...]
    ) -> dict[str, Fraction]:
        some = [each for each in self._used[component_id, group] if each.day in period]
        total, found = _NOTHING, dict[str, Fraction]()
        for each in sorted(some, key=lambda each: each.event.use.order):
            found[each.event.name] = total
            total += each.units
        return found | {_TOTAL: total}
