"""All that was said on some topics, read from the folder of a run or from Kafka."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from schemas.contracts import ContractChanged, ContractRegistered, CustomerChanged
from schemas.days import DayDone
from schemas.envelope import Event, Malformed
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
from services.cli.plumbing.cluster import reaching, settings
from services.cli.plumbing.failure import fail
from services.runtime.kafka.reader import reading
from services.runtime.settings import Settings
from services.runtime.stream import codec

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
class Heard:
    """What the books are made from, where it stands, and the last day worked off everywhere."""

    where: str
    facts: tuple[Fact, ...]
    come_to: date | None


@dataclass(frozen=True, slots=True)
class _Said:
    """An event, where it stands, and its partition."""

    topic: Topic
    place: str
    partition: int
    event: Event


def in_folder(folder: Path) -> Heard:
    """Read what a run left in *folder*."""
    ledger = folder / f"{RECEIVABLES.name}.jsonl"
    if not ledger.is_file():
        do = f"make a run first: duestream run EVENTS --until DATE --out {folder}"
        fail("there is no ledger", where=ledger, do=do)
    return _heard(str(folder), (each for topic, _ in _WANTED for each in _lines(folder, topic)))


def on_kafka() -> Heard:
    """Read the topics of Kafka, from their beginning to the end that they have now."""
    told = settings()
    with reaching(told):
        said = asyncio.run(_records(told))
    return _heard(told.kafka, said)


def _lines(folder: Path, topic: Topic) -> Iterator[_Said]:
    path = folder / f"{topic.name}.jsonl"
    try:
        lines = path.read_bytes().splitlines() if path.is_file() else []
    except OSError as error:
        what = f"the topic cannot be read: {(error.strerror or 'unknown').lower()}"
        fail(what, where=path, do="name the folder of a run with --from")
    for number, line in enumerate(lines, start=1):
        try:
            yield _Said(topic, f"{path}:{number}", 0, Event.from_line(line))
        except Malformed as error:
            fail(str(error), where=f"{path}:{number}", do="make the run again")


async def _records(told: Settings) -> list[_Said]:
    found = []
    for topic, _ in _WANTED:
        async with reading(told, [topic.name]) as reader:
            async for each in reader.each():
                if isinstance(each.content, Event):
                    found.append(_Said(topic, each.place, each.partition, each.content))
    return found


def _heard(where: str, said: Iterable[_Said]) -> Heard:
    facts = list[Fact]()
    days: dict[tuple[int, str], date] = {}
    for each in said:
        message = _message(each)
        if isinstance(message, DayDone):
            days[each.partition, message.legal_entity_id] = message.day
        elif message is not None:
            facts.append(_fact(each.event, message))
    return Heard(where, tuple(facts), min(days.values(), default=None))


def _message(said: _Said) -> Message | None:
    """Return what is wanted of a topic; None where it is not, or was put aside as unreadable."""
    wanted = {each.__name__ for topic, types in _WANTED if topic is said.topic for each in types}
    if said.event.type not in wanted:
        return None
    try:
        return codec.decode(said.event, said.topic.name)
    except Refused as error:
        if said.topic.writer == RECEIVABLES.writer:
            fail(f"an entry of the ledger cannot be read: {error}", where=said.place, do=_REPORT)
        return None


_REPORT = "it was written by another version of duestream: use that one"


def _fact(event: Event, message: Message) -> Fact:
    return Fact(
        name=f"{event.source} {event.id}",
        cause=dict(event.extensions).get("causationid"),
        at=event.instant,
        message=message,
    )
