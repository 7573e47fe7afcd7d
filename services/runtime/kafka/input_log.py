"""The inputs of one partition, fetched in a recorded order."""

from collections import defaultdict, deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, TopicPartition

from services.runtime.kafka import batches
from services.runtime.kafka.reader import OpensConsumer, outside_groups, packed
from services.runtime.kafka.recovery import Astray
from services.runtime.settings import Settings
from services.runtime.stream.order import Place
from services.runtime.stream.record import Record
from services.runtime.stream.wire import unpack

_AT_ONCE = 2_000


class InputLog:
    """Reads each topic of a partition from where it was left, as far as it is asked for."""

    def __init__(self, consumer: AIOKafkaConsumer, settings: Settings, partition: int) -> None:
        self._consumer, self._settings, self._partition = consumer, settings, partition
        self._held: dict[str, deque[Record]] = defaultdict(deque)

    async def run(self, topic: str, start: int, until: int) -> list[Record]:
        """Return all records of *topic* up to *until*; the first must stand at *start*.

        Raise Astray where one stands before it, which the order does not name, or one is gone.
        """
        held, found = self._held[topic], list[Record]()
        while len(found) < until - start:
            if not held:
                held.extend(await self._more(topic))
                continue
            record = held.popleft()
            if record.offset != start + len(found):
                place = f"{topic}/{self._partition}/{start + len(found)}"
                raise Astray(f"{place} is next in the order, and {record.offset} in the log")
            found.append(record)
        return found

    async def _more(self, topic: str) -> list[Record]:
        place = TopicPartition(self._settings.on_kafka(topic), self._partition)
        if (why := batches.fault_of(place)) is not None:
            raise Astray(why)
        chunks = await self._consumer.getmany(place, timeout_ms=100, max_records=_AT_ONCE)
        if not chunks:
            await self._must_be_there(place)
        return [
            unpack(topic, self._partition, each.offset, packed(each))
            for each in chunks.get(place, ())
        ]

    async def _must_be_there(self, place: TopicPartition) -> None:
        """Raise Astray where the log ends before what is asked for."""
        at, end = await self._consumer.position(place), await self._consumer.end_offsets([place])
        if at >= end[place]:
            raise Astray(f"{place.topic}/{place.partition} ends at {at}, and the order goes on")


class InputLogs:
    """Opens the inputs of partitions."""

    def __init__(
        self, settings: Settings, topics: Sequence[str], *, opens: OpensConsumer = outside_groups
    ) -> None:
        self._settings, self._topics, self._opens = settings, topics, opens

    @asynccontextmanager
    async def __call__(self, partition: int, at: Mapping[Place, int]) -> AsyncIterator[InputLog]:
        """Open the inputs of *partition*, each at its position."""
        async with self._opens(self._settings) as consumer:
            on_kafka = self._settings.on_kafka
            places = {TopicPartition(on_kafka(t), partition): (t, partition) for t in self._topics}
            consumer.assign(list(places))
            for each, place in places.items():
                consumer.seek(each, at.get(place, 0))
            yield InputLog(consumer, self._settings, partition)
