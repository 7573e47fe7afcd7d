"""An outbox publisher: the rows of one partition to Kafka, in order, exactly once."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError, ProducerFenced

from schemas.topics import order_of
from services.runtime.kafka.backlog import MOST, Backlog, Batch, Beside, Row
from services.runtime.kafka.outlet import Producers, close_producer
from services.runtime.kafka.retry import Patience, passes
from services.runtime.store.chain import orders_behind
from services.runtime.store.store import Store
from services.runtime.stream.chain import OrderRecord, pack_orders
from services.runtime.stream.record import Packed

# A queue that grows beyond it is dropped and read from the store.
_LONGEST = 20_000

log = structlog.get_logger()


class OutboxPublisher:
    """Publishes one partition; only one publisher of a service has it, the others are fenced."""

    def __init__(
        self, partition: int, producers: Producers, store: Store, patience: Patience
    ) -> None:
        self.partition, self.published, self.said = partition, -1, -1
        self._producers, self._store, self._patience = producers, store, patience
        self._queue, self._beside = Backlog(), deque[Beside]()
        self._wake = asyncio.Event()
        self._producer: AIOKafkaProducer | None = None
        self._behind = True
        self._waits_since: float | None = None
        self._sending = 0
        # Set when the last owner is fenced; nothing is published before *released* is, too.
        self.opened, self._released = asyncio.Event(), asyncio.Event()
        self._released.set()
        self._is_ours = True
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

    def beside(self, records: Sequence[tuple[str, Packed]]) -> "asyncio.Future[list[int]]":
        """Publish *records* by topic in a transaction of their own; return their offsets to come.

        Where it does not succeed, nobody tries again: what they belong to is to be begun anew.
        """
        sent = asyncio.get_running_loop().create_future()
        self._beside.append(Beside(records, sent))
        self._wake.set()
        return sent

    def hold(self) -> None:
        """Publish nothing before it is released: whether the store is at the end is not known."""
        self._released.clear()
        self._is_ours = False

    def release(self) -> None:
        """Publish what the store has: it is at the end of what is published."""
        self._released.set()
        self.reread()

    @property
    def is_held(self) -> bool:
        """Whether nothing is published before it is released."""
        return not self._released.is_set()

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
                    self.opened.set()
                    await self._released.wait()
                    if not self._is_ours:
                        await self._send(Batch())  # whose store it is, and up to where
                        continue
                batch = await self._next()
                self._sending = len(batch.rows)
                if batch.rows or batch.orders or batch.beside:
                    await self._send(batch)
                self._sending = 0
        finally:
            self._give_up()
            await close_producer(self._producer)

    def _give_up(self) -> None:
        """Tell whoever waits for records beside that they are not published."""
        for each in self._beside:
            if not each.sent.done():
                each.sent.set_exception(KafkaConnectionError("their publisher went away"))
        self._beside.clear()

    async def _open(self) -> None:
        producer = await self._producers.producer(self.partition)
        try:
            end = await self._producers.order_end(self.partition)
            # The order's end is what counts. The published offset may have expired in a long
            # silence, and a coordinator may show it a moment after its transaction ended.
            found = (
                await self._producers.published(self.partition),
                await self._store.published(self.partition),
                end.until,
            )
            if found[0] < 0:
                await self._producers.stamp(producer, self.partition, max(found))
        except BaseException:
            await close_producer(producer)
            raise
        self._producer, self.published = producer, max(found)
        self.said = end.number
        self.on_published()
        self.reread()

    async def _next(self) -> Batch:
        """Return what the next transaction publishes; nothing where the store had nothing."""
        if self._beside:
            return Batch(beside=self._beside[0])
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
        said += batch.beside.records if batch.beside else ()
        try:
            async with producer.transaction():
                sent = [await self._put(producer, *each) for each in said]
                await producer.send_offsets_to_transaction(offsets, self._producers.group)
        except ProducerFenced:
            raise
        except Exception as error:
            if not passes(error):
                raise
            self._patience.complain(f"publisher of {self.partition}", error)
            self._give_up()
            self._producer = None
            await close_producer(producer)
        else:
            self.published = until
            self.said = batch.orders[-1].number if batch.orders else self.said
            self._queue.forget(said=self.said)
            self._is_ours = True
            if batch.beside:
                self._is_beside(batch.beside, [(await each).offset for each in sent[len(orders) :]])
            self.on_published()

    def _is_beside(self, told: Beside, offsets: list[int]) -> None:
        self._beside.popleft()
        if not told.sent.done():
            told.sent.set_result(offsets)

    async def _put(self, producer: AIOKafkaProducer, topic: str, packed: Packed) -> Any:
        return await producer.send(
            self._producers.topic(topic),
            packed.value,
            key=packed.key,
            partition=self.partition,
            headers=list(packed.headers),
            timestamp_ms=packed.timestamp,
        )
