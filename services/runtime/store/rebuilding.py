"""That a partition of the store is being made anew, so that a rebuild that was killed goes on."""

from collections.abc import Mapping

from sqlalchemy import delete

from services.runtime.store.chain import empty_partition
from services.runtime.store.store import REBUILDING, Store
from services.runtime.store.tables import POSITIONS


async def begin_rebuild(store: Store, partition: int, epochs: Mapping[int, int]) -> None:
    """Delete all that the store has of *partition*, which must be mine, and note that it is so."""
    async with store.transaction() as tx:
        await store.fence(tx, {partition: epochs.get(partition, -1)})
        await empty_partition(tx, partition)
        await store.write(tx, POSITIONS, [{"topic": REBUILDING, "partition": partition, "next": 1}])


async def is_rebuilding(store: Store, partition: int) -> bool:
    """Say whether a rebuild of *partition* has begun and is not at its end."""
    here = (POSITIONS.c.topic == REBUILDING) & (POSITIONS.c.partition == partition)
    async with store.transaction() as tx:
        found = await tx.execute(POSITIONS.select().where(here))
        return found.first() is not None


async def end_rebuild(store: Store, partition: int) -> None:
    """Note that *partition* is at the end of its order: a rebuild from here on is another one."""
    here = (POSITIONS.c.topic == REBUILDING) & (POSITIONS.c.partition == partition)
    async with store.transaction() as tx:
        await tx.execute(delete(POSITIONS).where(here))
