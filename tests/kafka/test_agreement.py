"""What starts beside a log, a store or settings that are not its own says so, and does nothing.

The tests stand in their order: the last ones leave topics that nobody can go on with.
"""

import asyncio
import json
import shutil
import sqlite3
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from schemas.topics import CONTRACTS
from services.runtime.kafka.topics import admin, apply
from services.runtime.settings import Settings
from tests.kafka.test_at_once import make_topics
from tests.support import workers
from tests.support.events import ACME, line, policy, registered, webhook
from tests.support.servers import Kafka, until
from tests.support.workers import WorkerProcess

AT = "2026-02-01T09:00:00+01:00"


def readyz(worker: WorkerProcess) -> dict[str, object]:
    """Return what /readyz says, ready or not; nothing while its port is not open."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{worker.port}/readyz", timeout=5) as got:
            return dict(json.load(got))
    except urllib.error.HTTPError as answer:
        return dict(json.load(answer))
    except OSError:
        return {}


def publish(told: Settings, file: Path, *lines: bytes, until_day: str | None = None):
    file.write_bytes(b"\n".join(lines))
    days = ("--until", until_day) if until_day else ()
    return workers.run(told, "publish", file, *days)


def contract(contract_id: str) -> bytes:
    return line(registered().model_copy(update={"contract_id": contract_id}), AT)


@pytest.fixture(scope="module")
def worked(kafka: Kafka, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A store that has worked off a day of twenty contracts on two partitions, and stands still."""
    folder = tmp_path_factory.mktemp("worked")
    told = workers.settings(kafka, folder, partitions=2)
    make_topics(told)
    worker = WorkerProcess(told, "only", folder).start().await_ready()
    contracts = [contract(f"C{n}") for n in range(20)]
    said = line(ACME, AT), line(policy(webhook(3)), AT), *contracts
    done = publish(told, folder / "events.jsonl", *said, until_day="2026-02-02")
    assert done.returncode == 0, done.stderr
    assert worker.stop() == 0
    return told


@pytest.fixture
def copied(worked: Settings, tmp_path: Path) -> Settings:
    """The same store in a folder of its own."""
    shutil.copytree(worked.state_dir, tmp_path / "state")
    return worked.model_copy(update={"state_dir": tmp_path / "state"})


@pytest.fixture
def started(tmp_path: Path) -> Iterator[list[WorkerProcess]]:
    found: list[WorkerProcess] = []
    yield found
    for each in found:
        each.close()


def refused(worker: WorkerProcess, *, at: str) -> str:
    """Return why *worker* waits at its start; it has joined nobody."""
    until(lambda: at in readyz(worker).get("waiting_for", {}), f"{at} is refused")
    said = readyz(worker)
    assert (said["ready"], said["partitions"]) == (False, [])
    return str(said["waiting_for"][at])


