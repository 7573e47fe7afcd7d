"""All that a service keeps, read from its store beside the worker that writes them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any, Generic, NamedTuple, TypeVar

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
from services.runtime.stream.contract import ContractRecord, Contracts
from services.runtime.stream.fold import Fold
from services.runtime.worker import Worker

S = TypeVar("S")

_PAGE = 1_000
_DONE = DayDone.__name__


class NoStore(Exception):
    """The database cannot be read, or holds no store of the service."""


class ContractCopy(NamedTuple, Generic[S]):
    """A contract that is carried on without effect: nobody writes it back."""

    fold: Fold[S]
    contract: ContractRecord[S]
    calendar: PartitionCalendar


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
        """Yield the record of every contract, in order of contract_id."""
        async for page in self._store.pages(most=_PAGE):
            for row in page:
                yield self._rows.contract(row)

    async def filed(self, contract: ContractRecord[S], contract_id: str, name: str) -> Any:
        """Return the piece that *contract* filed away under *name*; None for nothing."""
        rows = await self._store.filed([(contract_id, contract.partition, name)])
        return self._rows.piece(rows[0].value if rows else None)

    async def copy_of(self, contract_id: str) -> ContractCopy[S] | None:
        """Return one contract as it is kept, with what its partition has heard; None for none."""
        rows = await self._store.states([contract_id])
        if not rows:
            return None
        # What came for it to other partitions only waits there.
        row = max(rows, key=lambda each: each.legal_entity_id is not None)
        contract, calendar = self._rows.contract(row), PartitionCalendar()
        for event in map(Event.from_line, await self._store.heard(contract.partition)):
            if event.type != _DONE:
                calendar.hear(event, codec.decode(event, DAYS.name))
        fold = Fold(self._worker, Contracts({(contract_id, contract.partition): contract}))
        fold.calendars[contract.partition] = calendar
        return ContractCopy(fold, contract, calendar)

    async def look_up(self, copy: ContractCopy[S], missing: Missing) -> None:
        """Give *copy* the filed pieces that it asked for, or the knowledge that there are none."""
        names = sorted((*missing.key, name) for name in missing.names)
        found = {row.name: row.value for row in await self._store.filed(names)}
        copy.contract.pieces |= {n: self._rows.piece(found.get(n)) for n in missing.names}


@asynccontextmanager
async def reading_states(worker: Worker[S], url: str) -> AsyncIterator[StateReader[S]]:
    """Open the store of *worker* at *url* for the block; raise NoStore where it fails."""
    store = Store(Database(url, worker.name))
    try:
        states = StateReader(worker, store)
        await states.open()
        yield states
    except (SQLAlchemyError, OSError) as error:
        raise NoStore(str(error).splitlines()[0]) from error
    finally:
        await store.close()
