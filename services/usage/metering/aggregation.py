"""What the events of a stretch of days come to where they are not simply added up (3.2).

| aggregation | is | of nothing |
|-------------|----|------------|
| max, min | the extreme value | 0 |
| last | the value of the last event by time | 0, or what it was before where it persists |
| unique_count | how many values there are | 0 |
| weighted_sum | the level, averaged over time | the level before |
| sum, persistent | the level, averaged over days: what comes counts from its day on | the same |

Of two events at one instant the order of their names decides, not that of their coming (U-10).
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from schemas.plans import Charge
from services.tariffs.events import Use, amount_of
from services.tariffs.periods import Period
from services.usage.model import Contract

_NOTHING = Fraction(0)
_US = timedelta(microseconds=1)


def carries(charge: Charge) -> bool:
    """Say whether a level goes on from one period to the next."""
    return charge.persistent or charge.aggregation == "weighted_sum"


class Levels:
    """The events of a component and group in their order, asked for one stretch after the other."""

    def __init__(self, contract: Contract, uses: Sequence[Use], opening: Fraction) -> None:
        """Begin at the level *opening*; *uses* may be in any order."""
        self._agreed, self._level = contract.agreement, opening
        self._coming = sorted(uses, key=lambda each: each.order)

    @property
    def closing(self) -> Fraction:
        """The level behind the last stretch; what comes after it is in it, too."""
        return self._level + sum((Fraction(each.quantity) for each in self._coming), _NOTHING)

    def quantity(self, charge: Charge, parts: Sequence[Period]) -> Fraction:
        """Return what the rated *parts* of a stretch come to."""
        if not carries(charge) or charge.aggregation == "last":
            return self._picked(charge, [use for part in parts for use in self._take(part)])
        days, area = sum(each.days for each in parts), _NOTHING
        for part in parts:
            area += self._averaged(charge, part) * part.days
        return area / days

    def _take(self, part: Period) -> list[Use]:
        """Return the events of *part*; those before it were on days that are not rated."""
        days = [(self._agreed.day_of(use.occurred_at), use) for use in self._coming]
        self._coming = [use for day, use in days if day >= part.until]
        return [use for day, use in days if day in part]

    def _picked(self, charge: Charge, uses: Sequence[Use]) -> Fraction:
        values = [_value(charge, each) for each in uses]
        match charge.aggregation:
            case "max":
                return max(values, default=_NOTHING)
            case "min":
                return min(values, default=_NOTHING)
            case "unique_count":
                found = {_named(charge, each) for each in uses}
                return Fraction(len(found - {None}))
            case _:
                before = self._level if charge.persistent else _NOTHING
                last = values[-1] if values else before
                self._level = last if charge.persistent else _NOTHING
                return last

    def _averaged(self, charge: Charge, part: Period) -> Fraction:
        """Return the level averaged over *part*: over time, or over days where it persists."""
        self._level += sum(
            (_value(charge, use) for use in self._coming
             if self._agreed.day_of(use.occurred_at) < part.from_on), _NOTHING,
        )  # fmt: skip
        by_days, zone = charge.aggregation != "weighted_sum", self._agreed.place.zone
        begin, end = _first(part.from_on, zone), _first(part.until, zone)
        whole = part.days if by_days else (end - begin) // _US
        area = self._level * whole
        for use in self._take(part):
            rest = (part.until - self._agreed.day_of(use.occurred_at)).days
            left = rest if by_days else (end - use.occurred_at) // _US
            area += _value(charge, use) * left
            self._level += _value(charge, use)
        return area / whole


def _value(charge: Charge, use: Use) -> Fraction:
    if charge.aggregation == "unique_count":
        return _NOTHING  # its values need be no numbers
    if charge.aggregation == "count":
        return Fraction(1)
    return Fraction(amount_of(charge, use))


def _named(charge: Charge, use: Use) -> str | None:
    return use.properties.get(charge.value) if charge.value else use.quantity


def _first(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant of *day*, also where midnight does not exist."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)
