"""The plan of a seed: what hits whom between which two effects, and how long everything takes."""

import asyncio
from collections import Counter, deque
from random import Random

from tests.simulation.loop import Stuck

CRASH, FREEZE, LOSE, AWAY = "crash", "freeze", "lose", "away"
_MOST_POINTS = 300_000
_LAST_LINES = 400


class Died(BaseException):
    """A process was killed; whatever of it still runs has no effect any more."""


class Lost(OSError):
    """The connection to the database, before a statement, in the middle or behind the commit."""


class Trace:
    """What happened, a line each, in virtual seconds; *whole* also says each effect."""

    def __init__(self, *, whole=False):
        self.whole, self.lines = whole, deque(maxlen=None if whole else _LAST_LINES)

    def say(self, who, what):
        self.lines.append(f"{asyncio.get_running_loop().time():10.4f} {who:<12} {what}")


class Faults:
    """Draws what a seed has in store, as often as it has *left*; after that all is calm."""

    def __init__(self, seed, trace):
        self.random, self.trace = Random(seed), trace
        self.happened, self.points = Counter(), 0
        # Until when nobody reaches a server, by the error that says so.
        self.away = {}
        self.left = self.random.choice((0, 3, 8, 8, 15, 30))
        self._rate = self.random.choice((0.004, 0.01, 0.03))
        # Some seeds have one kind of trouble only, which shows what another would hide.
        several = (CRASH, FREEZE, LOSE, AWAY)
        kinds = self.random.choice(((CRASH,), (FREEZE, CRASH), (LOSE,), (AWAY, CRASH), several))
        self._kinds = kinds
        self._slow = self.random.choice((0.02, 0.1, 0.4))

    def pause_s(self):
        """How long the next effect takes: mostly nothing, so that nobody else comes between."""
        draw = self.random.random()
        return 0.0 if draw > self._slow else self.random.choice((0.001, 0.01, 0.05)) * draw / 0.1

    def strike(self, who, where, *, may_lose):
        """Return what hits *who* at *where*, None for nothing."""
        self.points += 1
        if self.points > _MOST_POINTS:
            raise Stuck(f"{self.points} effects, and no end")
        if self.trace.whole:
            self.trace.say(who, f"  {where}")
        if self.left <= 0 or self.random.random() >= self._rate:
            return None
        kind = self.random.choice(self._kinds)
        if kind in (LOSE, AWAY) and not may_lose:
            return None
        self.note(kind, who, where)
        return kind

    def chance(self, kind, who, what, *, of=0.05):
        """Say whether something of *kind* befalls *who* that no effect raises."""
        if self.left <= 0 or self.random.random() >= of:
            return False
        self.note(kind, who, what)
        return True

    def note(self, kind, who, where):
        self.left -= 1
        self.happened[f"{kind}: {where}"] += 1
        self.trace.say(who, f"{kind.upper()} at {where}")
