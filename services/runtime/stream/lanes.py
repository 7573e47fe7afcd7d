"""Which acts may begin: one after the other in each contract, so many at once, none unpublished."""

from collections import Counter, defaultdict
from itertools import islice

from services.runtime.effects import Effects
from services.runtime.stream.acts import OpenAct

# Of one effect: so many are held in memory, with their intents; the store has the others.
MOST_HELD = 10_000


class Lanes:
    """The open acts of a partition, a lane for each effect and contract; *busy* counts slots.

    Only the head of a lane is ever ready, and none that is unknown or put off.
    """

    def __init__(self, effects: Effects, busy: "Counter[str]", *, most: int = MOST_HELD) -> None:
        self._effects, self._busy, self._most = effects, busy, most
        self._held: dict[str, OpenAct] = {}
        self._lanes: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
        self._ready: dict[str, dict[str, None]] = defaultdict(dict)
        self._resting: set[str] = set()
        self._taken: dict[str, str] = {}
        self._counts: Counter[str] = Counter()

    def __contains__(self, effect_id: str) -> bool:
        """Say whether an act is held."""
        return effect_id in self._held

    def ids(self) -> set[str]:
        """Return the ids of all that are held."""
        return set(self._held)

    def is_full(self, effect: str) -> bool:
        """Say whether more acts of *effect* should stay in the store."""
        return self._counts[effect] >= self._most

    def is_half_full(self, effect: str) -> bool:
        """Say whether it is too early to look into the store for more acts of *effect*."""
        return self._counts[effect] * 2 > self._most

    def add(self, act: OpenAct, *, rests: bool = False) -> None:
        """Put *act* behind the others of its lane; one that *rests* is not ready by itself."""
        self._held[act.id] = act
        self._counts[act.effect] += 1
        self._lanes[_lane(act)][act.id] = None
        if rests or self._effects.named(act.effect) is None:
            self._resting.add(act.id)
        self._offer(act)

    def take(self, *, published: int) -> list[OpenAct]:
        """Take out what may begin, a slot for each: none behind the *published* seq."""
        found: list[OpenAct] = []
        for effect in self._effects.effects:
            ready = self._ready[effect.name]
            free = max(0, effect.at_once - self._busy[effect.name])
            for effect_id in list(islice(ready, free)):
                if self._held[effect_id].seq > published:
                    break
                del ready[effect_id]
                self._resting.add(effect_id)
                self._taken[effect_id] = effect.name
                self._busy[effect.name] += 1
                found.append(self._held[effect_id])
        return found

    def give_back(self, effect_id: str) -> None:
        """Free the slot of an act that was taken; it stays in its lane."""
        effect = self._taken.pop(effect_id, None)
        if effect is not None:
            self._busy[effect] -= 1

    def offer_again(self, act: OpenAct) -> None:
        """Let *act*, which was put off, be ready when its lane is."""
        if act.id in self._held:
            self._held[act.id] = act
            self._resting.discard(act.id)
            self._offer(act)

    def remove(self, effect_id: str) -> None:
        """Forget an act whose outcome was taken, and let the next of its lane come."""
        act = self._held.pop(effect_id, None)
        if act is None:
            return
        self._counts[act.effect] -= 1
        self._resting.discard(effect_id)
        self._ready[act.effect].pop(effect_id, None)
        lane = self._lanes[_lane(act)]
        del lane[effect_id]
        if lane:
            self._offer(self._held[next(iter(lane))])
        else:
            del self._lanes[_lane(act)]

    def close(self) -> None:
        """Give all slots back."""
        for effect_id in list(self._taken):
            self.give_back(effect_id)

    def _offer(self, act: OpenAct) -> None:
        is_head = next(iter(self._lanes[_lane(act)])) == act.id
        if is_head and act.id not in self._resting:
            self._ready[act.effect][act.id] = None


def _lane(act: OpenAct) -> tuple[str, str]:
    return act.effect, act.event.subject
