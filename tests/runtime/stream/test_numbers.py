"""Numbers of documents: one range per partition, without a hole, also after a crash (R-100)."""

import asyncio
from dataclasses import dataclass, replace
from datetime import date

import pytest

from schemas import payments, topics
from schemas.contracts import ContractRegistered
from schemas.days import DayBegan
from schemas.envelope import Event
from schemas.message import NotYet
from services.runtime.embedded.memory_log import MemoryLog
from services.runtime.engine import Engine
from services.runtime.store.database import Database
from services.runtime.store.store import Store
from services.runtime.stream.changes import Broken
from services.runtime.worker import Wake, Worker
from tests.support.events import ACME, paid, registered
from tests.support.tally import Log

ON = date(2026, 2, 1)


@dataclass(frozen=True)
class Receipts:
    """A contract of which each payment gets a receipt with a number."""

    contract_id: str
    known: bool = False


def process(receipts, message, context):
    if isinstance(message, ContractRegistered):
        return replace(receipts, known=True), ()
    if not receipts.known:
        raise NotYet("contract")
    ordinal = context.counters.get("R", 0) + (2 if message.payment_id == "leap" else 1)
    place = "" if context.partition is None else f"{context.partition}-"
    said = payments.PaymentFailed(
        contract_id=receipts.contract_id,
        payment_id=message.payment_id,
        failed_on=ON,
        reason_code=f"R-{place}{ordinal}",
    )
    return receipts, (said,)


def number(said):
    return ("R", int(said.reason_code.rpartition("-")[2]))


SAYS = topics.Topic("receipts", "receipts", (payments.PaymentFailed,))
READS = (topics.DAYS, topics.CONTRACTS, topics.PAYMENTS)
HANDLES = frozenset({DayBegan, ContractRegistered, payments.PaymentReceived})
WORKER = Worker(
    name="receipts",
    reads=READS,
    keeps=Receipts,
    writes=(SAYS,),
    process=process,
    handles=HANDLES,
    skips=frozenset(message for topic in READS[1:] for message in topic.messages) - HANDLES,
    wakes=lambda _: Wake(),
    announces=topics.Topic("receipts.days", "receipts", ()),
    numbers=number,
)


async def nothing(_partitions):
    return {}


async def engine(folder, log, *, partitions=1):
    store = Store(Database(f"sqlite+aiosqlite:///{folder}/books.sqlite", "receipts"))
    await store.create(partitions)
    made = Engine(WORKER, store, log, ends=nothing, cached=10)
    await made.claim(range(partitions), "one")
    return made


def of(contract, name, amount="1.00"):
    return paid(name, amount, ON).model_copy(update={"contract_id": contract})


def pays(log, partition, *names):
    contract = f"C-{partition}"
    log.say("days", ACME, partition=partition)
    log.say("contracts", registered(contract_id=contract), partition=partition)
    coming = [of(contract, name) for name in names]
    return log.say("payments", *coming, partition=partition)


def numbers(log):
    receipts = (event for event in log.topics["receipts"] if isinstance(event, Event))
    said = [payments.PaymentFailed.model_validate_json(event.data) for event in receipts]
    return [each.reason_code for each in said]


def test_a_restarted_worker_goes_on_behind_the_last_number(tmp_path):
    async def scenario():
        log, said = pays(Log(), 0, "p", "q"), MemoryLog()
        first = await engine(tmp_path, said)
        for chunk in log.phases[0]:
            await first.take([chunk])
        log.then().say("payments", of("C-0", "r"))
        await first.store.close()
        second = await engine(tmp_path, said)
        await second.take(log.phases[1])
        await second.store.close()
        return said

    assert numbers(asyncio.run(scenario())) == ["R-1", "R-2", "R-3"]


def test_each_partition_has_a_range_of_its_own_and_says_which(tmp_path):
    async def scenario():
        log, said = pays(pays(Log(), 0, "p", "q"), 1, "r"), MemoryLog()
        made = await engine(tmp_path, said, partitions=2)
        await made.take(log.phases[0])
        await made.store.close()
        return said

    assert sorted(numbers(asyncio.run(scenario()))) == ["R-0-1", "R-0-2", "R-1-1"]


def test_what_was_refused_takes_no_number(tmp_path):
    async def scenario():
        log, said = pays(Log(), 0, "p"), MemoryLog()
        log.say("payments", of("C-0", "p", "2.00"))  # a conflict
        log.say("payments", of("C-9", "later"))  # waits
        log.say("payments", of("C-0", "q"))
        made = await engine(tmp_path, said)
        await made.take(log.phases[0])
        await made.store.close()
        return said

    assert numbers(asyncio.run(scenario())) == ["R-1", "R-2"]


def test_a_range_with_a_hole_is_a_broken_invariant(tmp_path):
    async def scenario():
        log, said = pays(Log(), 0, "p", "leap"), MemoryLog()
        made = await engine(tmp_path, said)
        try:
            await made.take(log.phases[0])
        finally:
            await made.store.close()

    with pytest.raises(Broken, match="R-100: a range has no hole"):
        asyncio.run(scenario())
