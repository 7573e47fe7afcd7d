"""Editions: the tables of a projection as they are made once, beside those that are read."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Executable,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    text,
)
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql import quoted_name

from services.runtime.projection import PARTITION, Projection
from services.runtime.store.tables import IDENTIFIER

EDITIONS = Table(  # those there are, the one that is read among them: the last that is complete
    "editions",
    MetaData(),
    Column("edition", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("shape", String, nullable=False),  # of what it was declared with
    Column("tables", String, nullable=False),  # their declared names, by commas
    Column("is_complete", Boolean, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Edition:
    """The tables of a projection, made once; *rows* by declared name, *places* with positions."""

    number: int
    rows: Mapping[str, Table]
    places: Table
    seen: Table

    @property
    def all(self) -> tuple[Table, ...]:
        """All that an edition has of its own."""
        return *self.rows.values(), self.places, self.seen

    def making(self) -> Iterator[Executable]:
        """Yield the statements that make its tables."""
        for table in self.all:
            yield CreateTable(table)
            yield from map(CreateIndex, sorted(table.indexes, key=lambda each: str(each.name)))

    def showing(self, names: Iterable[str]) -> Iterator[Executable]:
        """Yield the statements that let its rows be read, instead of those under *names*."""
        for name in sorted({*names, *self.rows}):
            yield text(f'drop view if exists "{name}"')
        for name, table in self.rows.items():
            yield text(f'create view "{name}" as select * from "{table.name}"')


def edition_of(projection: Projection, number: int) -> Edition:
    """Return the tables of *projection* under the names of this edition.

    A declared table is read under its name, and kept under one with the edition's number.
    """
    return _edition(projection.tables, number)


@cache
def _edition(tables: tuple[Table, ...], number: int) -> Edition:
    meta = MetaData()
    rows = {table.name: _kept(table, meta, number) for table in tables}
    return Edition(number, rows, _places(meta, number), _seen(meta, number))


def dropping(number: int, tables: str) -> Iterator[Executable]:
    """Yield the statements that drop an edition, whose *tables* are named as in its row."""
    for name in (*tables.split(","), "positions", "seen"):
        yield text(f'drop table if exists "{_named(name, number)}"')


def shape_of(projection: Projection) -> str:
    """Return a digest of all that can be told of a declaration, but for what its functions do."""
    told = [f"{topic.name}" for topic in projection.reads]
    for source in projection.sources:
        told += sorted(each.__name__ for each in source.handles)
        told += [str(CreateTable(table)) for table in source.tables]
    return hashlib.blake2b("\n".join(told).encode(), digest_size=16).hexdigest()


def names_of(projection: Projection) -> str:
    """Return the declared names of all tables as EDITIONS has them."""
    return ",".join(table.name for table in projection.tables)


def _kept(table: Table, meta: MetaData, number: int) -> Table:
    kept = table.to_metadata(meta, name=_named(table.name, number))
    kept.append_column(Column(PARTITION, Integer, primary_key=True, autoincrement=False))
    for index in kept.indexes:
        index.name = quoted_name(_named(str(index.name), number), quote=None)
    return kept


def _places(meta: MetaData, number: int) -> Table:
    """Return where each partition stands, and up to where it is made before anybody reads it."""
    return Table(
        _named("positions", number),
        meta,
        Column("topic", String, primary_key=True),
        Column(PARTITION, Integer, primary_key=True, autoincrement=False),
        Column("next", BigInteger, nullable=False),
        Column("goal", BigInteger, nullable=False),
    )


def _seen(meta: MetaData, number: int) -> Table:
    """Return what was said under which identity, on topics that others may write."""
    return Table(
        _named("seen", number),
        meta,
        Column(PARTITION, Integer, primary_key=True, autoincrement=False),
        Column("topic", String, primary_key=True),
        Column("subject", IDENTIFIER, primary_key=True),
        Column("name", LargeBinary, primary_key=True),
        Column("content", LargeBinary, nullable=False),
    )


def _named(name: str, number: int) -> str:
    return f"{name}__{number}"


def as_row(projection: Projection, number: int) -> dict[str, Any]:
    """Return the row of an edition that begins."""
    return {
        "edition": number,
        "version": projection.version,
        "shape": shape_of(projection),
        "tables": names_of(projection),
        "is_complete": False,
    }
