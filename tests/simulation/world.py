"""A world: the services of a story, their replicas, a clock, a log, and what befalls them."""

import asyncio
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import structlog

from schemas.topics import DAYS
from services.runtime.settings import Settings
from services.runtime.store.store import PUBLISHED, Store
from services.runtime.store.transaction import OUTBOX
from tests.simulation import stories
from tests.simulation.checks import faults_of
from tests.simulation.database import File, SimulatedDatabase, empty_books
from tests.simulation.faults import Faults, Trace
from tests.simulation.group import Group
from tests.simulation.log import Log
from tests.simulation.loop import Stuck, run
from tests.simulation.outside import Outside
from tests.simulation.workers import ClockProcess, Replica

# Which story a seed tells: by its last digit, so that a number alone is a world.
STORIES = (*(stories.small,) * 7, *(stories.large,) * 2, stories.chain)
_LOOK_EVERY_S, _GIVEN_UP_S = 0.05, 600.0


@dataclass
class Outcome:
    """What a seed came to: faults, the trace, and what happened to whom how often."""

    seed: int
    wrong: list[str] = field(default_factory=list)
    trace: Trace = field(default_factory=Trace)
    happened: dict[str, int] = field(default_factory=dict)
    points: int = 0

    def __str__(self):
        again = (
            f"again, with each effect: python -m tests.simulation --seeds 1 --from {self.seed} -t"
        )
        return "\n".join([f"seed {self.seed}:", *self.wrong, *self.trace.lines, again])


class World:
    """Made from a seed; all that is random in it comes from there."""

    def __init__(self, seed, folder, trace, *, stories, faults):
        self.trace, self.faults = trace, faults(seed, trace)
        random = self.faults.random
        self.story = stories[seed % len(stories)](random)
        self.partitions = random.choice((1, 1, 2, 3))
        self.cached = random.choice((0, 1, 2, 100))
        self.wakes_at_once = random.choice((1, 2, 500))
        self.batch_most, self.fetch_most = random.choice((1, 3, 50)), random.choice((1, 2, 20))
        self.log, self.empty = Log(random), _empty()
        self.workers = [service.worker for service in self.story.services]
        names = tuple(each.announces.name.removesuffix(".days") for each in self.workers)
        self.last, self.settings = self.story.last, _settings(self.partitions, names)
        self.files = {
            each.name: File(folder / f"{each.name}.sqlite", self.empty) for each in self.workers
        }
        self.groups = {
            each.name: Group(each.name, self.partitions, self.faults) for each in self.workers
        }
        self.outside = Outside(self, self.story)
        self.in_step = random.random() < 0.4
        self.exits, self.running = [], {}
        self.office, self.at_once = None, 2
        if self.story.office:
            # What is unknown, and how often an act is put off, a plain run does not know.
            self.in_step, self.at_once = False, random.choice((1, 2, 8))
            self.office = self.story.office(self)
        self.library = self.story.library(self, folder) if self.story.library else None

    def library_group(self, name):
        """Return a group that nobody has joined."""
        return Group(name, self.partitions, self.faults)

    def now(self):
        """What a clock reads from the wall."""
        return self.outside.instant

    def close(self):
        """Leave no file open."""
        for file in self.files.values():
            file.close()

    def store(self, service):
        """Return the store of *service* as nobody else sees it."""
        return Store(SimulatedDatabase(self.files[service]))

    async def run(self):
        """Let everything happen, until all is worked off."""
        lives = [asyncio.create_task(each) for each in self._lives()]
        try:
            await (self.outside.in_step() if self.in_step else self.outside.at_will())
        finally:
            for each in lives:
                each.cancel()
            await asyncio.gather(*lives, return_exceptions=True)

    async def quiet(self):
        """Wait until all that was said is worked off and published."""
        deadline = asyncio.get_running_loop().time() + _GIVEN_UP_S
        while any(self._waits()):
            if asyncio.get_running_loop().time() > deadline:
                raise Stuck("; ".join(self._waits()))
            await asyncio.sleep(_LOOK_EVERY_S)

    def _lives(self):
        for service in self.story.services:
            group = self.groups[service.worker.name]
            yield group.look_after()
            for name in ("a", "b")[: self.faults.random.randint(1, 2)]:
                yield self.live(f"{service.worker.name}-{name}", Replica, self, service)
        yield self.live("clock", ClockProcess, self)
        if self.office:
            yield self.office.ask()
        yield from self.library.lives() if self.library else ()

    async def live(self, name, kind, *parts):
        """Start a process again whenever it ends; one that does not move is replaced, too."""
        number, zombies = 0, []
        try:
            while True:
                number += 1
                process = kind(f"{name}.{number}", *parts)
                self.running[name] = process
                life = asyncio.create_task(process.run())
                zombies.append((process, life))
                while process.alive and process.frozen_s() < 6.0:
                    await asyncio.wait([life], timeout=2.0)
                await asyncio.sleep(self.faults.random.choice((0.1, 1.0)))
        finally:
            for process, life in zombies:
                process.end("stopped")
                await asyncio.gather(life, return_exceptions=True)
                self.exits.append((process.name, process.why))

    def _waits(self):
        """Yield what is not worked off yet."""
        if self.log.has_pending():
            yield "markers"
        for p in range(self.partitions):
            said, all_ = self.log.counts[DAYS.name, p], len(self.outside.calendar)
            if said < all_:
                yield f"days/{p}: {said} of {all_} said"
        for part in (self.office, self.library):
            yield from part.waits() if part else ()
        for worker in self.workers:
            yield from self._waits_for(worker)

    def _waits_for(self, worker):
        rows = self.files[worker.name].look("select topic, partition, next from positions")
        positions = {(topic, p): n for topic, p, n in rows}
        rows = self.files[worker.name].look(
            "select partition, max(number) from chain group by partition"
        )
        for p, number in rows:
            if self.log.order_end(f"{worker.name}.order", p).number != number:
                yield f"{worker.name}: order of {p}"
        for p in range(self.partitions):
            for topic in worker.reads:
                end = self.log.last[topic.name, p]
                if positions.get((topic.name, p), 0) < end:
                    yield f"{worker.name}: {topic.name}/{p} to {end}"
            for counter in (PUBLISHED, OUTBOX):
                if positions.get((counter, p), 0) != self.log.mark(worker.name, p):
                    yield f"{worker.name}: {counter} of {p}"


def simulate(seed, *, whole=False, stories=STORIES, faults=Faults, world=World):
    """Return what becomes of the world of *seed*; *whole* keeps its whole trace."""
    kind = world
    outcome = Outcome(seed, trace=Trace(whole=whole))

    async def live(folder):
        world = kind(seed, folder, outcome.trace, stories=stories, faults=faults)
        try:
            await world.run()
            outcome.wrong += [each async for each in faults_of(world, folder)]
        except Stuck as stuck:
            outcome.wrong.append(f"stuck: {stuck}")
        finally:
            outcome.happened, outcome.points = world.faults.happened, world.faults.points
            world.close()

    with tempfile.TemporaryDirectory() as folder, structlog.testing.capture_logs():
        try:
            _empty()
            run(live(Path(folder)))
        except Stuck as stuck:
            outcome.wrong.append(f"stuck: {stuck}")
    return outcome


@cache
def _empty():
    with tempfile.TemporaryDirectory() as folder:
        return empty_books(Path(folder))


@cache
def _settings(partitions, services):
    return Settings(kafka="localhost:9", partitions=partitions, services=services)
