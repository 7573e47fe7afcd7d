"""A quantity and a price that make a line's net amount, as EN 16931 can express them (U-62).

Quantity times price by the base quantity of the price is the net amount, rounded once; price and
quantities have at most four decimals, and a price is never negative: the quantity is. A part of a
period is so many days at the price of all its days; where that is off by a rounding, the price is
the net amount of that quantity. A quantity of more decimals is said in a finer unit, a price of
more as one of more units; where that is not enough, the line is one of its net amount, and what was
counted is said in words.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from schemas.values import Money, exponent
from services.tariffs.rounding import minor_units, rounded

# The code of UN/ECE recommendation 20 for days.
DAYS = "DAY"
_DECIMALS = 4
# A price for more units than these is a puzzle.
_LARGEST_BASE = 10**6
# How many of which finer unit make one, by names and codes (UN/ECE recommendation 20).
_FINER: Mapping[str, tuple[str, int]] = {
    "TB": ("GB", 1000),
    "GB": ("MB", 1000),
    "MB": ("kB", 1000),
    "kB": ("B", 1000),
    "KB": ("B", 1000),
    "E35": ("E34", 1000),
    "E34": ("4L", 1000),
    "4L": ("2P", 1000),
    "2P": ("AD", 1000),
    "h": ("min", 60),
    "min": ("s", 60),
    "HUR": ("MIN", 60),
    "MIN": ("SEC", 60),
}


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


def by_quantity(
    net: int,
    quantity: str | None,
    unit_price: str | None,
    *,
    currency: str,
    base: str | None = None,
    unit: str | None = None,
) -> Priced:
    """Return *quantity* at *unit_price* for *base* units, where that makes *net*.

    Else at the net amount for all of them; else one of it (``in_words``), which also holds where
    the quantity has another sign than the net amount: a price is never negative.
    """
    exact = Fraction(quantity or 0)
    if not exact or exact * net < 0:
        return Priced("1", _amount(net, currency))
    for called, factor in _finer(unit):
        count = _text(abs(exact) * factor)
        if count is None:
            continue
        price = None if unit_price is None else abs(Fraction(unit_price)) / factor
        for each, for_units in _based(price, Fraction(base or 1), currency):
            product = Fraction(count) * Fraction(each) / for_units * minor_units(currency)
            if rounded(product) == abs(net):
                return Priced(count, each, _base(for_units), called)
        return Priced(count, _amount(net, currency), count, called)
    return Priced("1", _amount(net, currency))


def in_words(priced: Priced, quantity: str | None, unit: str | None) -> str | None:
    """Return the quantity that the line has no room for, with its unit; None where it has."""
    exact = Fraction(quantity or 0)
    if not exact or priced.quantity != "1" or priced.unit or (exact == 1 and unit is None):
        return None
    return f"{quantity} {unit}" if unit else quantity


def _finer(unit: str | None) -> Iterator[tuple[str | None, int]]:
    """Yield *unit*, then finer ones, each with how many of it make one."""
    factor = 1
    yield unit, factor
    while unit is not None and unit in _FINER:
        unit, more = _FINER[unit]
        factor *= more
        yield unit, factor


def _based(price: Fraction | None, base: Fraction, currency: str) -> Iterator[tuple[str, Fraction]]:
    """Yield the price of as many units as it takes to write it with four decimals."""
    times = 1
    while price is not None and times <= _LARGEST_BASE:
        text = _price(price * times, currency)
        if text is not None and _text(base * times) is not None:
            yield text, base * times
            return
        times *= 10


def _base(units: Fraction) -> str | None:
    return None if units == 1 else _text(units)


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
