"""All that a service keeps, read from its books beside the worker that writes them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Generic, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from schemas.days import DayBegan
from schemas.envelope import Event
from schemas.message import Message
from schemas.terms import LegalEntityPublished
from schemas.topics import DAYS
from schemas.values import LegalEntityId
from services.runtime import codec
from services.runtime.books import Books
from services.runtime.database import Database
from services.runtime.filing import Filing
from services.runtime.folder import Folder
from services.runtime.worker import Worker

S = TypeVar("S")

_PAGE = 1_000


class NoBooks(Exception):
    """The database cannot be read, or holds no books of the service."""


class Survey(Generic[S]):
    """Reads the states of a service's contracts; claims nothing, so that nobody is fenced."""

    def __init__(self, worker: Worker[S], books: Books) -> None:
        self._filing, self._books = Filing(worker), books
        self._heard: list[Message] = []

    async def open(self) -> None:
        """Read what the service has heard of the calendar."""
        events = [Event.from_line(line) for line in await self._books.heard()]
        self._heard = [codec.decode(each, DAYS.name) for each in events if each.type != "DayDone"]

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
