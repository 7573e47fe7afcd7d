"""Where a store stands on the chain of what is published, and how it comes back to its end."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, NamedTuple, Protocol

import structlog

from services.runtime.engine import Engine
from services.runtime.following import Follower
from services.runtime.kafka.outbox import OutboxPublisher
from services.runtime.kafka.publisher import KafkaPublisher
from services.runtime.kafka.snapshots import Snapshots
from services.runtime.store.chain import orders_behind
from services.runtime.store.rebuilding import end_rebuild
from services.runtime.store.snapshots import OfAnotherVersion, empty
from services.runtime.store.transaction import OUTBOX
from services.runtime.stream.chain import OrderRecord
from services.runtime.stream.order import Place, runs_of
from services.runtime.stream.record import Record
from services.runtime.stream.snapshot import Incomplete, Snapshot

# Inputs that are applied between two looks at whether the partition is still to be had.
_AT_ONCE = 2_000

log = structlog.get_logger()


class Astray(Exception):
    """Store and order contradict each other, and nothing here can mend it."""


class Orders(Protocol):
    """Reads order topics."""

    def behind(self, partition: int, /, *, number: int) -> AsyncIterator[OrderRecord]:
        """Yield the records of *partition* from *number* on, or from the first that there is."""


class InputsOf(Protocol):
    """Reads inputs of one partition, each topic from where it was left."""

    async def run(self, topic: str, start: int, until: int, /) -> list[Record]:
        """Return all records of *topic* up to *until*; the first must stand at *start*."""


class OpensInputs(Protocol):
    """Opens inputs of a partition, at these positions, for a block."""

    def __call__(
        self, partition: int, at: Mapping[Place, int], /
    ) -> AbstractAsyncContextManager[InputsOf]: ...


class Course(NamedTuple):
    """From which record on a store has to follow, None where it is at the end.

    *anew* where all that it has goes before; then it begins at *base*, or at the first record.
    """

    follow: int | None = None
    anew: bool = False
    base: Snapshot | None = None


class Recovery:
    """Brings the store of each partition that was claimed to the end of its order topic."""

    def __init__(
        self,
        engine: Engine[Any],
        publisher: KafkaPublisher,
        orders: Orders,
        inputs: OpensInputs,
        snapshots: Snapshots,
    ) -> None:
        self._engine, self._publisher, self._orders = engine, publisher, orders
        self._inputs, self._snapshots = inputs, snapshots
        # Released partitions that may lack a snapshot, before which nothing new is applied.
        self._uncovered: set[int] = set()
        # How far each partition has come that is recovering: the record, and the last.
        self.progress: dict[int, tuple[int, int]] = {}

    def unsettled(self) -> set[int]:
        """Return the partitions of which nothing is applied before they are settled."""
        mine = {each for each in self._uncovered if self._publisher.lane(each)}
        return self._publisher.unsettled() | mine

    def is_fenced_off(self, partition: int) -> bool:
        """Say whether the last owner cannot publish any more, so that the end is the end."""
        lane = self._publisher.lane(partition)
        return lane is not None and lane.opened.is_set()

    async def settle(self, partition: int) -> AsyncGenerator[None, None]:
        """Bring *partition* to the end of its order, in steps; raise Astray where it cannot be."""
        lane = self._publisher.lane(partition)
        if lane is None:
            return
        # Once it is released, it is at the end, and publishes: there is nothing to be held still.
        try:
            if lane.is_held:
                async for _ in self._reach_end(partition, lane):
                    yield
        finally:
            self.progress.pop(partition, None)
        async for _ in self._snapshots.write_where_due(partition, lane):
            yield
        self._uncovered.discard(partition)

    async def _reach_end(self, partition: int, lane: OutboxPublisher) -> AsyncGenerator[None, None]:
        """Bring *partition* to the end of its order, in steps, and release its lane."""
        course = await self._course(partition, lane)
        async for _ in self._take(partition, lane, course):
            yield
        self._must_be_whole(partition, lane)
        await end_rebuild(self._engine.store, partition)
        self._engine.ordering.published_until(partition, lane.published)
        self._uncovered.add(partition)
        lane.release()

    async def must_come_back(self, partition: int) -> Mapping[Place, int]:
        """Judge whether topics give back all that the store has of *partition*; write nothing.

        Its lane must be open. Return from where inputs would be read again; raise Astray where
        the order, or what it goes on from, is not whole.
        """
        lane = self._publisher.lane(partition)
        assert lane is not None, "it is fenced off"
        await self._course(partition, lane)
        base = await self._snapshots.newest(partition)
        if base is not None:
            await self._from(partition, lane, base)
        elif lane.said < 0 <= lane.published:
            raise Astray(
                "outputs are published, but neither an order nor a snapshot: keep the store"
            )
        last, number = (base.last, base.number + 1) if base else (None, 0)
        async for record in self._orders.behind(partition, number=number):
            self._must_follow(record, last, expected=number)
            last, number = record, number + 1
        if number <= lane.said:
            raise Astray(f"the order on Kafka lacks record {number}")
        return {(topic, partition): at for topic, at in base.positions.items()} if base else {}

    async def _take(
        self, partition: int, lane: OutboxPublisher, course: Course
    ) -> AsyncGenerator[None, None]:
        """Go this *course*, in steps."""
        engine = self._engine
        if course.anew:
            await empty(engine.store, partition, engine.epochs)
            await engine.restore()
        if course.base is not None:
            self.progress[partition] = 0, lane.said
            try:
                async for _ in self._snapshots.load(partition, course.base):
                    yield
            except (Incomplete, OfAnotherVersion) as error:
                raise Astray(f"the newest snapshot cannot be read: {error}") from error
        if course.follow is not None:
            async for _ in self._follow(partition, lane, course.follow):
                yield
        if course != Course():
            published = {partition: lane.published} if lane.published >= 0 else {}
            await engine.store.forget(published)

    async def _course(self, partition: int, lane: OutboxPublisher) -> Course:
        """Hold the store's last record against the chain; raise Astray where Kafka is behind."""
        mine = self._engine.ordering.last(partition)
        at = mine.number if mine else -1
        if at > lane.said:
            return await self._course_ahead(partition, lane)
        newest = await self._snapshots.newer(partition, at, said=lane.said)
        if newest is not None and (mine is None or at < newest.number):
            return await self._from(partition, lane, newest)
        if mine is None:
            return Course(0 if lane.said >= 0 else None)
        async for record in self._orders.behind(partition, number=at):
            if (record.number, record.digest) == (at, mine.digest):
                return Course(at + 1 if lane.said > at else None)
            break
        return await self._fork(partition, lane, mine)

    async def _course_ahead(self, partition: int, lane: OutboxPublisher) -> Course:
        """Judge a store that has records which are not published yet."""
        (following, *_) = await orders_behind(
            self._engine.store, partition, after=lane.said, most=1
        )
        is_next = following.number == lane.said + 1
        # Another chain may have said more in fewer records: whose it is comes first.
        if is_next and lane.said >= 0 and not await self._is_said(partition, lane.said, following):
            return await self._fork(partition, lane, following)
        if not is_next or lane.published >= following.first:
            raise Astray(
                f"the order on Kafka ends at {lane.said}, and the store knows that more was "
                "published: is it another log, or an older copy of it?"
            )
        return Course()

    async def _is_said(self, partition: int, number: int, following: OrderRecord) -> bool:
        """Say whether record *number*, the last of the order, is the one before *following*."""
        async for record in self._orders.behind(partition, number=number):
            return record.digest == following.before
        return False

    async def _fork(self, partition: int, lane: OutboxPublisher, mine: OrderRecord) -> Course:
        log.warning("partition.forked", partition=partition, number=mine.number, store=mine.store)
        newest = await self._snapshots.newest(partition)
        if newest is not None:
            return await self._from(partition, lane, newest)
        async for record in self._orders.behind(partition, number=0):
            if record.number == 0:
                return Course(0, anew=True)
            break
        raise Astray("the order on Kafka has no beginning: restore a copy of the store")

    async def _from(self, partition: int, lane: OutboxPublisher, base: Snapshot) -> Course:
        """Begin at *base*, which must lie on the chain; what the store has goes before."""
        course = Course(base.number + 1 if base.number < lane.said else None, True, base)
        if base.number == lane.said == -1:
            return course
        async for record in self._orders.behind(partition, number=base.number):
            if base.digest in (record.digest, record.before):
                return course
            break
        raise Astray(f"the newest snapshot is of record {base.number}, which the order has not")

    async def _follow(
        self, partition: int, lane: OutboxPublisher, number: int
    ) -> AsyncGenerator[None, None]:
        """Apply all from record *number* on, and tell how far it has come."""
        engine, last = self._engine, lane.said
        self.progress[partition] = number, last
        log.warning("partition.recovering", partition=partition, number=number, last=last)
        follower = Follower(engine, partition, published=lane.published)
        try:
            async with self._inputs(partition, dict(engine.transaction.positions)) as inputs:
                async for records in self._batches(partition, number):
                    found, strays = await self._read(partition, records, inputs), dict[str, int]()
                    for each in records:
                        strays |= each.strays
                    await follower.follow(records, found, strays)
                    self.progress[partition] = records[-1].number, last
                    yield
        finally:
            follower.end()
        log.info("partition.recovered", partition=partition, number=last)

    async def _batches(
        self, partition: int, number: int
    ) -> AsyncGenerator[list[OrderRecord], None]:
        """Yield the records from *number* on, so many that they have some thousand inputs."""
        some, size, last = list[OrderRecord](), 0, self._engine.ordering.last(partition)
        async for record in self._orders.behind(partition, number=number):
            self._must_follow(record, last, expected=number)
            last, number = record, number + 1
            some.append(record)
            size += 1 + sum(until - start for _, start, until in runs_of(record.inputs))
            if size >= _AT_ONCE:
                yield some
                some, size = [], 0
        if some:
            yield some

    def _must_follow(self, record: OrderRecord, last: OrderRecord | None, *, expected: int) -> None:
        """Raise Astray where *record* is not the next behind *last*, or of other rules."""
        if record.number != expected:
            raise Astray(f"the order on Kafka lacks record {expected}")
        if record.before != (last.digest if last else ""):
            raise Astray(
                f"record {record.number} of the order is not bound to the one before it: "
                "somebody else has written there"
            )
        if record.rules != self._engine.worker.rules:
            raise Astray(
                f"record {record.number} of the order is of rules {record.rules}, and these "
                f"are {self._engine.worker.rules}: recover with the version that said it"
            )

    async def _read(
        self, partition: int, records: list[OrderRecord], inputs: InputsOf
    ) -> list[Record]:
        """Return the inputs of *records* that the store has not applied."""
        at, found = self._engine.transaction.positions, list[Record]()
        for each in records:
            for topic, start, until in runs_of(each.inputs):
                begin = max(start, min(until, at.get((topic, partition), 0)))
                if begin < until:
                    found += await inputs.run(topic, begin, until)
        return found

    def _must_be_whole(self, partition: int, lane: OutboxPublisher) -> None:
        """Raise Astray where more is published than the store has said, or is about to say."""
        transaction = self._engine.transaction
        said = transaction.positions.get((OUTBOX, partition), 0)
        if lane.published >= said and not transaction.is_amid(partition):
            raise Astray(
                f"the store has said {said} outputs, and Kafka has {lane.published + 1}: "
                "it is an older copy, or another one"
            )
