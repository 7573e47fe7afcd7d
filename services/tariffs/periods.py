"""Billing periods: the calendar as a contract's anchor cuts it (U-21).

All periods are half-open, ``[from_on, until)``. The period of index 0 begins on the anchor; those
before it have negative indices, so that a contract that begins ahead of an aligned billing day has
a whole period around its first piece.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import lru_cache
from itertools import count
from typing import NamedTuple

# Each event asks for the period that it is in, and thousands of contracts have the same.
_REMEMBERED = 4_096


class Period(NamedTuple):
    """Days from ``from_on`` up to but not including ``until``; never less than none."""

    from_on: date
    until: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.until - self.from_on).days

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.from_on <= day < self.until


@lru_cache(_REMEMBERED)
def period(anchor: date, duration: str, index: int) -> Period:
    """Return the period of *index*, counted from *anchor*.

    *duration* is an ISO 8601 duration of whole days, weeks, months or years (``P1M``). A month in
    which the anchor's day is missing begins the period on its last day, and longer months return
    to the anchor's day: each start is found from the original anchor (U-21).
    """
    return Period(_start(anchor, duration, index), _start(anchor, duration, index + 1))


@lru_cache(_REMEMBERED)
def index_of(anchor: date, duration: str, day: date) -> int:
    """Return the index of the period in which *day* lies."""
    number, months = _length(duration)
    if not months:
        return (day - anchor).days // number
    index = (12 * (day.year - anchor.year) + day.month - anchor.month) // months
    return index - (day < _start(anchor, duration, index))


def enclosing(anchor: date, duration: str, day: date) -> Period:
    """Return the period in which *day* lies: the denominator of every piece of it (U-20)."""
    return period(anchor, duration, index_of(anchor, duration, day))


def periods_of(anchor: date, duration: str, stretch: Period) -> Iterator[Period]:
    """Return the whole periods that share a day with *stretch*, in order."""
    if not stretch.days:
        return
    for index in count(index_of(anchor, duration, stretch.from_on)):
        each = period(anchor, duration, index)
        if each.from_on >= stretch.until:
            return
        yield each


def after(day: date, duration: str) -> date:
    """Return the day that is *duration* after *day*: the end of a term or of a notice."""
    return _start(day, duration, 1)


def months_of(duration: str) -> int:
    """Return how many months *duration* has; 0 where it is of days or weeks."""
    return _length(duration)[1]


def overlap(one: Period, other: Period) -> Period | None:
    """Return the days that lie in both, or None where there is none."""
    both = Period(max(one.from_on, other.from_on), min(one.until, other.until))
    return both if both.from_on < both.until else None


def without(stretch: Period, holes: Iterable[Period]) -> list[Period]:
    """Return what is left of *stretch* outside all *holes*, in order; holes may overlap."""
    left, from_on = [], stretch.from_on
    for hole in sorted(hole for hole in holes if overlap(stretch, hole)):
        if from_on < hole.from_on:
            left.append(Period(from_on, hole.from_on))
        from_on = max(from_on, hole.until)
    if from_on < stretch.until:
        left.append(Period(from_on, stretch.until))
    return left


def _start(anchor: date, duration: str, index: int) -> date:
    number, months = _length(duration)
    if not months:
        return anchor + timedelta(days=number * index)
    year, month = divmod(12 * anchor.year + anchor.month - 1 + months * index, 12)
    return date(year, month + 1, min(anchor.day, monthrange(year, month + 1)[1]))


@lru_cache(_REMEMBERED)
def _length(duration: str) -> tuple[int, int]:
    """Return days and months of *duration*, one of which is 0."""
    number, unit = int(duration[1:-1]), duration[-1]
    days = {"D": number, "W": 7 * number}
    months = {"M": number, "Y": 12 * number}
    if unit not in days | months:
        raise ValueError(f"{duration!r} is no duration of whole days, weeks, months or years")
    return days.get(unit, 0), months.get(unit, 0)
