"""Clients that nobody here wrote: what they produce is booked once, and they read what is said."""

import json
import subprocess
import sys
from datetime import date

import pytest

from schemas.envelope import Event
from schemas.topics import topic_of
from services.runtime.stream.wire import pack
from tests.kafka.pressure import say_terms
from tests.outside.tools import HERE, Absent, libraries, node, python, run
from tests.support import workers
from tests.support.events import line, paid, registered
from tests.support.servers import until
from tests.support.workers import WorkerProcess

pytestmark = pytest.mark.long

AT = "2026-02-01T10:00:00+01:00"
_STRUCTURED = {"content-type": "application/cloudevents+json; charset=UTF-8"}


@pytest.fixture(scope="module")
def told(kafka, tmp_path_factory):
    folder = tmp_path_factory.mktemp("clients")
    told = workers.settings(kafka, folder, partitions=3, services=("dunning",))
    assert workers.run(told, "topics", "apply").returncode == 0
    say_terms(told, folder)
    worker = WorkerProcess(told, "only", folder).start().await_ready()
    yield told
    assert worker.stop() == 0
    assert workers.run(told, "verify").returncode == 0


def had(tool):
    """Return *tool*; skip where it cannot be had here."""
    try:
        return tool()
    except Absent as absent:
        pytest.skip(str(absent))


def events(contract_id):
    """Return what is said of one contract: that it is there, and that 12.00 EUR came."""
    said = registered(), paid("p1", "12.00", date(2026, 2, 1))
    for number, each in enumerate(said):
        message = each.model_copy(update={"contract_id": contract_id})
        yield Event.from_line(line(message, AT, name=f"{contract_id}-{number}"))


def records(contract_id, *, structured=False):
    """Return them as records, headers and value as text."""
    for event in events(contract_id):
        packed, topic = pack(event), topic_of(event.type).name
        headers = {name: value.decode() for name, value in packed.headers}
        value = packed.value.decode()
        if structured:
            headers, value = _STRUCTURED, event.to_line().decode()
        yield {"topic": topic, "key": contract_id, "value": value, "headers": headers}


def booked(told):
    """Return by contract the amounts that were booked of it."""
    found = {}
    for record in workers.read(told, "receivables"):
        if record.event.type == "EntryPosted":
            money = json.loads(record.event.data)["money"]["amount"]
            found.setdefault(record.event.subject, []).append(money)
    return found


def is_booked_once(told, contract_id):
    until(lambda: contract_id in booked(told), f"{contract_id} is booked", timeout_s=60)
    assert booked(told)[contract_id] == ["-12.00"]
    assert "NOBODY" not in booked(told)


def written(tmp_path, said):
    path = tmp_path / "records.json"
    path.write_text(json.dumps(list(said)), encoding="utf-8")
    return path


@pytest.mark.parametrize("how", ["none", "gzip", "snappy", "lz4", "zstd", "transactional"])
def test_what_librdkafka_sends_is_booked_once(told, tmp_path, how):
    path = written(tmp_path, records(f"L-{how}"))
    program, script = had(python) / "bin/python", HERE / "librdkafka.py"
    run(program, script, "produce", told.kafka, path, how)

    is_booked_once(told, f"L-{how}")


@pytest.mark.parametrize("how", ["gzip", "transactional"])
def test_what_kafkajs_sends_is_booked_once(told, tmp_path, how):
    path = written(tmp_path, records(f"J-{how}", structured=how == "gzip"))
    run("node", "kafkajs.mjs", "produce", told.kafka, path, how, cwd=had(node))

    is_booked_once(told, f"J-{how}")


def java(kafka, program, *words, said=None):
    """Run one of Kafka's own tools."""
    command = ["java", "-cp", f"{kafka.libs}/*", program, "--bootstrap-server", kafka.address]
    done = subprocess.run(
        [*command, *words], input=said, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_the_console_producer_sends_in_structured_mode_is_booked_once(told, kafka):
    options = ("parse.key=true", "parse.headers=true")
    properties = [word for each in options for word in ("--property", each)]
    for each in records("K-console", structured=True):
        headers = ",".join(f"{name}:{text}" for name, text in each["headers"].items())
        said = f"{headers}\t{each['key']}\t{each['value']}\n"
        program = "org.apache.kafka.tools.ConsoleProducer"
        java(kafka, program, "--topic", each["topic"], *properties, said=said)

    is_booked_once(told, "K-console")


@pytest.mark.parametrize("mode", ["binary", "structured"])
def test_what_the_sdk_for_python_packs_is_booked_once(told, tmp_path, mode):
    sys.path.append(had(libraries))
    from cloudevents.core.bindings import kafka as binding

    said = []
    for each in records(f"S-{mode}"):
        headers = {name: text.encode() for name, text in each["headers"].items()}
        message = binding.KafkaMessage(headers, each["key"], each["value"].encode())
        event = binding.from_kafka_event(message)
        packed = getattr(binding, f"to_{mode}_event")(event)
        text = {name: value.decode() for name, value in packed.headers.items()}
        said.append(each | {"headers": text, "value": packed.value.decode()})
    program, script = had(python) / "bin/python", HERE / "librdkafka.py"
    run(program, script, "produce", told.kafka, written(tmp_path, said), "zstd")

    is_booked_once(told, f"S-{mode}")


def test_each_reads_what_is_committed_and_nothing_else(told, kafka, tmp_path):
    path = written(tmp_path, records("R-1"))
    script = HERE / "librdkafka.py"
    run(had(python) / "bin/python", script, "produce", told.kafka, path, "lz4")
    is_booked_once(told, "R-1")
    ours = sorted(record.event.subject for record in workers.read(told, "receivables"))
    about = ("receivables", str(len(ours)))

    librdkafka = run(had(python) / "bin/python", script, "consume", told.kafka, *about)
    kafkajs = run("node", "kafkajs.mjs", "consume", told.kafka, *about, cwd=had(node))
    program = "org.apache.kafka.tools.consumer.ConsoleConsumer"
    words = ("--from-beginning", "--isolation-level", "read_committed", "--timeout-ms", "20000")
    keys = ("--property", "print.key=true", "--property", "print.value=false")
    console = java(kafka, program, "--topic", about[0], "--max-messages", about[1], *words, *keys)

    assert sorted(librdkafka.split()) == ours
    assert sorted(kafkajs.split()) == ours
    assert sorted(console.split()) == ours
