"""What stands in a transaction that is not decided: a gate counts it, nobody reads it."""

import asyncio
from pathlib import Path

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from services.runtime.kafka.reader import Ends, reading
from tests.support import workers
from tests.support.servers import Kafka


def test_a_gate_waits_for_what_is_not_decided_yet_and_readers_do_not_get_it(
    kafka: Kafka, tmp_path: Path
) -> None:
    told = workers.settings(kafka, tmp_path, partitions=1)

    async def scenario() -> tuple[list[int], list[int]]:
        admin = AIOKafkaAdminClient(**told.kafka_client())
        await admin.start()
        await admin.create_topics([NewTopic("invoices", 1, 1)])
        await admin.close()
        ends = Ends(told, ["invoices"])
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
