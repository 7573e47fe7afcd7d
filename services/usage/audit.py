"""What must hold over all that usage said of a contract.

A period is closed once, and what is charged of it afterwards is called late; a charge is said once,
and only what was charged is corrected; tiers make up their charge; what a prepaid balance has left
is what it had, less what it paid.
"""

from collections.abc import Container, Iterable, Iterator

from schemas.charges import (
    PeriodClosed,
    PrepaidDrawn,
    PrepaidExpired,
    UsageCharged,
    UsageCorrected,
    WholeCharge,
)
from schemas.message import ContractMessage


def faults(said: Iterable[ContractMessage]) -> Iterator[str]:
    """Yield what does not hold, a line each; *said* is of one contract, in its order."""
    closed, charged, balances = set[str](), set[str](), _Balances()
    for message in said:
        match message:
            case PeriodClosed():
                if str(message.period) in closed:
                    yield f"U-30: {message.period} is closed twice"
                closed.add(str(message.period))
            case UsageCharged():
                if message.charge_id in charged:
                    yield f"U-34: {message.charge_id} is charged twice"
                charged.add(message.charge_id)
                if (str(message.period) in closed) != message.late:
                    yield f"U-31: {message.charge_id} should say whether it is late"
                yield from _tiers(message, message.charge_id)
            case UsageCorrected():
                yield from _correction(message, charged)
            case PrepaidDrawn() | PrepaidExpired():
                yield from balances.hear(message)


def _correction(message: UsageCorrected, charged: Container[str]) -> Iterator[str]:
    if message.charge_id not in charged:
        yield f"U-31: {message.correction_id} corrects what was not charged"
    if message.whole is not None:
        yield from _tiers(message.whole, message.charge_id)


def _tiers(charge: UsageCharged | WholeCharge, charge_id: str) -> Iterator[str]:
    """Yield where tiers do not make up what they are the tiers of (U-62)."""
    if not charge.tiers:
        return
    paid = sum(each.money.minor for each in charge.prepaid)
    bounds = charge.bounds.minor if charge.bounds else 0
    total = sum(each.net.minor for each in charge.tiers if each.net)
    if total != charge.net.minor + paid - bounds:
        yield f"U-62: the tiers of {charge_id} do not make it up"


class _Balances:
    """What each prepaid balance had left when it was last heard of."""

    def __init__(self) -> None:
        self._left: dict[str, int] = {}

    def hear(self, message: PrepaidDrawn | PrepaidExpired) -> Iterator[str]:
        name, left = message.grant_id, self._left.get(message.grant_id)
        if isinstance(message, PrepaidExpired):
            if left is not None and left != message.expired.minor:
                yield f"U-16: {name} loses {message.expired.minor} of {left}"
            self._left[name] = 0
            return
        if left is not None and left - message.drawn.minor != message.left.minor:
            yield f"U-16: {name} pays {message.drawn.minor} of {left} and has {message.left.minor}"
        self._left[name] = message.left.minor
