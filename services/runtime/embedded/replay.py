"""A replay: the inputs of a service again, in the order that its store recorded."""

import tempfile
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from services.runtime.engine import Engine
from services.runtime.following import Follower
from services.runtime.store.database import Database
from services.runtime.store.store import Store
from services.runtime.stream.barrier import no_ends
from services.runtime.stream.order import expand
from services.runtime.stream.record import Output, Record
from services.runtime.worker import Worker

# Inputs that are applied, and contracts that are kept in memory, where a store is gone on from.
_AT_ONCE, _CACHED = 2_000, 10_000

NOWHERE: Mapping[str, int] = MappingProxyType({})


class Lost(Exception):
    """The log does not hold a record any more that the store says was applied."""


class Said:
    """Collects what is said."""

    def __init__(self) -> None:
        self.outputs: list[Output] = []

    def publish(self, outputs: Sequence[Output]) -> None:
        """Append *outputs*."""
        self.outputs += outputs


async def replay(
    worker: Worker[Any],
    records: Iterable[Record],
    orders: Mapping[int, Iterable[str]],
    *,
    partitions: int,
    elsewhere: Mapping[str, int] = NOWHERE,
) -> list[Output]:
    """Return all that *worker* says to *records*, taken in the recorded order of each partition.

    *orders* holds, per partition, what Store.recorded_order returns; *partitions* is how many the
    topics have, *elsewhere* where the contracts of some records are kept, by their places. The same
    code runs as in the worker, over an empty store; raise Lost where a record is missing.
    """
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'replay.sqlite'}"
        store = Store(Database(url, worker.name, synchronous="OFF"))
        try:
            await store.create(partitions)
            return await replay_over(store, worker, records, orders, elsewhere=elsewhere)
        finally:
            await store.close()


async def replay_over(
    store: Store,
    worker: Worker[Any],
    records: Iterable[Record],
    orders: Mapping[int, Iterable[str]],
    *,
    elsewhere: Mapping[str, int] = NOWHERE,
) -> list[Output]:
    """Return what replay does, over a *store* that is empty and made for all partitions."""
    at = {(each.topic, each.partition, each.offset): each for each in records}
    said = Said()
    engine = Engine(worker, store, said, ends=no_ends, cached=None)
    await engine.claim(orders, "replay")
    engine.fold.homes |= elsewhere
    for partition, runs in sorted(orders.items()):
        await _replay_one(engine, at, partition, runs)
    return said.outputs


async def _replay_one(
    engine: Engine[Any],
    at: Mapping[tuple[str, int, int], Record],
    partition: int,
    runs: Iterable[str],
) -> None:
    for run in runs:
        for topic, offset in expand(run):
            await engine.apply(_at(at, topic, partition, offset))
            engine.publish()
            await engine.begin_days()
            engine.publish()
        await engine.commit()
    engine.fold.registered.clear()  # what another partition knew by then, *elsewhere* says


async def replay_from(
    fill: Callable[[Store], Awaitable[None]],
    worker: Worker[Any],
    records: Iterable[Record],
    orders: Mapping[int, Iterable[str]],
    *,
    partitions: int,
    elsewhere: Mapping[str, int] = NOWHERE,
) -> list[Output]:
    """Return what *worker* says behind what *fill* writes to a store that is empty."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'replay.sqlite'}"
        store = Store(Database(url, worker.name, synchronous="OFF"))
        try:
            await store.create(partitions)
            await fill(store)
            return await go_on(store, worker, records, orders, elsewhere=elsewhere)
        finally:
            await store.close()


async def go_on(
    store: Store,
    worker: Worker[Any],
    records: Iterable[Record],
    orders: Mapping[int, Iterable[str]],
    *,
    elsewhere: Mapping[str, int] = NOWHERE,
) -> list[Output]:
    """Return what *worker* says behind what *store* holds of each partition of *orders*."""
    at = {(each.topic, each.partition, each.offset): each for each in records}
    said = Said()
    engine = Engine(worker, store, said, ends=no_ends, cached=_CACHED)
    await engine.claim(orders, "replay")
    for partition, runs in sorted(orders.items()):
        inputs = [_at(at, topic, partition, n) for run in runs for topic, n in expand(run)]
        follower = Follower(engine, partition, published=-1)
        for n in range(0, len(inputs), _AT_ONCE):
            await follower.follow((), inputs[n : n + _AT_ONCE], elsewhere)
        follower.end()
    return said.outputs


def _at(
    found: Mapping[tuple[str, int, int], Record], topic: str, partition: int, offset: int
) -> Record:
    if (record := found.get((topic, partition, offset))) is None:
        raise Lost(f"{topic}/{partition}/{offset}")
    return record
