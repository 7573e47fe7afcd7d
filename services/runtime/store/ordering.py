"""What the commits of my partitions say of the order in which they took their inputs."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from services.runtime.store import tables
from services.runtime.store.chain import chain_row
from services.runtime.store.store import Store
from services.runtime.store.transaction import NOTHING, Transaction
from services.runtime.stream.barrier import BEGUN
from services.runtime.stream.chain import OrderRecord, TakesOrders, nobody_asks
from services.runtime.stream.changes import Changes
from services.runtime.stream.order import Place
from services.runtime.stream.record import Output


class Ordering:
    """The order records of my partitions, each bound to the one before it."""

    def __init__(self, *, rules: int) -> None:
        # The id of our store, as soon as it is known.
        self.store_id = ""
        # Told of what is committed, in front of the outputs.
        self.on_orders: TakesOrders = nobody_asks
        self._rules = rules
        self._last: dict[int, OrderRecord] = {}
        # Partitions that follow an order that stands on its topic, and up to which output all is
        # published: neither is said again.
        self._following: set[int] = set()
        self._published: dict[int, int] = {}

    def restore(self, last: Mapping[int, OrderRecord]) -> None:
        """Go back to the *last* records that the store has."""
        self._last = dict(last)

    def last(self, partition: int) -> OrderRecord | None:
        """Return the last record of *partition*."""
        return self._last.get(partition)

    def number(self, partition: int) -> int:
        """Return the number of the last record of *partition*; -1 where there is none."""
        last = self._last.get(partition)
        return -1 if last is None else last.number

    def follow(self, partition: int, *, published: int) -> None:
        """Make no records of *partition*, whose outputs up to *published* stand on their topics."""
        self._following.add(partition)
        self._published[partition] = published

    def published_until(self, partition: int, seq: int) -> None:
        """Say no output of *partition* again up to *seq*."""
        self._published[partition] = seq

    def lead(self, partition: int) -> None:
        """Make records of *partition* again."""
        self._following.discard(partition)

    def unpublished(self, outputs: Sequence[Output]) -> list[Output]:
        """Return those of *outputs* that do not stand on their topics yet."""
        published = self._published
        return [each for each in outputs if each.seq > published.get(each.partition, -1)]

    async def followed(
        self,
        store: Store,
        partition: int,
        record: OrderRecord,
        epochs: Mapping[int, int],
        positions: Mapping[Place, int],
    ) -> None:
        """Note that all up to *record* is in the store, and that its day began, if it has one."""
        begun = positions.get((BEGUN, partition), 0)
        at = {"topic": BEGUN, "partition": partition, "next": begun}
        async with store.transaction() as tx:
            await store.fence(tx, {partition: epochs.get(partition, -1)})
            await store.write(tx, tables.POSITIONS, [at] if begun else [])
            await store.write(tx, tables.CHAIN, [chain_row(partition, record)])
        self._last[partition] = record

    def records(
        self, transaction: Transaction, changes: Changes, touched: Iterable[int]
    ) -> dict[int, OrderRecord]:
        """Return the records of a commit, before its outputs are numbered."""
        ended = transaction.days_ended()
        amid = {p: offset for p, offset in transaction.begun.items() if ended.get(p) != offset}
        found = {}
        for partition, some in sorted(transaction.taken(changes.strays, touched).items()):
            last = self._last.get(partition)
            says_nothing = some.inputs == NOTHING and partition not in amid and not some.strays
            if says_nothing or partition in self._following:
                continue
            found[partition] = OrderRecord(
                number=last.number + 1 if last else 0,
                before=last.digest if last else "",
                store=self.store_id,
                first=some.first,
                rules=self._rules,
                inputs=some.inputs,
                day=amid.get(partition),
                strays=some.strays,
            )
        return found

    async def write(
        self, tx: AsyncConnection, store: Store, records: Mapping[int, OrderRecord]
    ) -> None:
        """Write the rows of *records*."""
        rows = [chain_row(partition, record) for partition, record in records.items()]
        await store.append(tx, tables.CHAIN, rows)

    def committed(self, records: Mapping[int, OrderRecord]) -> None:
        """Go on behind *records*: they are in the store."""
        self._last |= records
        self.on_orders(records)
