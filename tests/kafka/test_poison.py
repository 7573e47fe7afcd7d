"""10,000 spoiled records on a real Kafka, beside good ones: nothing stops."""

from itertools import islice
from pathlib import Path
from random import Random

import pytest

from services.dunning import app as dunning
from tests.kafka.pressure import figure, is_applied, send
from tests.poison.mutations import mutate
from tests.poison.records import of_every_kind
from tests.support import workers
from tests.support.servers import until
from tests.support.traffic import traffic
from tests.support.workers import WorkerProcess

pytestmark = pytest.mark.long
POISON = 10_000
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


def test_10_000_spoiled_records_beside_good_ones_stop_nothing(told, tmp_path: Path):
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
