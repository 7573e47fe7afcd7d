"""What stands in a transaction that is not decided: a gate counts it, nobody reads it."""

import asyncio
from pathlib import Path

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from services.runtime.kafka.reader import LogEnds, reading
from tests.kafka.test_agreement import readyz
from tests.kafka.test_at_once import make_topics
from tests.support import workers
from tests.support.events import ACME, line, policy, webhook
from tests.support.servers import Kafka, until
from tests.support.workers import WorkerProcess

AT = "2026-02-01T09:00:00+01:00"


def test_a_gate_waits_for_what_is_not_decided_yet_and_readers_do_not_get_it(
    kafka: Kafka, tmp_path: Path
) -> None:
    told = workers.settings(kafka, tmp_path, partitions=1)

    async def scenario() -> tuple[list[int], list[int]]:
        admin = AIOKafkaAdminClient(**told.kafka_client())
        await admin.start()
        await admin.create_topics([NewTopic("invoices", 1, 1)])
        await admin.close()
        ends = LogEnds(told, ["invoices"])
        producer = AIOKafkaProducer(**told.kafka_client(), transactional_id="upstream")
        await producer.start()
        found, read = [], []
        try:
            for step in (producer.commit_transaction, producer.abort_transaction):
                await producer.begin_transaction()
                await producer.send_and_wait("invoices", b"said", partition=0)
                found.append((await ends.of([0]))["invoices", 0])
                async with reading(told, ["invoices"]) as reader:
                    read.append(len(await reader.rest()))
                await step()
        finally:
            await producer.stop()
            await ends.close()
        return found, read

    # Behind the first record stands the marker of its commit.
    assert asyncio.run(scenario()) == ([1, 3], [0, 1])


def test_a_transaction_that_is_open_and_holds_a_day_is_said(kafka: Kafka, tmp_path: Path) -> None:
    told = workers.settings(kafka, tmp_path, partitions=1, topic_prefix="open.")
    make_topics(told)
    events = tmp_path / "events.jsonl"
    events.write_bytes(line(ACME, AT) + b"\n" + line(policy(webhook(3)), AT))
    worker = WorkerProcess(told, "only", tmp_path).start().await_ready()

    async def beside_an_open_transaction() -> object:
        producer = AIOKafkaProducer(**told.kafka_client(), transactional_id="forgotten")
        await producer.start()
        try:
            await producer.begin_transaction()
            await producer.send_and_wait("open.payments", b"said", partition=0)
            log = tmp_path / "publish.log"
            publishing = workers.begin(told, "publish", events, "--until", "2026-02-02", log=log)
            await asyncio.to_thread(
                until, lambda: readyz(worker).get("open_transactions"), "it is said"
            )
            said = readyz(worker)
            await producer.abort_transaction()
            return said, await asyncio.to_thread(publishing.wait, 60), readyz(worker)
        finally:
            await producer.stop()

    try:
        said, ended, then = asyncio.run(beside_an_open_transaction())
    finally:
        worker.close()
    assert said["ready"] is True
    assert list(said["open_transactions"]) == ["payments/0"]
    assert said["open_transactions"]["payments/0"].endswith("from offset 0 on")
    assert (ended, then["open_transactions"]) == (0, {})
