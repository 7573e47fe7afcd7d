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
from services.runtime import codec
from services.runtime.books import Books
from services.runtime.database import Database
from services.runtime.desk import Desk
from services.runtime.filing import Filing
from services.runtime.fold import Fold
from services.runtime.folder import Folder
from services.runtime.work import Missing
from services.runtime.worker import Worker

S = TypeVar("S")

_PAGE = 1_000
_DONE = DayDone.__name__


class NoBooks(Exception):
    """The database cannot be read, or holds no books of the service."""


class Survey(Generic[S]):
    """Reads the states of a service's contracts; claims nothing, so that nobody is fenced."""

    def __init__(self, worker: Worker[S], books: Books) -> None:
        self._worker, self._filing, self._books = worker, Filing(worker), books
        self._heard: list[Message] = []

    async def open(self) -> None:
        """Read what the service has heard of the calendar."""
        events = [Event.from_line(line) for line in await self._books.heard()]
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

    async def folders(self) -> AsyncIterator[Folder[S]]:
        """Yield the folder of every contract, in order of contract_id."""
        async for page in self._books.pages(most=_PAGE):
            for row in page:
                yield self._filing.folder(row)

    async def fold_of(self, contract_id: str) -> Fold[S] | None:
        """Return one contract as it is kept, with what its partition has heard; None for none.

        What is done with it has no effect: nobody writes it back.
        """
        rows = await self._books.states([contract_id])
        if not rows:
            return None
        fold, folder = Fold(self._worker), self._filing.folder(rows[0])
        fold.folders[contract_id] = folder
        fold.desks[folder.partition] = desk = Desk()
        for event in map(Event.from_line, await self._books.heard(folder.partition)):
            if event.type != _DONE:
                desk.hear(event, codec.decode(event, DAYS.name))
        return fold

    async def look_up(self, fold: Fold[S], missing: Missing) -> None:
        """Give *fold* the filed pieces that it asked for, or the knowledge that there are none."""
        names = sorted((missing.contract_id, name) for name in missing.names)
        found = {row.name: row.value for row in await self._books.filed(names)}
        pieces = {name: self._filing.piece(found.get(name)) for name in missing.names}
        fold.folders[missing.contract_id].pieces |= pieces


@asynccontextmanager
async def surveying(worker: Worker[S], url: str) -> AsyncIterator[Survey[S]]:
    """Open the books of *worker* at *url* for the block; raise NoBooks where they fail."""
    books = Books(Database(url, worker.name))
    try:
        survey = Survey(worker, books)
        await survey.open()
        yield survey
    except (SQLAlchemyError, OSError) as error:
        raise NoBooks(str(error).splitlines()[0]) from error
    finally:
        await books.close()
