"""From an exact amount to money: the one rounding, and the split that always adds up.

Amounts are exact fractions or integers of the minor unit.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from schemas.shares import shares
from schemas.values import exponent


def rounded(exact: Fraction, *, step: int = 1) -> int:
    """Return *exact* as whole minor units, halves away from zero (U-40, "kaufmännisch").

    Called once for a line of a document and once for the tax of a category and rate; what is
    rounded is never rounded again. *step* is the smallest amount a line may have (see ``step_of``).
    """
    halves = 2 * abs(exact) / step
    amount = step * ((halves.numerator // halves.denominator + 1) // 2)
    return amount if exact >= 0 else -amount


def step_of(currency: str, decimals: Mapping[str, int]) -> int:
    """Return the smallest amount of an invoice in *currency*, in its minor unit.

    That is 1 unless the legal entity says fewer *decimals*, as for HUF, invoiced in whole units
    though ISO 4217 gives it two decimals (U-40).
    """
    places = decimals.get(currency, exponent(currency))
    return minor_units(currency) // int(10**places)


def minor_units(currency: str) -> int:
    """Return how many minor units make one unit of *currency*: 100 for EUR, 1 for JPY."""
    return int(10 ** exponent(currency))


def split(total: int, weights: Sequence[int], *, step: int = 1) -> list[int]:
    """Return *total* cut in proportion to *weights*, as parts that add up to it (U-42).

    Every part is its exact share rounded towards zero to *step*; what is left goes to the largest
    remainders, to the earlier part where they are equal: the order is the tie key. *total* is a
    multiple of *step*. Raises ValueError where no weight is positive or one is negative.
    """
    if min(weights, default=0) < 0 or not sum(weights):
        raise ValueError("nothing can be split by weights that are negative or all zero")
    parts = shares(abs(total) // step, weights)
    return [step * part if total >= 0 else -step * part for part in parts]
