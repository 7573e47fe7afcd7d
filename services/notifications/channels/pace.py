"""How many go to one domain in a time: a limit, and how long the next one waits."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """So many at once, and after them one each ``gap`` (GCRA, a bucket that leaks)."""

    at_once: int
    gap: timedelta

    def __post_init__(self) -> None:
        if self.at_once < 1 or self.gap < timedelta(0):
            raise ValueError("a pace lets one pass, sooner or later")


MAIL_TO_A_DOMAIN = Pace(at_once=10, gap=timedelta(seconds=1))


@dataclass(frozen=True, slots=True)
class Passed:
    """Until when those that went are enough; what a domain needs to be remembered by."""

    until: datetime


def wait(pace: Pace, passed: Passed | None, *, at: datetime) -> timedelta:
    """Return how long the next one waits; nothing where it may go *at* once."""
    if passed is None:
        return timedelta(0)
    return max(passed.until - (pace.at_once - 1) * pace.gap - at, timedelta(0))


def let_pass(pace: Pace, passed: Passed | None, *, at: datetime) -> Passed:
    """Return what is remembered once one has gone *at* a time at which it might."""
    began = at if passed is None else max(passed.until, at)
    return Passed(began + pace.gap)
