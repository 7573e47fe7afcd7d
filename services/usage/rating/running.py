"""What the open periods of a contract come to so far: without minimums, which are known at the end.

Levels go on from each period into the next, also where the earlier one is not closed yet.
"""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from schemas.terms import Terms
from services.tariffs.periods import Period
from services.usage.metering.counting import of_days
from services.usage.model import Contract, Sum, parts_of
from services.usage.rating.lines import RatedLine, lines
from services.usage.rating.rating import Used
from services.usage.timeline.life import is_rated, period_of, today_of

# The lines of each period.
Running = list[tuple[Period, list[RatedLine]]]


def so_far(contract: Contract, terms: Terms) -> Running:
    """Return what each open period in which something was used comes to, the earliest first."""
    return rate_running(contract, used_periods(contract, terms), terms)


def rate_running(contract: Contract, periods: Iterable[Period], terms: Terms) -> Running:
    """Return the lines of open *periods*, which are in order."""
    found, levels = Running(), contract.levels
    for period in periods:
        used = used_of(contract, of_days(contract.sums, *period), levels)
        some, levels = lines(contract, period, used, terms, is_final=False)
        found.append((period, some))
    return found


def used_periods(contract: Contract, terms: Terms) -> list[Period]:
    """Return the open periods in which something was used that is rated."""
    days = {parts_of(key)[1] for key in contract.sums}
    return sorted({period_of(contract, day, terms) for day in days if is_rated(contract, day)})


def unclosed_periods(contract: Contract, terms: Terms) -> list[Period]:
    """Return the periods up to today that are not closed, of the contract's life."""
    life, found = contract.agreement.life, list[Period]()
    day, today = max(contract.open_from, life.from_on), today_of(contract, terms)
    while day <= today and day < life.until:
        found.append(period_of(contract, day, terms))
        day = found[-1].until
    return found


def used_in(contract: Contract, period: Period) -> Used:
    """Return what there is of an open *period* behind the last close."""
    return used_of(contract, of_days(contract.sums, *period), contract.levels)


def used_of(contract: Contract, sums: dict[str, Sum], opening: dict[str, Fraction]) -> Used:
    """Return what there is of the days of *sums*; events are those at hand."""
    days: set[date] = {parts_of(key)[1] for key in sums}
    events = tuple(
        each
        for each in contract.events.values()
        if not each.retracted and each.backfill_id is None
        and contract.agreement.day_of(each.occurred_at) in days
    )  # fmt: skip
    return Used(sums=sums, events=events, opening=opening)
