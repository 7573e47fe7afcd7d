"""The acts that the store says are open."""

from collections.abc import AsyncIterator

from sqlalchemy import select

from services.runtime.store.rows import acts_of
from services.runtime.store.store import Store
from services.runtime.store.tables import STATE
from services.runtime.stream.acts import OpenAct

_PAGE = 1_000


async def open_acts(store: Store, partition: int, epoch: int) -> AsyncIterator[list[OpenAct]]:
    """Yield the open acts of *partition*, all of a contract together; raise Fenced by *epoch*."""
    after = ""
    while True:
        rows = (
            select(STATE.c.contract_id, STATE.c.acts)
            .where(STATE.c.partition == partition)
            .where(STATE.c.acts.is_not(None))
            .where(STATE.c.contract_id > after)
            .order_by(STATE.c.contract_id)
            .limit(_PAGE)
        )
        async with store.transaction() as tx:
            await store.fence(tx, {partition: epoch})
            page = list(await tx.execute(rows))
        if not page:
            return
        yield [act for row in page for act in acts_of(row.acts)]
        after = page[-1].contract_id
