"""What must hold over all that notifications said of a contract.

A delivery is intended once, and leaves at most once, after it was intended; a document goes another
way only when no delivery of it is good; the end of an instrument is told once.
"""

from collections.abc import Iterable, Iterator

from schemas.deliveries import (
    Bounced,
    Delivery,
    DeliveryIntended,
    Dispatched,
    DispatchFailed,
    InstrumentExpired,
    InstrumentExpiring,
    Posted,
)
from schemas.message import ContractMessage


def faults(said: Iterable[ContractMessage]) -> Iterator[str]:
    """Yield what does not hold, a line each; *said* is of one contract, in its order."""
    deliveries, ends = _Deliveries(), set[tuple[str, ...]]()
    for message in said:
        match message:
            case Delivery():
                yield from deliveries.hear(message)
            case InstrumentExpiring() | InstrumentExpired():
                end = type(message).__name__, *message.business_key()
                if end in ends:
                    yield f"R-97: {' '.join(end)} is told twice"
                ends.add(end)


class _Deliveries:
    """What was intended, what of it left, and which ways of a document are good."""

    def __init__(self) -> None:
        self._intended: set[str] = set()
        self._left: set[str] = set()
        # How many events each endpoint was told.
        self._told: dict[str, int] = {}
        # Of each document the deliveries that are good, with their channels; no copies.
        self._good: dict[tuple[str, str], dict[str, str]] = {}

    def hear(self, message: Delivery) -> Iterator[str]:
        match message:
            case DeliveryIntended():
                yield from self._intend(message)
            case Dispatched():
                if message.delivery_id not in self._intended:
                    yield f"R-120: {message.delivery_id} left and was never intended"
                if message.delivery_id in self._left:
                    yield f"R-120: {message.delivery_id} left twice"
                self._left.add(message.delivery_id)
            case DispatchFailed() | Bounced() if message.channel != "webhook":
                self._good.get(_document(message), {}).pop(message.delivery_id, None)

    def _intend(self, message: DeliveryIntended) -> Iterator[str]:
        if message.delivery_id in self._intended:
            yield f"R-120: {message.delivery_id} is intended twice"
        self._intended.add(message.delivery_id)
        if message.event is not None:
            yield from self._count(message.event)
        if message.is_copy or message.channel == "webhook":
            return
        good = self._good.setdefault(_document(message), {})
        if others := {channel for channel in good.values() if channel != message.channel}:
            yield f"R-53: {message.delivery_id} goes while {', '.join(sorted(others))} is good"
        good[message.delivery_id] = message.channel

    def _count(self, event: Posted) -> Iterator[str]:
        told = self._told.get(event.endpoint_id, 0)
        if event.sequence != told + 1:
            yield f"R-120: {event.endpoint_id} is told {event.sequence} after {told}"
        self._told[event.endpoint_id] = event.sequence


def _document(message: Delivery) -> tuple[str, str]:
    assert message.document is not None, "what we say of a delivery names its document"
    return message.document.kind, message.document.id