def rows(told: Settings, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(told.state_dir / "dunning.sqlite") as connection:
        return list(connection.execute(query))


def test_a_wrong_number_of_partitions_is_refused_by_all_and_leaves_nothing(
    worked: Settings, started: list[WorkerProcess], tmp_path: Path
):
    for number in (1, 3):
        wrong = worked.model_copy(update={"partitions": number, "state_dir": tmp_path / "new"})
        started.append(WorkerProcess(wrong, f"of{number}", tmp_path).start())
        why = refused(started[-1], at="broker")
        assert f"days has 2 partitions, not {number}" in why or "has 2 partitions" in why
        assert "set DUESTREAM_PARTITIONS to 2" in why
        for command in (("clock",), ("publish", tmp_path / "events.jsonl"), ("verify", "dunning")):
            (tmp_path / "events.jsonl").write_bytes(contract("C1"))
            with_books = wrong.model_copy(update={"state_dir": worked.state_dir})
            done = workers.run(with_books, *command)
            assert done.returncode == 1, command
            assert f"has 2 partitions, not {number}" in done.stderr, command
            assert "do     set DUESTREAM_PARTITIONS to 2" in done.stderr
    assert rows(wrong, "select * from partitions") == []


def _start(told: Settings, name: str, folder: Path, started: list[WorkerProcess]) -> WorkerProcess:
    started.append(WorkerProcess(told, name, folder).start())
    return started[-1]


def test_rows_of_a_wrong_start_of_before_harm_nobody(
    copied: Settings, started: list[WorkerProcess], tmp_path: Path
):
    with sqlite3.connect(copied.state_dir / "dunning.sqlite") as connection:
        connection.execute("insert into partitions values (2, 0, ''), (3, 0, '')")
    connection.close()
    assert workers.run(copied, "verify", "dunning").returncode == 0

    _start(copied, "only", tmp_path, started).await_ready()

    assert rows(copied, "select partition from partitions") == [(0,), (1,)]


def test_a_worker_without_a_partition_is_ready(
    copied: Settings, started: list[WorkerProcess], tmp_path: Path, worked: Settings
):
    # Three workers cannot share two partitions; one of them has none. (SQLite takes them in turn.)
    for name in ("one", "two", "three"):
        _start(worked, name, tmp_path, started)
    for each in started:
        each.await_ready()
    until(lambda: sum(len(each.partitions()) for each in started) == 2, "all are assigned")

    assert sorted(len(each.partitions()) for each in started)[0] == 0


def configure(told: Settings, topic: str, **configs: str) -> None:
    async def alter() -> None:
        said = {name.replace("_", "."): value for name, value in configs.items()}
        async with admin(told) as client:
            await client.alter_configs(
                [ConfigResource(ConfigResourceType.TOPIC, topic, CONTRACTS.configs | said)]
            )

    asyncio.run(alter())


def test_compaction_that_is_turned_on_stops_the_worker_and_the_start_is_refused(
    worked: Settings, started: list[WorkerProcess], tmp_path: Path
):
    worker = _start(worked, "only", tmp_path, started).await_ready()
    try:
        configure(worked, "contracts", cleanup_policy="compact")
        until(lambda: readyz(worker).get("stopped"), "the worker stops")
        assert set(readyz(worker)["stopped"]) == {"0", "1"}
        assert "contracts has cleanup.policy=compact" in readyz(worker)["stopped"]["0"]
        assert worker.stop() == 0
        again = _start(worked, "only", tmp_path, started)
        assert "cleanup.policy=delete" in refused(again, at="broker")
    finally:
        configure(worked, "contracts")

    again.await_ready()


def test_a_topic_that_is_deleted_and_made_anew_stops_the_worker_and_the_start_is_refused(
    worked: Settings, started: list[WorkerProcess], tmp_path: Path
):
    worker = _start(worked, "only", tmp_path, started).await_ready()

    async def make_anew() -> None:
        async with admin(worked) as client:
            await client.delete_topics(["contracts"])
        await asyncio.sleep(1)
        await apply(worked, [CONTRACTS])

    asyncio.run(make_anew())
    publish(worked, tmp_path / "again.jsonl", *(contract(f"E{n}") for n in range(40)))

    until(lambda: len(readyz(worker).get("stopped", {})) == 2, "the worker stops")
    assert worker.stop() == 0
    assert "contracts was deleted and made anew: its id was" in refused(
        _start(worked, "only", tmp_path, started), at="agreement"
    )
    assert rows(worked, "select count(*) from state where contract_id like 'E%'") == [(0,)]


def test_books_that_are_pointed_to_another_cluster_are_refused(
    worked: Settings, started: list[WorkerProcess], tmp_path: Path
):
    with sqlite3.connect(worked.state_dir / "dunning.sqlite") as connection:
        connection.execute("update origin set value = 'other' where name = 'cluster'")
    connection.close()

    why = refused(_start(worked, "only", tmp_path, started), at="agreement")

    assert "and what is known comes from other" in why
