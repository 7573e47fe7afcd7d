"""A consumer group: who has which partitions, until somebody joins, leaves or does not move."""

import asyncio

_SESSION_S, _REBALANCE_S, _LOOK_EVERY_S = 3.0, 4.0, 0.5


class Group:
    """Gives each partition to one of its members; all must come back to hear of it."""

    def __init__(self, name, partitions, faults):
        self.name, self.generation = name, 0
        self._partitions, self._faults = partitions, faults
        self._members, self._joining = set(), {}
        self._deadline = None

    async def join(self, process):
        """Return the generation and the partitions that *process* is to claim."""
        await process.at("join")
        joined = self._joining[process] = asyncio.get_running_loop().create_future()
        if process not in self._members:
            self._members.add(process)
            self._rebalance(f"{process.name} joins")
        elif self._deadline is None:
            self._rebalance(f"{process.name} joins again")
        self._assign_if_complete()
        return await joined

    def shake(self):
        """Let all members join anew, as an operator may at any time."""
        self._rebalance("shaken")

    async def look_after(self):
        """Put out, for ever, who died or did not move for a session."""
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            gone = {m for m in self._members if not m.alive or m.frozen_s() > _SESSION_S}
            if gone:
                self._forget(gone)
                self._rebalance(f"{sorted(m.name for m in gone)} are gone")
            if self._deadline and asyncio.get_running_loop().time() > self._deadline:
                self._forget(self._members - self._joining.keys())
            self._assign_if_complete()

    def _forget(self, members):
        self._members -= members
        for member in members:
            self._joining.pop(member, None)

    def _rebalance(self, why):
        if self._deadline is None:
            self.generation += 1
            self._deadline = asyncio.get_running_loop().time() + _REBALANCE_S
            self._faults.trace.say(self.name, f"generation {self.generation}: {why}")

    def _assign_if_complete(self):
        if self._deadline is None or self._joining.keys() != self._members or not self._members:
            return
        self._deadline = None
        members = sorted(self._joining, key=lambda each: each.name)
        self._faults.random.shuffle(members)
        for number, member in enumerate(members):
            owned = set(range(number, self._partitions, len(members)))
            joined = self._joining.pop(member)
            if not joined.done():
                joined.set_result((self.generation, owned))
