"""A full disk: the worker says so, loses nothing, and goes on when there is room."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import served
from tests.kafka.test_at_once import check, make_topics
from tests.kafka.test_in_step import embedded
from tests.kafka.test_trouble import END, HALF, halves, publish, waiting_for
from tests.support import workers
from tests.support.disk import SmallDisk
from tests.support.servers import Kafka, Postgres, until
from tests.support.workers import SAID, WorkerProcess


@pytest.fixture
def kafka() -> Iterator[Kafka]:
    """A broker that no other test has used."""
    yield from served(Kafka)


@pytest.fixture
def postgres() -> Iterator[Postgres]:
    """A cluster that may lose a part of what it keeps."""
    yield from served(Postgres)


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    """A disk that no other test has used."""
    yield from served(SmallDisk)


def fill_while_it_works(told, disk: SmallDisk, worker: WorkerProcess, *, full: str) -> None:
    """Publish the examples; in the middle there is no room, and in the end all is as it should."""
    folder = worker.log.parent
    first, second = halves(folder)
    publish(told, first, HALF)
    disk.fill()
    log = folder / "publish.log"
    publishing = workers.begin(told, "publish", second, "--in-step", "--until", END, log=log)
    until(lambda: full in waiting_for(worker).get("store", ""), "the full disk is missed")
    assert worker.exited() is None
    disk.make_room()
    assert publishing.wait(workers.DEADLINE_S) in (0, 2), log.read_text()
    worker.await_ready()
    assert worker.stop() == 0
    said = workers.by_contract(workers.read(told, *SAID))
    assert said == workers.by_contract(embedded(told, folder / "out", last=END))
    check(told)


def test_sqlite_on_a_full_disk_is_said_and_goes_on_where_it_was(
    kafka: Kafka, disk: SmallDisk, tmp_path: Path
):
    told = workers.settings(kafka, disk.path, partitions=3)
    make_topics(told)
    disk.fill()
    worker = WorkerProcess(told, "only", tmp_path).start()
    try:
        full = "database or disk is full"
        until(lambda: full in waiting_for(worker).get("database", ""), "no store can be made")
        disk.make_room()
        worker.await_ready()
        fill_while_it_works(told, disk, worker, full=full)
    finally:
        worker.kill()


def test_postgresql_on_a_full_disk_is_said_and_goes_on_where_it_was(
    kafka: Kafka, postgres: Postgres, disk: SmallDisk, tmp_path: Path
):
    place = postgres.tablespace("small", disk.folder("tables"))
    database = postgres.database("full", on=place)
    told = workers.settings(kafka, tmp_path, database=database, partitions=3)
    make_topics(told)
    worker = WorkerProcess(told, "only", tmp_path).start()
    try:
        worker.await_ready()
        fill_while_it_works(told, disk, worker, full="No space left on device")
    finally:
        worker.kill()
