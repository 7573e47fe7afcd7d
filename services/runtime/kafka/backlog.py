"""What a partition has to publish, held in memory: outputs, and the order of what caused them."""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from services.runtime.stream.chain import OrderRecord
from services.runtime.stream.record import Packed
from services.runtime.stream.wire import headers_from_text

# Outputs in one transaction.
MOST = 2_000


class Row(NamedTuple):
    """A row of the outbox; a transaction ends only behind one that is *last* of its cause.

    No row is published before the order record *behind*, where that is known here.
    """

    seq: int
    topic: str
    packed: Packed
    last: bool
    behind: int = -1

    @classmethod
    def of(cls, found: Any) -> "Row":
        """Return the row that the store holds as *found*."""
        packed = Packed(found.key, found.value, headers_from_text(found.headers), found.timestamp)
        return cls(found.seq, found.topic, packed, found.last)


class Batch(NamedTuple):
    """What one Kafka transaction publishes: order records first, or what stands beside both."""

    orders: Sequence[OrderRecord] = ()
    rows: Sequence[Row] = ()
    beside: "Beside | None" = None


class Beside(NamedTuple):
    """Records of ours that are no output; *sent* has their offsets when they are published."""

    records: Sequence[tuple[str, Packed]]
    sent: "asyncio.Future[list[int]]"


class Backlog:
    """Outputs and order records of a partition, in the order in which they were committed."""

    def __init__(self) -> None:
        self._rows: deque[Row] = deque()
        self._orders: dict[int, OrderRecord] = {}
        self._newest = -1

    def __len__(self) -> int:
        """Return how many outputs wait."""
        return len(self._rows)

    def add(self, rows: Iterable[Row]) -> None:
        """Put *rows* behind all others, and behind the order records that are known."""
        self._rows.extend(each._replace(behind=self._newest) for each in rows)

    def order(self, records: Iterable[OrderRecord]) -> None:
        """Put order *records* in front of the rows that are added next."""
        self._orders |= {each.number: each for each in records}
        self._newest = max(self._orders, default=self._newest)

    def clear(self) -> None:
        """Forget all: the store has it."""
        self._rows.clear()
        self._orders.clear()

    def forget(self, *, said: int) -> None:
        """Forget the order records up to number *said*."""
        self._orders = {n: each for n, each in self._orders.items() if n > said}

    def take(self, *, published: int, said: int) -> Batch | None:
        """Take out what is next behind *published* outputs and *said* order records.

        None where something before it is missing here, and is to be read from the store.
        """
        rows = self._cut(published)
        until = rows[-1].seq if rows else published + 1
        orders = self.orders_until(until, said=said)
        if rows and rows[0].seq != published + 1:
            return None
        if rows and rows[-1].behind > (orders[-1].number if orders else said):
            return None
        return Batch(orders, rows)

    def orders_until(self, seq: int, *, said: int) -> list[OrderRecord]:
        """Return the order records behind number *said* that come before the output *seq*."""
        found, number = [], said + 1
        while (record := self._orders.get(number)) is not None and record.first <= seq:
            found.append(record)
            number += 1
        return found

    def _cut(self, published: int) -> list[Row]:
        """Take out the next rows, up to the end of a cause."""
        rows: list[Row] = []
        while self._rows and self._rows[0].seq <= published:
            self._rows.popleft()
        while self._rows and (len(rows) < MOST or not rows[-1].last):
            rows.append(self._rows.popleft())
        return rows
