"""All that a service keeps, read from its books beside the worker that writes them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Generic, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from schemas.days import DayBegan, DayDone
from schemas.envelope import Event
from schemas.message import Message
from schemas.terms import LegalEntityPublished
from schemas.topics import DAYS
from schemas.values import LegalEntityId
from services.runtime.store.database import Database
from services.runtime.store.rows import RowMapping
from services.runtime.store.store import Store
from services.runtime.stream import codec
from services.runtime.stream.calendar import PartitionCalendar
from services.runtime.stream.changes import Missing
from services.runtime.stream.contract import ContractRecord
from services.runtime.stream.fold import Fold
from services.runtime.worker import Worker

S = TypeVar("S")

_PAGE = 1_000
_DONE = DayDone.__name__


class NoBooks(Exception):
    """The database cannot be read, or holds no books of the service."""


class StateReader(Generic[S]):
    """Reads the states of a service's contracts; claims nothing, so that nobody is fenced."""

    def __init__(self, worker: Worker[S], store: Store) -> None:
        self._worker, self._rows, self._store = worker, RowMapping(worker), store
        self._heard: list[Message] = []

    async def open(self) -> None:
        """Read what the service has heard of the calendar."""
        events = [Event.from_line(line) for line in await self._store.heard()]
        self._heard = [
            codec.decode(each, DAYS.name) for each in events if each.type != DayDone.__name__
        ]

    @property
    def entities(self) -> dict[LegalEntityId, LegalEntityPublished]:
        """The legal entities that the service has heard of, each as last published."""
        found = (each for each in self._heard if isinstance(each, LegalEntityPublished))
        return {each.legal_entity_id: each for each in found}

    @property
    def come_to(self) -> date | None:
        """The last day that is worked off everywhere; None before the first."""
        return min((each.day for each in self._heard if isinstance(each, DayBegan)), default=None)

    async def contracts(self) -> AsyncIterator[ContractRecord[S]]:
        """Yield the folder of every contract, in order of contract_id."""
        async for page in self._store.pages(most=_PAGE):
            for row in page:
                yield self._rows.contract(row)

    async def fold_of(self, contract_id: str) -> Fold[S] | None:
        """Return one contract as it is kept, with what its partition has heard; None for none.

        What is done with it has no effect: nobody writes it back.
        """
        rows = await self._store.states([contract_id])
        if not rows:
            return None
        fold, contract = Fold(self._worker), self._rows.contract(rows[0])
        fold.contracts[contract_id] = contract
        fold.calendars[contract.partition] = calendar = PartitionCalendar()
        for event in map(Event.from_line, await self._store.heard(contract.partition)):
            if event.type != _DONE:
                calendar.hear(event, codec.decode(event, DAYS.name))
        return fold

    async def look_up(self, fold: Fold[S], missing: Missing) -> None:
        """Give *fold* the filed pieces that it asked for, or the knowledge that there are none."""
        names = sorted((missing.contract_id, name) for name in missing.names)
        found = {row.name: row.value for row in await self._store.filed(names)}
        pieces = {name: self._rows.piece(found.get(name)) for name in missing.names}
        fold.contracts[missing.contract_id].pieces |= pieces


@asynccontextmanager
async def reading_states(worker: Worker[S], url: str) -> AsyncIterator[StateReader[S]]:
    """Open the books of *worker* at *url* for the block; raise NoBooks where they fail."""
    store = Store(Database(url, worker.name))
    try:
        states = StateReader(worker, store)
        await states.open()
        yield states
    except (SQLAlchemyError, OSError) as error:
        raise NoBooks(str(error).splitlines()[0]) from error
    finally:
        await store.close()
