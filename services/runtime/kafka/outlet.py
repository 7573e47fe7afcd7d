"""A service's way to Kafka: its producers, and what Kafka knows of what they published."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.structs import OffsetAndMetadata

from schemas.topics import order_of
from services.runtime.kafka.connection import Connection
from services.runtime.kafka.order_log import OrderLog
from services.runtime.settings import Settings
from services.runtime.stream.chain import OrderEnd

_START_S, _CLOSE_S = 30.0, 5.0

log = structlog.get_logger()


class Producers:
    """One service's way to Kafka: what its lanes share."""

    def __init__(self, service: str, topic_of_published: str, settings: Settings) -> None:
        self.service = service
        self._settings, self._topic_of_published = settings, topic_of_published
        # The id of our store, which every published offset carries: who has another store sees it.
        self.store_id = ""
        self._connection = Connection(self._open)
        self._orders = OrderLog(settings, order_of(service).name)

    def place_of(self, partition: int) -> TopicPartition:
        """Return the place under which the published offset of *partition* is kept."""
        return TopicPartition(self.topic(self._topic_of_published), partition)

    def topic(self, name: str) -> str:
        """Return what a topic is called on the broker."""
        return self._settings.on_kafka(name)

    def offsets_at(self, partition: int, seq: int) -> Mapping[TopicPartition, Any]:
        """Return what is committed with a transaction of *partition* that ends with *seq*."""
        return {self.place_of(partition): OffsetAndMetadata(seq + 1, self.store_id)}

    @property
    def group(self) -> str:
        """The consumer group whose offsets are the published ones."""
        return self._settings.on_kafka(f"{self.service}.outbox")

    async def producer(self, partition: int) -> AIOKafkaProducer:
        """Open the producer of *partition*; that of the last owner is fenced from here on."""
        producer = AIOKafkaProducer(
            **self._settings.kafka_client(),
            transactional_id=self._settings.on_kafka(f"{self.service}-{partition}"),
            # The first produce of a transaction is often told to come again; 100 ms are too long.
            retry_backoff_ms=5,
            transaction_timeout_ms=30_000,
            request_timeout_ms=20_000,
            max_batch_size=262_144,
            max_request_size=2_000_000,
        )
        try:
            # Not wait_for: in Python 3.11 it forgets a cancellation that comes with the answer.
            async with asyncio.timeout(_START_S):
                await producer.start()
        except BaseException:
            await close_producer(producer)
            raise
        return producer

    async def published(self, partition: int) -> int:
        """Return the last seq that Kafka has; -1 for none. Of which store, the chain tells."""
        published = (await self.published_offsets([partition]))[partition]
        return max(int(published.offset), 0) - 1

    async def order_end(self, partition: int) -> OrderEnd:
        """Return what the order topic says of what is published; its last writer is fenced."""
        return await self._orders.end(partition)

    async def stamp(self, producer: AIOKafkaProducer, partition: int, seq: int) -> None:
        """Say that *partition* is published from our store, up to *seq* so far."""
        async with producer.transaction():
            await producer.send_offsets_to_transaction(self.offsets_at(partition, seq), self.group)

    async def published_offsets(self, partitions: Sequence[int]) -> dict[int, OffsetAndMetadata]:
        """Return the published offset of each of *partitions*; it is -1 where Kafka has none."""
        admin = await self._connection.opened()
        try:
            places = [self.place_of(each) for each in partitions]
            found = await admin.list_consumer_group_offsets(self.group, partitions=places)
        except BaseException:
            await self.close()
            raise
        none = OffsetAndMetadata(-1, "")
        return {each: found.get(self.place_of(each), none) for each in partitions}

    async def close(self) -> None:
        """Close the connection that asks for published offsets."""
        if (admin := self._connection.taken()) is not None:
            await admin.close()

    async def _open(self) -> AIOKafkaAdminClient:
        admin = AIOKafkaAdminClient(**self._settings.kafka_client())
        try:
            await admin.start()
        except BaseException:
            await admin.close()
            raise
        return admin


async def close_producer(producer: AIOKafkaProducer | None) -> None:
    """Close *producer*, if there is one; what it holds is lost, as in a crash."""
    if producer is None:
        return
    try:
        async with asyncio.timeout(_CLOSE_S):
            await producer.stop()
    except Exception as error:  # noqa: BLE001 - it is gone either way, and fenced by the next one
        log.info("producer.unclosed", error=repr(error))
