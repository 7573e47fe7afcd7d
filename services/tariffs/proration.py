"""Parts of a price and of a credit, which always add up to the whole.

| rule | says | here |
|------|------|------|
| U-20 | a piece costs its days of all days of its billing period | ``days_of``, ``charge`` |
| U-20 | ``fixed_30``: used days as they are, at most 30; the rest is 30 minus used | ``days_of`` |
| U-29 | ``fixed_30``: so in every month of the period, counted from the anchor | ``_fixed`` |
| U-22 | a change of price cuts the period; each piece has the days of its own | ``charge`` |
| U-23 | a credit is rounded by itself, the last one takes what is left | ``credit`` |

Amounts are in the minor unit, exact ones as fractions of it.
"""

from datetime import date
from fractions import Fraction
from typing import Literal, NamedTuple

from services.tariffs.periods import Period, index_of, months_of, period
from services.tariffs.rounding import rounded

Proration = Literal["actual", "fixed_30"]

_A_MONTH = "P1M"


class Part(NamedTuple):
    """An amount, and the days for which it stands; of a credit, how much it takes off."""

    amount: int
    days: int


NOTHING = Part(0, 0)


def days_of(
    piece: Period,
    whole: Period,
    *,
    duration: str,
    proration: Proration = "actual",
    anchor: date | None = None,
) -> int:
    """Return how many days *piece* counts of the billing period *whole*, which encloses it.

    *whole* itself counts what one divides by: its actual days, or by ``fixed_30`` 30 for each
    month of *duration* (periods of days and weeks are always counted as they are). Months begin
    where the *anchor* has them begin, the start of the period unless said (U-29). The last day of
    a month takes what is missing of 30, and a 31st nothing, so that adjoining pieces add up (U-20).
    """
    if proration == "actual" or not months_of(duration):
        return piece.days
    first = anchor or whole.from_on
    return _fixed(piece.until, whole, first) - _fixed(piece.from_on, whole, first)


def _fixed(day: date, whole: Period, anchor: date) -> int:
    """Return what *day* is away from the start of *whole*, in months of thirty days."""
    index = index_of(anchor, _A_MONTH, day)
    months = index - index_of(anchor, _A_MONTH, whole.from_on)
    return 30 * months + min(30, (day - period(anchor, _A_MONTH, index).from_on).days)


def charge(price: Fraction, *, served: int, whole: int, billed: int = 0, step: int = 1) -> int:
    """Return what is still to be billed for *served* of *whole* days at one *price* (U-20).

    *served* are all days of the billing period at this price, *billed* what was billed of them
    before, net of credits: so all pieces together cost what one piece would have. Negative where
    more was billed than was served. See rounding.py for *step*.
    """
    return rounded(price * served / whole, step=step) - billed


def credit(billed: Part, *, days: int, credited: Part = NOTHING, step: int = 1) -> int:
    """Return what *days* more of a *billed* line give back, after *credited* (U-23).

    At the original net amount, rounded by itself, but never more than is left; what completes the
    days takes all that is left, so that a full credit is the original exactly. Raises ValueError
    where more days would be credited than were billed.
    """
    if days < 0 or credited.days + days > billed.days:
        raise ValueError(f"{days} days more than {credited.days} of {billed.days}")
    left = billed.amount - credited.amount
    if credited.days + days == billed.days:
        return left
    own = rounded(Fraction(billed.amount * days, billed.days), step=step)
    return min(own, left) if billed.amount >= 0 else max(own, left)
