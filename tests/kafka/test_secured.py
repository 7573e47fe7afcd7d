"""TLS with a user by SCRAM, by PLAIN, or with a certificate: all works, or says what is wrong."""

from datetime import date

import pytest

from tests.conftest import served
from tests.support import workers
from tests.support.events import ACME, invoice, line, policy, registered, reminder
from tests.support.secured import PASSWORD, USER, SecuredKafka
from tests.support.servers import until
from tests.support.workers import WorkerProcess

pytestmark = [pytest.mark.long, pytest.mark.kafka]

AT = "2026-02-01T10:00:00+01:00"


@pytest.fixture(scope="module")
def secured():
    yield from served(SecuredKafka)


def by_user(secured, **more):
    said = {
        "kafka": secured.users,
        "security_protocol": "SASL_SSL",
        "sasl_username": USER,
        "sasl_password": PASSWORD,
        "ssl_ca_file": secured.home / "ca.pem",
    }
    return said | more


def by_certificate(secured, **more):
    said = {
        "kafka": secured.pairs,
        "security_protocol": "SSL",
        "ssl_ca_file": secured.home / "ca.pem",
        "ssl_cert_file": secured.home / "mine.pem",
    }
    return said | more


def settings(folder, said):
    told = {"state_dir": folder / "state", "services": ("dunning",), "partitions": 2} | said
    return workers.Settings(**told)


def run(told, *arguments):
    done = workers.run(told, *arguments)
    assert "Traceback" not in done.stderr
    assert PASSWORD not in done.stdout + done.stderr
    return done


@pytest.mark.parametrize(
    ("name", "way", "more"),
    [
        ("scram", by_user, {"sasl_mechanism": "SCRAM-SHA-512"}),
        ("plain", by_user, {"sasl_mechanism": "PLAIN"}),
        ("pairs", by_certificate, {}),
    ],
)
def test_topics_publish_clock_and_worker_do_their_work(secured, tmp_path, name, way, more):
    told = settings(tmp_path, way(secured, topic_prefix=f"{name}-", **more))
    events, said = tmp_path / "events.jsonl", [ACME, policy(reminder(14)), registered()]
    said.append(invoice("A", "50.00", date(2026, 2, 2)))
    lines = [line(each, AT, name=str(number)) for number, each in enumerate(said)]
    events.write_bytes(b"\n".join(lines) + b"\n")

    assert run(told, "topics", "apply").returncode == 0
    worker = WorkerProcess(told, "only", tmp_path).start()
    assert run(told, "publish", events).returncode == 0
    clock = workers.begin(told, "clock", log=tmp_path / "clock.log")
    try:
        posted = lambda: [e.event.type for e in workers.read(told, "receivables")]  # noqa: E731
        until(lambda: posted() == ["EntryPosted"], "the invoice is booked", 90)
        until(lambda: workers.read(told, "dunning.days"), "a day is done", 90)
    finally:
        clock.terminate()
        clock.wait(30)
        code = worker.stop()
    assert code == 0
    assert run(told, "verify").returncode == 0
    assert run(told, "dead-letters", "list").returncode == 0


WRONG = {
    "another password": (
        by_user,
        {"sasl_password": "falsch"},
        "the broker refuses user name or password of anna by SCRAM-SHA-512",
    ),
    "another mechanism": (
        by_user,
        {"sasl_mechanism": "SCRAM-SHA-256"},
        "the broker does not know SCRAM-SHA-256",
    ),
    "somebody else's authority": (
        by_user,
        {"ssl_ca_file": "other.pem"},
        "the certificate of {users} is refused: ",
    ),
    "no user at the port for users": (
        by_user,
        {"security_protocol": "SSL"},
        "no broker answers",
    ),
    "plain text at a port for TLS": (
        by_user,
        {"security_protocol": "SASL_PLAINTEXT"},
        "{users} takes connections, and does not answer to SASL_PLAINTEXT",
    ),
    "no certificate where one is asked for": (
        by_certificate,
        {"ssl_cert_file": None},
        "{pairs} takes connections, and does not answer to SSL",
    ),
    "TLS at a port for plain text": (
        by_user,
        {"kafka": "{address}"},
        "{address} takes connections, and does not answer to SASL_SSL",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_named(secured, tmp_path, name):
    way, more, what = WRONG[name]
    places = {"users": secured.users, "pairs": secured.pairs, "address": secured.address}
    more = dict(more)
    if "kafka" in more:
        more["kafka"] = more["kafka"].format(**places)
    if more.get("ssl_ca_file"):
        more["ssl_ca_file"] = secured.home / more["ssl_ca_file"]
    told = settings(tmp_path, way(secured, **more))

    done = run(told, "topics", "apply")

    assert done.returncode == 1
    assert f"error  {what.format(**places)}" in done.stderr


def test_a_worker_that_is_not_let_in_waits_and_says_why(secured, tmp_path):
    told = settings(tmp_path, by_user(secured, sasl_password="falsch"))
    worker = WorkerProcess(told, "only", tmp_path).start()
    try:
        until(lambda: "dependency.waiting" in worker.log.read_text(), "it waits", 60)
    finally:
        worker.close()
    text = worker.log.read_text()
    assert "the broker refuses user name or password of anna by SCRAM-SHA-512" in text
    assert "Traceback" not in text
    assert "falsch" not in text
