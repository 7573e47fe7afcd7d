"""The embedded run: the clock and all services in one process, each record followed to its end."""

from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from schemas.envelope import DeadLetter, Event, Malformed, Raw
from schemas.message import Refused
from schemas.topics import DAYS, TERMS, topic_of
from services.runtime.clock.clock import Clock
from services.runtime.clock.feed import FedDay, Feed
from services.runtime.embedded.acts import EmbeddedActs
from services.runtime.embedded.memory_log import MemoryLog
from services.runtime.embedded.projecting import EmbeddedProjection
from services.runtime.engine import Engine
from services.runtime.partitions import partition_of
from services.runtime.projection import Projection
from services.runtime.projector import Projector
from services.runtime.store.database import Database
from services.runtime.store.read_model import ReadModel
from services.runtime.store.store import Store
from services.runtime.stream import codec
from services.runtime.stream.record import Record
from services.runtime.worker import Worker

# Events and days in one commit.
_BATCH = 2_000


class _Line(NamedTuple):
    """A line of a file, and the event that it is."""

    event: Event
    raw: bytes


@dataclass(frozen=True, slots=True)
class Waits:
    """A record that at the end still waits in *service* for a fact, and when that is given up."""

    service: str
    record: Record
    until: date | None


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run did, for the last lines on the screen."""

    read: int
    after_the_end: int
    counts: Counter[str]
    dead_letters: int
    waiting: tuple[Waits, ...]


class Embedded:
    """All *workers*, in the order in which a record is followed through them."""

    def __init__(
        self,
        workers: Sequence[Worker[Any]],
        folder: Path,
        *,
        partitions: int = 1,
        projections: Sequence[Projection] = (),
    ):
        self.log = MemoryLog()
        self._declared, self._projections = projections, list[EmbeddedProjection]()
        self.engines: list[tuple[Engine[Any], deque[Record]]] = []
        self._workers, self._folder, self._partitions = workers, folder, partitions
        self._clock = Clock()
        self._acts: list[EmbeddedActs] = []

    async def run(
        self,
        lines: Sequence[bytes],
        *,
        until: date,
        watch: Callable[[date], None] | None = None,
    ) -> Summary:
        """Apply *lines* in the order of their time, with all days up to *until*.

        *watch* is told each day that is through, to show how far the run has come.
        """
        await self._start()
        feed = Feed[_Line](self._clock, until=until, instant=lambda line: line.event.instant)
        for number, each in enumerate(feed.of(self._events(lines)), start=1):
            if isinstance(each, FedDay):
                await self._say(each.event)
                if watch is not None:
                    watch(datetime.fromisoformat(each.event.time).date())
            else:
                await self._take(each)
            if number % _BATCH == 0:
                await self._commit()
        await self._commit()
        return await self._finish(feed.taken, feed.after_the_end)

    def store_of(self, service: str) -> Store:
        """Return the store of *service*, which is empty."""
        return Store(self._database(service))

    def read_model_of(self, projection: Projection) -> ReadModel:
        """Return the rows of *projection*, of which there are none."""
        return ReadModel(projection, self._database(projection.name))

    def _database(self, name: str) -> Database:
        path = self._folder / "state" / f"{name}.sqlite"
        path.parent.mkdir(parents=True, exist_ok=True)
        # A run that dies is run again: nothing here has to survive a power cut.
        return Database(f"sqlite+aiosqlite:///{path}", name, synchronous="OFF")

    def write(self) -> None:
        """Leave every topic as a file of structured CloudEvents in log order."""
        for topic, contents in sorted(self.log.topics.items()):
            lines = b"".join(content.to_line() + b"\n" for content in contents)
            (self._folder / f"{topic}.jsonl").write_bytes(lines)

    async def _start(self) -> None:
        for worker in self._workers:
            store = self.store_of(worker.name)
            await store.create(self._partitions)
            gated = bool(worker.waits_for([each.name for each in self._workers]))
            engine = Engine(worker, store, self.log, ends=self.log.ends, gated=gated, cached=None)
            await engine.claim(range(self._partitions), "embedded")
            if worker.effects:
                self._acts.append(EmbeddedActs(worker, worker.effects, self.log))
            inbox: deque[Record] = deque()
            for topic in worker.reads:
                self.log.subscribe(topic.name, inbox.append)
            self.engines.append((engine, inbox))
        for projection in self._declared:
            model = self.read_model_of(projection)
            await model.create(self._partitions)
            projector = Projector(projection, model, ends=self.log.ends)
            await projector.claim(range(self._partitions), "embedded")
            self._projections.append(EmbeddedProjection(projector, self.log))

    def _events(self, lines: Sequence[bytes]) -> list[_Line]:
        return [_Line(event, raw) for raw in lines if (event := self._parse(raw)) is not None]

    def _parse(self, line: bytes) -> Event | None:
        """Return the event of *line*; dead-letter what belongs to no topic."""
        try:
            event = Event.from_line(line)
        except Malformed as error:
            self._dead_letter(line, "undecodable", str(error))
            return None
        if topic_of(event.type) is None:
            self._dead_letter(line, "unknown_type", event.type)
            return None
        return event

    def _dead_letter(self, line: bytes, reason: str, detail: str) -> None:
        headers = (("dl-reason", reason), ("dl-detail", detail))
        self.log.append("input.dead-letters", 0, DeadLetter(raw=Raw(None, line), headers=headers))

    async def _take(self, line: _Line) -> None:
        event, topic = line.event, topic_of(line.event.type)
        raw = Raw(event.subject.encode(), line.raw)
        assert topic is not None, "what belongs to no topic was dead-lettered"
        partition = 0 if topic is TERMS else partition_of(event.subject, self._partitions)
        offset = self.log.append(topic.name, partition, event, raw=raw)
        if topic is TERMS:
            await self._forward(Record(TERMS.name, 0, offset, event, event.timestamp, raw))
        await self._follow()

    async def _forward(self, record: Record) -> None:
        try:
            for said in self._clock.forward(record):
                await self._say(said)
        except Refused as why:
            self.log.publish([codec.dead_letter("clock", record, why)])

    async def _say(self, event: Event) -> None:
        """Say *event* to every partition of ``days``, and follow it to the end."""
        for acts in self._acts:
            acts.begin_again(event.time)
        for partition in range(self._partitions):
            self.log.append(DAYS.name, partition, event)
        await self._follow()

    async def _follow(self) -> None:
        """Let every service work in its order until nothing is new, and no act is left to do."""
        await self._work()
        while any([await acts.act() for acts in self._acts]):
            await self._work()

    async def _work(self) -> None:
        while any(inbox for _, inbox in self.engines):
            for engine, inbox in self.engines:
                while inbox:
                    await engine.apply(inbox.popleft())
                    engine.publish()
                await engine.begin_days()
                engine.publish()

    async def _commit(self) -> None:
        for engine, _ in self.engines:
            await engine.commit()
        for projection in self._projections:
            await projection.commit()

    async def _finish(self, read: int, late: int) -> Summary:
        counts: Counter[str] = Counter()
        waiting: list[Waits] = []
        for engine, _ in self.engines:
            waiting += _still_waiting(engine)
            counts.update(engine.counts)
            await engine.store.close()
        for projection in self._projections:
            await projection.projector.store.close()
        dead = sum(len(r) for t, r in self.log.topics.items() if t.endswith(".dead-letters"))
        return Summary(read, late, counts, dead, tuple(waiting))


def _still_waiting(engine: Engine[Any]) -> list[Waits]:
    return [Waits(engine.worker.name, each.record, each.until) for each in engine.cache.waiting()]
