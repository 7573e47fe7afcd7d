"""What a transaction writes besides contracts: positions, what was heard, order and outbox."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.frozen import replace
from schemas.topics import DAYS
from services.runtime.store import tables
from services.runtime.store.rows import heard_row, outbox_row
from services.runtime.store.store import Store
from services.runtime.stream.barrier import BEGUN, HeldDay
from services.runtime.stream.order import Place, compact
from services.runtime.stream.record import Output, Record
from services.runtime.stream.wire import pack

OUTBOX = "#outbox"
APPLIED = "#applied"
# Before the name of a range of document numbers.
GIVEN = "#given/"

NOTHING = "[]"


class Taken(NamedTuple):
    """What one commit takes of a partition: *inputs* as runs, behind *first* outputs."""

    inputs: str
    first: int
    strays: Mapping[str, int]


class Transaction:
    """Where my partitions stand, and what was taken since the last commit."""

    def __init__(self) -> None:
        self.positions: dict[Place, int] = {}
        self.ended: list[HeldDay] = []
        # By partition, the offset of a day that began, as far as the store may not know of it.
        self.begun: dict[int, int] = {}
        self._taken: list[Record] = []
        self._heard: list[Record] = []
        # From where to where there are only markers, as far as the store may not know of it.
        self._steps: dict[Place, dict[int, int]] = defaultdict(dict)

    def restore(self, positions: dict[Place, int]) -> None:
        """Go back to what the store says, but behind the markers that were stepped over."""
        self.positions = positions
        self.begun.clear()
        for place, steps in self._steps.items():
            for start, end in sorted(steps.items()):
                if start <= positions.get(place, 0) < end:
                    positions[place] = end
        self.committed(())

    def step_over(self, place: Place, end: int) -> None:
        """Note that there are only markers up to *end*; no transaction is made for them."""
        at = self.positions.get(place, 0)
        if end > at:
            steps = self._steps[place]
            start = next((each for each, stepped_to in steps.items() if stepped_to == at), at)
            steps[start] = end
            self.positions[place] = end

    def committed(self, touched: Collection[int]) -> None:
        """Begin anew: all that was taken is in the store, of *touched* partitions all positions."""
        for place in [each for each in self._steps if each[1] in touched]:
            del self._steps[place]
        for partition in touched:
            self.begun.pop(partition, None)
        self.ended, self._taken, self._heard = [], [], []

    def take(self, record: Record) -> None:
        """Note that *record* is applied, the next at its place."""
        self._taken.append(record)
        self.positions[record.topic, record.partition] = record.offset + 1

    def hear(self, record: Record) -> None:
        """Note *record* as one of the calendar, which the next owner must know, too."""
        self._heard.append(record)
        self.take(record)

    def begin(self, record: Record) -> None:
        """Note that the day of *record* begins; a part of it may be published before its end."""
        place, begun = (BEGUN, record.partition), record.offset + 1
        if self.positions.get(place, 0) < begun:
            self.begun[record.partition] = record.offset
        self.positions[place] = begun

    def amid(self, partition: int, offset: int) -> None:
        """Note that the day at *offset* began; nothing comes before the rest of it."""
        place = BEGUN, partition
        self.positions[place] = max(self.positions.get(place, 0), offset + 1)

    def is_amid(self, partition: int) -> bool:
        """Say whether a day of *partition* has begun and is not worked off."""
        begun = self.positions.get((BEGUN, partition), 0)
        return begun > self.positions.get((DAYS.name, partition), 0)

    def end(self, day: HeldDay) -> None:
        """Note that *day* is worked off."""
        self.hear(day.record)
        self.ended.append(day)

    def give(self, partition: int, given: Mapping[str, int]) -> None:
        """Note how many numbers of each range were given."""
        for number_range, count in given.items():
            self.positions[GIVEN + number_range, partition] = count

    def given(self, partition: int) -> dict[str, int]:
        """Return how many numbers of each range were given."""
        return {
            name.removeprefix(GIVEN): count
            for (name, p), count in self.positions.items()
            if p == partition and name.startswith(GIVEN)
        }

    def touched(self) -> set[int]:
        """Return the partitions of which something was taken."""
        return {record.partition for record in self._taken}

    def taken(self, strays: Mapping[str, int], touched: Iterable[int]) -> dict[int, Taken]:
        """Return what *touched* partitions took, before its outputs are numbered.

        *strays* are the places of records whose contracts are kept on another partition.
        """
        runs, lost = self._runs(), defaultdict[int, dict[str, int]](dict)
        for place, home in strays.items():
            lost[int(place.split("/")[1])][place] = home
        return {
            p: Taken(runs.get(p, NOTHING), self.positions.get((OUTBOX, p), 0), lost.get(p, {}))
            for p in touched
        }

    def days_ended(self) -> dict[int, int]:
        """Return the offset of the last day that is worked off, by partition."""
        return {day.record.partition: day.record.offset for day in self.ended}

    def numbered(self, outputs: Iterable[Output]) -> list[Output]:
        """Give every output the next place in the outbox of its partition."""
        return [self._numbered(each) for each in outputs]

    def published_behind(self, partition: int) -> tuple[int, dict[str, int]]:
        """Return the last seq of the outbox, and the positions whose outputs end there."""
        places = {t: n for (t, p), n in self.positions.items() if p == partition and t[0] != "#"}
        return self.positions.get((OUTBOX, partition), 0) - 1, places

    async def write(
        self, tx: AsyncConnection, store: Store, outputs: Sequence[Output], touched: set[int]
    ) -> None:
        """Write the rows of this transaction; *outputs* are numbered."""
        await store.write(tx, tables.HEARD, [heard_row(record) for record in self._heard])
        await store.append(tx, tables.OUTBOX, [outbox_row(output) for output in outputs])
        await store.append(tx, tables.APPLIED, self._recorded_order())
        ended = sorted((each.began.day, each.record.partition) for each in self.ended)
        last = {partition: day for day, partition in ended}
        for partition, day in last.items():
            await store.expire_known(tx, partition, day)
        places = [
            {"topic": topic, "partition": partition, "next": position}
            for (topic, partition), position in self.positions.items()
            if partition in touched
        ]
        await store.write(tx, tables.POSITIONS, places)

    def _numbered(self, output: Output) -> Output:
        seq, packed = self._next(OUTBOX, output.partition), pack(output.content)
        return replace(output, seq=seq, packed=packed)

    def _recorded_order(self) -> list[dict[str, Any]]:
        return [
            {"partition": p, "seq": self._next(APPLIED, p), "runs": runs}
            for p, runs in sorted(self._runs().items())
        ]

    def _runs(self) -> dict[int, str]:
        taken = defaultdict(list)
        for record in self._taken:
            taken[record.partition].append((record.topic, record.offset))
        return {p: compact(places) for p, places in taken.items()}

    def _next(self, name: str, partition: int) -> int:
        number = self.positions.get((name, partition), 0)
        self.positions[name, partition] = number + 1
        return number
