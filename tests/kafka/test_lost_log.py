"""A log that lost what the store has not applied: it is said, and nothing is skipped."""

import asyncio
import signal
from pathlib import Path

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from tests.kafka.test_agreement import readyz
from tests.kafka.test_at_once import make_topics
from tests.support import workers
from tests.support.events import ACME, line, policy, registered, webhook
from tests.support.servers import Kafka, until
from tests.support.workers import WorkerProcess

AT = "2026-02-01T09:00:00+01:00"


def lose(told, topic, partition, before):
    """Delete the records of a partition below an offset, as retention does."""

    async def delete():
        admin = AIOKafkaAdminClient(bootstrap_servers=told.kafka)
        await admin.start()
        places = {TopicPartition(topic, partition): RecordsToDelete(before_offset=before)}
        await admin.delete_records(places)
        await admin.close()

    asyncio.run(delete())


def test_records_that_are_gone_before_they_were_applied_stop_the_partition(
    kafka: Kafka, tmp_path: Path
):
    told = workers.settings(kafka, tmp_path, partitions=1)
    make_topics(told)
    worker = WorkerProcess(told, "only", tmp_path).start().await_ready()
    events = tmp_path / "events.jsonl"
    events.write_bytes(line(ACME, AT) + b"\n" + line(policy(webhook(3)), AT))
    assert workers.run(told, "publish", events, "--until", "2026-02-02").returncode == 0
    assert worker.stop() == 0
    events.write_bytes(b"\n".join(line(registered(), AT) for _ in range(3)))
    assert workers.run(told, "publish", events).returncode == 0
    lose(told, "contracts", 0, 2)

    worker.start()
    try:
        until(lambda: readyz(worker).get("stopped"), "the partition stops")
        said = readyz(worker)
    finally:
        worker.stop()

    assert said["ready"] is False
    assert said["stopped"] == {"0": "contracts/0: records are gone unread, 0 to 1, 2 in all"}


def test_records_that_are_deleted_under_a_worker_that_lags_stop_the_partition(
    kafka: Kafka, tmp_path: Path
):
    told = workers.settings(kafka, tmp_path, partitions=1, topic_prefix="lag.")
    make_topics(told)
    worker = WorkerProcess(told, "only", tmp_path).start().await_ready()
    try:
        freeze(worker)
        events = tmp_path / "events.jsonl"
        events.write_bytes(b"\n".join(line(registered(), AT) for _ in range(10)))
        sent = workers.run(told, "publish", events)
        lose(told, "lag.contracts", 0, 5)
        thaw(worker)
        until(lambda: readyz(worker).get("stopped"), "the partition stops")
        said = readyz(worker)
    finally:
        worker.close()

    assert (sent.returncode, sent.stderr.splitlines()[-1][:9]) == (0, "10 events")
    assert said["stopped"] == {"0": "contracts/0: records are gone unread, 0 to 4, 5 in all"}


def freeze(worker):
    worker.process.send_signal(signal.SIGSTOP)


def thaw(worker):
    worker.process.send_signal(signal.SIGCONT)
