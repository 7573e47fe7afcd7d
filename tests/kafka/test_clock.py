"""The clock by the wall: it catches up late, survives a kill, and there is only one of it."""

import subprocess
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from schemas.days import DayBegan, DayDone
from tests.kafka.test_at_once import make_topics
from tests.support import workers
from tests.support.events import ACME, line
from tests.support.servers import Kafka, until
from tests.support.workers import WorkerProcess

BERLIN = ZoneInfo("Europe/Berlin")
NOBODY = ACME.model_copy(update={"time_zone": "Europe/Nowhere"})


def now():
    return datetime.now(UTC)  # noqa: TID251 - the clock under test goes by the wall


def days(told):
    """The days said to each partition, and whether each was late."""
    said = {}
    for record in workers.read(told, "days"):
        if record.event.type == "DayBegan":
            began = DayBegan.model_validate_json(record.event.data)
            said.setdefault(record.partition, []).append((began.day, began.late))
    return said


def done(told):
    found = [record for record in workers.read(told, "dunning.days")]
    return Counter(DayDone.model_validate_json(each.event.data).day for each in found)


def test_the_clock_catches_up_late_survives_a_kill_and_stands_alone(kafka: Kafka, tmp_path: Path):
    told = workers.settings(kafka, tmp_path, partitions=2)
    make_topics(told)
    three_days_ago = now().astimezone(BERLIN) - timedelta(days=3)
    events = tmp_path / "terms.jsonl"
    bad = line(NOBODY, three_days_ago.isoformat(), name="bad")
    events.write_bytes(line(ACME, three_days_ago.isoformat(), name="good") + b"\n" + bad + b"\n")
    assert workers.run(told, "publish", events).returncode == 0
    expected = [(three_days_ago.date() + timedelta(days=n), n < 3) for n in range(4)]

    worker = WorkerProcess(told, "only", tmp_path).start()
    clock = workers.begin(told, "clock", log=tmp_path / "clock.log")
    try:
        until(lambda: days(told) == {0: expected, 1: expected}, "all days are said", 60)
        clock.kill()
        clock.wait(10)
        clock = workers.begin(told, "clock", log=tmp_path / "second.log")
        until(lambda: "clock.started" in (tmp_path / "second.log").read_text(), "it runs again", 60)
        third = workers.begin(told, "clock", log=tmp_path / "third.log")
        try:
            until(
                lambda: "clock.started" in (tmp_path / "third.log").read_text(), "another runs", 60
            )
            more = ACME.model_copy(update={"version": 2})
            events.write_bytes(line(more, now().isoformat(), name="more"))
            assert workers.run(told, "publish", events).returncode == 0
            until(lambda: clock.poll() is not None, "the older clock ends", 60)
            until(lambda: len(workers.read(told, "days")) == 12, "the newer one goes on", 60)
        finally:
            end(third)
    finally:
        end(clock)
        ended = worker.stop()

    assert ended == 0
    assert clock.returncode == 1
    assert "another clock took over" in (tmp_path / "second.log").read_text()
    assert days(told) == {0: expected, 1: expected}
    assert done(told) == {day: 2 for day, _ in expected}
    assert len(workers.read(told, "clock.dead-letters")) == 1


def end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        process.wait(30)
