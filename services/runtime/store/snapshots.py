"""The rows of a partition as lines of a snapshot, and back."""

import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Column, Date, LargeBinary, Table, delete, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from services.runtime.store.chain import chain_row, empty_partition
from services.runtime.store.store import PUBLISHED, REBUILDING, Store
from services.runtime.store.tables import (
    CHAIN,
    FIGURES,
    FILED,
    HEARD,
    KNOWN,
    POSITIONS,
    STATE,
    STRAYS,
)
from services.runtime.stream.snapshot import Snapshot

# Not the outbox, which is published, and not the recorded order, which stands on its topic.
_KEPT = {table.name: table for table in (STATE, KNOWN, FILED, STRAYS, HEARD)}


class OfAnotherVersion(Exception):
    """A snapshot holds what this version has no place for."""


async def lines_of(store: Store, partition: int, *, most: int) -> AsyncIterator[list[bytes]]:
    """Yield all that the store keeps of *partition*, at most *most* rows at once.

    Nothing may be applied there meanwhile: each page is a transaction of its own.
    """
    for table in _KEPT.values():
        async for rows in _pages(store, table, partition, most):
            yield [line_of(table, row._mapping) for row in rows]


async def _pages(store: Store, table: Table, partition: int, most: int) -> AsyncIterator[list[Any]]:
    """Yield the rows of *partition* in order of the primary key, page by page."""
    keys = [each for each in table.primary_key if each.name != "partition"]
    rows = select(table).where(table.c.partition == partition).order_by(*keys).limit(most)
    page: list[Any] = []
    while True:
        after = [literal(page[-1]._mapping[each.name], each.type) for each in keys] if page else []
        behind = rows.where(tuple_(*keys) > tuple_(*after)) if page else rows
        async with store.transaction() as tx:
            page = list(await tx.execute(behind))
        if page:
            yield page
        if len(page) < most:
            return


def line_of(table: Table, row: Mapping[str, Any]) -> bytes:
    """Return *row* of *table* as a line; what is None is left out."""
    said = {
        each.name: _to_json(each)(row[each.name])
        for each in table.columns
        if row[each.name] is not None
    }
    return json.dumps([table.name, said], separators=(",", ":"), ensure_ascii=False).encode()


def row_of(line: bytes) -> tuple[Table, dict[str, Any]]:
    """Return the table and the row that *line* holds; raise OfAnotherVersion where it has none."""
    name, said = json.loads(line)
    table = _KEPT.get(name)
    if table is None or said.keys() - table.columns.keys():
        raise OfAnotherVersion(f"{name} with {', '.join(sorted(said))}")
    empty = dict.fromkeys(table.columns.keys())
    return table, empty | {each: _from_json(table.c[each])(value) for each, value in said.items()}


async def write_lines(store: Store, tx: AsyncConnection, lines: Iterable[bytes]) -> None:
    """Write the rows of *lines*."""
    rows: dict[Table, list[Mapping[str, Any]]] = {}
    for line in lines:
        table, row = row_of(line)
        rows.setdefault(table, []).append(row)
    for table, some in rows.items():
        await store.append(tx, table, some)


async def begin_at(store: Store, tx: AsyncConnection, partition: int, snapshot: Snapshot) -> None:
    """Let *partition* stand where *snapshot* does; before that, its rows are those of nobody.

    What was summed of it so far, as of an empty one, is counted anew: whoever wrote the snapshot
    may have counted other figures, or none.
    """
    summed = (POSITIONS.c.partition == partition) & POSITIONS.c.topic.startswith(FIGURES)
    await tx.execute(delete(POSITIONS).where(summed))
    positions = [
        {"topic": topic, "partition": partition, "next": at}
        for topic, at in snapshot.positions.items()
        if not topic.startswith(FIGURES)
    ]
    await store.write(tx, POSITIONS, positions)
    if snapshot.last is not None:
        await store.write(tx, CHAIN, [chain_row(partition, snapshot.last)])


async def empty(store: Store, partition: int, epochs: Mapping[int, int]) -> None:
    """Delete all that the store has of *partition*, which must be mine.

    That it is being made anew stays: a rebuild that is killed here goes on.
    """
    noted = (POSITIONS.c.partition == partition) & (POSITIONS.c.topic == REBUILDING)
    async with store.transaction() as tx:
        await store.fence(tx, {partition: epochs.get(partition, -1)})
        rebuilding = await tx.execute(select(POSITIONS).where(noted))
        kept = [row._asdict() for row in rebuilding]
        await empty_partition(tx, partition)
        await store.write(tx, POSITIONS, kept)


async def stands_at(store: Store, partition: int) -> dict[str, int]:
    """Return the positions that a snapshot of *partition* carries."""
    summed = POSITIONS.c.topic.startswith(FIGURES)
    others = POSITIONS.c.topic.not_in((PUBLISHED, REBUILDING))
    mine = (POSITIONS.c.partition == partition) & others & ~summed
    async with store.transaction() as tx:
        rows = await tx.execute(select(POSITIONS).where(mine))
        return {row.topic: row.next for row in rows}


def _to_json(column: "Column[Any]") -> Callable[[Any], Any]:
    if isinstance(column.type, LargeBinary):
        return _text  # nearly always JSON, which stays legible so
    return date.isoformat if isinstance(column.type, Date) else _as_it_is


def _from_json(column: "Column[Any]") -> Callable[[Any], Any]:
    if isinstance(column.type, LargeBinary):
        return _bytes
    return date.fromisoformat if isinstance(column.type, Date) else _as_it_is


def _text(value: bytes) -> str:
    return bytes(value).decode("latin-1")


def _bytes(value: str) -> bytes:
    return value.encode("latin-1")


def _as_it_is(value: Any) -> Any:
    return value
