"""From a message to what is said about it, as a reader of committed data sees it."""

import asyncio
import random
import time
from statistics import quantiles
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from bench import traffic
from bench.child import WORKERS
from bench.ground import Ground
from bench.measure import Child, until
from services.runtime.settings import Settings
from services.runtime.stream.wire import pack

_CONTRACTS, _A_SECOND = 200, 200
_GIVEN_UP_S = 240
_CAUSE = "ce_causationid"


class Size(NamedTuple):
    """How long messages come before it counts, and for how long it does, in seconds."""

    warm_s: int
    counted_s: int


def measure(size: Size) -> dict[str, Any]:
    """Return the time on the way in milliseconds, on each database."""
    ground, worker = Ground(partitions=12), WORKERS["dunning"]
    try:
        ground.make_topics(worker)
        made = traffic.dunning(_CONTRACTS, 0, partitions=ground.partitions)
        ground.fill(made.records)
        found, earlier = {}, 0
        for on in ("postgres", "sqlite"):
            name = ground.name("latency")
            settings = ground.old_books(worker, made, on=on).copy(name)
            ground.make_dead_letters(name)
            child = Child(settings, "ours", "dunning", name)
            try:
                _await_ready(child, earlier)
                found[on] = _summary(asyncio.run(_Way(settings, size, earlier).measure()))
                earlier += (size.warm_s + size.counted_s) * _A_SECOND
            finally:
                child.kill()
        return found
    finally:
        ground.close()


def _await_ready(child: Child, earlier: int) -> None:
    """Wait until the worker has done what stands in the log from the measurement before."""
    until(
        lambda: child.last("idle") and child.last("done") == earlier,
        [child],
        "the worker is ready",
    )


def _summary(ways_s: list[float]) -> dict[str, Any]:
    cuts = quantiles((each * 1000 for each in ways_s), n=100)
    return {
        "messages": len(ways_s),
        "p50_ms": round(cuts[49], 1),
        "p99_ms": round(cuts[98], 1),
        "most_ms": round(max(ways_s) * 1000, 1),
    }


class _Way:
    """Sends at an even pace, invoices from number *first* on, and reads what comes of it."""

    def __init__(self, settings: Settings, size: Size, first: int) -> None:
        self._settings, self._size, self._first = settings, size, first
        self._sent: dict[str, float] = {}
        self._ways_s: list[float] = []

    async def measure(self) -> list[float]:
        """Return how long each message that counts was on its way, in seconds."""
        consumer = AIOKafkaConsumer(
            **self._settings.kafka_client(), isolation_level="read_committed"
        )
        producer = AIOKafkaProducer(**self._settings.kafka_client())
        await consumer.start()
        await producer.start()
        places = [TopicPartition("receivables", p) for p in range(self._settings.partitions)]
        consumer.assign(places)
        await consumer.seek_to_end(*places)
        reading = asyncio.create_task(self._read(consumer))
        try:
            await self._send(producer)
            await asyncio.wait_for(reading, _GIVEN_UP_S)
        finally:
            reading.cancel()
            await producer.stop()
            await consumer.stop()
        return self._ways_s

    async def _send(self, producer: AIOKafkaProducer) -> None:
        rng, begun = random.Random(1), time.monotonic()
        for sent in range((self._size.warm_s + self._size.counted_s) * _A_SECOND):
            await asyncio.sleep(max(0.0, begun + sent / _A_SECOND - time.monotonic()))
            number = self._first + sent
            contract = traffic.name_of(rng.randrange(_CONTRACTS))
            said = traffic.invoice(contract, number, "10.00")
            event = traffic.event_of(said, number, subject=contract)
            packed = pack(event)
            self._sent[f"{event.source} {event.id}"] = time.monotonic()
            await producer.send(
                "invoices", packed.value, key=packed.key, headers=list(packed.headers)
            )

    async def _read(self, consumer: AIOKafkaConsumer) -> None:
        warm, counted = self._size.warm_s * _A_SECOND, self._size.counted_s * _A_SECOND
        seen = 0
        while seen < warm + counted:
            for some in (await consumer.getmany(timeout_ms=200)).values():
                now = time.monotonic()
                for each in some:
                    sent = self._sent.get(dict(each.headers)[_CAUSE].decode())
                    seen += sent is not None
                    if sent is not None and seen > warm:
                        self._ways_s.append(now - sent)
