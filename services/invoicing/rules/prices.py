"""A quantity and a price that make a line's net amount, as EN 16931 can express them (U-62).

Quantity times price by the base quantity of the price is the net amount, rounded once; price and
quantities have at most four decimals, and a price is never negative: the quantity is. A part of a
period is so many days at the price of all its days; where that is off by a rounding, the price is
the net amount of that quantity.
"""

from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from schemas.values import Money, exponent
from services.tariffs.rounding import minor_units, rounded

# The code of UN/ECE recommendation 20 for days.
DAYS = "DAY"
_DECIMALS = 4


class Priced(NamedTuple):
    """Without a sign: that is the line's. ``base`` is how many units the price is for."""

    quantity: str
    unit_price: str
    base: str | None = None
    unit: str | None = None


def by_days(net: int, days: int, *, price: Fraction, whole: int, currency: str) -> Priced | None:
    """Return *days* at what *whole* days cost, exact in the minor unit; None where there are none.

    *net* is in the minor unit, too.
    """
    if days <= 0:
        return None
    text = _price(abs(price) / minor_units(currency), currency)
    if text is not None and rounded(abs(price) * days / whole) == abs(net):
        return Priced(str(days), text, str(whole), DAYS)
    return Priced(str(days), _amount(net, currency), str(days), DAYS)


def by_quantity(net: int, quantity: str | None, unit_price: str | None, *, currency: str) -> Priced:
    """Return *quantity* at *unit_price*, where that makes *net*, else at the net amount for all."""
    count = _text(abs(Fraction(quantity))) if quantity is not None else None
    if count is None or count == "0":
        return Priced("1", _amount(net, currency))
    each = _price(abs(Fraction(unit_price)), currency) if unit_price is not None else None
    if each is not None:
        exact = Fraction(count) * Fraction(each) * minor_units(currency)
        if rounded(exact) == abs(net):
            return Priced(count, each)
    return Priced(count, _amount(net, currency), count)


def _amount(net: int, currency: str) -> str:
    return Money.of(abs(net), currency).amount


def _price(exact: Fraction, currency: str) -> str | None:
    """Return a price with all decimals of its currency, and those that it has beyond."""
    text = _text(exact)
    if text is None:
        return None
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals.ljust(places, '0')}" if (places := exponent(currency)) else text


def _text(exact: Fraction) -> str | None:
    """Return *exact* with as few decimals as it has, None where that are more than four."""
    scaled = exact * 10**_DECIMALS
    if scaled.denominator != 1:
        return None
    return f"{Decimal(scaled.numerator).scaleb(-_DECIMALS).normalize():f}"
