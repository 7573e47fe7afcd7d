"""In which tiers of a charge a part of the cumulative quantity lies."""

from fractions import Fraction
from typing import NamedTuple

from schemas.plans import Charge
from services.tariffs import pricing

_OF_THE_WHOLE = ("volume", "bucket")


class EnteredTier(NamedTuple):
    """A tier by its upper bound, inclusive; the last has none. ``free`` is what an allowance has.

    Beside an allowance also a price without tiers is one: the last.
    """

    up_to: Fraction | None
    free: bool = False


def has_tiers(charge: Charge) -> bool:
    """Say whether the price of a unit goes by what was used before, or by all that is used."""
    adds_up = charge.aggregation in (None, "count", "sum") and not charge.persistent
    return adds_up and (bool(charge.free_units) or charge.model in ("graduated", *_OF_THE_WHOLE))


def tiers_between(
    charge: Charge, before: Fraction, units: Fraction, *, total: Fraction
) -> tuple[EnteredTier, ...]:
    """Return the tiers of *units* that follow on those *before*, of a *total* in the period.

    A volume and a bucket have the tier that the total reaches (U-10, U-12).
    """
    free = pricing.free_units(charge)
    found = [EnteredTier(free, free=True)] if before < free and units else []
    if before + units <= free:
        return tuple(found)
    if charge.model not in ("graduated", *_OF_THE_WHOLE):
        return (*found, EnteredTier(None))
    if charge.model in _OF_THE_WHOLE:
        return (*found, *(EnteredTier(each.up_to) for each in pricing.shares(charge, total)))
    had = {each.up_to: each.units for each in pricing.shares(charge, before)}
    now = pricing.shares(charge, before + units)
    return (*found, *(EnteredTier(e.up_to) for e in now if e.units > had.get(e.up_to, Fraction(0))))
