"""The snapshot topic of a service: the newest that is whole, and its pieces."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas.topics import snapshots_of
from services.runtime.kafka.reader import LogEnds, outside_groups, packed
from services.runtime.settings import Settings
from services.runtime.stream.record import Packed
from services.runtime.stream.snapshot import Snapshot, cover_in

_AT_ONCE = 16


class SnapshotLog:
    """Reads what stands on ``<service>.snapshots``; *outputs* are the topics that it writes."""

    def __init__(self, settings: Settings, service: str, outputs: Sequence[str]) -> None:
        self._settings, self._outputs = settings, outputs
        self._topic = settings.on_kafka(snapshots_of(service).name)

    async def newest(self, partition: int) -> Snapshot | None:
        """Return the newest snapshot of *partition* that is whole, looking back from the end."""
        async with self._reading(partition) as (consumer, place):
            begin = (await consumer.beginning_offsets([place]))[place]
            until, back = (await consumer.end_offsets([place]))[place], _AT_ONCE
            while until > begin:
                start = max(begin, until - back)
                if (found := await _last_cover(consumer, place, start, until)) is not None:
                    return found
                until, back = start, back * 4
        return None

    async def pieces(self, partition: int, snapshot: Snapshot) -> AsyncIterator[Packed]:
        """Yield what stands on the topic from the first piece of *snapshot* on."""
        async with self._reading(partition) as (consumer, place):
            end = (await consumer.end_offsets([place]))[place]
            consumer.seek(place, snapshot.first)
            while await consumer.position(place) < end:
                for some in (await consumer.getmany(timeout_ms=100, max_records=_AT_ONCE)).values():
                    for found in some:
                        yield packed(found)

    async def ends(self, partition: int) -> dict[str, int]:
        """Return before which offset all stands that the service has said so far."""
        ends = LogEnds(self._settings, self._outputs)
        try:
            return {topic: end for (topic, _), end in (await ends.of([partition])).items()}
        finally:
            await ends.close()

    @asynccontextmanager
    async def _reading(
        self, partition: int
    ) -> AsyncIterator[tuple[AIOKafkaConsumer, TopicPartition]]:
        place = TopicPartition(self._topic, partition)
        async with outside_groups(self._settings) as consumer:
            consumer.assign([place])
            yield consumer, place


async def _last_cover(
    consumer: AIOKafkaConsumer, place: TopicPartition, start: int, until: int
) -> Snapshot | None:
    """Return the last cover between two offsets."""
    consumer.seek(place, start)
    last = None
    while await consumer.position(place) < until:
        for some in (await consumer.getmany(timeout_ms=100, max_records=_AT_ONCE)).values():
            for found in some:
                if found.offset < until:
                    last = cover_in(packed(found)) or last
    return last
