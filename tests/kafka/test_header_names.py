"""A header name that is no UTF-8 on a real Kafka: aiokafka raises there, nobody of us does."""

import asyncio
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from tests.kafka.pressure import backlog
from tests.support import workers
from tests.support.headers import Spoiled
from tests.support.servers import until
from tests.support.workers import WorkerProcess


@pytest.fixture
def told(kafka, tmp_path):
    told = workers.settings(kafka, tmp_path, partitions=3, services=("dunning",))
    assert workers.run(told, "topics", "apply").returncode == 0
    return told


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


def test_a_header_name_that_is_no_utf8_ends_no_worker_and_no_reader(told, tmp_path: Path):
    [sent] = backlog(1, 1, 3)
    headers = ((Spoiled(b"tr\xff"), b"7"),)
    bad = sent._replace(topic="payments", packed=sent.packed._replace(headers=headers))
    worker = WorkerProcess(told, "only", tmp_path).start().await_ready()
    try:
        send_as_it_is(told, bad)
        until(
            lambda: workers.read(told, "dunning.dead-letters"), "it is dead-lettered", timeout_s=120
        )
        assert worker.is_ready()
    finally:
        assert worker.stop() == 0

    [letter] = workers.read(told, "dunning.dead-letters")
    assert letter.raw.headers[0] == ("tr\\xff", b"7")
    assert workers.run(told, "verify").returncode == 0
