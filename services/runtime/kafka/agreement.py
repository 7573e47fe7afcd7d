"""What settings, topics and store must agree on before anything is written, and ever after.

Whatever starts asks here first: a worker, the clock, what sends, what verifies. Money goes astray
in silence where a worker goes on with a store that is not that of its group, or behind records
that are gone.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Protocol

import structlog
from aiokafka.errors import UnknownTopicOrPartitionError

from schemas.topics import Topic, dead_letters_of, order_of, snapshots_of
from services.runtime.kafka.cluster import ClusterFacts, facts_of
from services.runtime.kafka.disagreement import (
    Disagreement,
    PublishedOffset,
    fault_of_published,
    faults_of_durability,
    faults_of_ids,
    faults_of_origin,
    faults_of_places,
    faults_of_topics,
    refuse,
)
from services.runtime.kafka.retry import PASSING, words_of
from services.runtime.kafka.topics import admin
from services.runtime.settings import Settings
from services.runtime.store.origin import (
    OtherPartitions,
    StoreOrigin,
    bind,
    origin_of,
    positions_of,
)
from services.runtime.store.store import Store
from services.runtime.store.transaction import OUTBOX
from services.runtime.stream.order import Place
from services.runtime.worker import Worker

_STORE_DO = "go by the store of the other workers (DUESTREAM_DATABASE), or restore a newer copy"


LOOK_AGAIN_S = 5.0

log = structlog.get_logger()


class Bounds(Protocol):
    """Asks where the inputs of partitions begin and end."""

    async def begins(self, partitions: Collection[int], /) -> Mapping[Place, int]: ...

    async def of(self, partitions: Collection[int], /) -> Mapping[Place, int]: ...


class Agreement:
    """Compares the *needed* topics with all that a process goes by, and *others* where they are."""

    def __init__(
        self, settings: Settings, needed: Iterable[Topic], *, others: Iterable[Topic] = ()
    ) -> None:
        self._settings, self._needed = settings, {topic.name: topic for topic in needed}
        self._others = {topic.name: topic for topic in others}
        self._known: ClusterFacts | None = None

    async def reach(self) -> ClusterFacts:
        """Return what the cluster says of itself; raise Disagreement, or KafkaError.

        Asked again, it must be the same cluster with the same topics; whether they are durable is
        asked once.
        """
        names = {**self._others, **self._needed}
        async with admin(self._settings) as client:
            cluster = await facts_of(client, self._settings, names)
        missing = sorted(self._needed.keys() - cluster.topics.keys())
        if missing:
            raise UnknownTopicOrPartitionError(f"{', '.join(missing)} at {self._settings.kafka}")
        refuse(faults_of_topics(self._settings, names.values(), cluster))
        if self._known is None:
            refuse(faults_of_durability(self._settings, names.values(), cluster))
        else:
            refuse(faults_of_ids(self._known.id, _ids(self._known), cluster, self._settings))
        self._known = self._known or cluster
        return cluster

    async def remain(self) -> None:
        """Look again and again; raise Disagreement when it is over. A broker may be away."""
        while True:
            await asyncio.sleep(LOOK_AGAIN_S)
            try:
                await self.reach()
            except UnknownTopicOrPartitionError as error:
                do = "restore it; nothing goes on by itself"
                where = f"topics at {self._settings.kafka}"
                raise Disagreement(f"{words_of(error)} is gone", where=where, do=do) from error
            except PASSING as error:
                log.info("agreement.unchecked", error=repr(error))


class StoreAgreement:
    """Compares what Agreement does, and the *store* of *service*; tells a new one whose it is."""

    def __init__(
        self, agreement: Agreement, store: Store, service: str, settings: Settings
    ) -> None:
        self.topics, self._store, self._service, self._settings = (
            agreement,
            store,
            service,
            settings,
        )
        self.origin: StoreOrigin | None = None

    async def look(self) -> None:
        """Raise Disagreement where a store that exists contradicts the rest; write nothing."""
        await self.topics.reach()
        offsets = await published_offsets_of(self._settings, self._service)
        # In this order: beside a worker at work the store is ahead of what it has published.
        await self._look_at_origin()
        positions = await positions_of(self._store)
        where = database(self._settings, self._service)
        for partition, published in offsets.items():
            said = positions.get((OUTBOX, partition), 0)
            if why := fault_of_published(published, said, self.origin.id if self.origin else None):
                here = f"partition {partition} of {where}"
                raise Disagreement(why, where=here, do=_STORE_DO)

    async def _look_at_origin(self) -> None:
        cluster = await self.topics.reach()
        self.origin = await origin_of(self._store)
        where = database(self._settings, self._service)
        if self.origin is not None:
            refuse(faults_of_origin(self.origin, self._service, self._settings, where))
            refuse(faults_of_ids(self.origin.cluster, self.origin.topics, cluster, self._settings))

    async def reach(self, bounds: Bounds) -> StoreOrigin:
        """Raise Disagreement unless all agree; then let the store know where it comes from.

        Whether the store is behind what is published, a worker asks when it has fenced the last
        owner: a store that is comes to its end by itself.
        """
        await self._look_at_origin()
        cluster, partitions = await self.topics.reach(), self._settings.partitions
        if self.origin is None and (positions := await positions_of(self._store)):
            # Made before a store knew its origin: what it says of the log must be true at least.
            numbers = range(partitions)
            begins, ends = await bounds.begins(numbers), await bounds.of(numbers)
            for _, why in sorted(faults_of_places(positions, begins, ends).items()):
                raise Disagreement(why, where=self._settings.kafka, do="is this the store of it?")
        try:
            await self._store.create(partitions)
        except OtherPartitions as error:
            where, do = (
                database(self._settings, self._service),
                "set DUESTREAM_PARTITIONS to theirs",
            )
            raise Disagreement(str(error), where=where, do=do) from None
        async with self._store.transaction() as tx:
            await bind(
                tx,
                service=self._service,
                cluster=cluster.id,
                partitions=partitions,
                topics=_ids(cluster),
            )
        self.origin = await origin_of(self._store)
        assert self.origin is not None, "it was written just now"
        refuse(faults_of_ids(self.origin.cluster, self.origin.topics, cluster, self._settings))
        return self.origin

    async def objections(
        self, bounds: Bounds, owned: Collection[int], positions: Mapping[Place, int]
    ) -> dict[int, str]:
        """Return where, of the *owned* partitions, log and store contradict each other, and why."""
        try:
            await self.topics.reach()
        except Disagreement as fault:
            return dict.fromkeys(owned, str(fault))
        begins = await bounds.begins(owned)
        return faults_of_places(positions, begins, await bounds.of(owned))


def topics_of(worker: Worker[Any]) -> list[Topic]:
    """Return all topics that *worker* reads or writes."""
    internal = (each(worker.name) for each in (dead_letters_of, order_of, snapshots_of))
    return [*worker.reads, *worker.writes, worker.announces, *internal]


def database(settings: Settings, service: str) -> str:
    """Name where the store is; the address may hold a password."""
    return "DUESTREAM_DATABASE" if settings.database else str(settings.store_file(service))


async def published_offsets_of(settings: Settings, service: str) -> dict[int, PublishedOffset]:
    """Return what Kafka knows of each partition that *service* has published on."""
    letters = settings.on_kafka(dead_letters_of(service).name)
    async with admin(settings) as client:
        found = await client.list_consumer_group_offsets(settings.on_kafka(f"{service}.outbox"))
    return {tp.partition: published for tp, published in found.items() if tp.topic == letters}


def _ids(cluster: ClusterFacts) -> dict[str, str]:
    return {name: topic.id for name, topic in cluster.topics.items() if topic.id is not None}
