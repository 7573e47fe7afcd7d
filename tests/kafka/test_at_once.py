"""Everything at once onto Kafka: the invariants hold, and a replay says the same again."""

import json
from pathlib import Path

from tests.support import workers
from tests.support.servers import Kafka, Postgres
from tests.support.workers import SAID, WorkerProcess

EXAMPLES = Path(__file__).parents[2] / "examples" / "events.jsonl"
UNTIL = "2026-04-30"


def check(told):
    """Let the product verify itself, and see that it did look at what there is."""
    done = workers.run(told, "verify", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    (report,) = json.loads(done.stdout)
    assert report["violations"] == []
    assert report["counts"]["partitions"] == told.partitions
    assert report["counts"]["outputs"] == len(workers.read(told, *SAID, "dunning.dead-letters"))
    assert report["counts"]["contracts"] > 60


def make_topics(told):
    made = workers.run(told, "topics", "apply")
    assert made.returncode == 0, made.stderr


def test_two_workers_on_postgresql_one_of_them_killed(kafka: Kafka, postgres: Postgres, tmp_path):
    told = workers.settings(kafka, tmp_path, database=postgres.database("atonce"))
    make_topics(told)
    # Patient members: who starves on a busy machine is not taken for dead, and fenced.
    first, second = (
        WorkerProcess(told, name, tmp_path, session_timeout_s=30).start() for name in ("one", "two")
    )
    try:
        publishing = workers.begin(
            told, "publish", EXAMPLES, "--until", UNTIL, log=tmp_path / "publish.log"
        )
        workers.until_some(told, "reminders", publishing, tmp_path / "publish.log")
        first.kill()
        first.start()
        assert publishing.wait(workers.DEADLINE_S * 3) == 2, (tmp_path / "publish.log").read_text()
    finally:
        ended = [each.stop() for each in (first, second)]

    assert ended == [0, 0]
    check(told)
