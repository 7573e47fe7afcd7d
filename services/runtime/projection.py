"""A read model in SQL, declared: its tables, from which topics, and what a message does there."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
)

from schemas.envelope import Event
from schemas.message import Message
from schemas.topics import Topic
from services.runtime import declared

Value = int | str | bool | date | bytes | None
Columns = Mapping[str, Value]

# Integers for money and days for time: what no database rounds or moves to another zone.
_TYPES = (BigInteger, Boolean, Date, Integer, LargeBinary, String)
# What an integer column of PostgreSQL takes; SQLite would make a float of what is larger.
_INTEGER, _BIG_INTEGER = 2**31, 2**63
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
# What the runtime keeps beside the tables of a projection.
_OURS = frozenset(
    {
        *("editions", "positions", "seen", "partitions", "origin", "state", "known"),
        *("filed", "strays", "heard", "outbox", "applied", "alembic_version"),
    }
)
PARTITION = "partition"


@dataclass(frozen=True, slots=True)
class Upsert:
    """Set the columns that *row* names, its key among them; a new row has nothing in the others."""

    table: Table
    row: Columns


@dataclass(frozen=True, slots=True)
class Delete:
    """Take the row under *key* away, where there is one."""

    table: Table
    key: Columns


@dataclass(frozen=True, slots=True)
class Add:
    """Add *sums* to columns of the row under *key*; where there is nothing, to zero."""

    table: Table
    key: Columns
    sums: Mapping[str, int]


Operation = Upsert | Delete | Add


class Misfit(Exception):
    """An operation that the declared tables cannot take; a mistake of the projection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A topic, and the tables that are made from it alone.

    ``rows`` is pure: what a message does follows from it and its envelope. A table has one source,
    so that its rows do not depend on which of two topics was read first; a reader joins tables.
    """

    topic: Topic
    tables: tuple[Table, ...]
    rows: Callable[[Any, Event], Iterable[Operation]]
    # What ``rows`` has a case for, and what means nothing to it.
    handles: frozenset[type[Message]]
    skips: frozenset[type[Message]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """Tables that follow from topics: they can be lost, and are made again from the beginning.

    Whoever changes what they hold raises ``version``: they are then made anew, and those who read
    see the old rows until the new are complete. Each row belongs to a partition, its last column:
    what is counted over contracts is counted on each partition, and summed by who reads.
    """

    name: str
    version: int
    sources: tuple[Source, ...]

    def __post_init__(self) -> None:
        """Refuse a declaration that leaves a message out, or whose tables depend on an order."""
        faults = [*self._faults(), *(each for s in self.sources for each in _faults_of(s))]
        if faults:
            raise TypeError(f"{self.name}: {faults[0]}")

    @property
    def reads(self) -> tuple[Topic, ...]:
        """The topics that it reads."""
        return tuple(each.topic for each in self.sources)

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables of all its sources."""
        return tuple(table for each in self.sources for table in each.tables)

    def waits_for(self, _services: Collection[str]) -> tuple[str, ...]:
        """Return no service: rows follow from records, a day among them."""
        return ()

    def source_of(self, topic: str) -> Source:
        """Return what is made of *topic*, which it reads."""
        return next(each for each in self.sources if each.topic.name == topic)

    def _faults(self) -> Iterable[str]:
        if not _NAME.fullmatch(self.name) or self.version < 1:
            yield "its name is no name of a schema, or its version is not 1 or more"
        for what, names in (
            ("is read twice", [topic.name for topic in self.reads]),
            ("is made from two topics", [table.name for table in self.tables]),
        ):
            for name in sorted({each for each in names if names.count(each) > 1}):
                yield f"{name} {what}"


def _faults_of(source: Source) -> Iterable[str]:
    yield from declared.faults(
        set(source.topic.messages),
        handles=source.handles,
        skips=source.skips,
        foreign=f"not of {source.topic.name}",
    )
    if source.topic.partitions is not None:
        yield f"{source.topic.name} has partitions of its own; terms stand on `days`, too"
    if source.topic.retention_days is not None:
        yield f"{source.topic.name} expires: its rows could not be made again"
    for table in source.tables:
        yield from (f"{table.name}: {fault}" for fault in _faults_of_table(table))


def _faults_of_table(table: Table) -> Iterable[str]:
    if not _NAME.fullmatch(table.name) or table.name in _OURS:
        yield "is no name for a table of a projection"
    if table.schema or table.foreign_keys:
        yield "has a schema, or a foreign key"
    if not list(table.primary_key):
        yield "has no primary key"
    for column in table.columns:
        kind = column.type
        if column.name == PARTITION:
            yield "has a column named partition, which each table is given"
        if not isinstance(kind, _TYPES) or isinstance(kind, SmallInteger):
            yield f"{column.name} is none of integer, text, bytes, day, true or false"


def check(operation: Operation, source: Source) -> None:
    """Raise Misfit unless *operation* is one on a table of *source*, with columns of its types."""
    table = operation.table
    if table not in source.tables:
        raise Misfit(f"{table.name} is not made from {source.topic.name}")
    keys = {column.name for column in table.primary_key}
    said = operation.row if isinstance(operation, Upsert) else operation.key
    if not keys <= said.keys() or (said.keys() != keys and not isinstance(operation, Upsert)):
        raise Misfit(f"{table.name}: {sorted(said)} is not its key, {sorted(keys)}")
    sums = operation.sums if isinstance(operation, Add) else {}
    if keys & sums.keys():
        raise Misfit(f"{table.name}: to a key nothing is added")
    for name, value in (*said.items(), *sums.items()):
        column = table.columns.get(name)
        if column is None or not fits(column, value) or (value is None and name in {*keys, *sums}):
            raise Misfit(f"{table.name}.{name} does not take a {type(value).__name__}")


def fits(column: "Column[Any]", value: Value) -> bool:
    """Say whether *value* may stand in *column*, as it is on every database."""
    if value is None:
        return True
    if isinstance(column.type, Integer):
        most = _BIG_INTEGER if isinstance(column.type, BigInteger) else _INTEGER
        return type(value) is int and -most <= value < most
    return type(value) is column.type.python_type
