"""Rows of a read model, as the operations of messages make them; no database is asked here."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from services.runtime.projection import (
    PARTITION,
    Add,
    Columns,
    Delete,
    Misfit,
    Operation,
    Value,
    fits,
)


class RowKey(NamedTuple):
    """A row of a table; *values* are those of its declared key, then its partition."""

    table: str
    values: tuple[object, ...]


def key_of(operation: Operation, partition: int) -> RowKey:
    """Return which row *operation* is about, on *partition*."""
    table = operation.table
    said = operation.key if isinstance(operation, Add | Delete) else operation.row
    values = tuple(_text(said[column.name]) for column in table.primary_key)
    return RowKey(table.name, (*values, partition))


class Drafts:
    """Rows as they are *stored*, and as operations make them; what is not stored is not there."""

    def __init__(self, stored: Mapping[RowKey, Columns]) -> None:
        self._stored = stored
        self._rows: dict[RowKey, Columns | None] = dict(stored)

    def apply(self, operation: Operation, partition: int) -> None:
        """Do *operation* after all before it; raise Misfit where a sum would be too large."""
        key = key_of(operation, partition)
        if isinstance(operation, Delete):
            self._rows[key] = None
            return
        row = self._rows.get(key) or {
            **dict.fromkeys(column.name for column in operation.table.columns),
            PARTITION: partition,
        }
        said = _summed(row, operation) if isinstance(operation, Add) else operation.row
        self._rows[key] = {**row, **{name: _text(value) for name, value in said.items()}}

    def written(self) -> Mapping[str, list[Columns]]:
        """Return the whole rows that are new or changed, by table."""
        found: dict[str, list[Columns]] = defaultdict(list)
        for key, row in self._changed():
            if row is not None:
                found[key.table].append(row)
        return found

    def removed(self) -> Mapping[str, list[tuple[object, ...]]]:
        """Return the keys of stored rows that are there no more, by table."""
        found: dict[str, list[tuple[object, ...]]] = defaultdict(list)
        for key, row in self._changed():
            if row is None:
                found[key.table].append(key.values)
        return found

    def _changed(self) -> Iterator[tuple[RowKey, Columns | None]]:
        return (pair for pair in self._rows.items() if pair[1] != self._stored.get(pair[0]))


def _summed(row: Columns, operation: Add) -> Columns:
    columns, sums = operation.table.columns, {}
    for name, more in operation.sums.items():
        before = row[name] or 0
        assert isinstance(before, int), "only to integers something is added"
        if not fits(columns[name], before + more):
            raise Misfit(f"{operation.table.name}.{name}: the sum is too large")
        sums[name] = before + more
    return {**operation.key, **sums}


def _text(value: Value) -> Value:
    """Return *value*, but for the one character that PostgreSQL's text cannot have."""
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value
