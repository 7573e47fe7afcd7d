"""Worlds in which a service's store is rebuilt: stopped anywhere, begun again, beside workers."""

import asyncio

from services.runtime.ops.rebuild import Rebuild
from tests.simulation.losing import COPY, FORK, LosingWorld
from tests.simulation.workers import Replica


class Bounds:
    """Inputs of which nothing is gone, and that end where *ends* says."""

    def __init__(self, ends):
        self.of = ends

    async def begins(self, partitions):
        return dict.fromkeys(await self.of(partitions), 0)


class RebuildProcess(Replica):
    """``duestream rebuild``, without the look at who is there: workers may come back amid it."""

    async def run(self):
        """Make all partitions anew until it is done, killed or fenced; return why."""
        self.start(self._rebuild())
        await self.ended.wait()
        await self.stop()
        await self._publishing.close()
        return self.why

    async def _rebuild(self):
        fault = asyncio.get_running_loop().create_future()
        engine, recovery = self.intake.engine, self.intake.recovery
        anew = Rebuild(engine, self._publisher, recovery, bounds=Bounds(self._ends), fault=fault)
        for partition in range(self._world.partitions):
            done = await anew.one(partition, lambda *_: None)
            self.faults.happened[f"rebuilt: {'gone on' if done.has_gone_on else 'anew'}"] += 1
            assert not done.why, done.why
        self.end("done")


class RebuildingWorld(LosingWorld):
    """Each service is stopped and its store made anew, from what it is or an older copy."""

    async def _lose(self, service):
        random = self.faults.random
        await self._pause(3.0)
        copy, kind = self.files[service].copy(), random.choice(("as it is", COPY, FORK))
        await self._pause(6.0)
        if kind != "as it is":
            self._lost.append(self.files[service])
            self._put(service, copy, kind)
        self._stop(service)
        (told,) = (each for each in self.story.services if each.worker.name == service)
        for number in range(random.choice((1, 2, 3))):
            await self._rebuild(f"{service}-rebuild.{number}", told, kill=number == 0)

    async def _rebuild(self, name, service, *, kill):
        """Rebuild until it is done or fails; *kill* it after a while, perhaps."""
        process = RebuildProcess(name, self, service)
        self._made.append(process)
        self.exits.append((name, "a rebuild"))
        life = asyncio.create_task(process.run())
        try:
            within_s = self.faults.random.choice((0.02, 0.2, 60.0)) if kill else 60.0
            await asyncio.wait([life], timeout=within_s)
        finally:
            process.end("killed")
            self.faults.happened[f"rebuild ended: {str(process.why)[:12]}"] += 1
            if isinstance(process.why, AssertionError):
                self.exits.append((name, process.why))
            await asyncio.gather(life, return_exceptions=True)
