"""Poison and pressure on a real Kafka: nothing stops; who is told to leave leaves in seconds."""

import asyncio
import time
from itertools import islice
from pathlib import Path
from random import Random

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from services.dunning import app as dunning
from services.runtime.books import Books
from services.runtime.database import Database
from tests.kafka.pressure import backlog, figure, is_applied, say_terms, send
from tests.poison.mutations import mutate
from tests.poison.records import of_every_kind
from tests.support import workers
from tests.support.headers import Spoiled
from tests.support.servers import until
from tests.support.traffic import traffic
from tests.support.workers import WorkerProcess

POISON = 20_000
PRODUCED = tuple(topic.name for topic in dunning.worker.reads if topic.writer == "outside")


@pytest.fixture
def told(kafka, tmp_path):
    told = workers.settings(kafka, tmp_path, partitions=3, services=("dunning",))
    assert workers.run(told, "topics", "apply").returncode == 0
    return told


def spoiled(count):
    """Yield records that no broker refuses, whatever else is wrong with them."""
    random = Random(5)
    kinds = of_every_kind(dunning.worker, random, partitions=3)
    changed = (mutate(each, random, topics=list(PRODUCED), partitions=3) for each in kinds)
    for sent in islice((each for each in changed if each.topic in PRODUCED), count):
        packed = sent.packed._replace(timestamp=max(0, sent.packed.timestamp or 0))
        small = sum(len(value or b"") for _, value in packed.headers) < 100_000
        if small and len(packed.value or b"") < 900_000:
            yield sent._replace(packed=packed)


def send_as_it_is(told, sent):
    """Send a record with header names that aiokafka's own builder of batches would not take."""

    async def one():
        async with AIOKafkaProducer(bootstrap_servers=told.kafka) as producer:
            batch = producer.create_batch()
            batch._builder = _DefaultRecordBatchBuilderPy(
                2,
                0,
                is_transactional=0,
                producer_id=-1,
                producer_epoch=-1,
                base_sequence=0,
                batch_size=1_000_000,
            )
            packed = sent.packed
            batch.append(
                key=packed.key,
                value=packed.value,
                timestamp=packed.timestamp,
                headers=list(packed.headers),
            )
            batch.close()
            await (await producer.send_batch(batch, sent.topic, partition=sent.partition))

    asyncio.run(one())


def rows_left(told):
    """Return how many rows the books still have to say."""

    async def counted():
        books = Books(Database(told.database_url("dunning"), "dunning"))
        try:
            cuts = [await books.cut(partition) for partition in range(told.partitions)]
        finally:
            await books.close()
        return sum(len(cut.outbox) for cut in cuts)

    return asyncio.run(counted())


def test_20_000_spoiled_records_beside_good_ones_stop_nothing(told, tmp_path: Path):
    events = tmp_path / "events.jsonl"
    said = [line for day, line in traffic(60, 10, seed=5)]
    events.write_bytes(b"\n".join(said))
    worker = WorkerProcess(told, "only", tmp_path).start().await_ready()
    try:
        send(told, spoiled(POISON // 2))
        assert workers.run(told, "publish", events, "--until", "2026-02-10").returncode == 0
        send(told, spoiled(POISON // 2))
        until(lambda: is_applied(told), "all is applied", timeout_s=900)
        until(
            lambda: len(workers.read(told, "dunning.days")) == 30,
            "all days are done",
            timeout_s=300,
        )
        assert worker.is_ready()
        letters = figure(worker, "duestream_dead_letters_total")
    finally:
        assert worker.stop() == 0

    assert POISON // 2 < letters <= POISON + len(said)
    assert len(workers.read(told, "dunning.dead-letters")) == letters
    verified = workers.run(told, "verify")
    assert verified.returncode == 0, verified.stdout[-3000:]


def test_a_header_name_that_is_no_utf8_ends_no_worker_and_no_reader(told, tmp_path: Path):
    [sent] = islice(spoiled(1), 1)
    headers = ((Spoiled(b"tr\xff"), b"7"),)
    bad = sent._replace(topic="payments", packed=sent.packed._replace(headers=headers))
    worker = WorkerProcess(told, "only", tmp_path).start().await_ready()
    try:
        send_as_it_is(told, bad)
        until(lambda: workers.read(told, "dunning.dead-letters"), "it is put aside", timeout_s=120)
        assert worker.is_ready()
    finally:
        assert worker.stop() == 0

    [letter] = workers.read(told, "dunning.dead-letters")
    assert letter.raw.headers[0] == ("tr\\xff", b"7")
    assert workers.run(told, "verify").returncode == 0


def test_told_to_leave_with_20_000_records_at_hand_it_leaves_in_seconds_and_loses_nothing(
    told, tmp_path: Path
):
    say_terms(told, tmp_path)
    records = list(backlog(20_000, 2_000, told.partitions))
    send(told, records)
    worker = WorkerProcess(told, "only", tmp_path).start().await_ready()
    until(lambda: figure(worker, "duestream_applied_total") > 1_000, "it works", timeout_s=120)
    asked_at = time.monotonic()
    ended = worker.stop()
    took_s = time.monotonic() - asked_at

    assert (ended, took_s < 10) == (0, True), f"{ended} after {took_s:.1f} s"
    verified = workers.run(told, "verify")
    assert verified.returncode == 0, verified.stdout[-3000:]
    posted = len(workers.read(told, "receivables"))

    worker.start().await_ready()
    until(lambda: is_applied(told), "the rest is applied", timeout_s=600)
    assert worker.stop() == 0
    assert workers.run(told, "verify").returncode == 0
    entries = [
        each for each in workers.read(told, "receivables") if each.event.type == "EntryPosted"
    ]
    # One for each invoice and payment, whenever it was told to leave.
    assert (len(entries), posted < len(entries)) == (18_000, True)
    assert rows_left(told) == 0
