"""Billing and usage in step, each service killed: what an embedded run says, numbers included."""

import json
from pathlib import Path

import pytest

from schemas.envelope import Event
from services.registry import WORKERS
from services.runtime.stream.record import Record
from tests.support import workers
from tests.support.servers import Kafka, Postgres
from tests.support.workers import WorkerProcess

pytestmark = pytest.mark.long
_EXAMPLES = Path(__file__).parents[2] / "examples"
EXAMPLES = (_EXAMPLES / "billing.jsonl", _EXAMPLES / "usage.jsonl")
UNTIL = "2026-02-06"
SERVICES = tuple(WORKERS)
PARTITIONS = 4


@pytest.fixture(scope="module")
def told(kafka: Kafka, postgres: Postgres, tmp_path_factory):
    told = workers.settings(
        kafka,
        tmp_path_factory.mktemp("both"),
        database=postgres.database("both"),
        services=SERVICES,
        partitions=PARTITIONS,
    )
    made = workers.run(told, "topics", "apply")
    assert made.returncode == 0, made.stderr
    return told


def topics(service):
    worker = WORKERS[service]
    return [topic.name for topic in (*worker.writes, worker.announces)]


def by_contract(records, service):
    ours = [each for each in records if each.event.source == f"/duestream/{service}"]
    return workers.by_contract(ours)


def embedded(folder, service):
    return [
        Record(topic, 0, 0, Event.from_line(line))
        for topic in topics(service)
        for line in (folder / f"{topic}.jsonl").read_bytes().splitlines()
    ]


def test_both_in_step_and_killed_say_what_an_embedded_run_says(told, tmp_path):
    processes = [WorkerProcess(told, "one", tmp_path, service=each) for each in SERVICES]
    for each in processes:
        each.start()
    try:
        for each in processes:
            each.await_ready()
        log = tmp_path / "publish.log"
        publishing = workers.begin(
            told, "publish", *EXAMPLES, "--in-step", "--until", UNTIL, log=log
        )
        for each, topic in zip(processes, ("charges", "invoices", "reminders"), strict=True):
            workers.until_some(told, topic, publishing, log)
            each.kill()
            each.start()
        assert publishing.wait(workers.DEADLINE_S * 8) == 0, log.read_text()
        for each in processes:
            each.await_ready()
    finally:
        ended = [each.stop() for each in processes]

    assert ended == [0, 0, 0]
    until = ("--until", UNTIL, "--partitions", str(PARTITIONS))
    run = workers.run(told, "run", *EXAMPLES, *until, "--out", tmp_path / "out")
    assert run.returncode == 0, run.stderr
    for service in SERVICES:
        said = by_contract(workers.read(told, *topics(service)), service)
        assert said == by_contract(embedded(tmp_path / "out", service), service)
        assert len(said) > (10 if service == "usage" else 60)


def test_the_verifier_finds_both_clean_and_no_number_missing(told):
    verified = workers.run(told, "verify", "--json")

    reports = json.loads(verified.stdout)
    assert [(each["service"], each["violations"]) for each in reports] == [
        ("usage", []),
        ("invoicing", []),
        ("dunning", []),
    ]
