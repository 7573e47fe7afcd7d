"""One worker with SQLite: in step and at once, on a Kafka of its own."""

from pathlib import Path

from tests.kafka.test_at_once import EXAMPLES, check, make_topics
from tests.kafka.test_in_step import embedded
from tests.support import workers
from tests.support.servers import Kafka
from tests.support.workers import SAID, WorkerProcess

END = "2026-02-28"


def test_in_step_one_worker_killed_on_the_way_says_what_an_embedded_run_says(
    kafka: Kafka, tmp_path: Path
):
    told = workers.settings(kafka, tmp_path, partitions=3)
    make_topics(told)
    only = WorkerProcess(told, "only", tmp_path).start()
    try:
        publishing = workers.begin(
            told, "publish", EXAMPLES, "--in-step", "--until", END, log=tmp_path / "publish.log"
        )
        workers.until_some(told, "reminders", publishing, tmp_path / "publish.log")
        only.kill()
        only.start()
        assert publishing.wait(workers.DEADLINE_S * 3) == 2, (tmp_path / "publish.log").read_text()
    finally:
        ended = only.stop()

    assert ended == 0
    said = workers.by_contract(workers.read(told, *SAID))
    assert said == workers.by_contract(embedded(told, tmp_path / "out", last=END))
    check(told)
