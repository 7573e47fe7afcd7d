"""A log in memory: topics of partitions of records, as Kafka has them in production."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from schemas.envelope import DeadLetter, Event, Raw
from services.runtime.stream.record import Output, Record


class MemoryLog:
    """A log in memory; every reader sees a record the moment it is appended."""

    def __init__(self) -> None:
        self.topics: dict[str, list[Event | DeadLetter]] = defaultdict(list)
        self._ends: dict[tuple[str, int], int] = defaultdict(int)
        self._readers: dict[str, list[Callable[[Record], None]]] = defaultdict(list)

    def subscribe(self, topic: str, reader: Callable[[Record], None]) -> None:
        """Hand every later record of *topic* to *reader*."""
        self._readers[topic].append(reader)

    def append(
        self, topic: str, partition: int, content: Event | DeadLetter, *, raw: Raw | None = None
    ) -> int:
        """Give *content* the next offset of its partition, and return it."""
        offset = self._ends[topic, partition]
        self._ends[topic, partition] += 1
        self.topics[topic].append(content)
        if isinstance(content, Event) and self._readers[topic]:
            record = Record(topic, partition, offset, content, content.timestamp, raw)
            for reader in self._readers[topic]:
                reader(record)
        return offset

    def publish(self, outputs: Sequence[Output]) -> None:
        """Append *outputs* in their order."""
        for output in outputs:
            self.append(output.topic, output.partition, output.content)

    async def ends(self, partitions: Sequence[int]) -> dict[tuple[str, int], int]:
        """Return the next offset of each topic of *partitions* that has records."""
        return {place: end for place, end in self._ends.items() if place[1] in partitions}
