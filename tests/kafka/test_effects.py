"""Acts on a real Kafka: a worker that dies between act and outcome sends no letter twice."""

import asyncio
import sys
from datetime import date

import pytest

from schemas.envelope import Event
from schemas.outcomes import ActUnknown
from schemas.topics import dead_letters_of, order_of, snapshots_of
from services.runtime.kafka import topics
from services.runtime.kafka.producer import Outgoing, sending
from services.runtime.store.database import Database
from services.runtime.store.store import Store
from services.runtime.stream.acts import event_of
from tests.support import lettering, workers
from tests.support.events import line, paid
from tests.support.letters import OUTCOMES, WORKER, NotSent, Sent
from tests.support.servers import until
from tests.support.workers import WorkerProcess

T = "2026-02-01T09:00:00+01:00"


class Lettering(WorkerProcess):
    """A replica of the letters service, which acts on its folder."""

    def __init__(self, told, folder):
        prefix = told.topic_prefix
        super().__init__(told, "only", folder, service="letters", topic_prefix=prefix)
        self.folder = folder

    def command(self):
        return [sys.executable, "-m", lettering.__name__, self.folder]


@pytest.fixture
def told(kafka, tmp_path):
    told = workers.settings(kafka, tmp_path, partitions=2, topic_prefix=f"{tmp_path.name}.")
    internal = dead_letters_of("letters"), order_of("letters"), snapshots_of("letters")
    needed = (*WORKER.reads, *WORKER.writes, WORKER.announces, *internal)
    asyncio.run(topics.apply(told, dict.fromkeys(needed)))
    return told


def say(told, *messages, topic="payments"):
    async def all_of_them():
        async with sending(told) as sender:
            events = [Event.from_line(line(each, T, name=each.payment_id)) for each in messages]
            await sender.send([Outgoing(topic, None, each) for each in events])

    asyncio.run(all_of_them())


def types(told, topic):
    return [each.event.type for each in workers.read(told, topic)]


def done(folder):
    path = folder / "done"
    return [each.split() for each in path.read_text().splitlines()] if path.exists() else []


def dies_at(worker, told, point, message):
    """Let *worker* die at *point* of the act that *message* leads to."""
    (worker.folder / "doom").write_text(point)
    worker.start().await_ready()
    say(told, message)
    until(lambda: worker.exited() is not None, "it dies", timeout_s=60)
    assert (worker.exited(), (worker.folder / "fulfilled").exists()) == (-9, True)


@pytest.mark.parametrize(("point", "happened"), [(lettering.BEGUN, False), (lettering.DONE, True)])
def test_a_letter_amid_a_kill_is_never_repeated_and_waits_for_a_person(
    told, tmp_path, point, happened
):
    worker = Lettering(told, tmp_path)
    dies_at(worker, told, f"{point} letter", paid("p1", "1.00", date(2026, 2, 1)))
    worker.start().await_ready()
    try:
        until(lambda: "ActUnknown" in types(told, OUTCOMES.name), "it is unknown", timeout_s=60)
        assert len(done(tmp_path)) == happened
        unknown = [each.event for each in workers.read(told, OUTCOMES.name)][-1]
        settle(told, unknown, Sent if happened else NotSent)
        # What was not sent is intended anew, under another id.
        until(lambda: types(told, "deliveries")[-1] == "Dispatched", "it is settled", timeout_s=60)
        assert types(told, "deliveries") == (
            ["DeliveryIntended", "Dispatched"]
            if happened
            else ["DeliveryIntended", "DispatchFailed", "DeliveryIntended", "Dispatched"]
        )
        ids = [effect_id for _, _, effect_id in done(tmp_path)]
        assert len(ids) == len(set(ids)) == 1
    finally:
        assert worker.stop() == 0


def settle(told, unknown, kind):
    """Say, as a person does, what became of an act."""
    effect_id = ActUnknown.model_validate_json(unknown.data).effect_id
    message = kind(contract_id=unknown.subject, effect_id=effect_id)
    event = event_of("letters", message, time=T)

    async def one():
        async with sending(told) as sender:
            await sender.send([Outgoing(OUTCOMES.name, None, event)])

    asyncio.run(one())


def test_a_mail_amid_a_kill_is_sent_again_under_the_same_id_and_ends_once(told, tmp_path):
    worker = Lettering(told, tmp_path)
    dies_at(worker, told, f"{lettering.DONE} email", paid("p1", "2.00", date(2026, 2, 1)))
    worker.start().await_ready()
    try:
        until(lambda: "Dispatched" in types(told, "deliveries"), "it is sent", timeout_s=60)
        ids = [effect_id for _, _, effect_id in done(tmp_path)]
        assert (len(ids), len(set(ids))) == (2, 1)
        assert types(told, OUTCOMES.name) == ["ActBegan", "ActBegan", "Sent"]
        assert types(told, "deliveries") == ["DeliveryIntended", "Dispatched"]
    finally:
        assert worker.stop() == 0


def test_without_trouble_each_act_is_done_once_and_nothing_stays_open(told, tmp_path):
    worker = Lettering(told, tmp_path)
    worker.start().await_ready()
    payments = [paid(f"p{n}", f"{n % 2 + 1}.00", date(2026, 2, 1)) for n in range(4)]
    say(told, *payments)
    until(lambda: types(told, "deliveries").count("Dispatched") == 4, "all is sent", timeout_s=60)
    assert worker.stop() == 0
    assert len(done(tmp_path)) == 4
    assert asyncio.run(open_in(told)) == 0


async def open_in(told):
    store = Store(Database(told.database_url("letters"), "letters"))
    try:
        return sum([len([1 for row in page if row.acts]) async for page in store.pages(most=100)])
    finally:
        await store.close()
