"""Schemas registered at a fake of a schema registry: no real one comes by package here."""

import base64
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from schemas.topics import CATALOGUE
from services.cli.commands.schemas import subjects
from services.cli.plumbing.registry import Entered, Registry, Unregistered
from tests.support.console import duestream


class FakeRegistry(HTTPServer):
    """Keeps schemas by subject and gives each text an id, as Confluent's API says.

    It judges no compatibility: it refuses the subjects that it is told to.
    """

    def __init__(self, refuses=(), password=None):
        super().__init__(("127.0.0.1", 0), _Answer)
        self.refuses, self.password = refuses, password
        self.rules, self.ids, self.asked = {}, {}, []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


class _Answer(BaseHTTPRequestHandler):
    def do_PUT(self):
        self._answer(lambda name, body: (200, self._rule(name, body)))

    def do_POST(self):
        self._answer(self._version)

    def _answer(self, how):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.command, self.path, self.headers["Content-Type"]))
        said = base64.b64encode(f"anna:{self.server.password}".encode()).decode()
        if self.server.password and self.headers["Authorization"] != f"Basic {said}":
            code, content = 401, {"error_code": 401, "message": "Unauthorized"}
        else:
            code, content = how(self.path.split("/")[2], body)
        self.send_response(code)
        self.end_headers()
        self.wfile.write(json.dumps(content).encode())

    def _rule(self, name, body):
        self.server.rules[name] = body["compatibility"]
        return body

    def _version(self, name, body):
        assert body["schemaType"] == "JSON"
        if name in self.server.refuses:
            return 409, {"error_code": 409, "message": "Schema being registered is incompatible"}
        ids = self.server.ids
        return 200, {"id": ids.setdefault(body["schema"], len(ids) + 1)}

    def log_message(self, *_):
        pass


@contextmanager
def fake(**how):
    server = FakeRegistry(**how)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


TWO = {"payments-PaymentReceived": '{"a": 1}', "payments-PaymentFailed": '{"b": 2}'}


def test_each_message_of_each_topic_is_a_subject_of_its_own():
    found = subjects("prod.")

    assert len(found) == sum(len(topic.messages) for topic in CATALOGUE)
    assert json.loads(found["prod.payments-PaymentReceived"])["$id"] == (
        "urn:duestream:1:PaymentReceived"
    )


def test_a_subject_gets_its_rule_before_its_schema_and_the_same_id_again():
    with fake() as registry:
        once = list(Registry(registry.url).register(TWO, rule="FORWARD"))
        again = list(Registry(f"{registry.url}/").register(TWO, rule="FORWARD"))

    assert once == again
    assert once == [
        Entered("payments-PaymentReceived", 1),
        Entered("payments-PaymentFailed", 2),
    ]
    assert registry.rules == dict.fromkeys(TWO, "FORWARD")
    assert registry.asked[:2] == [
        ("PUT", "/config/payments-PaymentReceived", "application/vnd.schemaregistry.v1+json"),
        (
            "POST",
            "/subjects/payments-PaymentReceived/versions",
            "application/vnd.schemaregistry.v1+json",
        ),
    ]


def test_what_is_refused_is_said_and_the_others_are_registered():
    with fake(refuses={"payments-PaymentReceived"}) as registry:
        found = list(Registry(registry.url).register(TWO, rule="FULL"))

    assert found == [
        Entered("payments-PaymentReceived", None, "Schema being registered is incompatible"),
        Entered("payments-PaymentFailed", 1),
    ]


@pytest.mark.parametrize(
    ("password", "said"), [("geheim", None), ("falsch", "it answers 401 to PUT .*: Unauthorized")]
)
def test_a_user_is_told_by_the_address(password, said):
    with fake(password="geheim") as registry:
        url = registry.url.replace("http://", f"http://anna:{password}@")
        asked = Registry(url).register(TWO, rule="NONE")
        if said is None:
            assert len(list(asked)) == 2
        else:
            with pytest.raises(Unregistered, match=said):
                list(asked)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("registry:8081", "it is no address"),
        ("http://anna:geheim@registry:8081", "a password is told over https alone"),
    ],
)
def test_an_address_that_cannot_be_right_is_refused_before_anything_is_asked(url, said):
    with pytest.raises(Unregistered, match=said):
        Registry(url)


def test_the_command_registers_all_messages():
    with fake() as registry:
        done = duestream("schemas", "--registry", registry.url)

    assert done.exit_code == 0
    assert len(done.stdout.splitlines()) == len(subjects())
    assert "payments-PaymentReceived: id " in done.stdout
    assert set(registry.rules.values()) == {"FORWARD"}


def test_the_command_ends_with_1_where_one_is_refused_or_nobody_answers():
    with fake(refuses={"payments-PaymentReceived"}) as registry:
        refused = duestream("schemas", "--registry", registry.url)
    away = duestream("schemas", "--registry", "http://127.0.0.1:1")
    wrong = duestream("schemas", "--registry", "http://127.0.0.1:1", "--rule", "SIDEWAYS")

    assert [each.exit_code for each in (refused, away, wrong)] == [1, 1, 1]
    assert "refuses 1 of the messages" in refused.stderr
    assert "the registry cannot be had: Connection refused" in away.stderr
    assert "there is no rule SIDEWAYS" in wrong.stderr
