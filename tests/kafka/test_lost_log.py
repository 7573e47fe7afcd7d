"""A log that lost what the books have not applied: the worker says so, and skips nothing."""

import asyncio
from pathlib import Path

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

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


def test_records_that_are_gone_before_they_were_applied_stop_the_worker(
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
    assert worker.process is not None
    until(lambda: worker.process.poll() is not None, "the worker ends")

    assert worker.process.returncode == 75
    assert "contracts/0: books at 0, the log begins at 2" in worker.log.read_text()
