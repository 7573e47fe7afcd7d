"""The intake: feeds an engine with the chunks at hand, until they are in the store."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from contextlib import aclosing
from typing import Any, Protocol

import structlog
from aiokafka.errors import KafkaError

from services.runtime.engine import Engine
from services.runtime.kafka.recovery import Astray
from services.runtime.kafka.retry import Patience, passes, pauses
from services.runtime.projector import Projector
from services.runtime.store.store import Fenced
from services.runtime.stream.changes import Broken
from services.runtime.stream.order import Gap, Place
from services.runtime.stream.record import Chunk

_PAUSE_S, _LOOK_EVERY_S = 5.0, 0.02

log = structlog.get_logger()


class Publishing(Protocol):
    """The side of a publisher that has to know who owns what."""

    async def own(self, owned: Iterable[int], *, kept: Iterable[int]) -> None:
        """Publish *owned* from here on; nobody else had *kept* in between."""

    def loosen(self) -> None:
        """Let others take what is mine, until I own anew."""

    def reread(self, partitions: Iterable[int]) -> None:
        """Look into the store: what was committed is not known here."""


class Settles(Protocol):
    """Brings stores to the end of what is published."""

    # How far each partition has come that is recovering: the order record, and the last.
    progress: dict[int, tuple[int, int]]

    def unsettled(self) -> set[int]:
        """Return the partitions that publish nothing before they are settled."""

    def is_fenced_off(self, partition: int, /) -> bool:
        """Say whether the last owner cannot publish any more."""

    def settle(self, partition: int, /) -> AsyncGenerator[None, None]:
        """Bring *partition* to the end, in steps."""


# Says of which owned partitions, at their positions, log and store contradict each other, and why.
Objects = Callable[[frozenset[int], Mapping[Place, int]], Awaitable[Mapping[int, str]]]


async def nobody_objects(
    _owned: frozenset[int], _positions: Mapping[Place, int]
) -> Mapping[int, str]:
    """Object to nothing: the log is that of the store."""
    return {}


class Intake:
    """Hands chunks to *engine*, at most about *most* records in one transaction."""

    def __init__(
        self,
        engine: Engine[Any] | Projector,
        publisher: Publishing,
        *,
        owner: str,
        most: int,
        patience: Patience,
    ) -> None:
        self.engine, self._publisher = engine, publisher
        self._owner, self._most, self.patience = owner, most, patience
        # How many batches were worked off, and how long that took.
        self.batches, self.spent_s = 0, 0.0
        # Where a day waits for a transaction that is open: behind which offset, and since when.
        self.undecided: dict[Place, tuple[int, float]] = {}
        # Brings what was claimed to the end of what is published, before anything is applied.
        self.recovery: Settles | None = None
        self._unsettled: set[int] = set()
        # Asked at each claim, before anything is applied: such a partition stops.
        self.objects: Objects = nobody_objects
        self._pending: deque[Chunk] = deque()
        self._withheld: list[Chunk] = []
        self._records = 0
        self._generation: int | None = None
        self._wake, self._drained = asyncio.Event(), asyncio.Event()
        self._busy, self._claiming = asyncio.Lock(), asyncio.Lock()

    async def claim(self, owned: Iterable[int], generation: int) -> dict[Place, int]:
        """Own these partitions from here on; return where each input is to be read from."""
        wanted = frozenset(owned)
        async with self._claiming:
            if generation != self._generation or wanted != self.engine.owned:
                async with self._busy:
                    await self._claim(wanted)
                self._generation = generation
        return self.engine.starts()

    @property
    def unsettled(self) -> list[int]:
        """The partitions of which nothing is applied: where their store stands is not known.

        While they are claimed, of none: the engine owns them before the publisher is asked.
        """
        is_known = self.recovery is None or not self._claiming.locked()
        return sorted(self._unsettled if is_known else self.engine.owned)

    def stop(self, partition: int, why: str) -> None:
        """Take nothing of *partition* any more, and say why; what is in the store stays."""
        if partition not in self.engine.stopped:
            self.engine.stopped[partition] = why
            log.error("partition.stopped", partition=partition, why=why)

    async def stop_all(self, why: str) -> None:
        """Stop all partitions, and publish nothing more: nothing here can be relied on."""
        async with self._busy:
            for partition in self.engine.owned:
                self.stop(partition, why)
            await self._publisher.own((), kept=())

    async def pause(self) -> None:
        """Before others claim: forget what waits, and let the running transaction end."""
        self._generation = None
        self._unsettled = set()
        self.engine.paused = True
        self._publisher.loosen()
        self._drop()
        try:
            async with asyncio.timeout(_PAUSE_S), self._busy:
                pass
        except TimeoutError:
            log.warning("transaction.unfinished")
        await self.engine.acting.rest()

    async def submit(self, chunk: Chunk) -> None:
        """Take *chunk* in, as soon as there is room; one of an older generation is dropped."""
        if chunk.generation != self._generation:
            return
        self._pending.append(chunk)
        self._records += len(chunk.records)
        self._wake.set()
        # A day to finish comes by the same way as the facts that wait for it: let it through.
        while self._records > self._most and not self._withheld:
            self._drained.clear()
            await self._drained.wait()

    async def run(self) -> None:
        """Work for ever; raise what no waiting mends."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._pending or self._unsettled:
                if self._unsettled:
                    await self._settle(min(self._unsettled))
                    continue
                async with self._busy:
                    began_at = asyncio.get_running_loop().time()
                    await self._work(self._next_batch())
                    self.spent_s += asyncio.get_running_loop().time() - began_at
                    self.batches += 1

    async def _claim(self, wanted: frozenset[int]) -> None:
        self._drop()
        before = self.engine.epochs
        await self.patience.insist("claim", lambda: self.engine.claim(wanted, self._owner))
        after = self.engine.epochs
        kept = {p for p in after if before.get(p) == after[p] - 1}
        positions = self.engine.transaction.positions
        faults = await self.patience.insist("log", lambda: self.objects(wanted, positions))
        for partition, why in sorted(faults.items()):
            self.stop(partition, why)
        await self._publisher.own(wanted - faults.keys(), kept=kept)
        self._unsettled = self.recovery.unsettled() if self.recovery else set()
        self._wake.set()
        log.info("partitions.claimed", partitions=sorted(wanted), kept=len(kept))

    async def _settle(self, partition: int) -> None:
        """Let the store of *partition* come to the end of what is published, whatever it takes."""
        assert self.recovery is not None, "else all is settled"
        generation, pause_s = self._generation, pauses()
        while self._is_unsettled(partition, generation):
            if not self.recovery.is_fenced_off(partition):
                await asyncio.sleep(_LOOK_EVERY_S)
                continue
            try:
                await self._recover(partition, generation)
            except (Broken, Astray) as error:
                self.stop(partition, str(error))
                self._unsettled.discard(partition)
            except Exception as error:
                if not passes(error):
                    raise
                self.patience.complain("recovery", error)
                await asyncio.sleep(next(pause_s))
            else:
                self.patience.relax("recovery")
                continue
            await self._restore()

    async def _recover(self, partition: int, generation: int | None) -> None:
        """Settle in steps, between which others may claim."""
        assert self.recovery is not None, "else all is settled"
        async with aclosing(self.recovery.settle(partition)) as steps:
            while True:
                async with self._busy:
                    if not self._is_unsettled(partition, generation):
                        return
                    if await anext(steps, True):
                        self._unsettled.discard(partition)
                        return

    def _is_unsettled(self, partition: int, generation: int | None) -> bool:
        return generation == self._generation and partition in self._unsettled

    async def _work(self, chunks: list[Chunk]) -> None:
        """Bring *chunks* into the store, whatever it takes."""
        pause_s, faults = pauses(), 0
        while chunks:
            try:
                self._withheld = await self.engine.take(chunks)
                self._records += sum(len(each.records) for each in self._withheld)
                self.patience.relax("store")
                self.patience.relax("broker")
                return
            except Broken as broken:
                self.stop(broken.partition, str(broken))
            except (Fenced, Gap):
                raise
            except Exception as error:  # noqa: BLE001 - what the store refuses stops its partition
                if passes(error):
                    # A day asks the broker where its inputs end.
                    what = "broker" if isinstance(error, KafkaError) else "store"
                    self.patience.complain(what, error)
                    await asyncio.sleep(next(pause_s))
                else:
                    faults += 1
                    if faults > 1:  # no race with another worker, which the store would tell
                        return await self._apart(chunks, error)
            await self._restore()

    async def _apart(self, chunks: list[Chunk], error: Exception) -> None:
        """Find the partition whose records the database refuses, and stop that one alone."""
        partitions = sorted({each.partition for each in chunks})
        await self._restore()
        if len(partitions) == 1:
            self.stop(partitions[0], repr(error))
            return
        withheld: list[Chunk] = []
        try:
            for partition in partitions:
                self.engine.only = frozenset({partition})
                await self._work([each for each in chunks if each.partition == partition])
                withheld += self._withheld
        finally:
            self.engine.only = None
        self._withheld = withheld

    async def _restore(self) -> None:
        """Ask the store: the commit may have happened. The rest is done again."""
        await self.patience.insist("restore", self.engine.restore)
        self._publisher.reread(self.engine.owned)

    def _next_batch(self) -> list[Chunk]:
        batch, size, self._withheld = self._withheld, 0, []
        while self._pending and size < self._most:
            chunk = self._pending.popleft()
            if chunk.generation == self._generation:
                batch.append(chunk)
                size += len(chunk.records)
        self._records = sum(len(each.records) for each in self._pending)
        self._drained.set()
        return batch

    def _drop(self) -> None:
        self._pending.clear()
        self._withheld, self._records = [], 0
        self._drained.set()
