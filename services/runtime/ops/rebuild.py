"""Makes the store of a service anew from topics alone, while no worker has its partitions."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from sqlalchemy.exc import SQLAlchemyError

from schemas.topics import dead_letters_of
from services.runtime.engine import Engine
from services.runtime.kafka.agreement import Agreement, Bounds, StoreAgreement, topics_of
from services.runtime.kafka.composition import engine_of, publisher_of, recovery_of
from services.runtime.kafka.disagreement import faults_of_places
from services.runtime.kafka.groups import members_of
from services.runtime.kafka.intake import Publishing, Settles
from services.runtime.kafka.outlet import Producers
from services.runtime.kafka.reader import LogEnds
from services.runtime.kafka.recovery import Astray
from services.runtime.kafka.retry import Patience
from services.runtime.ops.state_reader import NoStore
from services.runtime.settings import Settings
from services.runtime.store.database import Database
from services.runtime.store.rebuilding import begin_rebuild, is_rebuilding
from services.runtime.store.store import Store
from services.runtime.stream.changes import Broken
from services.runtime.stream.order import Place
from services.runtime.worker import Worker

_LOOK_EVERY_S = 0.02
OWNER = "rebuild"

# Hears of which partition how many order records of how many are applied.
HearsProgress = Callable[[int, int, int], None]


class InUse(Exception):
    """Workers run: each brings its store to the end by itself, and would take ours away."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What became of a partition: the last order record in its store, or *why* it has stopped."""

    partition: int
    number: int
    has_gone_on: bool = False
    why: str = ""


class Recovers(Settles, Protocol):
    """Brings stores to the end of what is published, and says beforehand whether it can."""

    async def must_come_back(self, partition: int, /) -> Mapping[Place, int]:
        """Return from where the inputs would be read again; raise Astray where they are not all."""


class Rebuild:
    """Makes partitions of *engine*'s store anew: a worker without the part that takes what is new.

    *bounds* says where its inputs begin and end. *fault* is set by whatever ends a process:
    somebody else took over, or a broken invariant.
    """

    def __init__(
        self,
        engine: Engine[Any],
        publisher: Publishing,
        recovery: Recovers,
        *,
        bounds: Bounds,
        fault: "asyncio.Future[None]",
    ) -> None:
        self._engine, self._publisher, self._recovery = engine, publisher, recovery
        self._bounds, self._fault = bounds, fault

    async def one(self, partition: int, hears: HearsProgress) -> Rebuilt:
        """Make *partition* anew, or go on where a rebuild of it was stopped.

        Nothing is deleted where topics cannot give it back. Raise what fails by the way; started
        again, it goes on.
        """
        engine = self._engine
        await engine.claim([partition], OWNER)
        goes_on = await is_rebuilding(engine.store, partition)
        await self._publisher.own([partition], kept=())
        why = ""
        try:
            await self._fence_off(partition)
            if not goes_on:
                await self._must_come_back(partition)
                await begin_rebuild(engine.store, partition, engine.epochs)
                await engine.restore()
            await self._settle(partition, hears)
        except (Astray, Broken) as error:
            why = str(error)
        return Rebuilt(partition, engine.ordering.number(partition), goes_on, why)

    async def _fence_off(self, partition: int) -> None:
        while not self._recovery.is_fenced_off(partition):
            self._must_go_on()
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _must_come_back(self, partition: int) -> None:
        """Raise Astray where order, snapshots and inputs cannot give back what the store has."""
        needed = await self._recovery.must_come_back(partition)
        applied = self._engine.starts()
        begins = await self._bounds.begins([partition])
        ends = await self._bounds.of([partition])
        faults = faults_of_places(needed, begins, ends)
        faults |= faults_of_places(applied, dict.fromkeys(begins, 0), ends)
        for why in faults.values():
            raise Astray(why)

    async def _settle(self, partition: int, hears: HearsProgress) -> None:
        async with aclosing(self._recovery.settle(partition)) as steps:
            async for _ in steps:
                self._must_go_on()
                if (at := self._recovery.progress.get(partition)) is not None:
                    hears(partition, *at)

    def _must_go_on(self) -> None:
        if self._fault.done():
            self._fault.result()


async def rebuild(
    worker: Worker[Any], settings: Settings, wanted: Collection[int], hears: HearsProgress
) -> list[Rebuilt]:
    """Make the *wanted* partitions of *worker*'s store anew, all by none, one after the other.

    Raise InUse while workers run, NoStore where the database fails, KafkaError where the broker
    does, Disagreement where settings, topics and store are not of each other, and Fenced or
    ProducerFenced where a worker took over meanwhile.
    """
    if members := await members_of(settings, worker.name):
        raise InUse(", ".join(members))
    fault = asyncio.get_running_loop().create_future()
    store = Store(Database(settings.database_url(worker.name), worker.name))
    ends = LogEnds(settings, [topic.name for topic in worker.reads])
    producers = Producers(worker.name, dead_letters_of(worker.name).name, settings)
    publisher = publisher_of(producers, store, Patience(), fatal=partial(_note, fault))
    engine = engine_of(worker, settings, publisher=publisher, store=store, ends=ends)
    recovery = recovery_of(engine, publisher, settings)
    anew = Rebuild(engine, publisher, recovery, bounds=ends, fault=fault)
    agreement = StoreAgreement(Agreement(settings, topics_of(worker)), store, worker.name, settings)
    try:
        await store.migrate()
        origin = await agreement.reach(ends)
        producers.store_id = engine.ordering.store_id = origin.id
        return [await anew.one(p, hears) for p in sorted(wanted or await store.partitions())]
    except SQLAlchemyError as error:
        raise NoStore(str(error).splitlines()[0]) from error
    finally:
        await publisher.close()
        await ends.close()
        await store.close()
        fault.cancel()


def _note(fault: "asyncio.Future[None]", error: BaseException) -> None:
    if not fault.done():
        fault.set_exception(error)
