"""Everything at once onto Kafka: the invariants hold, and a replay says the same again."""

from pathlib import Path

from schemas.topics import CATALOGUE
from services.dunning import app as dunning
from tests.support import workers
from tests.support.invariants import violations
from tests.support.servers import Kafka, Postgres
from tests.support.workers import SAID, WorkerProcess

EXAMPLES = Path(__file__).parents[2] / "examples" / "events.jsonl"
UNTIL = "2026-04-30"
INPUTS = [topic.name for topic in CATALOGUE if topic in dunning.worker.reads]


def check(told):
    """Compare what was said with the rules' invariants, and with a replay."""
    said = workers.read(told, *SAID, "dunning.dead-letters")
    events = [each for each in said if each.topic != "dunning.dead-letters"]
    assert violations(events, workers.read(told, *INPUTS)) == []
    assert workers.replayed(told) == workers.by_place(said)
    assert len({each.event.subject for each in events}) > 60


def make_topics(told):
    made = workers.run(told, "topics", "apply")
    assert made.returncode == 0, made.stderr


def test_two_workers_on_postgresql_one_of_them_killed(kafka: Kafka, postgres: Postgres, tmp_path):
    told = workers.settings(kafka, tmp_path, database=postgres.database("atonce"))
    make_topics(told)
    first, second = (WorkerProcess(told, name, tmp_path).start() for name in ("one", "two"))
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
