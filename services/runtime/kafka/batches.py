"""Batches as a broker keeps them: read as far as they can be, and in one piece or not at all.

aiokafka raises over the whole partition, and for ever, where the name of a header is no UTF-8: any
producer could stop it with one record. Such a name is written with escapes, as Python's
``backslashreplace`` does. What cannot be read in any way ends what is read of its partition, and
is noted; so is a hole, for a log that is not compacted has none.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple, SupportsIndex

from aiokafka import TopicPartition
from aiokafka.consumer import fetcher
from aiokafka.errors import KafkaError
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords

_LENGTH = slice(8, 12)  # of what comes behind it, in a batch of any version
_KEEPS_OFFSETS = 2  # the version of batches since which each says where it ends
# A batch may be spoiled on its way; it is fetched again before it is given up.
_TRIES = 3


class BrokenLog(KafkaError):  # type: ignore[misc]
    """Records of a log are gone, or can be read by nobody here."""


class _Fault(NamedTuple):
    offset: int
    why: str
    times: int


_faults: dict[TopicPartition, _Fault] = {}


def fault_of(place: Any) -> str | None:
    """Return why nothing behind some record of *place* can be read; None where nothing is wrong."""
    fault = _faults.get(TopicPartition(*place))
    return fault.why if fault is not None and fault.times >= _TRIES else None


def _note(place: TopicPartition, offset: int, error: Exception) -> None:
    known = _faults.get(place)
    times = known.times if known is not None and known.offset == offset else 0
    is_ours = isinstance(error, BrokenLog)
    what = error.args[0] if is_ours else f"cannot be read: {error!r}"
    why = f"{place.topic}/{place.partition}/{offset}: {what}"
    _faults[place] = _Fault(offset, why, times + 1)


class Fetched(fetcher.PartitionRecords):  # type: ignore[misc]
    """What a fetch brought of one partition; it ends before what cannot be read.

    aiokafka's own raises there, and what other partitions brought is passed over without a word.
    """

    def __init__(
        self, tp: TopicPartition, records: Any, aborted: Any, fetch_offset: int, *more: Any
    ) -> None:
        super().__init__(tp, records, aborted, fetch_offset, *more)
        records.goes_on_at(fetch_offset)
        self._records_iterator: Iterator[Any] = self._readable(self._unpack_records())

    def _readable(self, records: Iterator[Any]) -> Iterator[Any]:
        try:
            yield from records
        except Exception as error:  # noqa: BLE001 - whatever it is, the next fetch meets it again
            _note(self._tp, self.next_fetch_offset, error)


class Batches:
    """The batches of a partition, in place of aiokafka's own."""

    def __init__(self, content: bytes) -> None:
        self._records, self._rest = MemoryRecords(content), memoryview(content)
        self._next: int | None = None

    def goes_on_at(self, offset: int) -> None:
        """Expect this offset in the first batch."""
        self._next = offset

    def size_in_bytes(self) -> int:
        """Return the size of it all."""
        size: int = self._records.size_in_bytes()
        return size

    def has_next(self) -> bool:
        """Say whether a whole batch is left."""
        return bool(self._records.has_next())

    def next_batch(self) -> "_Batch":
        """Return the next batch; raise BrokenLog where others are missing before it."""
        end = _LENGTH.stop + int.from_bytes(self._rest[_LENGTH])
        content, self._rest = self._rest[:end], self._rest[end:]
        batch = _Batch(self._records.next_batch(), content)
        if self._next is not None and _version(batch) >= _KEEPS_OFFSETS:
            if batch.base_offset > self._next:
                raise BrokenLog(_gone(self._next, batch.base_offset))
            self._next = batch.next_offset
        return batch


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
            records = _leniently(self._content)
        if _version(self._batch) >= _KEEPS_OFFSETS:
            first, end = self._batch.base_offset, self._batch.next_offset
            if len(records) != end - first:
                raise BrokenLog(f"{end - first - len(records)} of {_gone(first, end)}")
        return iter(records)


def _version(batch: Any) -> int:
    found: int = getattr(batch, "magic", 0)
    return found


def _gone(start: int, end: int) -> str:
    return f"records {start} to {end - 1} are gone: was the topic compacted?"


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
    fetcher.MemoryRecords, fetcher.PartitionRecords = Batches, Fetched
