"""Says things on Kafka, as one writer."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager, nullcontext
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.errors import IllegalOperation
from aiokafka.structs import RecordMetadata

from schemas.envelope import DeadLetter, Event
from services.runtime.settings import Settings
from services.runtime.stream.record import Packed
from services.runtime.stream.wire import pack

RecordPlace = tuple[str, int, int]


class Outgoing(NamedTuple):
    """What is to stand on a partition of a topic; None lets the key choose the partition."""

    topic: str
    partition: int | None
    content: Event | DeadLetter | Packed


class Sender:
    """Sends batches; where it is *fenced*, readers of committed data see all of one or nothing."""

    def __init__(self, producer: AIOKafkaProducer, settings: Settings, *, fenced: bool) -> None:
        self._producer, self._settings, self._fenced = producer, settings, fenced

    async def send(self, batch: Sequence[Outgoing]) -> list[RecordPlace]:
        """Send *batch* in its order; return topic, partition and offset of each.

        Raise ProducerFenced where another sender of the same writer has taken over.
        """
        if not batch:
            return []
        async with self._producer.transaction() if self._fenced else nullcontext():
            done = await self._deliver(batch)
        return [
            (self._settings.off_kafka(each.topic), each.partition, each.offset) for each in done
        ]

    async def _deliver(self, batch: Sequence[Outgoing]) -> list[RecordMetadata]:
        futures: list[Awaitable[RecordMetadata]] = []
        try:
            for each in batch:
                futures.append(await self._hand_over(each))
        except IllegalOperation:
            # The transaction broke in the background; what was handed over before says why.
            await _all(futures)
            raise
        return await _all(futures)

    async def _hand_over(self, said: Outgoing) -> Awaitable[RecordMetadata]:
        content = said.content
        packed = content if isinstance(content, Packed) else pack(content)
        sent: Awaitable[RecordMetadata] = await self._producer.send(
            self._settings.on_kafka(said.topic),
            packed.value,
            key=packed.key,
            partition=said.partition,
            headers=list(packed.headers),
            timestamp_ms=packed.timestamp,
        )
        return sent


async def _all(futures: Sequence[Awaitable[RecordMetadata]]) -> list[RecordMetadata]:
    """Return what each came to; all are heard before one raises, else asyncio logs the others."""
    results = await asyncio.gather(*futures, return_exceptions=True)
    for each in results:
        if isinstance(each, BaseException):
            raise each
    return [each for each in results if not isinstance(each, BaseException)]


@asynccontextmanager
async def sending(settings: Settings, *, writer: str | None = None) -> AsyncIterator[Sender]:
    """Open a sender for the block; an earlier one of the same *writer* is fenced."""
    named: dict[str, Any] = (
        {"transactional_id": settings.on_kafka(writer)} if writer else {"enable_idempotence": True}
    )
    producer = AIOKafkaProducer(
        **settings.kafka_client(),
        **named,
        retry_backoff_ms=5,
        max_batch_size=262_144,
        max_request_size=2_000_000,
    )
    try:
        await producer.start()
        yield Sender(producer, settings, fenced=writer is not None)
    finally:
        await producer.stop()
