"""A store that is lost, or an older copy: the worker brings it to the end of what is published."""

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.kafka.test_agreement import contract, publish, readyz
from tests.kafka.test_at_once import make_topics
from tests.support import workers
from tests.support.events import ACME, line, policy, webhook
from tests.support.servers import Kafka, Postgres, until
from tests.support.workers import WorkerProcess

AT = "2026-02-01T09:00:00+01:00"


@pytest.fixture(params=["sqlite", "postgres"])
def told(request, kafka: Kafka, tmp_path: Path):
    """Where a worker runs on either database, over topics of its own."""
    name = f"lost{request.param}"
    more = {}
    if request.param == "postgres":
        postgres: Postgres = request.getfixturevalue("postgres")
        more["database"] = postgres.database(name)
    return workers.settings(kafka, tmp_path, partitions=2, topic_prefix=f"{name}.", **more)


def again(told, request, tmp_path):
    """Return the same over a store that is empty."""
    if told.database:
        return told.model_copy(
            update={"database": request.getfixturevalue("postgres").database("emptied")}
        )
    return told.model_copy(update={"state_dir": tmp_path / "emptied"})


def log_of(worker, event):
    lines = map(json.loads, worker.log.read_text().splitlines())
    return [each for each in lines if each.get("event") == event]


def test_a_store_that_is_empty_is_made_again_and_goes_on(told, request, tmp_path: Path):
    make_topics(told)
    worker = WorkerProcess(told, "first", tmp_path).start().await_ready()
    said = [line(ACME, AT), line(policy(webhook(3)), AT), contract("C1"), contract("C2")]
    assert publish(told, tmp_path / "a.jsonl", *said, until_day="2026-02-06").returncode == 0
    assert worker.stop() == 0
    emptied = again(told, request, tmp_path)

    worker = WorkerProcess(emptied, "second", tmp_path).start().await_ready()
    try:
        until(lambda: log_of(worker, "partition.recovered"), "a partition recovers")
        more = publish(emptied, tmp_path / "b.jsonl", contract("D1"), until_day="2026-02-09")
        assert more.returncode == 0, more.stderr
        assert readyz(worker)["recovering"] == {}
    finally:
        assert worker.stop() == 0
    verified = workers.run(emptied, "verify", "dunning")

    assert (verified.returncode, verified.stderr) == (0, ""), verified.stdout


def test_an_older_copy_of_a_store_comes_to_the_end_of_what_is_published(
    kafka: Kafka, tmp_path: Path
):
    told = workers.settings(kafka, tmp_path, partitions=2, topic_prefix="older.")
    make_topics(told)
    worker = WorkerProcess(told, "first", tmp_path).start().await_ready()
    said = [line(ACME, AT), line(policy(webhook(3)), AT), contract("C1"), contract("C2")]
    assert publish(told, tmp_path / "a.jsonl", *said, until_day="2026-02-02").returncode == 0
    assert worker.stop() == 0
    shutil.copytree(told.state_dir, tmp_path / "copy")
    worker.start().await_ready()
    assert (
        publish(told, tmp_path / "b.jsonl", contract("D1"), until_day="2026-02-06").returncode == 0
    )
    assert worker.stop() == 0
    copied = told.model_copy(update={"state_dir": tmp_path / "copy"})

    worker = WorkerProcess(copied, "restored", tmp_path).start().await_ready()
    try:
        until(lambda: log_of(worker, "partition.recovered"), "a partition recovers")
        more = publish(copied, tmp_path / "c.jsonl", contract("E1"), until_day="2026-02-09")
        assert more.returncode == 0, more.stderr
    finally:
        assert worker.stop() == 0
    verified = workers.run(copied, "verify", "dunning")

    assert (verified.returncode, verified.stderr) == (0, ""), verified.stdout
    with sqlite3.connect(copied.state_dir / "dunning.sqlite") as connection:
        assert connection.execute("select count(*) from state").fetchone() == (4,)
