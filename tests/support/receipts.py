"""A projection small enough to see through: what was paid, by contract, and what was delivered."""

from contextlib import asynccontextmanager
from dataclasses import replace

from sqlalchemy import BigInteger, Column, Date, Index, Integer, MetaData, String, Table, select

from schemas import payments, topics
from schemas.deliveries import Bounced, DeliveryIntended, Dispatched
from services.runtime.projection import Add, Delete, Projection, Source, Upsert
from services.runtime.projector import Projector
from services.runtime.store.read_model import ReadModel
from tests.support.tally import sqlite

META = MetaData()
# Of all that came for a contract: how often, and how much, in the minor unit.
RECEIVED = Table(
    "received",
    META,
    Column("contract_id", String, primary_key=True),
    Column("payments", Integer, nullable=False),
    Column("minor", BigInteger, nullable=False),
)
PENDING = Table(
    "pending",
    META,
    Column("contract_id", String, primary_key=True),
    Column("payment_id", String, primary_key=True),
    Column("since", Date, nullable=False),
    Column("said_by", String, nullable=False),
    Index("pending_since", "since"),
)
SENT = Table(
    "sent",
    META,
    Column("contract_id", String, primary_key=True),
    Column("delivery_id", String, primary_key=True),
    Column("state", String, nullable=False),
    Column("sent_on", Date),
)


def paid(message, event):
    """A payment that was on its way is pending until it comes or fails."""
    one = {"contract_id": message.contract_id, "payment_id": message.payment_id}
    match message:
        case payments.PaymentPending():
            told = {"since": message.initiated_on, "said_by": event.source}
            yield Upsert(PENDING, one | told)
        case payments.PaymentReceived():
            yield Delete(PENDING, one)
            key = {"contract_id": message.contract_id}
            yield Add(RECEIVED, key, {"payments": 1, "minor": message.money.minor})
        case payments.PaymentFailed():
            yield Delete(PENDING, one)


def delivered(message, _event):
    """What is handed over has a day."""
    one = {"contract_id": message.contract_id, "delivery_id": message.delivery_id}
    match message:
        case DeliveryIntended():
            yield Upsert(SENT, one | {"state": "intended"})
        case Dispatched():
            yield Upsert(SENT, one | {"state": "sent", "sent_on": message.dispatched_on})
        case Bounced():
            yield Upsert(SENT, one | {"state": "bounced"})


HANDLES = frozenset({payments.PaymentPending, payments.PaymentReceived, payments.PaymentFailed})
DELIVERED = frozenset({DeliveryIntended, Dispatched, Bounced})
PAYMENTS = Source(
    topic=topics.PAYMENTS,
    tables=(RECEIVED, PENDING),
    rows=paid,
    handles=HANDLES,
    skips=frozenset(topics.PAYMENTS.messages) - HANDLES,
)
DELIVERIES = Source(
    topic=topics.DELIVERIES,
    tables=(SENT,),
    rows=delivered,
    handles=DELIVERED,
    skips=frozenset(topics.DELIVERIES.messages) - DELIVERED,
)
PROJECTION = Projection(name="receipts", version=1, sources=(PAYMENTS, DELIVERIES))


def version(number):
    """Return the projection as somebody declared it anew."""
    return replace(PROJECTION, version=number)


async def nothing_yet(_partitions):
    """No input has a record."""
    return {}


@asynccontextmanager
async def opened(tmp_path, *, projection=PROJECTION, partitions=1, ends=nothing_yet, owner="one"):
    """Open a projector that owns all partitions, for the block."""
    store = ReadModel(projection, sqlite(tmp_path, "receipts", service="receipts"))
    try:
        await store.create(partitions)
        projector = Projector(projection, store, ends=ends)
        await projector.claim(range(partitions), owner)
        yield projector
    finally:
        await store.close()


async def rows(store, table):
    """Return what a reader gets of *table*, without the partition, in the order of its key."""
    async with store.transaction() as tx:
        found = await tx.execute(select(table).order_by(*table.primary_key))
        return [tuple(row) for row in found]
