"""Rows of a projection in a real PostgreSQL: what differs there from SQLite."""

import asyncio
import itertools
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from schemas.deliveries import DeliveryIntended, Dispatched
from schemas.payments import PaymentPending
from services.runtime.store.store import Fenced
from tests.runtime.test_projection import at, chunk, pending
from tests.support.events import eur, paid
from tests.support.receipts import PENDING, RECEIVED, SENT, opened, rows, version

NUMBER, DAY = itertools.count(), date(2026, 2, 1)


@pytest.fixture
def address(postgres):
    """Where an empty database is."""
    return postgres.database(f"rows{next(NUMBER)}")


def test_rows_are_written_changed_and_taken_away(address):
    other = PaymentPending(
        contract_id="C2", payment_id="p9", money=eur("1.00"), method="card", initiated_on=DAY
    )
    of = {"contract_id": "C1", "delivery_id": "d1", "channel": "email"}

    async def run():
        async with opened(address) as projector:
            await projector.take([chunk("payments", pending("p1"), pending("p2"), other)])
            later = (paid("p1", "1.00", DAY), paid("p3", "2.50", DAY))
            await projector.take([chunk("payments", *later, start=3)])
            await projector.take([chunk("deliveries", DeliveryIntended(**of))])
            sent = Dispatched(**of, dispatched_on=DAY)
            await projector.take([chunk("deliveries", sent, start=1)])
            return [await rows(projector.store, each) for each in (RECEIVED, PENDING, SENT)]

    assert asyncio.run(run()) == [
        [("C1", 2, 350)],
        [("C1", "p2", DAY, "/tests"), ("C2", "p9", DAY, "/tests")],
        [("C1", "d1", "sent", DAY)],
    ]


def test_several_that_begin_the_same_version_at_once_make_one_edition(address):
    async def begin(owner):
        async with opened(address, ends=at(1), owner=owner) as projector:
            try:
                await projector.take([chunk("payments", paid("p1", "1.00", DAY))])
            except Fenced:
                return "fenced"
            return await rows(projector.store, RECEIVED)

    async def run():
        return await asyncio.gather(*map(begin, ("one", "two", "three")), return_exceptions=True)

    found = asyncio.run(run())
    assert [each for each in found if each == [("C1", 1, 100)]] != []
    # One that is fenced amid its claim says so; nobody else fails.
    others = [each for each in found if each not in ("fenced", [("C1", 1, 100)])]
    assert [each for each in others if not isinstance(each, Fenced)] == []


def test_old_rows_are_read_until_the_new_are_complete_and_then_dropped(address):
    said = chunk("payments", paid("p1", "1.00", DAY))

    async def run():
        async with opened(address, ends=at(1)) as projector:
            with pytest.raises(ProgrammingError, match="received"):
                await rows(projector.store, RECEIVED)
            await projector.take([said])
        async with opened(address, projection=version(2), ends=at(1)) as projector:
            assert await rows(projector.store, RECEIVED) == [("C1", 1, 100)]
            await projector.take([said])
            assert await rows(projector.store, RECEIVED) == [("C1", 1, 100)]
            async with projector.store.transaction() as tx:
                found = await tx.execute(
                    text(
                        "select tablename from pg_tables where schemaname = 'receipts'"
                        " and tablename like '%\\_\\_%' order by 1"
                    )
                )
                return list(found.scalars())

    tables = ["days_done__2", "pending__2", "positions__2", "received__2", "seen__2", "sent__2"]
    assert asyncio.run(run()) == tables
