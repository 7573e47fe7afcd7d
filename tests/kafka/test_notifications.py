"""The customer is told on a real Kafka: by a real mail server, whatever is killed; or by letter."""

import asyncio
import email
import email.policy
import json

import pytest
from aiosmtpd.controller import Controller

from schemas.addresses import Contact
from schemas.topics import CATALOGUE, dead_letters_of, order_of, snapshots_of
from services.runtime.kafka import topics
from tests.notifications.test_app import WORLD, run
from tests.support import workers
from tests.support.events import ACME, customer, line, registered
from tests.support.servers import free_port, until
from tests.support.workers import WorkerProcess

SERVICES = ("dunning", "notifications")
SELLER = ACME.model_copy(update={"contact": Contact(name="Billing", email="billing@acme.example")})
# Level 1 on 30 January, and nothing more until the last day.
LAST = "2026-01-31"


class Box:
    """A mail server's box; ``amid`` is called once, when it has a text and has not said so."""

    def __init__(self, amid=lambda: None):
        self.mails, self.amid = [], amid

    async def handle_DATA(self, _server, _session, envelope):
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        amid, self.amid = self.amid, lambda: None
        amid()
        return "250 queued"

    def ids(self):
        return [each["Message-ID"] for each in self.mails]


@pytest.fixture
def box():
    box = Box()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    box.port = controller.port
    yield box
    controller.stop()


@pytest.fixture
def told(kafka, tmp_path):
    prefix = f"{tmp_path.name}."
    told = workers.settings(kafka, tmp_path, partitions=1, topic_prefix=prefix, services=SERVICES)
    internal = [
        make(each) for make in (dead_letters_of, order_of, snapshots_of) for each in SERVICES
    ]
    wanted = [*CATALOGUE, *internal, dead_letters_of("clock")]
    asyncio.run(topics.apply(told, wanted))
    return told


@pytest.fixture
def replicas(told, tmp_path, box):
    world = {
        "smtp": f"127.0.0.1:{box.port}",
        "smtp_tls": "none",
        "documents_dir": tmp_path / "documents",
        "letters_dir": tmp_path / "letters",
        "mail_returns_to": "bounces@acme.example",
        "mail_returns_key": "0123456789abcdef",
    }
    made = {
        each: WorkerProcess(
            told, "only", tmp_path, service=each, **world if each == "notifications" else {}
        )
        for each in SERVICES
    }
    for each in made.values():
        each.start()
    for each in made.values():
        each.await_ready()
    yield made
    for each in made.values():
        each.close()


def begin_to_publish(told, folder, mailbox):
    who = customer(**({"email": mailbox} if mailbox else {}))
    entity = line(SELLER, "2026-01-02T08:00:00+01:00", name="entity")
    contract = line(registered(customer=who), "2026-01-02T09:00:00+01:00", name="contract")
    events = folder / "events.jsonl"
    # The policy and the invoice are those of the world of one process.
    events.write_bytes(b"".join(each + b"\n" for each in (entity, WORLD[1], contract, WORLD[3])))
    return workers.begin(told, "publish", events, "--until", LAST, log=folder / "publish.log")


def publish(told, folder, mailbox):
    code = begin_to_publish(told, folder, mailbox).wait(workers.DEADLINE_S)
    assert code == 0, (folder / "publish.log").read_text()


def deliveries(told):
    return [
        (each.event.type, json.loads(each.event.data)["channel"])
        for each in workers.read(told, "deliveries")
    ]


def test_a_mail_amid_a_kill_is_sent_again_under_its_message_id_and_is_dispatched_once(
    told, tmp_path, box, replicas
):
    box.amid = replicas["notifications"].kill
    publishing = begin_to_publish(told, tmp_path, "erika@example.org")

    until(lambda: replicas["notifications"].exited() == -9, "it is killed", timeout_s=120)
    assert deliveries(told) == [("DeliveryIntended", "email")]
    replicas["notifications"].start()
    # It may have been killed before the last day was done.
    assert publishing.wait(workers.DEADLINE_S) == 0, (tmp_path / "publish.log").read_text()
    until(lambda: len(deliveries(told)) == 2, "it is dispatched", timeout_s=90)

    assert deliveries(told) == [("DeliveryIntended", "email"), ("Dispatched", "email")]
    assert (len(box.mails), len(set(box.ids()))) == (2, 1)
    [pdf] = box.mails[1].iter_attachments()
    assert pdf.get_content().startswith(b"%PDF")
    assert box.mails[0].as_bytes() == box.mails[1].as_bytes()
    assert [each.stop() for each in replicas.values()] == [0, 0]
    verified = workers.run(told, "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_who_has_no_mailbox_gets_one_letter_into_the_folder(told, tmp_path, box, replicas):
    publish(told, tmp_path, None)

    until(lambda: ("Dispatched", "letter") in deliveries(told), "it has left", timeout_s=90)

    [batch] = (tmp_path / "letters").iterdir()
    assert json.loads((batch / "manifest.json").read_text())["count"] == 1
    assert [each for each in deliveries(told) if each[0] != "DispatchFailed"] == [
        ("DeliveryIntended", "letter"),
        ("Dispatched", "letter"),
    ]
    assert box.mails == []


@pytest.mark.long
def test_a_letter_of_which_nobody_knows_is_listed_and_settled_by_a_person(
    told, tmp_path, box, replicas
):
    # Something stands under the id of the delivery that is no batch of ours.
    intended = run(tmp_path / "embedded", world=_letter_world())("deliveries")
    name = next(e["data"]["delivery_id"] for e in intended if e["type"] == "DeliveryIntended")
    in_the_way = tmp_path / "letters" / name
    in_the_way.mkdir()
    publish(told, tmp_path, None)

    until(lambda: name in on_their_way(told), "it is unknown", timeout_s=90)
    retried = workers.run(told, "deliveries", "settle", name, "--not-sent")
    assert retried.returncode == 0, retried.stderr
    # A reminder waits for the next day, which does not come: nothing is on its way.
    until(lambda: deliveries(told)[-1][0] == "DispatchFailed", "it is settled", timeout_s=60)

    assert [*in_the_way.iterdir()] == []
    assert on_their_way(told) == []


def on_their_way(told):
    said = workers.run(told, "deliveries", "unknown", "--json")
    return [each["delivery"] for each in json.loads(said.stdout or "[]")]


def _letter_world():
    contract = line(registered(), "2026-01-02T09:00:00+01:00", name="contract")
    return [WORLD[0], WORLD[1], contract, WORLD[3]]
