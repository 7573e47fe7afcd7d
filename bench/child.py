"""A measured process: ``python -m bench.child KIND SHAPE NAME``, settings from the environment.

KIND: empty, stock, plain or ours; SHAPE: dunning or usage; NAME: of the group and of the books.
"""

import asyncio
import json
import os
import sys
from dataclasses import replace
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor

from bench import gauge, stock, usage
from services.dunning import app as dunning
from services.runtime.engine import Engine
from services.runtime.kafka import launch
from services.runtime.kafka.app import build
from services.runtime.kafka.intake import Intake
from services.runtime.kafka.outlet import Producers
from services.runtime.kafka.publisher import KafkaPublisher
from services.runtime.kafka.reader import LogEnds
from services.runtime.kafka.retry import Patience
from services.runtime.logs import set_up_logging
from services.runtime.settings import Settings
from services.runtime.store.database import Database
from services.runtime.store.store import Store
from services.runtime.stream.record import Chunk, Packed
from services.runtime.stream.wire import unpack
from services.runtime.worker import Worker

WORKERS: dict[str, Worker[Any]] = {"dunning": dunning.worker, "usage": usage.worker}
_PASSES = 3


def ours(worker: Worker[Any], settings: Settings) -> None:
    """Run the product as it is."""
    app = build(worker, settings)
    engine, publisher = app.seam.intake.engine, app.publisher
    assert isinstance(engine, Engine) and isinstance(publisher, KafkaPublisher), "of a worker"
    gauge.tell(gauge.look_at(engine, publisher))
    launch.run(app)


async def plain(worker: Worker[Any], settings: Settings) -> None:
    """Run the same engine, store and publisher under a plain aiokafka loop."""
    store, patience = Store(Database(settings.database_url(worker.name), worker.name)), Patience()
    producers = Producers(worker.name, f"{worker.name}.dead-letters", settings)
    publisher = KafkaPublisher(producers, store, patience, fatal=_end)
    ends = LogEnds(settings, [topic.name for topic in worker.reads])
    engine = Engine(worker, store, publisher, ends=ends.of, cached=settings.cached_contracts)
    intake = Intake(engine, publisher, owner="plain", most=settings.batch_most, patience=patience)
    gauge.tell(gauge.look_at(engine, publisher))
    launch.collect_rarely()
    consumer = _consumer(settings, group_id=worker.name)
    await consumer.start()
    claimed = _Claimed(consumer, intake)
    consumer.subscribe([topic.name for topic in worker.reads], listener=claimed)
    works = [publisher.guard(each) for each in (intake.run(), publisher.sweep())]
    while works:
        for tp, found in (await consumer.getmany(timeout_ms=500, max_records=2000)).items():
            records = tuple(
                unpack(tp.topic, tp.partition, each.offset, Packed(*_parts(each))) for each in found
            )
            start, claimed.at[tp] = claimed.at[tp], found[-1].offset + 1
            chunk = Chunk(tp.topic, tp.partition, start, found[-1].offset + 1, records)
            await intake.submit(replace(chunk, generation=claimed.generation))


async def empty(settings: Settings, topics: dict[str, int]) -> None:
    """Read everything some times over, and do nothing."""
    consumer = _consumer(settings)
    await consumer.start()
    places = [TopicPartition(name, p) for name in topics for p in range(settings.partitions)]
    consumer.assign(places)
    read, end = 0, sum(topics.values())
    gauge.say({"done": 0, "idle": False})
    for number in range(1, _PASSES + 1):
        await consumer.seek_to_beginning(*places)
        while read < number * end:
            for found in (await consumer.getmany(timeout_ms=500, max_records=2000)).values():
                read += len(found)
    gauge.say({"done": read, "idle": True})
    await consumer.stop()


class _Claimed(ConsumerRebalanceListener):  # type: ignore[misc]
    """Claims what is assigned, and goes to where the store stands."""

    def __init__(self, consumer: AIOKafkaConsumer, intake: Intake) -> None:
        self._consumer, self._intake = consumer, intake
        self.at: dict[TopicPartition, int] = {}
        self.generation = 0

    async def on_partitions_revoked(self, _revoked: set[TopicPartition]) -> None:
        await self._intake.pause()

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        self.generation += 1
        partitions = {tp.partition for tp in assigned}
        starts = await self._intake.claim(partitions, self.generation)
        self.at = {tp: starts[tp.topic, tp.partition] for tp in assigned}
        for tp, at in self.at.items():
            self._consumer.seek(tp, at)


def _consumer(settings: Settings, **more: Any) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(
        **settings.kafka_client(),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        partition_assignment_strategy=[RangePartitionAssignor],
        fetch_max_wait_ms=50,
        **more,
    )


def _parts(found: Any) -> tuple[Any, ...]:
    return found.key, found.value, tuple(found.headers), found.timestamp


def _end(error: BaseException) -> None:
    sys.stderr.write(repr(error))
    os._exit(1)


def main() -> None:
    kind, shape, name, *more = sys.argv[1:]
    settings = Settings()  # type: ignore[call-arg]
    worker = replace(WORKERS[shape], name=name)
    set_up_logging(settings)
    match kind:
        case "ours":
            ours(worker, settings)
        case "plain":
            asyncio.run(plain(worker, settings))
        case "empty":
            asyncio.run(empty(settings, json.loads(more[0])))
        case "stock":
            stock.run(worker, settings, contracts=int(more[0]), dedupes=shape == "usage")


if __name__ == "__main__":
    main()
