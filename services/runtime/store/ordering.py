"""What the commits of my partitions say of the order in which they took their inputs."""

from collections.abc import Iterable, Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from services.runtime.store import tables
from services.runtime.store.chain import chain_row
from services.runtime.store.store import Store
from services.runtime.store.transaction import NOTHING, Transaction
from services.runtime.stream.chain import OrderRecord, TakesOrders, nobody_asks
from services.runtime.stream.changes import Changes


class Ordering:
    """The order records of my partitions, each bound to the one before it."""

    def __init__(self, *, rules: int) -> None:
        # The id of our store, as soon as it is known.
        self.store_id = ""
        # Told of what is committed, in front of the outputs.
        self.on_orders: TakesOrders = nobody_asks
        self._rules = rules
        self._last: dict[int, OrderRecord] = {}

    def restore(self, last: Mapping[int, OrderRecord]) -> None:
        """Go back to the *last* records that the store has."""
        self._last = dict(last)

    def records(
        self, transaction: Transaction, changes: Changes, touched: Iterable[int]
    ) -> dict[int, OrderRecord]:
        """Return the records of a commit, before its outputs are numbered."""
        ended = transaction.days_ended()
        amid = {p: offset for p, offset in transaction.begun.items() if ended.get(p) != offset}
        found = {}
        for partition, some in sorted(transaction.taken(changes.strays, touched).items()):
            last = self._last.get(partition)
            if some.inputs == NOTHING and partition not in amid and not some.strays:
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
