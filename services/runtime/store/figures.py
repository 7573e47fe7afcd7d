"""The figures of a service, summed by partition in the transaction that changes what they count."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Generic, TypeVar

from sqlalchemy import delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.values import LegalEntityId
from services.runtime.figures import Figure, Figures, Since
from services.runtime.store.rows import RowMapping
from services.runtime.store.store import Rows, Store
from services.runtime.store.tables import FIGURES, POSITIONS
from services.runtime.stream.calendar import PartitionCalendar
from services.runtime.stream.contract import ContractRecord

S = TypeVar("S")

# In place of a topic: a figure, and under which epoch a partition was last counted.
_FIGURE, _COUNTED = f"{FIGURES}/", f"{FIGURES}-of/"
_PAGE = 1_000


class Sums(Generic[S]):
    """The sums of my partitions, as the store has them after the transaction that is written.

    The store notes under which epoch a partition was counted. Whoever claims it right behind goes
    on from there. Else somebody had it who counts nothing, or other things: an earlier version, or
    a store that is older than the figures. Then all states are counted anew, partition by
    partition, so that a claim that took too long is gone on from.
    """

    def __init__(self, declared: Figures[S] | None, store: Store, rows: RowMapping[S]) -> None:
        self._declared, self._store, self._rows = declared, store, rows
        self._sums = Counter[tuple[int, Figure]]()

    def note(self, contract: ContractRecord[S]) -> ContractRecord[S]:
        """Note what *contract* adds as it stands in the store, and return it."""
        if self._declared is not None:
            contract.adds = self._declared.adds(contract.state)
        return contract

    async def restore(self, epochs: Mapping[int, int]) -> None:
        """Go back to what the store says of my partitions, which have these *epochs*."""
        self._sums.clear()
        if self._declared is None or not epochs:
            return
        here = POSITIONS.c.partition.in_(sorted(epochs)) & POSITIONS.c.topic.startswith(FIGURES)
        async with self._store.transaction() as tx:
            rows = list(await tx.execute(select(POSITIONS).where(here)))
        counted = {r.partition: r.next for r in rows if r.topic == self._mark}
        known = {p for p, epoch in epochs.items() if counted.get(p) in (epoch - 1, epoch)}
        for row in rows:
            if row.partition in known and row.topic.startswith(_FIGURE):
                self._sums[row.partition, figure_of(row.topic)] = row.next
        # Before anything is counted, which takes its time: claimed again, they are known still.
        behind = {p: epochs[p] for p in known if counted[p] != epochs[p]}
        if behind:
            await self._take_over(epochs, behind)
        for partition in sorted(epochs.keys() - known):
            await self._count(partition)
            await self._take_over(epochs, {partition: epochs[partition]}, anew=partition)

    async def write(self, tx: AsyncConnection, changed: Iterable[ContractRecord[S]]) -> None:
        """Write what *changed* adds now, in place of what it added before."""
        if self._declared is None:
            return
        places = set[tuple[int, Figure]]()
        for contract in changed:
            before, after = contract.adds, self._declared.adds(contract.state)
            for figure in before.keys() | after.keys():
                if more := after.get(figure, 0) - before.get(figure, 0):
                    self._sums[contract.partition, figure] += more
                    places.add((contract.partition, figure))
            contract.adds = after
        await self._write(tx, places)

    def read(self, calendars: Mapping[int, PartitionCalendar]) -> Mapping[tuple[str, str], int]:
        """Return each figure of my partitions by name and of what, on the days they have come to.

        One that was there and is nothing now is 0 and not absent: a graph would go on otherwise.
        """
        found = Counter[tuple[str, str]]()
        for (partition, figure), number in list(self._sums.items()):
            calendar = calendars.get(partition)
            if calendar is not None:
                since = figure.since
                counts = since is None or calendar.terms.today(since.entity) >= since.day
                found[figure.name, figure.of] += number if counts else 0
        return found

    @property
    def _mark(self) -> str:
        assert self._declared is not None, "asked before"
        return f"{_COUNTED}{self._declared.version}"

    async def _count(self, partition: int) -> None:
        async for page in self._store.pages(most=_PAGE, partition=partition):
            for row in page:
                contract = self.note(self._rows.contract(row))
                for figure, number in contract.adds.items():
                    self._sums[partition, figure] += number

    async def _take_over(
        self, epochs: Mapping[int, int], behind: Mapping[int, int], *, anew: int | None = None
    ) -> None:
        """Note that *behind* are counted under these epochs, and write the sums of one *anew*."""
        old = (POSITIONS.c.partition == anew) & POSITIONS.c.topic.startswith(FIGURES)
        marks = [{"topic": self._mark, "partition": p, "next": e} for p, e in behind.items()]
        async with self._store.transaction() as tx:
            await self._store.fence(tx, epochs)
            if anew is not None:
                await tx.execute(delete(POSITIONS).where(old))
                await self._write(tx, {place for place in self._sums if place[0] == anew})
            await self._store.write(tx, POSITIONS, marks)

    async def _write(self, tx: AsyncConnection, places: set[tuple[int, Figure]]) -> None:
        gone = [place for place in places if not self._sums[place] and place[1].since]
        rows: Rows = [_row(*place, self._sums[place]) for place in places if place not in gone]
        for partition, figure in gone:
            del self._sums[partition, figure]
        # A day on which nothing falls due any more never comes back.
        keys = [(topic_of(figure), partition) for partition, figure in gone]
        if keys:
            there = tuple_(*POSITIONS.primary_key).in_(keys)
            await tx.execute(delete(POSITIONS).where(there))
        await self._store.write(tx, POSITIONS, rows)


def topic_of(figure: Figure) -> str:
    """Return under which name *figure* stands among the positions."""
    day, entity = (figure.since.day.isoformat(), figure.since.entity) if figure.since else ("", "")
    return f"{_FIGURE}{figure.name}/{figure.of}/{day}/{entity}"


def figure_of(topic: str) -> Figure:
    """Return what topic_of was asked for; a legal entity may have slashes in its name."""
    name, of, day, entity = topic.removeprefix(_FIGURE).split("/", 3)
    since = Since(date.fromisoformat(day), LegalEntityId(entity)) if day else None
    return Figure(name, of, since)


def _row(partition: int, figure: Figure, number: int) -> dict[str, Any]:
    return {"topic": topic_of(figure), "partition": partition, "next": number}
