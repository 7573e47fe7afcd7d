"""The day barrier: a day begins on a partition when all that came before it is applied."""

from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from schemas.days import DayBegan, DayDone
from schemas.message import Refused
from schemas.topics import DAYS
from schemas.values import LegalEntityId
from services.runtime.stream import codec
from services.runtime.stream.order import Place
from services.runtime.stream.record import Record

# A counter of ours beside the positions: behind the last day that began, finished or not.
BEGUN = "#begun"

AsksEnds = Callable[[Sequence[int]], Awaitable[Mapping[Place, int]]]


async def no_ends(_partitions: Sequence[int]) -> Mapping[Place, int]:
    """Return nothing that a day would wait for: the order is known already."""
    return {}


@dataclass(slots=True)
class HeldDay:
    """A DayBegan that is held, and where the other inputs ended when its turn came."""

    record: Record
    began: DayBegan
    ends: Mapping[str, int] | None = None


class DayBarrier:
    """What of ``days`` was read on my partitions and is not applied yet, in its order.

    *ends* tells where the inputs of a partition end; where *gated*, a service upstream is
    deployed, whose ``DayDone`` a day waits for.
    """

    def __init__(self, inputs: Iterable[str], ends: AsksEnds, *, gated: bool) -> None:
        self._inputs = frozenset(inputs) - {DAYS.name}
        self._ends, self._gated = ends, gated
        self._held: dict[int, deque[HeldDay | Record]] = defaultdict(deque)
        self._done: dict[int, dict[LegalEntityId, date]] = defaultdict(dict)
        # Terms that are taken out, and not in the store before the next commit.
        self._taken: dict[int, list[Record]] = defaultdict(list)
        # What is held here was read, but the store knows nothing of it.
        self.read: dict[Place, int] = {}

    def clear(self) -> None:
        """Forget everything: other partitions are mine now."""
        self._held.clear()
        self._done.clear()
        self._taken.clear()
        self.read.clear()

    def let_go(self, partition: int) -> None:
        """Forget what is held of *partition*: it is brought again."""
        self._held.pop(partition, None)
        self._taken.pop(partition, None)
        self.read.pop((DAYS.name, partition), None)

    def read_until(self, place: Place, end: int) -> None:
        """Note that all of *place* before *end* was read: it is held here, or applied."""
        self.read[place] = max(self.read.get(place, 0), end)

    def hold(self, record: Record) -> bool:
        """Queue a record of ``days``: a day waits for its turn, all else behind the days before.

        Say whether it is a day.
        """
        self.read[DAYS.name, record.partition] = record.offset + 1
        try:
            message = codec.decode(codec.event_of(record), DAYS.name)
        except Refused:
            message = None  # its turn comes, as that of terms does, and it is dead-lettered then
        held = HeldDay(record, message) if isinstance(message, DayBegan) else record
        self._held[record.partition].append(held)
        return isinstance(held, HeldDay)

    def done(self, partition: int, said: DayDone) -> None:
        """Hear that the service upstream is through with a day."""
        self._done[partition][said.legal_entity_id] = said.day

    def partitions(self) -> list[int]:
        """Return the partitions on which something is held."""
        return sorted(partition for partition, held in self._held.items() if held)

    def oldest_day(self) -> datetime | None:
        """Return when the earliest day began that is held, or None where no day is."""
        days = (each for held in self._held.values() for each in held)
        return min(
            (day.record.event.instant for day in days if isinstance(day, HeldDay)), default=None
        )

    def behind_upstream(self) -> list[int]:
        """Return the partitions on which a day waits for the service upstream."""
        return [p for p in self.partitions() if self._is_behind(self._held[p][0])]

    def terms(self, partition: int) -> list[Record]:
        """Take out all that no day stands before, until a commit or what the store says."""
        held, taken = self._held[partition], []
        while held and isinstance(held[0], Record):
            taken.append(held[0])
            held.popleft()
        self._taken[partition] += taken
        return taken

    async def opening(
        self, partitions: Sequence[int], positions: Mapping[Place, int]
    ) -> list[HeldDay]:
        """Return the days that may begin now, because all that stood before them is applied."""
        days = [day for p in partitions if (day := self._next(p, positions)) is not None]
        unasked = [day.record.partition for day in days if day.ends is None]
        ends = await self._ends(unasked) if unasked else {}
        for day in days:
            if day.ends is None:
                day.ends = {
                    topic: end
                    for (topic, partition), end in ends.items()
                    if partition == day.record.partition and topic in self._inputs
                }
        return [day for day in days if _is_open(day, positions)]

    def _next(self, partition: int, positions: Mapping[Place, int]) -> HeldDay | None:
        """Return the day whose turn it is on *partition*, if the service upstream is through."""
        held = self._held[partition]
        day = held[0] if held else None
        if not isinstance(day, HeldDay):
            return None
        if positions.get((BEGUN, partition), 0) > day.record.offset:
            # A crash stopped this day in its middle; nothing may come before its rest.
            day.ends = {}
            return day
        return day if self._upstream_is_done(partition, day.began) else None

    def committed(self, ended: Iterable[HeldDay]) -> None:
        """Forget the terms taken out and the days that *ended*: they are in the store."""
        self._taken.clear()
        for day in ended:
            held = self._held[day.record.partition]
            if held and held[0] is day:
                held.popleft()

    def applied_until(self, positions: Mapping[Place, int]) -> None:
        """Hold again what was taken out, and drop what the store has applied already."""
        for partition, held in self._held.items():
            held.extendleft(reversed(self._taken.pop(partition, [])))
            at = positions.get((DAYS.name, partition), 0)
            while held and _offset(held[0]) < at:
                held.popleft()

    def _is_behind(self, held: HeldDay | Record) -> bool:
        if not isinstance(held, HeldDay):
            return False
        return not self._upstream_is_done(held.record.partition, held.began)

    def _upstream_is_done(self, partition: int, began: DayBegan) -> bool:
        if not self._gated:
            return True
        return self._done[partition].get(began.legal_entity_id, date.min) >= began.day


def _offset(held: HeldDay | Record) -> int:
    return held.record.offset if isinstance(held, HeldDay) else held.offset


def _is_open(day: HeldDay, positions: Mapping[Place, int]) -> bool:
    partition, ends = day.record.partition, day.ends or {}
    return all(positions.get((topic, partition), 0) >= end for topic, end in ends.items())
