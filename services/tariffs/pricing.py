"""What a quantity costs under a charge of a plan.

| model | says | rule |
|-------|------|------|
| flat | the unit price, whatever the quantity | 3.3 |
| per_unit | the unit price for each unit | 3.3 |
| graduated | each tier its own units, and its flat part once it is entered | 3.3, U-11 |
| volume | all units at the price of the tier reached, and that tier's flat part | U-10, U-11 |
| bucket | the flat price of the interval reached, not per unit | U-12 |
| capacity | the same, where the quantity is the peak | U-12 |
| package | whole packs | 3.3 |

Upper bounds of tiers are inclusive, lower ones exclusive, also for parts of a unit. Free units come
off first, whatever the model. Amounts are exact, as fractions of the minor unit, and are rounded
where they become a line (rounding.py); what comes with single events (percentage, dynamic) is
rated by usage.
"""

from fractions import Fraction
from typing import NamedTuple, assert_never

from schemas.plans import Charge
from services.tariffs.rounding import minor_units

_NOTHING = Fraction(0)


class NotByQuantity(ValueError):
    """The charge is priced by its events, or the quantity cannot be one of it."""


class _Bounded(NamedTuple):
    """A tier with its lower bound, exclusive, and its upper one, inclusive; the last has none."""

    above: Fraction
    up_to: Fraction | None
    unit_price: Fraction
    flat: Fraction

    def share(self, units: Fraction) -> Fraction:
        """Return how many of *units*, which enter the tier, lie in it."""
        return (units if self.up_to is None else min(units, self.up_to)) - self.above


def amount(charge: Charge, quantity: str, *, currency: str) -> Fraction:
    """Return what *quantity* units of *charge* cost for a whole period, in the minor unit.

    A volume price falls where a border is crossed (U-10): who bills step by step takes the amount
    of all units and books the difference to what was billed. Raises NotByQuantity for a negative
    quantity and for a charge that is priced by event.
    """
    if Fraction(quantity) < 0:
        raise NotByQuantity(f"{charge.component_id}: the quantity {quantity} is negative")
    paid = max(_NOTHING, Fraction(quantity) - _exact(charge.free_units))
    return minor_units(currency) * _amount(charge, paid)


def price(quantity: str, unit_price: str, *, currency: str, base_quantity: str = "1") -> Fraction:
    """Return what *quantity* units cost, in the minor unit, at *unit_price* for *base_quantity*."""
    exact = Fraction(quantity) * Fraction(unit_price) / Fraction(base_quantity)
    return minor_units(currency) * exact


def true_up(billed: int, *, minimum: int) -> int:
    """Return the line that lifts what was *billed* of a period to its *minimum* (U-15).

    It stands on the last invoice of the period; a *minimum* for a part of one is prorated before.
    """
    return max(0, minimum - billed)


def excess(billed: int, *, maximum: int) -> int:
    """Return the discount that lowers what was *billed* of a period to its *maximum* (U-15)."""
    return max(0, billed - maximum)


def _amount(charge: Charge, units: Fraction) -> Fraction:
    match charge.model:
        case "flat":
            return _exact(charge.unit_price)
        case "per_unit":
            return units * _exact(charge.unit_price) / Fraction(charge.price_base_quantity or 1)
        case "package":
            packs = -(-units // Fraction(charge.package_size or 1))
            return packs * _exact(charge.unit_price)
        case "graduated" | "volume" | "bucket" | "capacity":
            return _tiered(charge, units)
        case "percentage" | "dynamic":
            raise NotByQuantity(f"{charge.component_id}: {charge.model} is priced by event")
        case _:
            assert_never(charge.model)


def _tiered(charge: Charge, units: Fraction) -> Fraction:
    tiers = _bounded(charge)
    if not units:
        # Nothing used has entered no tier: the plan says whether the first one's flat part is due.
        return tiers[0].flat if charge.flat_at_zero else _NOTHING
    entered = [tier for tier in tiers if tier.above < units]
    reached = entered[-1]
    if charge.model == "graduated":
        return sum((tier.flat + tier.share(units) * tier.unit_price for tier in entered), _NOTHING)
    if charge.model == "volume":
        return reached.flat + units * reached.unit_price
    return reached.flat


def _bounded(charge: Charge) -> list[_Bounded]:
    base = Fraction(charge.price_base_quantity or 1)
    tiers = charge.tiers or ()
    bounds = [_NOTHING, *(_exact(tier.up_to) for tier in tiers[:-1])]
    return [
        _Bounded(lower, upper, _exact(tier.unit_price) / base, _exact(tier.flat))
        for lower, upper, tier in zip(bounds, [*bounds[1:], None], tiers, strict=True)
    ]


def _exact(text: str | None) -> Fraction:
    return Fraction(text or 0)
