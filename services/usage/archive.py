"""Which pieces a message needs, and what leaves the contract when it is worked off.

| piece | holds | is needed by |
|-------|-------|--------------|
| ``use/7`` | the seventh event of the contract | retractions, recounts, prices by event |
| ``name/...`` | the number of the event with that source and id | retractions |
| ``period/2026-01-01`` | sums and charges of a closed period | what is late |
"""

from collections.abc import Iterator, Mapping

from schemas.frozen import replace
from schemas.message import Message
from services.usage.metering.reach import closed, names, numbers
from services.usage.model import Closed, Contract, KeptEvent, Pointer

Piece = KeptEvent | Pointer | Closed


def wanted(contract: Contract, message: Message) -> frozenset[str]:
    """Return the names of pieces that *message* needs and *contract* does not hold.

    Ask again after each recall, until none is wanted: only a pointer knows its event.
    """
    return frozenset(_wanted(contract, message))


def recall(contract: Contract, pieces: Mapping[str, Piece]) -> Contract:
    """Return *contract* with *pieces* at hand; what it holds itself is newer."""
    events, pointers, periods = {}, {}, {}
    for name, piece in pieces.items():
        match piece:
            case KeptEvent():
                events[piece.number] = piece
            case Pointer():
                pointers[name.removeprefix("name/")] = piece.points_to
            case Closed():
                periods[name.removeprefix("period/")] = piece
    return replace(
        contract,
        events=events | contract.events,
        pointers=pointers | contract.pointers,
        periods=periods | contract.periods,
    )


def file_away(contract: Contract) -> tuple[Contract, Mapping[str, Piece]]:
    """Return *contract* without its pieces, and them by their names."""
    if not (contract.events or contract.pointers or contract.periods):
        return contract, {}
    pieces: dict[str, Piece] = {f"use/{n}": each for n, each in contract.events.items()}
    pieces |= {f"name/{n}": Pointer(points_to=i) for n, i in contract.pointers.items()}
    pieces |= {f"period/{n}": each for n, each in contract.periods.items()}
    changed = {name: piece for name, piece in pieces.items() if name in contract.touched}
    bare = replace(contract, events={}, pointers={}, periods={}, touched=frozenset())
    return bare, changed


def _wanted(contract: Contract, message: Message) -> Iterator[str]:
    if contract.agreed is None:
        return
    for name in names(message):
        if name not in contract.pointers:
            yield f"name/{name}"
    for name in closed(contract, message):
        if name not in contract.periods:
            yield f"period/{name}"
    for number in numbers(contract, message):
        if number not in contract.events:
            yield f"use/{number}"
