"""Batches as a broker keeps them, read also where the name of a header is no UTF-8.

aiokafka raises there, over the whole partition and for ever: any producer could stop it with one
record. Such a name is written with escapes, as Python's ``backslashreplace`` does.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any, SupportsIndex

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords

_LENGTH = slice(8, 12)  # of what comes behind it, in a batch of any version


class Batches:
    """What a fetch brought of one partition, in place of aiokafka's own."""

    def __init__(self, content: bytes) -> None:
        self._records, self._rest = MemoryRecords(content), memoryview(content)

    def size_in_bytes(self) -> int:
        """Return the size of it all."""
        size: int = self._records.size_in_bytes()
        return size

    def has_next(self) -> bool:
        """Say whether a whole batch is left."""
        return bool(self._records.has_next())

    def next_batch(self) -> "_Batch":
        """Return the next batch."""
        end = _LENGTH.stop + int.from_bytes(self._rest[_LENGTH])
        content, self._rest = self._rest[:end], self._rest[end:]
        return _Batch(self._records.next_batch(), content)


class _Batch:
    def __init__(self, batch: Any, content: memoryview) -> None:
        self._batch, self._content = batch, content

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __next__(self) -> Any:
        return next(self._batch)

    def __iter__(self) -> Iterator[Any]:
        records = []
        try:
            records += self._batch
        except UnicodeDecodeError:
            return iter(_leniently(self._content))
        return iter(records)


def _leniently(content: memoryview) -> list[Any]:
    batch = _DefaultRecordBatchPy(content)
    iter(batch)  # decompresses
    batch._buffer = _Lenient(batch._buffer)
    return list(islice(batch, None))


class _Lenient(bytearray):
    """Bytes whose parts are decoded whatever they are."""

    def __getitem__(self, at: SupportsIndex | slice) -> Any:
        part = super().__getitem__(at)
        return _Lenient(part) if isinstance(part, bytearray) else part

    def decode(self, encoding: str = "utf-8", errors: str = "backslashreplace") -> str:
        return super().decode(encoding, errors)


def install() -> None:
    """Make every consumer of this process read so."""
    fetcher.MemoryRecords = Batches
