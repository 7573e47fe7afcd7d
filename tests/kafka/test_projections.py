"""A projection on a real Kafka and PostgreSQL: killed, replaced by a later version, made anew."""

import asyncio
import sys
from datetime import date

import pytest
from sqlalchemy.exc import ProgrammingError

from schemas.deliveries import Dispatched
from schemas.envelope import Event
from services.runtime.kafka import topics
from services.runtime.kafka.producer import Outgoing, sending
from services.runtime.ops.verify.rows import verify_rows
from services.runtime.store.database import Database
from services.runtime.store.read_model import ReadModel
from tests.support import receipts, receiving, workers
from tests.support.events import line, paid
from tests.support.receipts import PROJECTION, RECEIVED, SENT
from tests.support.servers import until
from tests.support.workers import WorkerProcess

T, DAY = "2026-02-01T09:00:00+01:00", date(2026, 2, 1)


class Receiving(WorkerProcess):
    """A replica of the receipts projection, of this version."""

    def __init__(self, told, folder, number, *, name="only"):
        prefix = told.topic_prefix
        super().__init__(told, name, folder, service="receipts", topic_prefix=prefix)
        self.folder, self.number = folder, number

    def command(self):
        return [sys.executable, "-m", receiving.__name__, self.folder, str(self.number)]


@pytest.fixture
def told(kafka, postgres, tmp_path):
    told = workers.settings(
        kafka,
        tmp_path,
        partitions=2,
        topic_prefix=f"{tmp_path.name}.",
        database=postgres.database(f"receipts_{abs(hash(tmp_path.name))}"),
    )
    asyncio.run(topics.apply(told, dict.fromkeys(PROJECTION.reads)))
    return told


def say(told, topic, *messages):
    async def all_of_them():
        async with sending(told) as sender:
            events = [Event.from_line(line(each, T)) for each in messages]
            await sender.send([Outgoing(topic, None, each) for each in events])

    asyncio.run(all_of_them())


def pay(told, *numbers):
    """Say a payment of 1.00 each, to two contracts by turns."""
    found = [
        paid(f"p{n}", "1.00", DAY).model_copy(update={"contract_id": f"C{n % 2}"}) for n in numbers
    ]
    say(told, "payments", *found)


def read(told, table):
    """Return what a reader gets of *table*; None where nothing is complete yet."""

    async def of_it():
        store = ReadModel(PROJECTION, database(told))
        try:
            return await receipts.rows(store, table)
        except ProgrammingError:
            return None
        finally:
            await store.close()

    return asyncio.run(of_it())


def database(told):
    return Database(told.database_url(PROJECTION.name), PROJECTION.name)


def until_paid(told, *expected):
    until(lambda: read(told, RECEIVED) == list(expected), "all rows are there", timeout_s=60)


def verified(told, number):
    report = asyncio.run(verify_rows(receipts.version(number), told, lambda _done, _of: None))
    return report.violations, report.counts["rows"]


@pytest.mark.parametrize("point", [receiving.WRITTEN, receiving.COMMITTED])
def test_killed_amid_a_transaction_or_behind_it_each_payment_counts_once(told, tmp_path, point):
    worker = Receiving(told, tmp_path, 1).start().await_ready()
    try:
        pay(told, 1, 2)
        until_paid(told, ("C0", 1, 100), ("C1", 1, 100))
        (tmp_path / "doom").write_text(point)
        pay(told, 3)
        until(lambda: worker.exited() is not None, "it dies", timeout_s=60)
        assert (worker.exited(), (tmp_path / "fulfilled").exists()) == (-9, True)
        pay(told, 4)
        worker.start().await_ready()
        until_paid(told, ("C0", 2, 200), ("C1", 2, 200))
        assert verified(told, 1) == ([], 2)
    finally:
        worker.close()


def test_a_later_version_and_the_same_made_anew_are_read_when_they_are_complete(told, tmp_path):
    sent = Dispatched(contract_id="C1", delivery_id="d1", channel="email", dispatched_on=DAY)
    first, second = Receiving(told, tmp_path, 1).start(), Receiving(told, tmp_path, 2, name="later")
    try:
        first.await_ready()
        pay(told, 1, 2, 3)
        pay(told, 3)
        say(told, "deliveries", sent)
        until_paid(told, ("C0", 1, 100), ("C1", 2, 200))
        second.start().await_ready()
        until(lambda: first.exited() is not None, "the earlier version leaves", timeout_s=60)
        assert first.exited() == 75
        pay(told, 4)
        until_paid(told, ("C0", 2, 200), ("C1", 2, 200))
        assert read(told, SENT) == [("C1", "d1", "sent", DAY)]

        asyncio.run(make_anew(told))
        assert read(told, RECEIVED) == [("C0", 2, 200), ("C1", 2, 200)]
        until(lambda: second.exited() is not None, "it hears that rows are made anew", timeout_s=60)
        assert second.exited() == 75
        second.start().await_ready()
        pay(told, 5)
        until_paid(told, ("C0", 2, 200), ("C1", 3, 300))
        assert verified(told, 2) == ([], 3)
    finally:
        first.close()
        second.close()


async def make_anew(told):
    store = ReadModel(receipts.version(2), database(told))
    try:
        await store.make_anew()
    finally:
        await store.close()
