"""Amounts divided into parts that add up."""

from collections.abc import Sequence


def shares(amount: int, weights: Sequence[int]) -> list[int]:
    """Divide *amount* in proportion to *weights*, whose sum is more than nothing (U-42).

    What rounding down leaves goes to the largest remainders; of equal ones, to the first.
    """
    total = sum(weights)
    parts = [amount * each // total for each in weights]
    remainders = [amount * each % total for each in weights]
    by_remainder = sorted(range(len(weights)), key=lambda at: (-remainders[at], at))
    for at in by_remainder[: amount - sum(parts)]:
        parts[at] += 1
    return parts
