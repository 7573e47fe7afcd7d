"""The examples in step through two workers, one of them killed: what the embedded run says."""

from pathlib import Path

import pytest

from schemas.envelope import Event
from services.runtime.stream.record import Record
from tests.support import workers
from tests.support.servers import Kafka, Postgres
from tests.support.workers import SAID, WorkerProcess

pytestmark = pytest.mark.long
EXAMPLES = Path(__file__).parents[2] / "examples" / "events.jsonl"
UNTIL = "2026-04-30"


def embedded(told, folder, last=UNTIL):
    """What an embedded run of the examples says, as records."""
    done = workers.run(told, "run", EXAMPLES, "--until", last, "--out", folder)
    assert done.returncode == 2, done.stderr  # the examples hold bad input
    return [
        Record(topic, 0, 0, Event.from_line(line))
        for topic in SAID
        for line in (folder / f"{topic}.jsonl").read_bytes().splitlines()
    ]


def reasons(told):
    letters = workers.read(told, "dunning.dead-letters")
    return sorted(dict(each.raw.headers)["dl-reason"].decode() for each in letters if each.raw)


@pytest.fixture(scope="module")
def told(kafka: Kafka, postgres: Postgres, tmp_path_factory):
    told = workers.settings(
        kafka, tmp_path_factory.mktemp("in-step"), database=postgres.database("instep")
    )
    made = workers.run(told, "topics", "apply")
    assert made.returncode == 0, made.stderr
    return told


def test_two_workers_one_of_them_killed_say_what_an_embedded_run_says(told, tmp_path):
    first, second = (WorkerProcess(told, name, tmp_path).start() for name in ("one", "two"))
    try:
        first.await_ready()
        second.await_ready()
        publishing = workers.begin(
            told, "publish", EXAMPLES, "--in-step", "--until", UNTIL, log=tmp_path / "publish.log"
        )
        workers.until_some(told, "reminders", publishing, tmp_path / "publish.log")
        first.kill()
        first.start()
        assert publishing.wait(workers.DEADLINE_S * 3) == 2, (tmp_path / "publish.log").read_text()
        first.await_ready()
    finally:
        ended = [each.stop() for each in (first, second)]

    assert ended == [0, 0]
    said = workers.by_contract(workers.read(told, *SAID))
    expected = workers.by_contract(embedded(told, tmp_path / "out"))
    assert said == expected
    assert len(said) > 70
    assert reasons(told) == sorted(
        ["conflict", "conflict", "currency", "excess", "excess", "invalid", "unreferenced"]
    )


def test_the_recorded_order_replayed_says_the_same_bytes(told):
    said = workers.by_place(workers.read(told, *SAID, "dunning.dead-letters"))

    assert workers.replayed(told) == said
