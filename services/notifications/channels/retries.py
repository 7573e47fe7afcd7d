"""When an attempt is made again: growing gaps, for a day or two, and then the next way (R-53)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The gap after the first attempt, doubled after each, no longer than ``longest_gap``.

    Nothing is tried once ``lasts`` have passed since the first attempt.
    """

    first_gap: timedelta
    longest_gap: timedelta
    lasts: timedelta


MAIL = Plan(first_gap=timedelta(minutes=5), longest_gap=timedelta(hours=4), lasts=timedelta(days=1))
WEBHOOK = Plan(
    first_gap=timedelta(seconds=5), longest_gap=timedelta(hours=6), lasts=timedelta(days=2)
)


def next_attempt(
    plan: Plan,
    *,
    delivery_id: str,
    attempt: int,
    began_at: datetime,
    failed_at: datetime,
    wait: timedelta | None = None,
) -> datetime | None:
    """Return when to try again after *attempt*, counted from 1; none when the plan is over.

    *wait* is what the other side asked for: it is waited for at least so long. Up to a tenth is
    added, a part that follows from the delivery and the attempt, so that a thousand mails that
    failed at once do not come again at once. The last attempt is at the end of the plan, not
    before it: who says "in an hour" there is tried then.
    """
    end = began_at + plan.lasts
    if failed_at >= end:
        return None
    gap = max(_gap(plan, attempt), wait or timedelta(0))
    return min(failed_at + gap + _spread(gap, delivery_id, attempt), end)


def _gap(plan: Plan, attempt: int) -> timedelta:
    # More doublings than these would overflow, and are beyond any longest gap.
    return min(plan.first_gap * (1 << min(attempt - 1, 30)), plan.longest_gap)


def _spread(gap: timedelta, delivery_id: str, attempt: int) -> timedelta:
    drawn = sha256(f"{delivery_id}\x1f{attempt}".encode()).digest()[0]
    return gap * drawn // 2560
