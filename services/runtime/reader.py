"""Reads topics from their beginning, outside any group: what others have committed."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import ConsumerRecord

from services.runtime.kafka import admin, partitions_of
from services.runtime.log import Record
from services.runtime.settings import Settings
from services.runtime.wire import Packed, unpack


class Reader:
    """Follows whole topics; order holds within a partition."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer

    async def rest(self) -> list[Record]:
        """Return all up to the end that the topics have now."""
        places = self._consumer.assignment()
        ends = await self._consumer.end_offsets(places)
        found: list[Record] = []
        while any([await self._consumer.position(tp) < end for tp, end in ends.items()]):
            found += await self.more(timeout_s=0.1)
        return found

    async def more(self, *, timeout_s: float) -> list[Record]:
        """Return what came since, as soon as there is something, at the latest after a while."""
        chunks = await self._consumer.getmany(timeout_ms=int(timeout_s * 1000))
        return [
            unpack(tp.topic, tp.partition, each.offset, _packed(each))
            for tp, chunk in sorted(chunks.items())
            for each in chunk
        ]


@asynccontextmanager
async def reading(settings: Settings, topics: Sequence[str]) -> AsyncIterator[Reader]:
    """Open a reader of *topics* for the block, at their beginning."""
    async with admin(settings) as client:
        counts = await partitions_of(client, topics)
    consumer = AIOKafkaConsumer(
        **settings.kafka_client(),
        isolation_level="read_committed",
        enable_auto_commit=False,
        fetch_max_wait_ms=50,
    )
    await consumer.start()
    try:
        places = [TopicPartition(name, p) for name in topics for p in range(counts.get(name, 0))]
        consumer.assign(places)
        if places:
            await consumer.seek_to_beginning(*places)
        yield Reader(consumer)
    finally:
        await consumer.stop()


def _packed(found: ConsumerRecord) -> Packed:
    return Packed(found.key, found.value, tuple(found.headers), found.timestamp)
