"""All that was said on some topics, read from the folder of a run or from Kafka."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from schemas.contracts import ContractChanged, ContractRegistered, CustomerChanged
from schemas.days import DayDone
from schemas.envelope import Event
from schemas.instructions import DeferReceivable
from schemas.invoices import CreditNoteIssued, InvoiceIssued
from schemas.message import Message, Refused
from schemas.receivables import EntryPosted
from schemas.terms import LegalEntityPublished
from schemas.topics import (
    CONTRACTS,
    DUNNING_DAYS,
    INSTRUCTIONS,
    INVOICES,
    RECEIVABLES,
    TERMS,
    Topic,
)
from services.bookkeeping.facts import Fact
from services.cli.plumbing.cluster import reaching, read_settings
from services.cli.plumbing.failure import fail
from services.runtime.ops.source import Folder, Kafka, RecordSource
from services.runtime.stream import codec
from services.runtime.stream.record import Record

# What the books are made from. The ledger first: a document is always said before its entry, so
# that what is read after the ledger holds all that the ledger books, also while workers work.
_WANTED: tuple[tuple[Topic, tuple[type[Message], ...]], ...] = (
    (RECEIVABLES, (EntryPosted,)),
    (DUNNING_DAYS, (DayDone,)),
    (TERMS, (LegalEntityPublished,)),
    (CONTRACTS, (ContractRegistered, ContractChanged, CustomerChanged)),
    (INVOICES, (InvoiceIssued, CreditNoteIssued)),
    (INSTRUCTIONS, (DeferReceivable,)),
)


@dataclass(frozen=True, slots=True)
class BooksSource:
    """What the books are made from, where it stands, and the last day worked off everywhere."""

    where: str
    facts: tuple[Fact, ...]
    come_to: date | None


def source_of(folder: Path, *, kafka: bool) -> BooksSource:
    """Read the topics of *kafka* where it is asked for, else what a run left in *folder*."""
    return on_kafka() if kafka else in_folder(folder)


def in_folder(folder: Path) -> BooksSource:
    """Read what a run left in *folder*."""
    ledger = folder / f"{RECEIVABLES.name}.jsonl"
    if not ledger.is_file():
        do = f"make a run first: duestream run EVENTS --until DATE --out {folder}"
        fail("there is no ledger", where=ledger, do=do)
    try:
        return asyncio.run(_heard(Folder(folder)))
    except OSError as error:
        what = f"the topic cannot be read: {(error.strerror or 'unknown').lower()}"
        where = error.filename or folder
        fail(what, where=where, do="name the folder of a run with --from")


def on_kafka() -> BooksSource:
    """Read the topics of Kafka, from their beginning to the end that they have now."""
    settings = read_settings()
    with reaching(settings):
        return asyncio.run(_heard(Kafka(settings)))


async def _heard(source: RecordSource) -> BooksSource:
    facts = list[Fact]()
    days: dict[tuple[int, str], date] = {}
    for topic, wanted in _WANTED:
        async for record in source.each([topic.name]):
            event = _event(record, source)
            message = _message(event, topic, wanted, source.place(record)) if event else None
            if isinstance(message, DayDone):
                days[record.partition, message.legal_entity_id] = message.day
            elif event is not None and message is not None:
                facts.append(_fact(event, message))
    return BooksSource(source.name, tuple(facts), min(days.values(), default=None))


def _event(record: Record, source: RecordSource) -> Event | None:
    """Return what a record says; on Kafka what is no event was dead-lettered by the services."""
    if isinstance(record.content, Event):
        return record.content
    if isinstance(source, Folder):
        fail(record.content.detail, where=source.place(record), do="make the run again")
    return None


def _message(
    event: Event, topic: Topic, wanted: Collection[type[Message]], place: str
) -> Message | None:
    """Return what is wanted of a topic; None where it is not, or was unreadable."""
    if event.type not in {each.__name__ for each in wanted}:
        return None
    try:
        return codec.decode(event, topic.name)
    except Refused as error:
        if topic.writer == RECEIVABLES.writer:
            fail(f"an entry of the ledger cannot be read: {error}", where=place, do=_REPORT)
        return None


_REPORT = "it was written by another version of duestream: use that one"


def _fact(event: Event, message: Message) -> Fact:
    return Fact(
        name=f"{event.source} {event.id}",
        cause=dict(event.extensions).get("causationid"),
        at=event.instant,
        message=message,
    )
