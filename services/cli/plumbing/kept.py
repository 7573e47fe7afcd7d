"""One contract as the store of a service keeps it, with filed pieces where they are asked for."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from schemas.terms import Terms
from services.runtime.ops.state_reader import ContractCopy, StateReader, reading_states
from services.runtime.stream.changes import Missing
from services.runtime.worker import Worker

S = TypeVar("S")


class NotKept(Exception):
    """The service keeps nothing of the contract; *do* says what to try."""

    def __init__(self, what: str, *, do: str) -> None:
        super().__init__(what)
        self.do = do


@dataclass(frozen=True, slots=True)
class Kept(Generic[S]):
    """A contract's state and the terms that its service has heard; nothing is written back."""

    worker: Worker[S]
    states: StateReader[S]
    copy: ContractCopy[S]
    contract_id: str

    @property
    def state(self) -> S:
        """What the service keeps of the contract, without filed pieces."""
        return self.copy.contract.state

    @property
    def terms(self) -> Terms:
        """What was published, and the day that has begun, as the contract's partition heard it."""
        return self.copy.calendar.terms

    @property
    def is_registered(self) -> bool:
        """Say whether something was applied of it; else what came for it waits."""
        return self.worker.wakes(self.state).legal_entity_id is not None

    async def recalled(self, wanted: Callable[[S], frozenset[str]]) -> S:
        """Return the state with the pieces that are *wanted* of it; asked again after each."""
        assert self.worker.archive is not None, "only a service that files has pieces"
        state, asked, pieces = self.state, frozenset[str](), self.copy.contract.pieces
        while names := wanted(state) - asked:
            key = (self.contract_id, self.copy.contract.partition)
            await self.states.look_up(self.copy, Missing(key, names))
            found = {name: piece for name in sorted(names) if (piece := pieces[name]) is not None}
            state, asked = self.worker.archive.recall(state, found), asked | names
        return state


@asynccontextmanager
async def reading_kept(worker: Worker[S], url: str, contract_id: str) -> AsyncIterator[Kept[S]]:
    """Open what *worker* keeps of a contract; raise NotKept, or NoStore where the store fails."""
    async with reading_states(worker, url) as states:
        kept = await kept_by(worker, states, contract_id)
        if kept is None:
            what = f"{worker.name} keeps no contract {contract_id}"
            raise NotKept(what, do="name one of its contracts")
        if not kept.is_registered:
            what = f"{contract_id} is not registered: what was said of it waits"
            raise NotKept(what, do="see duestream explain")
        yield kept


async def kept_by(worker: Worker[S], states: StateReader[S], contract_id: str) -> Kept[S] | None:
    """Return what *worker* keeps of a contract, which may only be waited for; None for nothing."""
    copy = await states.copy_of(contract_id)
    return None if copy is None else Kept(worker, states, copy, contract_id)
