"""The store: what a service has read, keeps and has to say, in one fenced SQL transaction."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Column, Table, bindparam, delete, func, select, true, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from services.runtime.store.chain import last_orders
from services.runtime.store.database import Database
from services.runtime.store.origin import lay_out
from services.runtime.store.tables import (
    APPLIED,
    FIGURES,
    FILED,
    HEARD,
    KNOWN,
    OUTBOX,
    PARTITIONS,
    POSITIONS,
    STATE,
    STRAYS,
)
from services.runtime.stream.chain import OrderRecord

Rows = Sequence[Mapping[str, Any]]
Name = tuple[str, int, bytes]  # of an identity of a contract on a partition

# SQLite takes no more than 32,766 values in a statement, and some places take two.
_SLICE = 5_000
PUBLISHED = "#published"
# Where a rebuild has begun: what is in the store of the partition was made from topics since then.
REBUILDING = "#rebuilding"


class Fenced(Exception):
    """Another worker owns a partition that this one tried to write."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where partitions stand: positions by (topic, partition), and what each heard, in order.

    With the last order record of each.
    """

    positions: dict[tuple[str, int], int]
    heard: list[tuple[int, bytes]]
    orders: dict[int, OrderRecord]


@dataclass(frozen=True, slots=True)
class Cut:
    """What the store says of one partition at one moment; positions by topic, strays by place."""

    positions: dict[str, int]
    order: list[str]
    outbox: list[Any]
    strays: dict[str, int] = field(default_factory=dict)
    last: OrderRecord | None = None


class Store:
    """The store of one service, in the database that it was given."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._insert: Any = postgresql.insert if database.is_postgresql else sqlite.insert

    async def migrate(self) -> None:
        """Bring the tables to the newest version."""
        await self._database.migrate()

    async def create(self, partitions: int) -> None:
        """Bring the tables to the newest version, and lay out *partitions* where none were.

        Raise OtherPartitions where the store was made for another number.
        """
        await self.migrate()
        async with self.transaction() as tx:
            await lay_out(tx, self._insert, partitions)

    def transaction(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Begin a transaction that commits at the end of the block."""
        return self._database.transaction()

    async def close(self) -> None:
        """Give all connections back."""
        await self._database.close()

    async def claim(self, owned: Iterable[int], owner: str) -> dict[int, int]:
        """Take *owned* from whoever had them; return my epoch of each."""
        mine = PARTITIONS.c.partition.in_(sorted(owned))
        raised = update(PARTITIONS).where(mine).values(epoch=PARTITIONS.c.epoch + 1, owner=owner)
        async with self.transaction() as tx:
            await tx.execute(raised)
            columns = select(PARTITIONS.c.partition, PARTITIONS.c.epoch).where(mine)
            return {row.partition: row.epoch for row in await tx.execute(columns)}

    async def fence(self, tx: AsyncConnection, epochs: Mapping[int, int]) -> None:
        """Raise Fenced unless every epoch is still mine; lock them until the commit."""
        pairs = tuple_(PARTITIONS.c.partition, PARTITIONS.c.epoch).in_(sorted(epochs.items()))
        touched = update(PARTITIONS).where(pairs).values(owner=PARTITIONS.c.owner)
        hit = (await tx.execute(touched)).rowcount
        if hit != len(epochs):
            raise Fenced(f"{hit} of {len(epochs)} partitions are still mine")

    async def standing(self, epochs: Mapping[int, int]) -> Standing:
        """Return where my partitions stand; raise Fenced where one is not mine any more."""
        numbers = sorted(epochs)
        heard = select(HEARD).where(HEARD.c.partition.in_(numbers)).order_by(HEARD.c.seq)
        # What the sweeper writes is not the engine's to write back, nor are figures.
        mine = POSITIONS.c.partition.in_(numbers) & ~POSITIONS.c.topic.startswith(FIGURES)
        here = mine & POSITIONS.c.topic.not_in((PUBLISHED, REBUILDING))
        async with self.transaction() as tx:
            await self.fence(tx, epochs)
            at = await tx.execute(select(POSITIONS).where(here))
            positions = {(row.topic, row.partition): row.next for row in at}
            lines = [(row.partition, row.event) for row in await tx.execute(heard)]
            orders = await last_orders(tx, numbers)
        return Standing(positions, lines, orders)

    async def pages(self, *, most: int, partition: int | None = None) -> AsyncIterator[list[Any]]:
        """Yield all state rows in order of contract_id, each page in a transaction of its own.

        Those of one *partition* where it is named.
        A worker may write in between: a row is as it was when its page was read.
        """
        key, after = tuple_(*STATE.primary_key), ("", 0)
        here = STATE.c.partition == partition if partition is not None else true()
        rows = select(STATE).where(here).order_by(*STATE.primary_key).limit(most)
        while True:
            async with self.transaction() as tx:
                page = list(await tx.execute(rows.where(key > after)))
            if not page:
                return
            yield page
            after = page[-1].contract_id, page[-1].partition

    async def heard(self, partition: int | None = None) -> list[bytes]:
        """Return the last term of each kind and name that a partition heard, oldest first.

        Of all partitions together where none is named.
        """
        here = HEARD.c.partition == partition if partition is not None else true()
        rows = select(HEARD.c.event).where(here).order_by(HEARD.c.seq)
        async with self.transaction() as tx:
            return list((await tx.execute(rows)).scalars())

    async def states(self, contract_ids: Sequence[str]) -> list[Any]:
        """Return the state rows of *contract_ids* that there are, on whichever partition."""
        return await self._matching([STATE.c.contract_id], [(each,) for each in contract_ids])

    async def homes(self, contract_ids: Sequence[str]) -> dict[str, int]:
        """Return on which partition each of *contract_ids* is registered that is."""
        rows = await self.states(contract_ids)
        return {row.contract_id: row.partition for row in rows if row.legal_entity_id is not None}

    async def known(self, names: Sequence[Name]) -> list[Any]:
        """Return which of *names*, each of a contract on a partition, were said before."""
        return await self._matching(list(KNOWN.primary_key), names)

    async def filed(self, names: Sequence[tuple[str, int, str]]) -> list[Any]:
        """Return the filed pieces under *names*, each of a contract on a partition."""
        return await self._matching(list(FILED.primary_key), names)

    async def write(self, tx: AsyncConnection, table: Table, rows: Rows) -> None:
        """Insert *rows*, replacing those with the same primary key; of several the last counts."""
        key = itemgetter(*(column.name for column in table.primary_key))
        rows = list({key(row): row for row in rows}.values())
        await self._put(tx, table, rows, replaces=True)

    async def append(self, tx: AsyncConnection, table: Table, rows: Rows) -> None:
        """Insert *rows* that must be new."""
        await self._put(tx, table, rows)

    async def forget_known(self, tx: AsyncConnection, names: Iterable[Name]) -> None:
        """Delete identities, so that what was dead-lettered may be sent again."""
        for name in names:
            one = tuple_(*KNOWN.primary_key) == name
            await tx.execute(delete(KNOWN).where(one))

    async def expire_known(self, tx: AsyncConnection, partition: int, day: date) -> None:
        """Delete the identities of *partition* that need not be remembered on *day*."""
        old = (KNOWN.c.partition == partition) & (KNOWN.c.until <= day)
        await tx.execute(delete(KNOWN).where(old))

    async def unpublished(self, partition: int, *, after: int, most: int) -> list[Any]:
        """Return the first outbox rows of *partition* behind *after*, in order of seq."""
        behind = (OUTBOX.c.partition == partition) & (OUTBOX.c.seq > after)
        rows = select(OUTBOX).where(behind).order_by(OUTBOX.c.seq).limit(most)
        async with self.transaction() as tx:
            return list(await tx.execute(rows))

    async def published(self, partition: int) -> int:
        """Return the seq up to which *partition* was known to be published; -1 for nothing."""
        here = (POSITIONS.c.topic == PUBLISHED) & (POSITIONS.c.partition == partition)
        async with self.transaction() as tx:
            found = (await tx.execute(select(POSITIONS.c.next).where(here))).scalar_one_or_none()
        return -1 if found is None else found - 1

    async def forget(self, published: Mapping[int, int]) -> None:
        """Delete the outbox rows that are published, up to each partition's published row."""
        async with self.transaction() as tx:
            for partition, seq in published.items():
                done = (OUTBOX.c.partition == partition) & (OUTBOX.c.seq <= seq)
                await tx.execute(delete(OUTBOX).where(done))
            rows = [
                {"topic": PUBLISHED, "partition": p, "next": seq + 1}
                for p, seq in published.items()
            ]
            # One that lost the partition a while ago may still sweep: its word is old.
            await self._put(tx, POSITIONS, rows, replaces=True, only_up="next")

    async def recorded_order(self, partition: int) -> list[str]:
        """Return in which order *partition* took its inputs, as compact wrote it."""
        rows = select(APPLIED.c.runs).where(APPLIED.c.partition == partition)
        async with self.transaction() as tx:
            return list((await tx.execute(rows.order_by(APPLIED.c.seq))).scalars())

    async def partitions(self) -> list[int]:
        """Return the partitions that the store was made for."""
        async with self.transaction() as tx:
            rows = select(PARTITIONS.c.partition).order_by(PARTITIONS.c.partition)
            return list((await tx.execute(rows)).scalars())

    async def cut(self, partition: int, *, since: int = 0) -> Cut:
        """Return what is to be verified of *partition*, all of it of the same moment.

        The recorded order is cut, too: it begins at run *since*.
        """
        async with self._database.snapshot() as tx:
            rows = select(POSITIONS).where(POSITIONS.c.partition == partition)
            positions = {row.topic: row.next for row in await tx.execute(rows)}
            rows = select(APPLIED.c.runs).where(APPLIED.c.partition == partition)
            behind = rows.where(APPLIED.c.seq >= since).order_by(APPLIED.c.seq)
            order = list((await tx.execute(behind)).scalars())
            rows = select(OUTBOX).where(OUTBOX.c.partition == partition).order_by(OUTBOX.c.seq)
            outbox = list(await tx.execute(rows))
            rows = select(STRAYS.c.place, STRAYS.c.home).where(STRAYS.c.partition == partition)
            strays = dict(map(tuple, await tx.execute(rows)))
            last = (await last_orders(tx, [partition])).get(partition)
            return Cut(positions, order, outbox, strays, last)

    async def _put(self, tx: AsyncConnection, table: Table, rows: Rows, **how: bool | str) -> None:
        if not rows:
            return
        arrays = self._database.is_postgresql
        values = {name: [row[name] for row in rows] for name in rows[0]} if arrays else rows
        await tx.execute(_insertion(self._insert, table, arrays=arrays, **how), values)

    async def _matching(
        self, keys: Sequence[Column[Any]], wanted: Sequence[tuple[Any, ...]], *what: Any
    ) -> list[Any]:
        """Return *what*, else the rows, of those whose *keys* hold one of *wanted*."""
        if not wanted:
            return []
        asked, key, rows = select(*(what or [keys[0].table])), tuple_(*keys), list[Any]()
        async with self.transaction() as tx:
            if self._database.is_postgresql:
                arrays = {each.name: [row[n] for row in wanted] for n, each in enumerate(keys)}
                among = asked.where(key.in_(select(*_unnested(keys))))
                return list(await tx.execute(among, arrays))
            for some in (wanted[n : n + _SLICE] for n in range(0, len(wanted), _SLICE)):
                rows += await tx.execute(asked.where(key.in_(some)))
        return rows


@cache
def _insertion(
    insert_: Any, table: Table, *, arrays: bool, replaces: bool = False, only_up: str | None = None
) -> Any:
    """Return the statement that inserts whole rows, or replaces those with the same primary key.

    It is made once: to make it costs as much as to run it. In *arrays* PostgreSQL takes each
    column as one value: a third of the work of a statement for each row. A row in which *only_up*
    would not grow stays as it is.
    """
    put = insert_(table)
    if arrays:
        names = [each.name for each in table.columns]
        put = put.from_select(names, select(*_unnested(table.columns)))
    if not replaces:
        return put
    keys = [column.name for column in table.primary_key]
    others = {each.name: put.excluded[each.name] for each in table.columns if each.name not in keys}
    grows = put.excluded[only_up] > table.c[only_up] if only_up else None
    return put.on_conflict_do_update(index_elements=keys, set_=others, where=grows)


def _unnested(columns: Iterable[Column[Any]]) -> list[Any]:
    """Return the elements of one array for each of *columns*, side by side."""
    return [func.unnest(bindparam(each.name, type_=ARRAY(each.type))) for each in columns]
