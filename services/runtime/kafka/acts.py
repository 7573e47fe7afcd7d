"""Acts upon the world: those of all partitions that a worker owns."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

import structlog

from services.runtime.effects import Effects
from services.runtime.engine import Engine
from services.runtime.kafka.partition_acts import PartitionActs, Shared, World
from services.runtime.kafka.publisher import KafkaPublisher, is_fence
from services.runtime.stream import codec
from services.runtime.stream.acts import OpenAct

# Before others take over: what is amid then may be unknown, and has to be settled by hand.
_REST_S = 5.0

log = structlog.get_logger()


class WorkerActs:
    """The acts of all partitions that a worker owns; owns with them what *publisher* publishes."""

    def __init__(
        self, effects: Effects, engine: Engine[Any], publisher: KafkaPublisher, world: World
    ) -> None:
        shapes = codec.shapes_of(engine.worker.writes)
        self._shared = Shared(effects, engine, publisher, world, shapes, self.wake)
        self._publisher = publisher
        self._partitions: dict[int, tuple[PartitionActs, asyncio.Task[None]]] = {}
        engine.acting = self
        publisher.on_published = self.wake

    def committed(
        self, opened: Sequence[tuple[int, OpenAct]], settled: Sequence[tuple[int, str]]
    ) -> None:
        """Hear of intents that are in the store, and of ids whose outcome was taken."""
        for partition, act in opened:
            if partition in self._partitions:
                self._partitions[partition][0].open(act)
        for partition, effect_id in settled:
            if partition in self._partitions:
                self._partitions[partition][0].settle(effect_id)

    def wake(self) -> None:
        """Look anew on all partitions: something is published, or a slot is free."""
        for acts, _ in self._partitions.values():
            acts.wake()

    def loosen(self) -> None:
        """Begin nothing more, until I own anew."""
        self._shared.is_loose = True
        self._publisher.loosen()

    async def rest(self) -> None:
        """Let acts end that a person would have to be asked about, for a while."""
        try:
            async with asyncio.timeout(_REST_S):
                for acts, _ in list(self._partitions.values()):
                    await acts.rest()
        except TimeoutError:
            log.warning("act.unfinished", service=self._shared.service)

    def reread(self, partitions: Iterable[int]) -> None:
        """Look into the store: what was committed is not known here."""
        self._publisher.reread(partitions)
        for partition in set(partitions) & self._partitions.keys():
            self._partitions[partition][0].reread()

    async def own(self, owned: Iterable[int], *, kept: Iterable[int]) -> None:
        """Act for *owned* from here on; those *kept* go on as they are."""
        owned, kept = set(owned), set(kept)
        await self._publisher.own(owned, kept=kept)
        ended = {p for p, (_, task) in self._partitions.items() if task.done()}
        stays = (owned & kept) - ended
        gone = [self._partitions.pop(p)[1] for p in list(self._partitions) if p not in stays]
        for task in gone:
            task.cancel()
        await asyncio.gather(*gone, return_exceptions=True)
        self._shared.is_loose = False
        for partition in sorted(owned - self._partitions.keys()):
            acts = PartitionActs(partition, self._shared)
            self._partitions[partition] = acts, self._publisher.guard(self._run(acts))
        for acts, _ in self._partitions.values():
            acts.reread()

    async def close(self) -> None:
        """Stop all acts, and publishing."""
        await self.own((), kept=())
        await self._publisher.close()

    async def _run(self, acts: PartitionActs) -> None:
        try:
            await acts.run()
        except Exception as error:
            if not (self._shared.is_loose and is_fence(error)):
                raise
