"""Backlogs for a real worker: records that are at hand before it starts, and its memory over them.

python -m tests.kafka.pressure --records 300000 --contracts 20000 --cached 5000
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from aiokafka import AIOKafkaProducer

from schemas.envelope import Event
from schemas.topics import topic_of
from services.dunning import app as dunning
from services.runtime.kafka.reader import LogEnds
from services.runtime.settings import Settings
from services.runtime.store.database import Database
from services.runtime.store.store import Store
from services.runtime.stream.wire import pack
from tests.poison.records import Sent, home
from tests.support import workers
from tests.support.events import ACME, invoice, line, paid, policy, registered, reminder
from tests.support.servers import Kafka, until
from tests.support.workers import WorkerProcess

AT = "2026-02-01T10:00:00+01:00"
_IN_FLIGHT = 2_000
_IN_TRANSACTIONS = ("days", "invoicing.days")  # their ends lie behind markers


def backlog(records: int, contracts: int, partitions: int) -> Iterator[Sent]:
    """Yield contracts, and for each of them invoices and payments by turns."""
    for number in range(records):
        contract, turn = f"P-{number % contracts:06}", number // contracts
        if turn == 0:
            message = registered()
        elif turn % 2:
            message = invoice(f"A{turn}", "50.00", date(2026, 2, 2))
        else:
            message = paid(f"p{turn}", "50.00", date(2026, 2, 2))
        said = message.model_copy(update={"contract_id": contract})
        event = Event.from_line(line(said, AT, name=f"{contract}-{turn}"))
        topic = topic_of(event.type)
        assert topic is not None, "what the outside says has a topic"
        yield Sent(topic.name, home(contract, partitions), pack(event))


def send(told: Settings, sent: Iterable[Sent]) -> None:
    """Send records as they are, on the partitions that they name."""

    async def all_of_it() -> None:
        producer = AIOKafkaProducer(
            bootstrap_servers=told.kafka, linger_ms=20, max_request_size=3_000_000
        )
        async with producer:
            waiting = []
            for topic, partition, packed in sent:
                waiting.append(
                    await producer.send(
                        topic,
                        packed.value,
                        key=packed.key,
                        partition=partition,
                        timestamp_ms=packed.timestamp,
                        headers=list(packed.headers),
                    )
                )
                if len(waiting) == _IN_FLIGHT:
                    await asyncio.gather(*waiting)
                    waiting.clear()
            await asyncio.gather(*waiting)

    asyncio.run(all_of_it())


def say_terms(told: Settings, folder: Path) -> None:
    """Say the terms and the first day, and have a worker hear them that leaves again."""
    terms = folder / "terms.jsonl"
    terms.write_bytes(b"\n".join(line(each, AT) for each in (ACME, policy(reminder(5)))))
    worker = WorkerProcess(told, "first", folder, static=False).start().await_ready()
    try:
        assert workers.run(told, "publish", terms, "--until", "2026-02-01").returncode == 0
    finally:
        worker.stop()


def figure(worker: WorkerProcess, name: str) -> int:
    """Return the sum of a figure that the worker shows."""
    with urllib.request.urlopen(f"http://127.0.0.1:{worker.port}/metrics", timeout=30) as got:
        lines = got.read().decode().splitlines()
    return sum(int(float(each.rpartition(" ")[2])) for each in lines if each.startswith(name + "{"))


def is_applied(told: Settings) -> bool:
    """Say whether the store holds all that stands on the topics from outside now."""

    async def asked() -> bool:
        names = [each.name for each in dunning.worker.reads if each.name not in _IN_TRANSACTIONS]
        ends = LogEnds(told, names)
        store = Store(Database(told.database_url("dunning"), "dunning"))
        try:
            wanted = await ends.of(range(told.partitions))
            cuts = {p: (await store.cut(p)).positions for p in range(told.partitions)}
        finally:
            await store.close()
            await ends.close()
        return all(cuts[p].get(topic, 0) >= end for (topic, p), end in wanted.items())

    return asyncio.run(asked())


def resident_mib(worker: WorkerProcess) -> int:
    """Return how much memory the worker had at most so far."""
    assert worker.process is not None, "started before"
    status = Path(f"/proc/{worker.process.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=300_000)
    parser.add_argument("--contracts", type=int, default=20_000)
    parser.add_argument("--cached", type=int, default=5_000)
    asked = parser.parse_args()
    kafka = Kafka(brief=False)
    kafka.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            told = workers.settings(kafka, Path(folder), partitions=4, services=("dunning",))
            assert workers.run(told, "topics", "apply").returncode == 0
            say_terms(told, Path(folder))
            send(told, backlog(asked.records, asked.contracts, told.partitions))
            worker = WorkerProcess(told, "only", Path(folder), cached_contracts=asked.cached)
            began = time.monotonic()
            worker.start().await_ready()
            idle = resident_mib(worker)
            until(lambda: is_applied(told), "the backlog is applied", timeout_s=3_600)
            told_ = {"ready_mib": idle, "peak_mib": resident_mib(worker)}
            print(json.dumps({**vars(asked), **told_, "s": round(time.monotonic() - began)}))
            worker.stop()
    finally:
        kafka.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
