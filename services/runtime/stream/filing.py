"""A contract's state together with what was filed away of it, as far as a message needs it."""

from typing import Any, TypeVar

from services.runtime.stream.changes import Missing
from services.runtime.stream.contract import ContractRecord
from services.runtime.stream.record import Key
from services.runtime.worker import Archive

S = TypeVar("S")


def with_pieces(archive: Archive[S], contract: ContractRecord[S], key: Key, message: Any) -> S:
    """Return the state with the filed pieces that *message* needs; raise Missing for unknown."""
    state, asked = contract.state, frozenset[str]()
    while wanted := archive.wanted(state, message) - asked:
        if missing := frozenset(wanted - contract.pieces.keys()):
            raise Missing(key, missing)
        found = {n: piece for n in sorted(wanted) if (piece := contract.pieces[n]) is not None}
        state, asked = archive.recall(state, found), asked | wanted
    return state
