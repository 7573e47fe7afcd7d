"""Where it is measured: a Kafka and a PostgreSQL of our own, topics, and a store that is old."""

import asyncio
import itertools
import shutil
import sqlite3
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaProducer
from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import create_async_engine

from bench.traffic import Traffic
from schemas.topics import dead_letters_of, order_of, snapshots_of
from services.runtime.engine import Engine
from services.runtime.kafka import topics
from services.runtime.settings import Settings
from services.runtime.store.database import Database
from services.runtime.store.store import Store
from services.runtime.store.tables import CHAIN
from services.runtime.store.transaction import OUTBOX
from services.runtime.stream.order import Place
from services.runtime.stream.record import Output, Packed
from services.runtime.worker import Worker
from tests.support.servers import Kafka, Postgres

_BATCH = 500_000
_NUMBERS = itertools.count(1)


class Ground:
    """The servers and a folder; all is gone when it is closed."""

    def __init__(self, partitions: int) -> None:
        self.kafka, self.postgres, self.partitions = Kafka(brief=False), Postgres(), partitions
        self.folder = Path(tempfile.mkdtemp(prefix="duestream-bench-"))
        self.kafka.start()
        self.postgres.start()

    def close(self) -> None:
        """End the servers, and remove everything."""
        self.kafka.close()
        self.postgres.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def settings(self, **more: Any) -> Settings:
        """Return the settings of a process that is measured."""
        said: dict[str, Any] = {"kafka": self.kafka.address, "partitions": self.partitions}
        said["services"] = ("dunning",)  # nobody else runs, so that a day waits for nobody
        return Settings(state_dir=self.folder, **said | more)

    def name(self, shape: str) -> str:
        """Return a name that no group, transaction or schema had before."""
        return f"{shape}{next(_NUMBERS)}"

    def make_topics(self, worker: Worker[Any]) -> None:
        """Make all that *worker* reads and writes."""
        wanted = {*worker.reads, *worker.writes, worker.announces}
        asyncio.run(topics.apply(self.settings(), wanted))

    def make_dead_letters(self, name: str) -> None:
        """Make the topics that the worker *name* has for itself."""
        asyncio.run(
            topics.apply(
                self.settings(), [dead_letters_of(name), order_of(name), snapshots_of(name)]
            )
        )

    def fill(self, records: Mapping[Place, Sequence[Packed]]) -> None:
        """Append *records* to their places."""
        asyncio.run(_fill(self.settings(), records))

    def old_books(self, worker: Worker[Any], traffic: Traffic, *, on: str) -> "Old":
        """Let a store hold what is old in *traffic*, on SQLite or PostgreSQL."""
        old = Old(self, worker, on=on)
        asyncio.run(_apply(worker, traffic, old.template.database_url(worker.name)))
        return old


class Old:
    """Books to begin with, as often as one likes."""

    def __init__(self, ground: Ground, worker: Worker[Any], *, on: str) -> None:
        self._ground, self._worker, self._on = ground, worker, on
        self._name = f"{worker.name}_{on}"
        database = ground.postgres.database(self._name) if on == "postgres" else None
        self.template = ground.settings(database=database)

    def copy(self, name: str) -> Settings:
        """Return where a copy is, for a worker called *name*."""
        if self._on == "sqlite":
            source = self._ground.folder / f"{self._worker.name}.sqlite"
            shutil.copyfile(source, self._ground.folder / f"{name}.sqlite")
            return self._ground.settings()
        database = self._ground.postgres.database(name, template=self._name)
        asyncio.run(_rename(database, self._worker.name, name))
        return self._ground.settings(database=database)

    def size(self, settings: Settings, name: str) -> int:
        """Return how many bytes of disk the store of *name* takes."""
        if self._on == "sqlite":
            path = self._ground.folder / f"{name}.sqlite"
            with sqlite3.connect(path) as connection:
                connection.execute("pragma wal_checkpoint(truncate)")
            return path.stat().st_size
        return asyncio.run(
            ask(str(settings.database), "select pg_database_size(current_database())")
        )


class _Nobody:
    def publish(self, outputs: Sequence[Output]) -> None:
        """Say nothing: what is old was said before."""


async def _apply(worker: Worker[Any], traffic: Traffic, url: str) -> None:
    store = Store(Database(url, worker.name))
    await store.create(traffic.partitions)

    async def ends(_partitions: Sequence[int]) -> dict[Place, int]:
        return {}

    engine = Engine(worker, store, _Nobody(), ends=ends, cached=10_000_000)
    await engine.claim(range(traffic.partitions), "bench")
    for chunk in traffic.chunks():
        await engine.take([chunk])
    said = {p: engine.transaction.positions.get((OUTBOX, p), 0) - 1 for p in engine.owned}
    await store.forget({p: seq for p, seq in said.items() if seq >= 0})
    async with store.transaction() as tx:
        # What is old was said before orders stood on Kafka: no topic of ours holds these.
        await tx.execute(delete(CHAIN))
    await store.close()


async def _fill(told: Settings, records: Mapping[Place, Sequence[Packed]]) -> None:
    producer = AIOKafkaProducer(**told.kafka_client(), max_batch_size=_BATCH)
    await producer.start()
    try:
        for (topic, partition), some in records.items():
            batch = producer.create_batch()
            for packed in some:
                if not _fits(batch, packed):
                    await (await producer.send_batch(batch, topic, partition=partition))
                    batch = producer.create_batch()
                    _fits(batch, packed)
            await (await producer.send_batch(batch, topic, partition=partition))
    finally:
        await producer.stop()


def _fits(batch: Any, packed: Packed) -> bool:
    key, value, headers, timestamp = packed
    added = batch.append(key=key, value=value, timestamp=timestamp, headers=list(headers))
    return added is not None


async def _rename(url: str, old: str, new: str) -> None:
    await ask(url, f'alter schema "{old}" rename to "{new}"')


async def ask(url: str, question: str) -> int:
    """Return what a question in SQL gives, 0 for a statement without an answer."""
    engine = create_async_engine(url)
    async with engine.begin() as tx:
        result = await tx.execute(text(question))
        found = result.scalar_one() if result.returns_rows else 0
    await engine.dispose()
    return int(found)
