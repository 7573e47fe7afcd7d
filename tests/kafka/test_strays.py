"""A producer with another partitioner: nothing is lost, and a redrive brings it home."""

import asyncio
import json
from datetime import date
from pathlib import Path

from schemas.envelope import Event
from schemas.payments import PaymentReceived
from services.runtime.kafka.producer import Outgoing, sending
from services.runtime.partitions import partition_of
from tests.kafka.test_at_once import make_topics
from tests.support import workers
from tests.support.events import ACME, eur, line, policy, registered, webhook
from tests.support.servers import Kafka
from tests.support.workers import WorkerProcess

AT = "2026-02-01T09:00:00+01:00"


def payment(name):
    return PaymentReceived(
        contract_id="C1", payment_id=name, money=eur("5.00"), received_on=date(2026, 2, 1)
    )


def stray(told, partition, *names):
    """Send payments to a *partition* of the sender's own choice."""

    async def send():
        async with sending(told) as sender:
            said = [Event.from_line(line(payment(name), AT, name=name)) for name in names]
            await sender.send([Outgoing("payments", partition, each) for each in said])

    asyncio.run(send())


def letters(told):
    listed = workers.run(told, "dead-letters", "list", "--json")
    return [(each["reason"], each["place"], each["redriven"]) for each in json.loads(listed.stdout)]


def booked(told):
    entries = [json.loads(each.event.data) for each in workers.read(told, "receivables")]
    return [each["about"]["payment_id"] for each in entries if each.get("kind") == "payment"]


def test_an_early_payment_on_another_partition_takes_no_contract_and_is_redriven_home(
    kafka: Kafka, tmp_path: Path
):
    told = workers.settings(kafka, tmp_path, partitions=2)
    home = partition_of("C1", 2)
    make_topics(told)
    worker = WorkerProcess(told, "only", tmp_path).start().await_ready()
    try:
        stray(told, 1 - home, "early")
        events = tmp_path / "events.jsonl"
        events.write_bytes(
            b"\n".join(line(each, AT) for each in (ACME, policy(webhook(3)), registered()))
        )
        assert workers.run(told, "publish", events, "--until", "2026-02-02").returncode == 0
        stray(told, 1 - home, "late")
        events.write_bytes(line(payment("right"), AT, name="right"))
        assert workers.run(told, "publish", events, "--until", "2026-02-03").returncode == 0

        found = letters(told)
        sent = workers.run(told, "dead-letters", "redrive", "--reason", "elsewhere")
        assert workers.run(told, "publish", events, "--until", "2026-02-04").returncode == 0
    finally:
        ended = worker.stop()

    assert found == [
        ("elsewhere", f"payments/{1 - home}/0", False),
        ("elsewhere", f"payments/{1 - home}/1", False),
    ]
    assert (sent.returncode, ended) == (0, 0)
    assert sorted(booked(told)) == ["early", "late", "right"]
    verified = workers.run(told, "verify")
    assert verified.returncode == 0, verified.stdout
