"""Dunning over a log that it reads late: what is in the log, and what was fetched of it, differ."""

from dataclasses import dataclass, field

from schemas.envelope import Event
from services.dunning import app as dunning
from services.runtime.embedded.memory_log import MemoryLog
from services.runtime.engine import Engine
from services.runtime.store.store import Store
from services.runtime.stream.record import Chunk, Record
from tests.support.events import line
from tests.support.tally import sqlite


@dataclass
class Night:
    """One partition; workers come and go, the log and the store stay."""

    folder: object
    gated: bool = False
    log: dict[str, list[Event]] = field(default_factory=dict)
    said: MemoryLog = field(default_factory=MemoryLog)
    workers: int = 0

    async def start(self):
        """Let a new worker claim the partition; what the last one had only read is forgotten."""
        if self.workers:
            await self.store.close()
        self.workers += 1
        self.store = Store(sqlite(self.folder, service="dunning"))
        await self.store.create(1)
        self.engine = Engine(
            dunning.worker, self.store, self.said, ends=self._ends, gated=self.gated, cached=100
        )
        starts = await self.engine.claim([0], f"worker {self.workers}")
        self.read = {topic: starts[topic, 0] for topic, _ in starts}
        return self

    async def _ends(self, _partitions):
        return {(topic, 0): len(events) for topic, events in self.log.items()}

    def append(self, topic, *contents, time=None):
        """Put messages or events into the log; nobody has fetched them yet.

        What names the day of its payment is said on that day (R-58).
        """
        for each in contents:
            name = f"{topic}-{len(self.log.get(topic, ()))}"
            said_at = time or f"{getattr(each, 'received_on', '2026-02-01')}T10:00:00+01:00"
            event = (
                each if isinstance(each, Event) else Event.from_line(line(each, said_at, name=name))
            )
            self.log.setdefault(topic, []).append(event)
        return self

    async def fetch(self, *topics, most=1_000):
        """Hand the worker what it has not read of *topics*, all of them where none is named."""
        chunks = []
        for topic in topics or self.log:
            at = self.read[topic]
            events = self.log.get(topic, [])[at : at + most]
            records = tuple(
                Record(topic, 0, at + n, each, each.timestamp) for n, each in enumerate(events)
            )
            self.read[topic] = at + len(records)
            chunks.append(Chunk(topic, 0, at, self.read[topic], records))
        left = await self.engine.take(chunks)
        assert left == []
        return self

    def days_done(self):
        """Return how many days dunning is through with."""
        return len(self.said.topics["dunning.days"])

    def reminded(self):
        """Return when reminders were made."""
        return [event.time[:10] for event in self.said.topics["reminders"]]
