"""The store of a projection: rows and positions in one fenced transaction, editions beside it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import and_, bindparam, delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import CreateTable

from services.runtime.projection import Columns, Projection
from services.runtime.store.database import Database
from services.runtime.store.editions import (
    EDITIONS,
    Edition,
    as_row,
    dropping,
    edition_of,
    shape_of,
)
from services.runtime.store.store import Fenced, Store
from services.runtime.store.tables import PARTITIONS
from services.runtime.stream.drafts import Drafts, RowKey
from services.runtime.stream.order import Place

# 'due' in ASCII: the lock that Database.migrate takes, too.
_LOCK = "select pg_advisory_xact_lock(6583653)"
SeenName = tuple[int, str, str, bytes]


class Outdated(Fenced):
    """Rows of a later version are there, or are being made: whoever knows it has taken over."""


class OtherShape(Exception):
    """The tables of a version were made from another declaration than this one."""


class ReadModel(Store):
    """The rows of *projection*, in a database of their own."""

    def __init__(self, projection: Projection, database: Database) -> None:
        super().__init__(database)
        self._projection = projection
        self.edition = edition_of(projection, 0)
        self.is_complete = False

    async def create(self, partitions: int) -> None:
        """Do what the store of a service does, and make room for editions."""
        await super().create(partitions)
        async with self.transaction() as tx:
            if self._database.is_postgresql:
                await tx.execute(text(_LOCK))
            await tx.execute(CreateTable(EDITIONS, if_not_exists=True))

    async def claim(self, owned: Iterable[int], owner: str) -> dict[int, int]:
        """Take *owned* as a service does, unless a later version is there: raise Outdated then."""
        await self.open()
        epochs = await super().claim(owned, owner)
        await self.open()  # a later one may have begun before this claim; none that is later will
        return epochs

    async def open(self) -> None:
        """Go on with the last edition, or begin one where that is of an earlier version.

        Raise Outdated where it is of a later one, OtherShape where it was declared otherwise.
        """
        last = await self._last()
        if last is None or last.version < self._projection.version:
            await self._begin(last.edition + 1 if last else 1)
            last = await self._last()
        assert last is not None, "it was begun just now"
        if last.version > self._projection.version:
            why = f"version {last.version} is there, and this is {self._projection.version}"
            raise Outdated(f"Fenced: {why}")
        if last.shape != shape_of(self._projection):
            raise OtherShape(f"version {last.version} was declared otherwise: raise the version")
        self.edition = edition_of(self._projection, last.edition)
        self.is_complete = last.is_complete

    async def make_anew(self) -> None:
        """Begin the same version once more; whoever is at work on the last edition is fenced."""
        await self.open()
        raised = update(PARTITIONS).values(epoch=PARTITIONS.c.epoch + 1, owner="made anew")
        await self._begin(self.edition.number + 1, raised)

    async def places(self, epochs: Mapping[int, int]) -> list[Any]:
        """Return where my partitions stand, goals beside; raise Fenced where one is not mine."""
        places = self.edition.places
        async with self.transaction() as tx:
            await self.fence(tx, epochs)
            here = places.c.partition.in_(sorted(epochs))
            return list(await tx.execute(select(places).where(here)))

    async def seen(self, names: Sequence[SeenName]) -> dict[SeenName, bytes]:
        """Return with which content *names* were said before, of those that were."""
        table = self.edition.seen
        rows = await self._matching(list(table.primary_key), names)
        return {(row.partition, row.topic, row.subject, row.name): row.content for row in rows}

    async def stored(self, keys: Iterable[RowKey]) -> dict[RowKey, Columns]:
        """Return the rows under *keys*, of those there are."""
        found: dict[RowKey, Columns] = {}
        wanted = set(keys)
        for name, table in self.edition.rows.items():
            of_table = [key.values for key in wanted if key.table == name]
            columns = [column.name for column in table.primary_key]
            for row in await self._matching(list(table.primary_key), of_table):
                values = dict(row._mapping)
                found[RowKey(name, tuple(values[each] for each in columns))] = values
        return found

    async def put(
        self,
        epochs: Mapping[int, int],
        drafts: Drafts,
        *,
        seen: Mapping[SeenName, bytes],
        places: Mapping[Place, tuple[int, int]],
    ) -> None:
        """Write rows, what was seen, and positions with goals in one transaction under my fence."""
        edition = self.edition
        async with self.transaction() as tx:
            await self.fence(tx, epochs)
            for name, keys in drafts.removed().items():
                await _remove(tx, edition, name, keys)
            for name, rows in drafts.written().items():
                await self.write(tx, edition.rows[name], rows)
            columns = [column.name for column in edition.seen.columns]
            said = [dict(zip(columns, (*n, c), strict=True)) for n, c in seen.items()]
            await self.append(tx, edition.seen, said)
            at = [
                {"topic": topic, "partition": partition, "next": position, "goal": goal}
                for (topic, partition), (position, goal) in places.items()
            ]
            await self.write(tx, edition.places, at)

    async def complete(self, epochs: Mapping[int, int]) -> bool:
        """Let this edition be read where all its partitions have come to their goals; say if so."""
        edition, number = self.edition, EDITIONS.c.edition
        wanted = len(await self.partitions()) * len(self._projection.reads)
        places = edition.places
        reached = select(func.count()).select_from(places).where(places.c.next >= places.c.goal)
        mine = number == edition.number
        async with self.transaction() as tx:
            await self.fence(tx, epochs)
            if (await tx.execute(reached)).scalar_one() < wanted:
                return False
            ends = update(EDITIONS).where(mine, EDITIONS.c.is_complete.is_(False))
            if (await tx.execute(ends.values(is_complete=True))).rowcount:
                rows = await tx.execute(select(EDITIONS.c.tables).where(number < edition.number))
                before = {name for row in rows.scalars() for name in row.split(",")}
                for statement in edition.showing(before):
                    await tx.execute(statement)
        self.is_complete = True
        return True

    async def drop_earlier(self) -> list[int]:
        """Drop the editions before this one, which is complete; return their numbers."""
        async with self.transaction() as tx:
            earlier = EDITIONS.c.edition < self.edition.number
            rows = list(await tx.execute(select(EDITIONS).where(earlier)))
            dropped = []
            for row in rows:
                gone = delete(EDITIONS).where(EDITIONS.c.edition == row.edition)
                if (await tx.execute(gone)).rowcount:
                    for statement in dropping(row.edition, row.tables):
                        await tx.execute(statement)
                    dropped.append(row.edition)
        return dropped

    async def _last(self) -> Any:
        rows = select(EDITIONS).order_by(EDITIONS.c.edition.desc()).limit(1)
        async with self.transaction() as tx:
            return (await tx.execute(rows)).one_or_none()

    async def _begin(self, number: int, *also: Any) -> None:
        """Make the tables of a new edition, unless somebody else does so at this moment."""
        row = as_row(self._projection, number)
        begun = self._insert(EDITIONS).values(**row).on_conflict_do_nothing()
        async with self.transaction() as tx:
            if not (await tx.execute(begun)).rowcount:
                return
            for statement in (*also, *edition_of(self._projection, number).making()):
                await tx.execute(statement)


async def _remove(
    tx: AsyncConnection, edition: Edition, name: str, keys: Sequence[tuple[object, ...]]
) -> None:
    table = edition.rows[name]
    columns = list(table.primary_key)
    here = and_(*(column == bindparam(f"at_{column.name}") for column in columns))
    names = [f"at_{column.name}" for column in columns]
    values = [dict(zip(names, each, strict=True)) for each in keys]
    await tx.execute(delete(table).where(here), values)
