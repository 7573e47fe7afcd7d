"""Worlds in which a service's store is lost: an old copy, nothing, or an old primary comes back."""

import asyncio

from tests.simulation.database import File
from tests.simulation.world import World

COPY, EMPTY, FORK = "an old copy", "an empty store", "an old primary"


class LosingWorld(World):
    """A world whose stores are put back, in the middle of everything, while nothing of it runs."""

    def __init__(self, seed, folder, trace, **how):
        super().__init__(seed, folder, trace, **how)
        self._folder, self._numbers = folder, 0
        self._lost, self._made = [], []

    async def live(self, name, kind, *parts):
        """Keep all that was ever started: one that was frozen long ago has a store, too."""

        def made(name, *parts):
            self._made.append(kind(name, *parts))
            return self._made[-1]

        await super().live(name, made, *parts)

    def _lives(self):
        yield from super()._lives()
        for worker in self.workers:
            yield self._lose(worker.name)

    async def _lose(self, service):
        random = self.faults.random
        for _ in range(random.choice((1, 1, 2, 4))):
            await self._pause(3.0)
            copy, kind = self.files[service].copy(), random.choice((COPY, EMPTY, FORK))
            await self._pause(3.0)
            before = self.files[service]
            self._put(service, self.empty if kind == EMPTY else copy, kind)
            if kind == FORK:
                await self._pause(6.0)
                self._stop(service)
                self._lost.append(self.files[service])
                self.files[service] = before
            else:
                self._lost.append(before)

    async def _pause(self, most_s):
        random = self.faults.random
        await asyncio.sleep(random.choice((0.01, 0.1, 0.5, 1.0)) * most_s * random.random())

    def _put(self, service, content, kind):
        self._stop(service)
        self._numbers += 1
        self.files[service] = File(self._folder / f"{service}-{self._numbers}.sqlite", content)
        self.faults.happened[f"lost: {kind}"] += 1
        self.faults.trace.say(service, f"LOST: {kind} comes back")

    def _stop(self, service):
        for process in self._made:
            if process.name.startswith(f"{service}-"):
                process.end("killed")

    def close(self):
        super().close()
        for file in self._lost:
            file.close()
