"""A process of a world: it may be killed, or stand still and go on as if nothing had been."""

import asyncio

from tests.simulation.faults import AWAY, CRASH, FREEZE, Died


class Process:
    """Something that runs until it is killed or gives up; each of its effects passes ``at``."""

    def __init__(self, name, faults):
        self.name, self.faults = name, faults
        self.ended = asyncio.Event()
        self.why = None
        self.frozen_since = self._frozen_until = 0.0
        self._tasks = []
        self.to_break = []  # what a server takes away from a process that does not move

    @property
    def alive(self):
        return not self.ended.is_set()

    def frozen_s(self):
        """Return for how long it has not moved."""
        now = asyncio.get_running_loop().time()
        return now - self.frozen_since if now < self._frozen_until else 0.0

    async def at(self, where, losing=None):
        """Stand between two effects: others may come first, or the plan may hit here.

        *losing* is what is raised where an answer is lost, None where nothing is asked.
        """
        self._must_live()
        if pause_s := self.faults.pause_s():
            await asyncio.sleep(pause_s)
        await self._thaw()
        now = asyncio.get_running_loop().time()
        if losing and self.faults.away.get(losing, 0.0) > now:
            raise losing(where)
        kind = self.faults.strike(self.name, where, may_lose=losing is not None)
        if kind == CRASH:
            self.end("killed")
            raise Died(self.name)
        if kind == FREEZE:
            self._freeze()
            await self._thaw()
        elif kind:
            # A server that is away answers nobody for a while, else one answer is lost.
            if kind == AWAY:
                self.faults.away[losing] = now + self.faults.random.choice((0.5, 3.0))
            raise losing(where)

    def end(self, why):
        """Kill it, or let it end itself: nothing of it has an effect from here on."""
        if self.alive:
            self.why = why
            self.faults.trace.say(self.name, f"ends: {why!r}"[:200])
            self.ended.set()

    def start(self, work):
        """Run *work* as a part of this process; what it raises ends the process."""

        async def guarded():
            try:
                await work
            except asyncio.CancelledError:
                raise
            except BaseException as error:  # noqa: BLE001 - as an exit of a process
                self.end(error)

        self._tasks.append(asyncio.create_task(guarded()))

    async def stop(self):
        """Wait until nothing of it runs any more."""
        self.end("stopped")
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _freeze(self):
        loop = asyncio.get_running_loop()
        self.frozen_since = loop.time()
        self._frozen_until = loop.time() + self.faults.random.choice((0.5, 4.0, 12.0, 70.0))
        for break_it in list(self.to_break):
            loop.call_later(5.0, self._break, break_it)

    def _break(self, break_it):
        if break_it in self.to_break and self.frozen_s() >= 4.9:
            break_it()

    async def _thaw(self):
        while (left := self._frozen_until - asyncio.get_running_loop().time()) > 0:
            await asyncio.sleep(left)
        self._must_live()

    def _must_live(self):
        if not self.alive:
            raise Died(self.name)


class Spectator:
    """Who looks at a world from outside: nothing hits it."""

    to_break = ()

    async def at(self, where, losing=None):
        pass
