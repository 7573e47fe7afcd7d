"""Where the store comes from: which service, cluster and topics, and how many partitions."""

import secrets
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection, delete, inspect, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from services.runtime.store.tables import ORIGIN, PARTITIONS, POSITIONS

_TOPIC = "topic/"


class OtherPartitions(Exception):
    """The store was made for another number of partitions."""


class Transactions(Protocol):
    """What is asked of a store."""

    def transaction(self) -> AbstractAsyncContextManager[AsyncConnection]: ...


@dataclass(frozen=True, slots=True)
class StoreOrigin:
    """What a store was made from; *id* is drawn once, so that no two stores have the same."""

    id: str
    service: str
    cluster: str
    partitions: int
    topics: Mapping[str, str]


async def origin_of(store: Transactions) -> StoreOrigin | None:
    """Return what the store says of its origin; None where it is new, or older than that."""
    async with store.transaction() as tx:
        if not await tx.run_sync(_has_origin):
            return None
        rows = await tx.execute(select(ORIGIN))
        found = {row.name: row.value for row in rows}
    if not found:
        return None
    topics = {
        name.removeprefix(_TOPIC): value for name, value in found.items() if name.startswith(_TOPIC)
    }
    return StoreOrigin(
        found["id"], found["service"], found["cluster"], int(found["partitions"]), topics
    )


async def positions_of(store: Transactions) -> dict[tuple[str, int], int]:
    """Return all positions of all partitions, our own counters included."""
    async with store.transaction() as tx:
        return {(row.topic, row.partition): row.next for row in await tx.execute(select(POSITIONS))}


def _has_origin(connection: Connection) -> bool:
    return inspect(connection).has_table(ORIGIN.name)


async def bind(
    tx: AsyncConnection, *, service: str, cluster: str, partitions: int, topics: Mapping[str, str]
) -> None:
    """Write down what is not known yet of the origin of this store; what is known stays."""
    insert: Any = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    said = {
        "id": secrets.token_hex(8),
        "service": service,
        "cluster": cluster,
        "partitions": str(partitions),
        **{_TOPIC + name: topic_id for name, topic_id in topics.items()},
    }
    rows = [{"name": name, "value": value} for name, value in said.items()]
    await tx.execute(insert(ORIGIN).on_conflict_do_nothing(), rows)


async def lay_out(tx: AsyncConnection, insert: Any, partitions: int) -> None:
    """Make the rows of *partitions*, where nobody ever claimed one; else they must be so many.

    Rows that nobody claimed and that are too many were left by a start with a wrong setting.
    """
    rows = await tx.execute(select(PARTITIONS.c.partition, PARTITIONS.c.epoch))
    epochs = {row.partition: row.epoch for row in rows}
    claimed = [p for p, epoch in epochs.items() if epoch]
    missing = sorted(set(range(partitions)) - epochs.keys())
    if claimed and (missing or max(claimed) >= partitions):
        made_for = len(epochs) if missing else max(claimed) + 1
        raise OtherPartitions(f"the store was made for {made_for} partitions, not {partitions}")
    if missing:
        new = [{"partition": p, "epoch": 0, "owner": ""} for p in missing]
        await tx.execute(insert(PARTITIONS).on_conflict_do_nothing(), new)
    if max(epochs, default=0) >= partitions:
        unclaimed = (PARTITIONS.c.partition >= partitions) & (PARTITIONS.c.epoch == 0)
        await tx.execute(delete(PARTITIONS).where(unclaimed))
