"""An outbox publisher: the rows of one partition to Kafka, in order, exactly once."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import structlog
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import ProducerFenced
from aiokafka.structs import OffsetAndMetadata

from services.runtime.kafka.connection import Connection
from services.runtime.kafka.retry import Patience, passes
from services.runtime.settings import Settings
from services.runtime.store.store import Store
from services.runtime.stream.record import Packed
from services.runtime.stream.wire import headers_from_text

# Rows in one transaction; a queue that grows beyond the second is dropped and read from the store.
_MOST = 2_000
_LONGEST = 20_000
_START_S, _CLOSE_S = 30.0, 5.0

log = structlog.get_logger()


class OtherStore(Exception):
    """A partition that this worker owns was published from another store than its own."""


class Row(NamedTuple):
    """A row of the outbox; a transaction ends only behind one that is *last* of its cause."""

    seq: int
    topic: str
    packed: Packed
    last: bool


class Producers:
    """One service's way to Kafka: what its lanes share."""

    def __init__(self, service: str, topic_of_published: str, settings: Settings) -> None:
        self.service = service
        self._settings, self._topic_of_published = settings, topic_of_published
        # The id of our store, which every published offset carries: who has another store sees it.
        self.store_id = ""
        self._connection = Connection(self._open)

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
        self.partition, self.published = partition, -1
        self._producers, self._store, self._patience = producers, store, patience
        self._queue: deque[Row] = deque()
        self._wake = asyncio.Event()
        self._producer: AIOKafkaProducer | None = None
        self._behind = True
        self._waits_since: float | None = None
        self._sending = 0
        self.on_published: Callable[[], None] = lambda: None

    def add(self, rows: Sequence[Row]) -> None:
        """Publish *rows* behind all others."""
        self._waits_since = self._waits_since or asyncio.get_running_loop().time()
        self._queue.extend(rows)
        if len(self._queue) > _LONGEST:
            self.reread()
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
                rows = await self._next()
                self._sending = len(rows)
                if rows:
                    await self._send(rows)
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
            if found[0] < 0:
                await self._producers.stamp(producer, self.partition, max(found))
        except BaseException:
            await _close(producer)
            raise
        self._producer, self.published = producer, max(found)
        self.on_published()
        self.reread()

    async def _next(self) -> list[Row]:
        """Return the rows of the next transaction; nothing where the store had nothing either."""
        if self._behind:
            return await self._from_books()
        rows = self._cut(self._queue)
        if rows and rows[0].seq != self.published + 1:
            self.reread()
            return []
        if not rows:
            self._waits_since = None
            self._wake.clear()
            await self._wake.wait()
        return rows

    async def _from_books(self, most: int = _MOST) -> list[Row]:
        """Return whole causes from the store; nothing where all of them are published."""
        self._behind = False  # before the question: who says reread while it runs is heard
        read = partial(self._store.unpublished, self.partition, after=self.published, most=most)
        rows = [_row_of(each) for each in await self._patience.insist("outbox", read)]
        self._behind = self._behind or bool(rows)
        if len(rows) < most:
            return rows
        while rows and not rows[-1].last:
            rows.pop()
        return rows or await self._from_books(most * 2)

    def _cut(self, queue: deque[Row]) -> list[Row]:
        """Take out the next rows, up to the end of a cause."""
        while queue and queue[0].seq <= self.published:
            queue.popleft()
        rows: list[Row] = []
        while queue and (len(rows) < _MOST or not rows[-1].last):
            rows.append(queue.popleft())
        return rows

    async def _send(self, rows: Sequence[Row]) -> None:
        """Publish *rows* and their offset in one transaction; on trouble begin anew."""
        producer = self._producer
        assert producer is not None, "opened before"
        offsets = self._producers.offsets_at(self.partition, rows[-1].seq)
        try:
            async with producer.transaction():
                for row in rows:
                    await producer.send(
                        self._producers.topic(row.topic),
                        row.packed.value,
                        key=row.packed.key,
                        partition=self.partition,
                        headers=list(row.packed.headers),
                        timestamp_ms=row.packed.timestamp,
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
            self.published = rows[-1].seq
            self.on_published()


def _row_of(found: Any) -> Row:
    packed = Packed(found.key, found.value, headers_from_text(found.headers), found.timestamp)
    return Row(found.seq, found.topic, packed, found.last)


async def _close(producer: AIOKafkaProducer | None) -> None:
    if producer is None:
        return
    try:
        async with asyncio.timeout(_CLOSE_S):
            await producer.stop()
    except Exception as error:  # noqa: BLE001 - it is gone either way, and fenced by the next one
        log.info("producer.unclosed", error=repr(error))
