"""The publisher: the lanes of all partitions that a worker owns."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import structlog

from services.runtime.kafka.backlog import Row
from services.runtime.kafka.outbox import OutboxPublisher
from services.runtime.kafka.outlet import Producers
from services.runtime.kafka.retry import Patience
from services.runtime.store.chain import forget_orders
from services.runtime.store.store import Store
from services.runtime.stream.chain import OrderRecord
from services.runtime.stream.record import Output
from services.runtime.stream.wire import pack

_FORGET_EVERY_S = 1.0

log = structlog.get_logger()


def is_fence(error: BaseException) -> bool:
    """Say whether another worker has what this one wrote to; aiokafka says so by many classes."""
    return "Fenced" in repr(error)


class KafkaPublisher:
    """The lanes of all partitions that this worker owns."""

    def __init__(
        self,
        producers: Producers,
        store: Store,
        patience: Patience,
        *,
        fatal: Callable[[BaseException], None],
    ) -> None:
        self._producers, self._store, self._patience = producers, store, patience
        self._fatal = fatal
        self._outboxes: dict[int, tuple[OutboxPublisher, asyncio.Task[None]]] = {}
        self._forgotten: dict[int, int] = {}
        self._is_loose = False
        # Whether a new lane waits until it is settled where its store stands.
        self.holds = False
        # Told whenever more is published.
        self.on_published: Callable[[], None] = lambda: None

    def publish(self, outputs: Sequence[Output]) -> None:
        """Publish committed *outputs*, each on its partition."""
        rows: dict[int, list[Row]] = {}
        for output in outputs:
            packed = output.packed or pack(output.content)
            row = Row(output.seq, output.topic, packed, output.last)
            rows.setdefault(output.partition, []).append(row)
        for partition, some in rows.items():
            if partition in self._outboxes:
                self._outboxes[partition][0].add(some)

    def order(self, records: Mapping[int, OrderRecord]) -> None:
        """Publish committed order *records*, each in front of what its partition says next."""
        for partition, record in records.items():
            if partition in self._outboxes:
                self._outboxes[partition][0].order(record)

    def lane(self, partition: int) -> OutboxPublisher | None:
        """Return the lane of *partition*, if it is mine."""
        return self._outboxes[partition][0] if partition in self._outboxes else None

    def unsettled(self) -> set[int]:
        """Return the partitions that publish nothing before they are released."""
        return {p for p, (outbox, _) in self._outboxes.items() if outbox.is_held}

    def loosen(self) -> None:
        """Let others take what is mine, until I own anew: whom they fence ends without a word.

        Partitions are given back before others claim them, but a transaction may be amid.
        """
        self._is_loose = True

    async def own(self, owned: Iterable[int], *, kept: Iterable[int]) -> None:
        """Publish *owned* from here on; the lanes of *kept* go on as they are."""
        stays = set(owned) & set(kept)
        ended = {p for p, (_, task) in self._outboxes.items() if task.done()}
        gone = [self._outboxes.pop(p) for p in list(self._outboxes) if p not in stays - ended]
        for _, task in gone:
            task.cancel()
        await asyncio.gather(*(task for _, task in gone), return_exceptions=True)
        self._is_loose = False
        for partition in sorted(set(owned) - self._outboxes.keys()):
            outbox = OutboxPublisher(partition, self._producers, self._store, self._patience)
            outbox.on_published = self.on_published
            if self.holds:
                outbox.hold()
            self._outboxes[partition] = outbox, self.guard(self._run(outbox))

    async def _run(self, outbox: OutboxPublisher) -> None:
        try:
            await outbox.run()
        except Exception as error:
            if not (self._is_loose and is_fence(error)):
                raise
            log.info("partition.fenced", partition=outbox.partition)

    def reread(self, partitions: Iterable[int]) -> None:
        """Look into the store: what was committed is not known here."""
        for partition in set(partitions) & self._outboxes.keys():
            self._outboxes[partition][0].reread()

    def published(self, partition: int) -> int:
        """Return the last seq of *partition* that is out."""
        outbox = self._outboxes.get(partition)
        return outbox[0].published if outbox else -1

    def said(self, partition: int) -> int:
        """Return the number of the last order record of *partition* that is out."""
        outbox = self._outboxes.get(partition)
        return outbox[0].said if outbox else -1

    @property
    def waiting(self) -> int:
        """How many rows are queued on all lanes that are at work."""
        return sum(outbox.waiting for outbox, task in self._outboxes.values() if not task.done())

    @property
    def age_s(self) -> float:
        """For how long the publisher that is furthest behind has had something to publish."""
        return max((outbox.age_s for outbox, _ in self._outboxes.values()), default=0.0)

    async def sweep(self) -> None:
        """Delete what is published from the store, for ever."""
        while True:
            await asyncio.sleep(_FORGET_EVERY_S)
            published = {p: outbox.published for p, (outbox, _) in self._outboxes.items()}
            new = {p: seq for p, seq in published.items() if seq > self._forgotten.get(p, -1)}
            if new:
                await self._patience.insist("sweep", partial(self._store.forget, new))
                said = {p: self._outboxes[p][0].said for p in new if p in self._outboxes}
                await self._patience.insist("sweep", partial(forget_orders, self._store, said))
                self._forgotten |= new

    async def drain(self, timeout_s: float) -> None:
        """Wait until all that is queued is out, at most *timeout_s*; the store keeps the rest."""
        deadline = asyncio.get_running_loop().time() + timeout_s
        while self.waiting and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.02)

    async def close(self) -> None:
        """Stop all lanes."""
        await self.own((), kept=())
        await self._producers.close()

    def guard(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run *work* in the background; what it raises ends the process."""
        return guarded(work, self._fatal)


def guarded(
    work: Coroutine[Any, Any, None], fatal: Callable[[BaseException], None]
) -> asyncio.Task[None]:
    """Run *work* in the background; *fatal* is told what it raises."""

    async def told() -> None:
        try:
            await work
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            fatal(error)
            raise

    task = asyncio.create_task(told())
    # A task that is cancelled before its first step awaits nothing: its work is closed here.
    task.add_done_callback(lambda _: work.close())
    return task
