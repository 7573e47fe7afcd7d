"""Where the story of a contract is read from: the folder of a run, or Kafka."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from schemas.contracts import ContractRegistered
from schemas.envelope import Event, Malformed
from schemas.topics import CATALOGUE, CONTRACTS, TERMS, Topic, dead_letters_of
from services.cli.plumbing.cluster import WITH_DEAD_LETTERS, reaching, settings
from services.cli.views.story import Page
from services.runtime.kafka.reader import reading
from services.runtime.ops import dead_letters
from services.runtime.partitions import partition_of
from services.runtime.settings import Settings
from services.runtime.stream.record import Record

# What is kept by contract, in the order of the catalogue.
_TOPICS = [topic for topic in CATALOGUE if topic.key == CONTRACTS.key]


class Folder:
    """The files that a run left."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.name = str(folder)
        self.begin = f"make a run first: duestream run EVENTS --until DATE --out {folder}"

    def contracts(self) -> Sequence[str]:
        """Return every contract of which something was said; none where there was no run."""
        return sorted({page.event.subject for topic in _TOPICS for page in self.pages(topic)})

    def pages(self, topic: Topic, *, naming: str = "") -> Iterator[Page]:
        """Yield what stands on *topic*, with why it was put aside."""
        path = self._folder / f"{topic.name}.jsonl"
        # Most lines are about somebody else, and searching a line is quicker than parsing it.
        name = json.dumps(naming, ensure_ascii=False)[1:-1].encode()
        for line in path.read_bytes().splitlines() if path.is_file() else ():
            if name in line:
                yield Page(Event.from_line(line), self._refusals.get(line))

    @cached_property
    def _refusals(self) -> dict[bytes, str]:
        """Why lines were put aside; a file holds no offsets, so a line goes by its text."""
        return {
            _as_in_its_topic(each.raw.value or b""): f"{each.reason}: {each.detail}"
            for each in dead_letters.left_in(self._folder)
        }


@dataclass(slots=True)
class Gathered:
    """What Kafka has of one contract; where it has nothing, the names of those it has."""

    name: str
    begin: str = "publish its events first: duestream publish FILE"
    known: Sequence[str] = ()
    by_topic: dict[str, list[Record]] = field(default_factory=lambda: defaultdict(list))
    refusals: dict[str, str] = field(default_factory=dict)

    def contracts(self) -> Sequence[str]:
        """Return the contracts among which it was looked for."""
        return self.known

    def pages(self, topic: Topic, *, naming: str = "") -> Iterator[Page]:
        """Yield what stands on *topic* of the contract, with why it was put aside."""
        for record in self.by_topic.get(topic.name, ()):
            yield Page(record.event, self.refusals.get(record.place))


def from_kafka(contract_id: str) -> Gathered:
    """Read all that was said of a contract, and all terms."""
    told = settings()
    with reaching(told):
        return asyncio.run(_gather(told, contract_id))


async def _gather(told: Settings, contract_id: str) -> Gathered:
    found = await _read(told, contract_id, partition_of(contract_id, told.partitions))
    if any(topic.name in found.by_topic for topic in _TOPICS):
        return found
    # A producer may choose partitions in a way of its own: ask where the contract is.
    homes = await _homes(told)
    if contract_id in homes:
        return await _read(told, contract_id, homes[contract_id])
    return replace(found, known=sorted(homes))


async def _read(told: Settings, contract_id: str, partition: int) -> Gathered:
    found = Gathered(told.kafka)
    letters = {dead_letters_of(service).name for service in WITH_DEAD_LETTERS}
    topics = [topic.name for topic in _TOPICS]
    async with reading(told, [*topics, *sorted(letters)], partitions=[partition]) as reader:
        async for record in reader.each():
            if record.topic in letters:
                _note(found, record)
            elif isinstance(record.content, Event) and record.content.subject == contract_id:
                found.by_topic[record.topic].append(record)
    async with reading(told, [TERMS.name]) as reader:
        terms = [each async for each in reader.each() if isinstance(each.content, Event)]
    found.by_topic[TERMS.name] = terms
    return found


def _note(found: Gathered, letter: Record) -> None:
    aside = dead_letters.dead_lettered_of(letter)
    found.refusals[aside.place] = f"{aside.reason}: {aside.detail}"


async def _homes(told: Settings) -> dict[str, int]:
    """Return the partition of each contract that is registered."""
    async with reading(told, [CONTRACTS.name]) as reader:
        return {
            record.content.subject: record.partition
            async for record in reader.each()
            if isinstance(record.content, Event)
            and record.content.type == ContractRegistered.__name__
        }


def _as_in_its_topic(raw: bytes) -> bytes:
    """Return the line of an event in our order of attributes, as topics have it."""
    try:
        return Event.from_line(raw).to_line()
    except Malformed:
        return raw
