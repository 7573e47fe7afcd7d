"""Says things on Kafka in transactions of one fenced writer."""

from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.structs import RecordMetadata

from schemas.envelope import DeadLetter, Event
from services.runtime.settings import Settings
from services.runtime.wire import pack


class Said(NamedTuple):
    """What is to stand on a partition of a topic; None lets the key choose the partition."""

    topic: str
    partition: int | None
    content: Event | DeadLetter


class Sender:
    """Sends batches: all of one is visible to readers of committed data, or nothing is."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer

    async def send(self, batch: Sequence[Said]) -> list[tuple[str, int, int]]:
        """Send *batch* in its order; return topic, partition and offset of each."""
        if not batch:
            return []
        async with self._producer.transaction():
            futures = [await self._hand_over(each) for each in batch]
        return [(done.topic, done.partition, done.offset) for done in [await f for f in futures]]

    async def _hand_over(self, said: Said) -> Awaitable[RecordMetadata]:
        packed = pack(said.content)
        sent: Awaitable[RecordMetadata] = await self._producer.send(
            said.topic,
            packed.value,
            key=packed.key,
            partition=said.partition,
            headers=packed.headers,
            timestamp_ms=packed.timestamp,
        )
        return sent


@asynccontextmanager
async def sending(settings: Settings, writer: str) -> AsyncIterator[Sender]:
    """Open the sender of *writer* for the block; an earlier one of that name is fenced."""
    producer = AIOKafkaProducer(
        **settings.kafka_client(),
        transactional_id=writer,
        retry_backoff_ms=5,
        max_batch_size=262_144,
        max_request_size=2_000_000,
    )
    await producer.start()
    try:
        yield Sender(producer)
    finally:
        await producer.stop()
