"""The marks of which a customer is told, and how far a period has come to them (U-56)."""

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from schemas.metering import Alert
from schemas.terms import Terms
from services.tariffs.periods import Period
from services.tariffs.rounding import minor_units
from services.usage.model import Contract
from services.usage.rating.lines import RatedLine
from services.usage.timeline.life import plan_on

_SEPARATOR = "\x1f"


class Mark(NamedTuple):
    """A mark, and what was reached: units of quantity, or of the currency."""

    alert: Alert
    name: str
    reached: Fraction
    at: Fraction

    @property
    def is_reached(self) -> bool:
        """Say whether it is to be told, unless it was."""
        return self.reached >= self.at


def marks(
    contract: Contract, period: Period, some: list[RatedLine], terms: Terms
) -> Iterator[Mark]:
    """Yield the marks of the plan that holds when *period* begins, with what *some* come to."""
    plan = plan_on(contract, max(period.from_on, contract.agreement.starts_on), terms)
    for alert in plan.alerts if plan else ():
        name = f"{alert.model_dump_json(exclude_none=True)}{suffix_of(period)}"
        yield Mark(alert, name, *_reached(contract, alert, some))


def suffix_of(period: Period) -> str:
    """Return how the names of all marks of *period* end."""
    return f"{_SEPARATOR}{period.from_on}"


def _reached(contract: Contract, alert: Alert, some: list[RatedLine]) -> tuple[Fraction, Fraction]:
    own = [each for each in some if alert.component_id in (None, each.component_id)]
    if alert.quantity is not None:
        return sum((each.quantity for each in own), Fraction(0)), Fraction(alert.quantity)
    assert alert.net is not None, "either quantity or net"
    units = minor_units(contract.agreement.currency)
    return Fraction(sum(each.net for each in own), units), Fraction(alert.net.minor, units)
