"""Order records in the store: those that wait to be published, and the last of each partition."""

from collections.abc import Iterable, Mapping

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from services.runtime.store.origin import Transactions
from services.runtime.store.tables import (
    APPLIED,
    CHAIN,
    FILED,
    HEARD,
    KNOWN,
    OUTBOX,
    POSITIONS,
    STATE,
    STRAYS,
)
from services.runtime.stream.chain import OrderRecord


async def last_orders(tx: AsyncConnection, partitions: Iterable[int]) -> dict[int, OrderRecord]:
    """Return the last order record of each of *partitions* that has any."""
    last = (
        select(CHAIN.c.partition, func.max(CHAIN.c.number))
        .where(CHAIN.c.partition.in_(sorted(partitions)))
        .group_by(CHAIN.c.partition)
    )
    rows = await tx.execute(select(CHAIN).where(tuple_(*CHAIN.primary_key).in_(last)))
    return {row.partition: OrderRecord.of(row.record) for row in rows}


async def orders_behind(
    store: Transactions, partition: int, *, after: int, most: int
) -> list[OrderRecord]:
    """Return the first order records of *partition* behind number *after*."""
    behind = (CHAIN.c.partition == partition) & (CHAIN.c.number > after)
    rows = select(CHAIN.c.record).where(behind).order_by(CHAIN.c.number).limit(most)
    async with store.transaction() as tx:
        return [OrderRecord.of(each) for each in (await tx.execute(rows)).scalars()]


async def forget_orders(store: Transactions, said: Mapping[int, int]) -> None:
    """Delete the order records that are published, up to each partition's last, which stays."""
    async with store.transaction() as tx:
        for partition, number in said.items():
            older = (CHAIN.c.partition == partition) & (CHAIN.c.number < number)
            await tx.execute(delete(CHAIN).where(older))


async def empty_partition(tx: AsyncConnection, partition: int) -> None:
    """Delete all that the store has of *partition*, but who owns it."""
    for table in (STATE, KNOWN, FILED, STRAYS, HEARD, OUTBOX, APPLIED, POSITIONS, CHAIN):
        await tx.execute(delete(table).where(table.c.partition == partition))


def chain_row(partition: int, record: OrderRecord) -> dict[str, object]:
    """Return the row of an order record."""
    return {
        "partition": partition,
        "number": record.number,
        "first": record.first,
        "record": record.text,
    }
