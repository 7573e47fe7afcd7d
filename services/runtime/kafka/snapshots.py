"""Writes snapshots of partitions to their topic, and makes partitions from them."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from typing import Any, Protocol

import structlog

from schemas.topics import snapshots_of
from services.runtime.engine import Engine
from services.runtime.kafka.outbox import OutboxPublisher
from services.runtime.store.snapshots import begin_at, lines_of, stands_at, write_lines
from services.runtime.store.transaction import APPLIED, OUTBOX
from services.runtime.stream.record import Packed
from services.runtime.stream.snapshot import Lines, Pieces, Snapshot

# Rows in memory at once; contracts are some kilobytes.
_PAGE, _LOOK_S = 500, 0.02

log = structlog.get_logger()


class SnapshotTopic(Protocol):
    """Reads snapshots from their topic."""

    async def newest(self, partition: int, /) -> Snapshot | None:
        """Return the newest snapshot of *partition* that is whole."""

    def pieces(self, partition: int, snapshot: Snapshot, /) -> AsyncIterator[Packed]:
        """Yield what stands on the topic from the first piece of *snapshot* on."""

    async def ends(self, partition: int, /) -> Mapping[str, int]:
        """Return before which offset all stands that the service has said so far."""


class Snapshots:
    """The snapshots of the partitions of *engine*, which applies nothing of theirs meanwhile."""

    def __init__(self, engine: Engine[Any], topic: SnapshotTopic) -> None:
        self._engine, self._topic = engine, topic

    async def newest(self, partition: int) -> Snapshot | None:
        """Return the newest snapshot of *partition* that is whole."""
        return await self._topic.newest(partition)

    async def newer(self, partition: int, number: int, *, said: int) -> Snapshot | None:
        """Return the newest snapshot where a store at record *number* may be older than it.

        *said* is the number of the last record that is out.
        """
        if number == said >= 0:
            return None
        newest = await self.newest(partition)
        if newest is None or said >= 0:
            return newest
        # Of a store from before there was an order, which may be the one that wrote it.
        taken = self._engine.transaction.positions.get((APPLIED, partition), 0)
        return newest if taken < newest.positions.get(APPLIED, 0) else None

    async def load(self, partition: int, snapshot: Snapshot) -> AsyncGenerator[None, None]:
        """Let *partition*, of which the store has nothing, stand where *snapshot* does, in steps.

        Raise Incomplete where the topic has not what its cover names. What is cut in the middle
        has no position, and no order record: it is begun anew.
        """
        store, lines = self._engine.store, Lines(snapshot)
        if not lines.is_whole:
            async for piece in self._topic.pieces(partition, snapshot):
                rows = lines.add(piece)
                async with store.transaction() as tx:
                    await store.fence(tx, self._epoch(partition))
                    await write_lines(store, tx, rows)
                yield
                if lines.is_whole:
                    break
        lines.end()
        async with store.transaction() as tx:
            await store.fence(tx, self._epoch(partition))
            await begin_at(store, tx, partition, snapshot)
        await self._engine.restore()
        log.info("snapshot.loaded", partition=partition, number=snapshot.number)

    async def write_where_due(
        self, partition: int, lane: OutboxPublisher
    ) -> AsyncGenerator[None, None]:
        """Write a snapshot where other rules come next than said the last record, in steps."""
        if not await self._is_due(partition):
            return
        number = self._engine.ordering.number(partition)
        while not self._is_published(partition, lane):
            await asyncio.sleep(_LOOK_S)
            yield
        log.info("snapshot.begins", partition=partition, number=number)
        pieces, first, ends = Pieces(secrets.token_hex(8)), -1, await self._topic.ends(partition)
        async for some in self._cut(partition, pieces):
            sent = self._send(lane, some)
            while not sent.done():
                await asyncio.wait({sent}, timeout=_LOOK_S)
                yield
            first = sent.result()[0] if first < 0 else first
        sent = self._send(lane, [(await self._cover(partition, pieces, first, ends)).packed()])
        while not sent.done():
            await asyncio.wait({sent}, timeout=_LOOK_S)
            yield
        sent.result()
        log.info("snapshot.written", partition=partition, number=number, pieces=pieces.count)

    async def _is_due(self, partition: int) -> bool:
        last = self._engine.ordering.last(partition)
        taken = self._engine.transaction.positions.get((APPLIED, partition), 0)
        if (last.rules == self._engine.worker.rules) if last else not taken:
            return False
        newest = await self._topic.newest(partition)
        return newest is None or newest.number < (last.number if last else -1)

    def _is_published(self, partition: int, lane: OutboxPublisher) -> bool:
        """Say whether nothing waits to be said: what does is no part of a snapshot."""
        said = self._engine.transaction.positions.get((OUTBOX, partition), 0)
        number = self._engine.ordering.number(partition)
        return lane.published >= said - 1 and lane.said >= number

    async def _cut(self, partition: int, pieces: Pieces) -> AsyncIterator[list[Packed]]:
        """Yield the pieces of all that is kept of *partition*, some at once."""
        async for lines in lines_of(self._engine.store, partition, most=_PAGE):
            if some := pieces.cut(lines):
                yield some
        if rest := pieces.end():
            yield rest

    async def _cover(
        self, partition: int, pieces: Pieces, first: int, ends: Mapping[str, int]
    ) -> Snapshot:
        engine = self._engine
        last = engine.ordering.last(partition)
        return Snapshot(
            id=pieces.id,
            number=last.number if last else -1,
            order=last.text if last else "",
            rules=engine.worker.rules,
            first=max(first, 0),
            pieces=pieces.count,
            content=pieces.content,
            positions=await stands_at(engine.store, partition),
            ends=ends,
        )

    def _send(self, lane: OutboxPublisher, some: Sequence[Packed]) -> "asyncio.Future[list[int]]":
        topic = snapshots_of(self._engine.worker.name).name
        return lane.beside([(topic, each) for each in some])

    def _epoch(self, partition: int) -> dict[int, int]:
        return {partition: self._engine.epochs.get(partition, -1)}
