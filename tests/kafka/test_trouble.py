"""What is down at the start, or dies on the way, is waited for; nothing is lost or doubled."""

import json
import urllib.error
import urllib.request
from pathlib import Path

from tests.kafka.test_at_once import check, make_topics
from tests.kafka.test_in_step import EXAMPLES, embedded
from tests.support import workers
from tests.support.servers import Kafka, Postgres, until
from tests.support.workers import SAID, WorkerProcess

HALF, END = "2026-01-20", "2026-02-05"


def waiting_for(worker: WorkerProcess) -> dict[str, str]:
    """What /readyz says that the worker waits for; nothing while its port is not open."""
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{worker.port}/readyz", timeout=5)
    except urllib.error.HTTPError as answer:
        return dict(json.load(answer)["waiting_for"])
    except OSError:
        return {}
    return {}


def halves(folder: Path) -> tuple[Path, Path]:
    """The examples in two files: what was said up to HALF, and the rest."""
    first, second = folder / "first.jsonl", folder / "second.jsonl"
    lines = [line for line in EXAMPLES.read_text().splitlines() if '"time"' in line]
    before = [line for line in lines if json.loads(line)["time"][:10] <= HALF]
    first.write_text("\n".join(before))
    second.write_text("\n".join(line for line in lines if line not in before))
    return first, second


def publish(told, file, last):
    done = workers.run(told, "publish", file, "--in-step", "--until", last)
    assert done.returncode in (0, 2), done.stderr


def test_a_worker_waits_for_database_and_broker_and_survives_their_crashes(
    kafka: Kafka, postgres: Postgres, tmp_path: Path
):
    told = workers.settings(kafka, tmp_path, database=postgres.database("trouble"), partitions=3)
    make_topics(told)
    first, second = halves(tmp_path)
    kafka.stop()
    postgres.stop()
    worker = WorkerProcess(told, "only", tmp_path).start()
    try:
        until(lambda: "database" in waiting_for(worker), "the database is missed")
        postgres.start()
        until(lambda: "broker" in waiting_for(worker), "the broker is missed")
        kafka.start()
        worker.await_ready()
        publish(told, first, HALF)
        postgres.kill()
        kafka.kill()
        postgres.start()
        kafka.start()
        worker.await_ready()
        publish(told, second, END)
    finally:
        ended = worker.stop()

    assert ended == 0
    said = workers.by_contract(workers.read(told, *SAID))
    assert said == workers.by_contract(embedded(told, tmp_path / "out", last=END))
    check(told)
