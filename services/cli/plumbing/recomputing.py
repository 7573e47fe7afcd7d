"""A charge or a document again, from what was known when it was made, beside what was said."""

import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy.exc import SQLAlchemyError

from schemas.charges import UsageCharged, UsageCorrected
from schemas.envelope import Event
from schemas.invoices import CreditNoteIssued, InvoiceIssued
from schemas.message import ContractMessage, Refused
from schemas.topics import CHARGES, INVOICES
from services.cli.plumbing.said_again import home_of, said_again, said_by
from services.cli.views.recomputed import Comparison, Deviation, deviations
from services.invoicing.app import worker as invoicing
from services.runtime.ops.source import RecordSource
from services.runtime.ops.state_reader import NoStore
from services.runtime.store.database import Database
from services.runtime.store.store import Store
from services.runtime.stream import codec
from services.runtime.worker import Worker
from services.usage.app import worker as usage
from services.usage.billed import Stated, document_of

_CHARGED = (UsageCharged, UsageCorrected)
_DOCUMENTS = (InvoiceIssued, CreditNoteIssued)
_TYPES = {each.__name__ for each in (*_CHARGED, *_DOCUMENTS)}
_MADE_BY = {said_by(each): each for each in (usage, invoicing)}

# The address of a service's store; None where the service is not deployed.
Stores = Callable[[str], str | None]


class NotRecomputable(Exception):
    """It cannot be computed again; *do* says what to try."""

    def __init__(self, what: str, *, do: str) -> None:
        super().__init__(what)
        self.do = do


class Issued(NamedTuple):
    """A charge or document as it stands on its topic."""

    event: Event
    message: ContractMessage

    @property
    def names(self) -> tuple[str, ...]:
        """What one may ask for it by, its id first."""
        match self.message:
            case UsageCharged():
                return (self.message.charge_id,)
            case UsageCorrected():
                return (self.message.correction_id,)
            case InvoiceIssued():
                return self.message.number, self.message.invoice_id
            case CreditNoteIssued():
                return self.message.number, self.message.credit_note_id
            case _:
                return ()


@dataclass(frozen=True, slots=True)
class Recomputing:
    """Computes again from *source*, in the order that the *stores* of the services recorded."""

    source: RecordSource
    stores: Stores

    async def of(self, name: str) -> list[Comparison]:
        """Return the charge or document of that *name*, and the charges on it, compared."""
        issued = await self.find(name)
        if issued.event.source == said_by(usage):
            again = await self.again(usage, issued, {})
            return [_compared(issued, again)]
        return [each async for each in self._of_document(issued)]

    async def _of_document(self, issued: Issued) -> AsyncIterator[Comparison]:
        """Yield the charges on a document, then itself, billed from the charges as they are now."""
        charges: Mapping[str, Event] = {}
        if self.stores(usage.name) is not None:
            charges = await self.again(usage, issued, {})
            for each in await self.charges_on(issued):
                yield _compared(each, charges)
        again = await self.again(invoicing, issued, charges)
        yield _compared(issued, again)

    async def again(
        self, worker: Worker[Any], issued: Issued, instead: Mapping[str, Event]
    ) -> dict[str, Event]:
        """Return what *worker* says of the contract again, by id."""
        contract_id = issued.event.subject
        async with self._opened(worker) as store:
            home = await home_of(store, contract_id)
            if home is None:
                what = f"{worker.name} keeps no contract {contract_id}"
                raise NotRecomputable(what, do="name the folder, or the stores, of the same run")
            again = await said_again(worker, self.source, store, home, instead=instead)
            return {each.id: each for each in again}

    def _opened(self, worker: Worker[Any]) -> AbstractAsyncContextManager[Store]:
        return _open(self.stores(worker.name), worker)

    async def find(self, name: str) -> Issued:
        """Return the charge or document of that *name*; raise NotRecomputable for none of ours."""
        found = [each async for each in self._issued() if name in each.names]
        if not found:
            raise NotRecomputable(f"no charge and no document is called {name}", do=_NAMES)
        if len({each.event.id for each in found}) > 1:
            ids = ", ".join(each.names[-1] for each in found)
            raise NotRecomputable(f"several documents have the number {name}", do=f"name {ids}")
        if found[0].event.source not in _MADE_BY:
            do = f"ask {found[0].event.source}, which said it"
            raise NotRecomputable(f"{name} was not computed here", do=do)
        return found[0]

    async def charges_on(self, issued: Issued) -> list[Issued]:
        """Return the charges of ours that stand on a document for the first time."""
        said = [each async for each in self._issued() if each.event.subject == issued.event.subject]
        stated = [Stated(each.event.instant, each.message) for each in said]
        return [
            each
            for each, what in zip(said, stated, strict=True)
            if isinstance(each.message, _CHARGED)
            and each.event.source == said_by(usage)
            and document_of(what, stated) == issued.names[0]
        ]

    async def _issued(self) -> AsyncIterator[Issued]:
        async for record in self.source.each([CHARGES.name, INVOICES.name]):
            event = record.content
            if isinstance(event, Event) and event.type in _TYPES:
                try:
                    message = codec.decode(event, record.topic)
                except Refused:
                    continue  # of somebody else, and dead-lettered by who read it
                assert isinstance(message, ContractMessage), "both are topics of contracts"
                yield Issued(event, message)


_NAMES = "name a charge_id, a correction_id, an invoice by its number or its id"


@asynccontextmanager
async def _open(url: str | None, worker: Worker[Any]) -> AsyncIterator[Store]:
    if url is None:
        raise NoStore(f"{worker.name} is not deployed")
    store = Store(Database(url, worker.name))
    try:
        yield store
    except (SQLAlchemyError, OSError) as error:
        raise NoStore(str(error).splitlines()[0]) from error
    finally:
        await store.close()


def _compared(issued: Issued, again: Mapping[str, Event]) -> Comparison:
    found = again.get(issued.event.id)
    differ = _deviations(issued.event, found) if found else [Deviation("", _kind(issued), None)]
    return Comparison(_kind(issued), issued.names[0], tuple(differ))


def _deviations(was: Event, again: Event) -> Iterator[Deviation]:
    return deviations(json.loads(was.data), json.loads(again.data))


def _kind(issued: Issued) -> str:
    match issued.message:
        case InvoiceIssued():
            return "invoice"
        case CreditNoteIssued():
            return "credit_note"
        case UsageCorrected():
            return "correction"
        case _:
            return "charge"
