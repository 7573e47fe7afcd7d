"""Reads topics from their beginning, outside any group: what others have committed."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import UnknownTopicOrPartitionError
from aiokafka.structs import ConsumerRecord

from services.runtime.kafka import batches
from services.runtime.kafka.connection import Connection
from services.runtime.kafka.topics import admin, partitions_of
from services.runtime.settings import Settings
from services.runtime.stream.record import Packed, Record
from services.runtime.stream.wire import unpack


class OpensConsumer(Protocol):
    """Opens a consumer outside any group, for a block."""

    def __call__(self, settings: Settings, /) -> AbstractAsyncContextManager[AIOKafkaConsumer]: ...


class Reader:
    """Follows whole topics; order holds within a partition."""

    def __init__(self, consumer: AIOKafkaConsumer, settings: Settings) -> None:
        self._consumer, self._settings = consumer, settings

    async def beginnings(self) -> dict[tuple[str, int], int]:
        """Return where each place begins, before anything was read."""
        name, places = self._settings.off_kafka, self._consumer.assignment()
        return {(name(tp.topic), tp.partition): await self._consumer.position(tp) for tp in places}

    async def rest(self) -> list[Record]:
        """Return all up to the end that the topics have now."""
        return [record async for record in self.each()]

    async def each(self) -> AsyncIterator[Record]:
        """Yield each record up to the end that the topics have now."""
        places = self._consumer.assignment()
        ends = await self._consumer.end_offsets(places)
        while any([await self._consumer.position(tp) < end for tp, end in ends.items()]):
            for record in await self.more(timeout_s=0.1):
                yield record

    async def more(self, *, timeout_s: float) -> list[Record]:
        """Return what came since, as soon as there is something, at the latest after a while.

        Raise BrokenLog where what comes next is gone, or cannot be read.
        """
        for place in self._consumer.assignment():
            if (why := batches.fault_of(place)) is not None:
                raise batches.BrokenLog(why)
        chunks = await self._consumer.getmany(timeout_ms=int(timeout_s * 1000))
        return [
            unpack(self._settings.off_kafka(tp.topic), tp.partition, each.offset, packed(each))
            for tp, chunk in sorted(chunks.items())
            for each in chunk
        ]


class LogEnds:
    """Asks where inputs end, on a connection of its own: on another a fetch would stand before."""

    def __init__(self, settings: Settings, topics: Sequence[str]) -> None:
        self._settings, self._topics = settings, topics
        self._connection = Connection(self._open)

    async def of(self, partitions: Collection[int]) -> dict[tuple[str, int], int]:
        """Return where each topic and partition ends, what is not decided yet included.

        What a service upstream says in one transaction with its DayDone may be decided on this
        partition a moment later than the DayDone is on its own: a barrier must wait for both.
        """
        consumer = await self._connection.opened()
        return self._by_place(await consumer.end_offsets(self._places(partitions)))

    async def begins(self, partitions: Collection[int]) -> dict[tuple[str, int], int]:
        """Return where each topic and partition begins: what stood before is gone."""
        consumer = await self._connection.opened()
        return self._by_place(await consumer.beginning_offsets(self._places(partitions)))

    async def close(self) -> None:
        """Close the connection."""
        if (consumer := self._connection.taken()) is not None:
            await consumer.stop()

    async def _open(self) -> AIOKafkaConsumer:
        consumer = AIOKafkaConsumer(**self._settings.kafka_client())
        try:
            await consumer.start()
        except BaseException:
            await consumer.stop()
            raise
        # Assigned, so that it knows who leads them; paused, so that it never fetches.
        places = self._places(range(self._settings.partitions))
        consumer.assign(places)
        consumer.pause(*places)
        return consumer

    def _places(self, partitions: Collection[int]) -> list[TopicPartition]:
        names = map(self._settings.on_kafka, self._topics)
        return [TopicPartition(name, p) for name in names for p in partitions]

    def _by_place(self, offsets: Mapping[TopicPartition, int]) -> dict[tuple[str, int], int]:
        name = self._settings.off_kafka
        return {(name(tp.topic), tp.partition): offset for tp, offset in offsets.items()}


@asynccontextmanager
async def reading(
    settings: Settings, topics: Sequence[str], *, partitions: Collection[int] | None = None
) -> AsyncIterator[Reader]:
    """Open a reader of *topics* for the block, at their beginning; of all partitions by None.

    Raise UnknownTopicOrPartitionError where none of them is there.
    """
    async with admin(settings) as client:
        counts = await partitions_of(client, settings, topics)
    if not counts:
        raise UnknownTopicOrPartitionError(", ".join(topics))
    async with outside_groups(settings) as consumer:
        places = [
            TopicPartition(settings.on_kafka(name), p)
            for name in topics
            for p in range(counts.get(name, 0))
            if partitions is None or p in partitions
        ]
        consumer.assign(places)
        if places:
            await consumer.seek_to_beginning(*places)
        yield Reader(consumer, settings)


@asynccontextmanager
async def outside_groups(settings: Settings) -> AsyncIterator[AIOKafkaConsumer]:
    """Open a consumer of no group for the block; it reads what is committed, from where it is told.

    A position that the log has not is an error.
    """
    batches.install()
    consumer = AIOKafkaConsumer(
        **settings.kafka_client(),
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="none",
        fetch_max_wait_ms=50,
    )
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


def packed(found: ConsumerRecord) -> Packed:
    """Return what a consumer *found*, as producers pack it."""
    return Packed(found.key, found.value, tuple(found.headers), found.timestamp)
