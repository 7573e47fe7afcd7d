"""The books from Kafka's topics are those of a run over files."""

from pathlib import Path

from tests.cli.test_books import FILES, events
from tests.kafka.test_at_once import make_topics
from tests.support import workers
from tests.support.servers import Kafka
from tests.support.workers import WorkerProcess

END = "2026-03-31"


def test_the_same_events_make_the_same_books_byte_for_byte(kafka: Kafka, tmp_path: Path):
    told = workers.settings(kafka, tmp_path, partitions=3)
    make_topics(told)
    (tmp_path / "events.jsonl").write_bytes(b"\n".join(events()))
    worker = WorkerProcess(told, "only", tmp_path).start()
    try:
        publish = ("publish", tmp_path / "events.jsonl", "--in-step", "--until", END)
        said = workers.run(told, *publish)
        assert said.returncode == 0, said.stderr
        books(told, tmp_path / "kafka", "--kafka")
    finally:
        worker.stop()
    ran = workers.run(
        told, "run", tmp_path / "events.jsonl", "--until", END, "--out", tmp_path / "out"
    )
    assert ran.returncode == 0, ran.stderr
    books(told, tmp_path / "files", "--from", tmp_path / "out")

    assert sorted(each.name for each in (tmp_path / "kafka").iterdir()) == FILES
    for name in FILES:
        from_kafka, from_files = ((tmp_path / w / name).read_bytes() for w in ("kafka", "files"))
        assert from_kafka == from_files, name


def books(told, out, *source):
    made = workers.run(told, "books", "--as-of", END, "--out", out, *source)
    assert made.returncode == 0, made.stderr
    assert "note" not in made.stdout
