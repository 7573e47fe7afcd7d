"""Filed pieces of a contract: put back for a message that needs them, taken out when settled."""

from collections.abc import Mapping
from typing import Any, TypeVar

from schemas.message import Message
from services.runtime.stream.changes import Missing
from services.runtime.stream.contract import ContractRecord
from services.runtime.stream.record import Key
from services.runtime.worker import Archive

S = TypeVar("S")


def with_pieces(
    archive: Archive[S] | None, key: Key, contract: ContractRecord[S], message: Message
) -> S:
    """Return the state with the pieces that *message* needs; raise Missing for those unknown."""
    state = contract.state
    if archive is None:
        return state
    asked: frozenset[str] = frozenset()
    while wanted := archive.wanted(state, message) - asked:
        if missing := frozenset(wanted - contract.pieces.keys()):
            raise Missing(key, missing)
        found = {n: piece for n in sorted(wanted) if (piece := contract.pieces[n]) is not None}
        state, asked = archive.recall(state, found), asked | wanted
    return state


def without_settled(
    archive: Archive[S] | None, contract: ContractRecord[S], state: S
) -> tuple[S, Mapping[str, Any]]:
    """Return *state* without what is settled, and the pieces of that, which *contract* notes."""
    if archive is None:
        return state, {}
    state, pieces = archive.file_away(state)
    contract.pieces |= pieces
    return state, pieces
