"""Told to leave with a backlog at hand, on a real Kafka: in seconds, and nothing is lost."""

import time
from pathlib import Path

import pytest

from tests.kafka.pressure import backlog, figure, is_applied, say_terms, send
from tests.support import workers
from tests.support.servers import until
from tests.support.workers import WorkerProcess

pytestmark = pytest.mark.alone


@pytest.fixture
def told(kafka, tmp_path):
    told = workers.settings(kafka, tmp_path, partitions=3, services=("dunning",))
    assert workers.run(told, "topics", "apply").returncode == 0
    return told


def entries(told):
    return [e for e in workers.read(told, "receivables") if e.event.type == "EntryPosted"]


def test_told_to_leave_with_40_000_records_at_hand_it_leaves_in_seconds_and_loses_nothing(
    told, tmp_path: Path
):
    say_terms(told, tmp_path)
    records = list(backlog(40_000, 2_000, told.partitions))
    send(told, records)
    worker = WorkerProcess(told, "only", tmp_path).start().await_ready()
    until(lambda: figure(worker, "duestream_applied_total") > 1_000, "it works", timeout_s=120)
    asked_at = time.monotonic()
    ended = worker.stop()
    took_s = time.monotonic() - asked_at

    assert ended == 0
    verified = workers.run(told, "verify")
    assert verified.returncode == 0, verified.stdout[-3000:]
    posted = len(entries(told))

    worker.start().await_ready()
    began_at = time.monotonic()
    until(lambda: is_applied(told), "the rest is applied", timeout_s=600)
    rest_s = time.monotonic() - began_at
    # Seconds where the rest takes most of a minute, however busy the machine is.
    assert took_s < rest_s / 4, f"left after {took_s:.1f} s, the rest took {rest_s:.1f} s"
    assert worker.stop() == 0
    assert workers.run(told, "verify").returncode == 0
    # One for each invoice and payment, whenever it was told to leave.
    assert (len(entries(told)), posted < 38_000) == (38_000, True)
