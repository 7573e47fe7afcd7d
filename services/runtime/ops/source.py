"""What stands on topics, read from the folder of a run or from Kafka: the same for both."""

import json
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from pathlib import Path
from typing import Protocol

from schemas.envelope import Event, Malformed, Raw
from schemas.topics import dead_letters_of
from services.runtime.kafka.reader import reading
from services.runtime.ops import dead_letters
from services.runtime.ops.dead_letters import DeadLettered
from services.runtime.settings import Settings
from services.runtime.stream.record import Record, Unreadable


class RecordSource(Protocol):
    """Where topics are read from, whole, from their beginning to the end that they have now."""

    # What to call it, and how to begin where nothing is there.
    name: str
    begin: str

    def each(
        self,
        topics: Sequence[str],
        *,
        about: str = "",
        partitions: Collection[int] | None = None,
    ) -> AsyncIterator[Record]:
        """Yield what stands on *topics*; with *about*, at least what has that subject.

        Without *partitions* all are read. Raise OSError where a file cannot be read, and what
        ``reading`` raises.
        """

    def place(self, record: Record) -> str:
        """Say where a record stands, so that a person finds it."""

    def named(self, record: Record) -> bytes:
        """Return what names a record here: a dead letter of it has the same name."""

    async def dead_letters(
        self, services: Iterable[str], *, partition: int
    ) -> dict[bytes, DeadLettered]:
        """Return what *services* dead-lettered of *partition*, by the name of the record."""


class Folder:
    """The files that an embedded run left."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.name = str(folder)
        self.begin = f"make a run first: duestream run EVENTS --until DATE --out {folder}"

    async def each(
        self,
        topics: Sequence[str],
        *,
        about: str = "",
        partitions: Collection[int] | None = None,
    ) -> AsyncIterator[Record]:
        """Yield the lines of each topic; the offset is the number of the line, from 0."""
        # Most lines are about somebody else, and searching a line is quicker than parsing it.
        name = json.dumps(about, ensure_ascii=False)[1:-1].encode()
        for topic in topics:
            path = self._path(topic)
            for number, line in enumerate(path.read_bytes().splitlines() if path.is_file() else ()):
                if name in line:
                    yield Record(topic, 0, number, _content(line), raw=Raw(None, line))

    def place(self, record: Record) -> str:
        """Say file:line, as editors understand it."""
        return f"{self._path(record.topic)}:{record.offset + 1}"

    def named(self, record: Record) -> bytes:
        """Return the line: a file knows no offsets of Kafka."""
        assert record.raw is not None, "what is read from a file has its line"
        return record.raw.value or b""

    async def dead_letters(
        self,
        services: Iterable[str],
        *,
        partition: int,
    ) -> dict[bytes, DeadLettered]:
        """Return what was dead-lettered, by the line that it has in its topic."""
        wanted = set(services)
        found = (each for each in dead_letters.left_in(self._folder) if each.service in wanted)
        return {_as_in_its_topic(each.raw.value or b""): each for each in found}

    def _path(self, topic: str) -> Path:
        return self._folder / f"{topic}.jsonl"


class Kafka:
    """The topics of Kafka; each call opens a reader of its own."""

    begin = "publish its events first: duestream publish FILE"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.name = settings.kafka

    async def each(
        self,
        topics: Sequence[str],
        *,
        about: str = "",
        partitions: Collection[int] | None = None,
    ) -> AsyncIterator[Record]:
        """Yield the records of *topics*, in the order of each partition."""
        async with reading(self._settings, topics, partitions=partitions) as reader:
            async for record in reader.each():
                content = record.content
                if not about or (isinstance(content, Event) and content.subject == about):
                    yield record

    def place(self, record: Record) -> str:
        """Say topic/partition/offset."""
        return record.place

    def named(self, record: Record) -> bytes:
        """Return the place: a dead letter names it."""
        return record.place.encode()

    async def dead_letters(
        self, services: Iterable[str], *, partition: int
    ) -> dict[bytes, DeadLettered]:
        """Return what was dead-lettered, by the place it came from; it keeps its partition."""
        names = [dead_letters_of(service).name for service in services]
        letters = [
            dead_letters.dead_lettered_of(record)
            async for record in self.each(names, partitions=[partition])
        ]
        return {each.place.encode(): each for each in letters}


def _content(line: bytes) -> Event | Unreadable:
    try:
        return Event.from_line(line)
    except Malformed as error:
        return Unreadable(str(error))


def _as_in_its_topic(raw: bytes) -> bytes:
    """Return the line of an event in our order of attributes, as topics have it."""
    content = _content(raw)
    return content.to_line() if isinstance(content, Event) else raw
