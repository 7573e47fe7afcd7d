"""The acts of a service that are open, read from its store beside the worker that writes them."""

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from services.runtime.ops.state_reader import NoStore
from services.runtime.store.database import Database
from services.runtime.store.rows import acts_of
from services.runtime.store.store import Store
from services.runtime.store.tables import STATE
from services.runtime.stream.acts import OpenAct


class FoundAct(NamedTuple):
    """An open act, and the partition on which it was intended."""

    partition: int
    act: OpenAct


async def open_acts_of(address: str, service: str) -> list[FoundAct]:
    """Return what is open in the store of *service* at *address*; raise NoStore."""
    store = Store(Database(address, service))
    rows = (
        select(STATE.c.partition, STATE.c.acts)
        .where(STATE.c.acts.is_not(None))
        .order_by(STATE.c.contract_id, STATE.c.partition)
    )
    try:
        async with store.transaction() as tx:
            found = list(await tx.execute(rows))
    except (SQLAlchemyError, OSError) as error:
        raise NoStore(type(error).__name__) from error
    finally:
        await store.close()
    return [FoundAct(row.partition, act) for row in found for act in acts_of(row.acts)]
