"""An outbox publisher: the rows of one partition to Kafka, in order, exactly once."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import ProducerFenced
from aiokafka.structs import OffsetAndMetadata

from schemas.topics import order_of
from services.runtime.kafka.backlog import MOST, Backlog, Batch, Row
from services.runtime.kafka.connection import Connection
from services.runtime.kafka.order_log import OrderLog
from services.runtime.kafka.retry import Patience, passes
from services.runtime.settings import Settings
from services.runtime.store.chain import orders_behind
from services.runtime.store.store import Store
from services.runtime.stream.chain import OrderEnd, OrderRecord, pack_orders

# A queue that grows beyond it is dropped and read from the store.
_LONGEST = 20_000
_START_S, _CLOSE_S = 30.0, 5.0

log = structlog.get_logger()


class OtherStore(Exception):
    """A partition that this worker owns was published from another store than its own."""


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
            await _close(producer)
            raise
        return producer

    async def published(self, partition: int) -> int:
        """Return the last seq that Kafka has; -1 for none. Raise OtherStore where it is theirs."""
        published = (await self.published_offsets([partition]))[partition]
        if published.metadata and published.metadata != self.store_id:
            raise OtherStore(
                f"partition {partition}: published from the store {published.metadata}"
            )
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


class OutboxPublisher:
    """Publishes one partition; only one publisher of a service has it, the others are fenced."""

    def __init__(
        self, partition: int, producers: Producers, store: Store, patience: Patience
    ) -> None:
        self.partition, self.published, self.said = partition, -1, -1
        self._producers, self._store, self._patience = producers, store, patience
        self._queue = Backlog()
        self._wake = asyncio.Event()
        self._producer: AIOKafkaProducer | None = None
        self._behind = True
        self._waits_since: float | None = None
        self._sending = 0
        self.on_published: Callable[[], None] = lambda: None

    def add(self, rows: Sequence[Row]) -> None:
        """Publish *rows* behind all others."""
        self._waits_since = self._waits_since or asyncio.get_running_loop().time()
        self._queue.add(rows)
        if len(self._queue) > _LONGEST:
            self.reread()
        self._wake.set()

    def order(self, record: OrderRecord) -> None:
        """Publish *record* in front of the rows that are added next."""
        self._queue.order([record])
        self._wake.set()

    def reread(self) -> None:
        """Look into the store for what is to be published."""
        self._queue.clear()
        self._behind = True
        self._wake.set()

    @property
    def age_s(self) -> float:
        """For how long there has been something to publish, without a pause."""
        if self._waits_since is None:
            return 0.0
        return asyncio.get_running_loop().time() - self._waits_since

    @property
    def waiting(self) -> int:
        """How many rows are queued or on their way."""
        return len(self._queue) + self._sending

    async def run(self) -> None:
        """Publish for ever; raise ProducerFenced when another worker has the partition."""
        what = f"publisher of {self.partition}"
        try:
            while True:
                if self._producer is None:
                    await self._patience.insist(what, self._open)
                batch = await self._next()
                self._sending = len(batch.rows)
                if batch.rows or batch.orders:
                    await self._send(batch)
                self._sending = 0
        finally:
            await _close(self._producer)

    async def _open(self) -> None:
        producer = await self._producers.producer(self.partition)
        try:
            # The published offset may have expired in a long silence; the store knows of all but
            # the last rows.
            found = (
                await self._producers.published(self.partition),
                await self._store.published(self.partition),
            )
            end = await self._producers.order_end(self.partition)
            if found[0] < 0:
                found = (end.until, found[1])
                await self._producers.stamp(producer, self.partition, max(found))
        except BaseException:
            await _close(producer)
            raise
        self._producer, self.published = producer, max(found)
        self.said = end.number
        self.on_published()
        self.reread()

    async def _next(self) -> Batch:
        """Return what the next transaction publishes; nothing where the store had nothing."""
        if self._behind:
            return await self._from_books()
        batch = self._queue.take(published=self.published, said=self.said)
        if batch is None:
            self.reread()
            return Batch()
        if not batch.rows and not batch.orders:
            self._waits_since = None
            self._wake.clear()
            await self._wake.wait()
        return batch

    async def _from_books(self, most: int = MOST) -> Batch:
        """Return whole causes from the store; nothing where all of them are published."""
        self._behind = False  # before the question: who says reread while it runs is heard
        read = partial(self._store.unpublished, self.partition, after=self.published, most=most)
        rows = [Row.of(each) for each in await self._patience.insist("outbox", read)]
        self._behind = self._behind or bool(rows)
        if len(rows) == most:
            while rows and not rows[-1].last:
                rows.pop()
            if not rows:
                return await self._from_books(most * 2)
        return Batch(await self._orders_from_books(rows), rows)

    async def _orders_from_books(self, rows: Sequence[Row]) -> list[OrderRecord]:
        """Return the order records that come before the last of *rows*; the others are queued.

        They are read behind the rows: none of them can be missing.
        """
        found: list[OrderRecord] = []
        after, until = self.said, rows[-1].seq if rows else -1
        while True:
            read = partial(orders_behind, self._store, self.partition, after=after, most=MOST)
            some = await self._patience.insist("outbox", read)
            found += [each for each in some if each.first <= until]
            if not rows:
                self._queue.order(some)
            if len(some) < MOST or some[-1].first > until:
                return found
            after = some[-1].number

    async def _send(self, batch: Batch) -> None:
        """Publish *batch* and its offset in one transaction; on trouble begin anew."""
        producer = self._producer
        assert producer is not None, "opened before"
        until = batch.rows[-1].seq if batch.rows else self.published
        offsets = self._producers.offsets_at(self.partition, until)
        order = order_of(self._producers.service).name
        orders = pack_orders(batch.orders, number=self.said, until=until)
        said = [(order, each) for each in orders]
        said += [(row.topic, row.packed) for row in batch.rows]
        try:
            async with producer.transaction():
                for topic, packed in said:
                    await producer.send(
                        self._producers.topic(topic),
                        packed.value,
                        key=packed.key,
                        partition=self.partition,
                        headers=list(packed.headers),
                        timestamp_ms=packed.timestamp,
                    )
                await producer.send_offsets_to_transaction(offsets, self._producers.group)
        except ProducerFenced:
            raise
        except Exception as error:
            if not passes(error):
                raise
            self._patience.complain(f"publisher of {self.partition}", error)
            self._producer = None
            await _close(producer)
        else:
            self.published = until
            self.said = batch.orders[-1].number if batch.orders else self.said
            self._queue.forget(said=self.said)
            self.on_published()


async def _close(producer: AIOKafkaProducer | None) -> None:
    if producer is None:
        return
    try:
        async with asyncio.timeout(_CLOSE_S):
            await producer.stop()
    except Exception as error:  # noqa: BLE001 - it is gone either way, and fenced by the next one
        log.info("producer.unclosed", error=repr(error))
