"""Default (Verzug): since when a claim is not only overdue but bears damages (R-92, R-98).

| § 286 BGB | default begins on the day after | here |
|-----------|---------------------------------|------|
| (2) no. 1 | the due date, where the contract itself had fixed it | ``due_date_is_agreed`` |
| (1) | a reminder was received that came after the due date | ``reminded_on`` |
| (3) | 30 days after due date and invoice (§ 193); a consumer must be told | ``told`` |
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from services.dunning.open_items import Deferral

A_DAY = timedelta(days=1)
AFTER_INVOICE = timedelta(days=30)
# PROPOSED in R-92: when what was dispatched is received, by channel; the archive reaches nobody.
RECEIPT_DAYS = {"letter": 3, "email": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What decides about the default of one receivable."""

    kind: Literal["consumer", "business"]
    invoiced_on: date
    due_on: date
    due_date_is_agreed: bool = False
    # The invoice said that default comes by itself after 30 days (§ 286 (3) sentence 1).
    told: bool = False
    reminded_on: tuple[date, ...] = ()
    deferrals: tuple[Deferral, ...] = ()


def received_on(dispatched_on: date, channel: str) -> date | None:
    """Return when what was dispatched is received; None where nobody gets it."""
    days = RECEIPT_DAYS.get(channel)
    return None if days is None else dispatched_on + timedelta(days=days)


def begins(claim: Claim, *, working_day: Callable[[date], date]) -> date | None:
    """Return the first day of default as if nothing were deferred; None as long as none is.

    Default itself may begin on any day; only the last day before it is moved by *working_day*,
    which gives a day itself or the next working day (R-91).
    """
    days = [day for day in claim.reminded_on if day > claim.due_on]
    if claim.due_date_is_agreed:
        days.append(claim.due_on)
    if claim.kind == "business" or claim.told:
        days.append(working_day(max(claim.due_on, claim.invoiced_on) + AFTER_INVOICE))
    return min(days) + A_DAY if days else None


def periods(
    claim: Claim, *, until: date, working_day: Callable[[date], date]
) -> tuple[tuple[date, date], ...]:
    """Return the days of default before *until*, as (from, until) with the end exclusive.

    A deferral ends the default from the day it is given (R-98). Its date was agreed, so when it
    has passed the debtor is in default again without a reminder; what accrued before stays.
    """
    first = begins(claim, working_day=working_day)
    starts = [first or date.max]
    starts += [working_day(each.until) + A_DAY for each in claim.deferrals]
    ends = [*(each.since for each in claim.deferrals), until]
    found = zip(starts, (min(end, until) for end in ends), strict=True)
    return tuple((start, end) for start, end in found if start < end)


def in_default(claim: Claim, *, on: date, working_day: Callable[[date], date]) -> bool:
    """Say whether *on* is a day of default."""
    found = periods(claim, until=on + A_DAY, working_day=working_day)
    return any(start <= on < end for start, end in found)
