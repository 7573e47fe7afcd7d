"""What may be demanded beside the debt itself: reminder fees and the lump sum (R-93, R-95)."""

from datetime import date
from typing import Literal, NamedTuple

from services.dunning.damages.interest import NEW_LAW

# The most that a reminder may cost, in the minor unit, by customer and currency; what is not
# listed has no cap here. Consumers: own cost of a reminder without staff is what courts grant, up
# to about 2.50 EUR; BGH VIII ZR 95/18 left 0.76 EUR of a term that said 2.50, so a policy
# should say its own cost, and this cap only stops what is void beyond doubt.
CAPS = {("consumer", "EUR"): 250}
# § 288 (5) BGB, in the minor unit; the law names no other currency, and none is converted (U-43).
LUMP_SUMS = {"EUR": 4_000}


def reminder_fee(
    said: int, *, kind: Literal["consumer", "business"], currency: str, causes_default: bool
) -> int:
    """Return the fee of a reminder whose policy says *said*, in the minor unit (R-92, R-95).

    A reminder that itself causes the default is no damage of it and carries none.
    """
    return 0 if causes_default else min(said, CAPS.get((kind, currency), said))


class Demanded(NamedTuple):
    """What the letters of a run say and demand so far, in the minor unit.

    *said* are the fees of the policy, *fees* those that were demanded; *lump_sums* are those of
    the new letter, too, each claim's once.
    """

    said: int
    fees: int
    lump_sums: int


def after_lump_sums(said: int, run: Demanded) -> int:
    """Return the fee of a letter whose policy says *said*: the lump sum pays such costs (R-93a).

    § 288 (5) sentence 3 BGB: of all fees of the run only what exceeds the lump sums demanded in
    it, less what was demanded of them before.
    """
    return min(said, max(0, run.said + said - run.lump_sums - run.fees))


def lump_sum(*, kind: Literal["consumer", "business"], issued_on: date, currency: str) -> int:
    """Return what one claim in default costs a business once, however often it is reminded of."""
    if kind == "consumer" or issued_on < NEW_LAW:
        return 0
    return LUMP_SUMS.get(currency, 0)
