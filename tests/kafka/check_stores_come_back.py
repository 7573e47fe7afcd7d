"""Whatever comes back as a store, amid traffic and days: each input and output counts once.

It takes ten minutes and more, and is run by name: pytest tests/kafka/check_stores_come_back.py
"""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from services.runtime.settings import Settings
from tests.kafka.test_agreement import readyz
from tests.kafka.test_at_once import make_topics
from tests.support import workers
from tests.support.doomed import AROUND, UNDELETED
from tests.support.production import Production
from tests.support.servers import Kafka, until
from tests.support.stores import Stores
from tests.support.traffic import BEGIN
from tests.support.workers import DoomedProcess, WorkerProcess

UNPUBLISHED, AMID_A_DAY = AROUND["facts"][1], AROUND["slice"][1]
# Of a recovery: its facts, the slices of its days, what it deletes at the end.
WHILE_IT_RECOVERS = (*AROUND["facts"], *AROUND["slice"], UNDELETED, *AROUND["sweep"])


@pytest.fixture(params=["sqlite", "postgres"])
def postgres_or_not(request):
    return request.getfixturevalue("postgres") if request.param == "postgres" else None


def dies(worker: DoomedProcess, point: str) -> None:
    """Let *worker* go on until it is killed at *point*."""
    worker.doom(point)
    if worker.process is None or worker.exited() is not None:
        worker.start()
    until(lambda: worker.exited() is not None, f"{worker.name} dies at {point}")
    assert (worker.exited(), worker.met()) == (-9, point)


def goes_on(worker: WorkerProcess) -> None:
    """Start *worker*, and wait until it is at the end of what is published."""
    worker.start().await_ready()
    until(lambda: worker.partitions() == {0, 1}, f"{worker.name} owns all")
    until(lambda: readyz(worker).get("recovering") == {}, f"{worker.name} has recovered")


def says(worker: WorkerProcess, what: str) -> None:
    until(lambda: what in worker.log.read_text(), f"{worker.name} says {what}")


def is_worked_off(told: Settings, day: date) -> None:
    """Wait until dunning has said on all partitions that it is through with *day*."""

    def through() -> bool:
        said = workers.read(told, "dunning.days")
        done = [each for each in said if json.loads(each.event.data)["day"] == str(day)]
        return len({each.partition for each in done}) == told.partitions

    until(through, f"{day} is worked off", 600)


def is_whole(told: Settings) -> None:
    """Verify, and hold what was ever published against a replay of the order."""
    verified = workers.run(told, "verify", "dunning")
    assert (verified.returncode, verified.stderr) == (0, ""), verified.stdout
    said, again = workers.by_place(workers.read(told, *workers.SAID)), workers.replayed(told)
    assert {place: again[place] for place in said} == said


def test_whatever_comes_back_as_a_store_comes_to_the_end_of_what_is_published(
    postgres_or_not, kafka: Kafka, tmp_path: Path
):
    name = "back" if postgres_or_not else "backfile"
    database = postgres_or_not and postgres_or_not.database(name)
    told = workers.settings(
        kafka, tmp_path, partitions=2, topic_prefix=f"{name}.", database=database
    )
    make_topics(told)
    stores, live = Stores(tmp_path, postgres_or_not), []
    production = Production(told, tmp_path, contracts=40, days=24, seed=5).divide(6)

    def over(its, who):
        # All are one member of the group: who comes back need not wait until the last is missed.
        live.append(DoomedProcess(its, who, tmp_path, static=False, instance_id="one"))
        return live[-1]

    production.start()
    try:
        # The primary, of which a copy is made in the middle of a day.
        primary = over(told, "primary").start()
        primary.await_ready()
        production.release(1)
        dies(primary, AMID_A_DAY)
        copied = stores.copy(told)
        goes_on(primary)
        production.release(3)
        # It has committed what nobody has seen.
        dies(primary, UNPUBLISHED)

        emptied = over(stores.empty(told), "emptied")
        for point in WHILE_IT_RECOVERS:
            dies(emptied, point)
        goes_on(emptied)
        says(emptied, "partition.recovered")
        # What the primary took and never told anybody is now taken under the id of another store.
        is_worked_off(told, BEGIN + timedelta(11))
        production.release(4)
        dies(emptied, AMID_A_DAY)

        older = over(copied, "older")
        goes_on(older)
        says(older, "partition.recovered")
        production.release(5)
        dies(older, UNPUBLISHED)

        goes_on(primary)
        says(primary, "partition.forked")
        production.release(6)
        until(lambda: not production.is_alive(), "all is worked off", 600)
        assert primary.stop() == 0
    finally:
        for each in (production, *live):
            each.close()
    is_whole(told)
