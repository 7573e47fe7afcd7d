"""What became of an event, from the contract and the pieces that hold it (U-60).

What stands among the dead letters, was said twice with one content, or waits for its contract never
came here: that is known to the engine. All else has one of the fates below.
"""

from dataclasses import dataclass
from typing import Literal

from schemas.terms import Terms
from services.tariffs.periods import Period
from services.usage.metering.counting import UNPRICED
from services.usage.metering.reach import name_of
from services.usage.model import Contract, KeptEvent, parts_of
from services.usage.timeline.life import is_rated, period_of

Kind = Literal["counted", "late", "unpriced", "unrated", "retracted", "in_backfill", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of an event: in which period it counts, and for which components."""

    kind: Kind
    period: Period | None = None
    components: tuple[str, ...] = ()


def pieces_for(contract: Contract, source: str, event_id: str) -> frozenset[str]:
    """Return which pieces are needed to tell; ask again when the first is recalled."""
    name = name_of(source, event_id)
    number = contract.pointers.get(name)
    if number is None:
        return frozenset({f"name/{name}"})
    return frozenset() if number in contract.events else frozenset({f"use/{number}"})


def fate(contract: Contract, source: str, event_id: str, *, terms: Terms) -> Fate:
    """Return what became of the event of that envelope, whose pieces are at hand if there are."""
    event = contract.event_named(name_of(source, event_id))
    if event is None:
        return Fate(kind="unknown")
    if event.retracted:
        return Fate(kind="retracted")
    if event.backfill_id is not None:
        return Fate(kind="in_backfill")
    day = contract.agreement.day_of(event.occurred_at)
    period = contract.closed_with(day) or period_of(contract, day, terms)
    components = _components(event)
    if not is_rated(contract, day):
        return Fate(kind="unrated", period=period)
    if not components:
        return Fate(kind="unpriced", period=period)
    return Fate(kind="late" if period.from_on in contract.reopened else "counted",
                period=period, components=components)  # fmt: skip


def _components(event: KeptEvent) -> tuple[str, ...]:
    found = (parts_of(key)[0] for key in event.shares)
    return tuple(sorted(each for each in found if each != UNPRICED))
