"""A worker that kills itself at a named point: the real one, but its store and producers listen.

python -m tests.support.doomed SERVICE FILE: when it passes the point that FILE names, it renames
FILE, which proves that the point was passed, and ends by SIGKILL.
"""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from pathlib import Path

from services.cli.plumbing.cluster import read_settings
from services.registry import WORKERS
from services.runtime.kafka import launch
from services.runtime.kafka.app import compose
from services.runtime.kafka.outlet import Producers
from services.runtime.store import tables
from services.runtime.store.database import Database
from services.runtime.store.store import Store
from services.runtime.stream.barrier import BEGUN

# So few contracts are woken at once that also a small storm has days of several slices.
WAKES_AT_ONCE = 2
UNWRITTEN = "commit: fenced, nothing written"
UNREAD = "claim: read, nothing fetched"
OPENED, MARK_READ = "lane: opened, mark not read", "lane: mark read, nothing sent"
BEGUN_NOTHING, IN_PART = "lane: begun, nothing sent", "lane: sent in part"
SENT, MARK_SENT = "lane: sent, no mark", "lane: mark sent, not committed"
NOT_NOTED = "lane: committed, not noted"
UNDELETED = "sweep: published, not deleted"
# By the step that a transaction is of: before its commit, and behind it.
AROUND = {
    "claim": ("claim: written, not committed", "claim: committed, not read"),
    "facts": ("facts: written, not committed", "facts: committed, not published"),
    "slice": ("day begun: slice not committed", "day begun: slice committed, not ended"),
    "day": ("day ended: not committed", "day ended: committed, not published"),
    "sweep": ("sweep: deleted, not committed", "sweep: deleted"),
}
OF_DAYS = (*AROUND["slice"], *AROUND["day"])
OF_CLAIMS = (*AROUND["claim"], UNREAD, OPENED, MARK_READ)
OF_TRAFFIC = (
    UNWRITTEN,
    *AROUND["facts"],
    BEGUN_NOTHING,
    IN_PART,
    SENT,
    MARK_SENT,
    NOT_NOTED,
    UNDELETED,
    *AROUND["sweep"],
)
POINTS = (*OF_DAYS, *OF_CLAIMS, *OF_TRAFFIC)

_step: ContextVar[str | None] = ContextVar("_step", default=None)


class Doom:
    """Ends the process at the point that a file names."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def is_at(self, point: str) -> bool:
        return self._file.exists() and self._file.read_text() == point

    def at(self, point: str) -> None:
        """Go no further than *point*, if that is the one."""
        if self.is_at(point):
            self._file.rename(fulfilled(self._file))
            os.kill(os.getpid(), signal.SIGKILL)


def fulfilled(file: Path) -> Path:
    """Return what a doom is called when its point was passed."""
    return file.with_suffix(".fulfilled")


@contextmanager
def step(name: str) -> Iterator[None]:
    token = _step.set(name)
    try:
        yield
    finally:
        _step.reset(token)


class DoomedStore(Store):
    """Books that know which step of a worker a transaction is of."""

    def __init__(self, database: Database, doom: Doom) -> None:
        super().__init__(database)
        self._doom = doom

    @asynccontextmanager
    async def transaction(self):
        known = _step.get()
        try:
            async with super().transaction() as tx:
                yield tx
                before, behind = AROUND.get(_step.get(), (None, None))
                self._doom.at(before)
            self._doom.at(behind)
        finally:
            _step.set(known)  # what a commit was of is seen only by what it wrote

    async def claim(self, owned, owner):
        with step("claim"):
            return await super().claim(owned, owner)

    async def standing(self, epochs):
        with step("standing"):
            found = await super().standing(epochs)
        self._doom.at(UNREAD)
        return found

    async def forget(self, marks):
        self._doom.at(UNDELETED)
        with step("sweep"):
            await super().forget(marks)

    async def fence(self, tx, epochs):
        await super().fence(tx, epochs)
        if _step.get() is None:
            self._doom.at(UNWRITTEN)

    async def append(self, tx, table, rows):
        await super().append(tx, table, rows)
        if table is tables.OUTBOX and any(row["topic"].endswith(".days") for row in rows):
            _step.set("day")

    async def write(self, tx, table, rows):
        await super().write(tx, table, rows)
        if table is tables.POSITIONS and _step.get() != "sweep":
            _step.set("slice" if _is_amid_a_day(rows) else _step.get() or "facts")


def _is_amid_a_day(positions) -> bool:
    at = {(row["topic"], row["partition"]): row["next"] for row in positions}
    return any(n > at.get(("days", p), 0) for (topic, p), n in at.items() if topic == BEGUN)


class DoomedProducers(Producers):
    """An outlet whose producers listen, too."""

    def __init__(self, service, topic_of_published, told, doom: Doom) -> None:
        super().__init__(service, topic_of_published, told)
        self._doom = doom

    async def producer(self, partition):
        producer = DoomedProducer(await super().producer(partition), self._doom)
        self._doom.at(OPENED)
        return producer

    async def published(self, partition):
        mark = await super().published(partition)
        self._doom.at(MARK_READ)
        return mark


class DoomedProducer:
    """A producer; what is sent has reached the broker before a point behind it is passed."""

    def __init__(self, producer, doom: Doom) -> None:
        self._producer, self._doom, self._sent = producer, doom, 0

    @asynccontextmanager
    async def transaction(self):
        async with self._producer.transaction():
            self._doom.at(BEGUN_NOTHING)
            self._sent = 0
            yield
            await self._at(MARK_SENT)
        self._doom.at(NOT_NOTED)

    async def send(self, *args, **kwargs):
        if self._sent:
            await self._at(IN_PART)
        self._sent += 1
        return await self._producer.send(*args, **kwargs)

    async def send_offsets_to_transaction(self, offsets, group):
        await self._at(SENT)
        await self._producer.send_offsets_to_transaction(offsets, group)

    async def stop(self):
        await self._producer.stop()

    async def _at(self, point: str) -> None:
        if self._doom.is_at(point):
            await self._producer.flush()
            self._doom.at(point)


def main() -> None:
    worker, doom, settings = WORKERS[sys.argv[1]], Doom(Path(sys.argv[2])), read_settings()
    store = DoomedStore(Database(settings.database_url(worker.name), worker.name), doom)
    producers = DoomedProducers(worker.name, f"{worker.name}.dead-letters", settings, doom)
    sys.argv[1:] = []  # Faust would read them
    launch.prepare(worker, settings)
    app = compose(worker, settings, store=store, producers=producers)
    app.seam.intake.engine.wakes_at_once = WAKES_AT_ONCE
    launch.run(app)


if __name__ == "__main__":
    main()
