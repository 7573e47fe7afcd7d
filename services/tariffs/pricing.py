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
    return minor_units(currency) * cost(charge, Fraction(quantity))


def free_units(charge: Charge) -> Fraction:
    """Return how many units of *charge* are free in a period."""
    return _exact(charge.free_units)


def cost(charge: Charge, units: Fraction) -> Fraction:
    """Return what *units* cost for a whole period, in units of the currency; none below nothing."""
    return _amount(charge, max(_NOTHING, units - free_units(charge)))


def at_tier_of(charge: Charge, total: Fraction, *, before: Fraction, units: Fraction) -> Fraction:
    """Return the part of a volume price that *units* have, which follow on those *before*.

    All units of the period cost what the tier costs that their *total* reaches (U-10); its flat
    part is due with the first that is paid, or with the first of all where nothing is.
    """
    free = free_units(charge)
    paid = max(_NOTHING, before + units - free) - max(_NOTHING, before - free)
    tiers, whole = _bounded(charge), max(_NOTHING, total - free)
    reached = [tier for tier in tiers if tier.above < whole][-1:] or tiers[:1]
    is_first = before <= free < before + units if whole else not before and charge.flat_at_zero
    return paid * reached[0].unit_price + (reached[0].flat if is_first else _NOTHING)


class Share(NamedTuple):
    """What of a quantity lies in a tier, and what it costs there."""

    up_to: Fraction | None
    units: Fraction
    unit_price: Fraction
    cost: Fraction


def shares(charge: Charge, units: Fraction) -> list[Share]:
    """Return the tiers that *units* of *charge* enter, each with what it has of them."""
    paid = max(_NOTHING, units - free_units(charge))
    entered = [tier for tier in _bounded(charge) if tier.above < paid]
    if charge.model == "graduated":
        return [
            Share(t.up_to, t.share(paid), t.unit_price, t.flat + t.share(paid) * t.unit_price)
            for t in entered
        ]
    whole = _amount(charge, paid)
    return [Share(t.up_to, paid, t.unit_price, whole) for t in entered[-1:]]


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
