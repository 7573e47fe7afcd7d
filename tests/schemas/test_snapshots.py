"""The committed schemas are what the models say, and no change breaks who reads them."""

import json

from schemas.envelope import EXTENSIONS, REQUIRED, Event
from schemas.message import Refused
from schemas.publish import asyncapi, compatibility, jsonschema
from services.cli.commands.schemas import SNAPSHOTS, breaking_changes, documents
from services.runtime.stream import codec
from services.runtime.stream.record import Record
from services.runtime.stream.wire import REDRIVEN, pack


def test_the_committed_snapshots_are_what_the_models_say():
    committed = {path.name: path.read_text(encoding="utf-8") for path in SNAPSHOTS.glob("*.json")}
    now = documents()
    drifted = sorted(n for n in committed.keys() | now if committed.get(n) != now.get(n))

    assert drifted == [], "run `duestream schemas --write`, look at the diff, and commit it"


def test_no_message_breaks_who_knows_the_committed_one():
    assert breaking_changes(SNAPSHOTS) == [], compatibility.WHAT_TO_DO


def test_a_removed_message_is_a_break(tmp_path):
    (tmp_path / "InvoiceBurnt.json").write_text("{}")

    assert breaking_changes(tmp_path) == ["InvoiceBurnt: the message was removed"]


def test_a_field_that_only_the_snapshot_has_is_a_break(tmp_path):
    schema = jsonschema.schema_of(jsonschema.messages()["PaymentFailed"])
    schema["properties"]["colour"] = {"type": "string"}
    (tmp_path / "PaymentFailed.json").write_text(json.dumps(schema))

    assert breaking_changes(tmp_path) == ["PaymentFailed.colour: the field was removed"]


def test_every_reference_of_the_asyncapi_document_leads_somewhere():
    document = asyncapi.document()
    inner, files = [], []
    for reference in references(document):
        (inner if reference.startswith("#/") else files).append(reference)

    for reference in inner:
        place = document
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]
    assert sorted(files) == sorted(f"./{name}.json" for name in jsonschema.messages())
    assert len(inner) > 50


def test_the_asyncapi_document_says_who_writes_what():
    document = asyncapi.document()

    assert document["operations"]["receivePayments"] == {
        "action": "receive",
        "channel": {"$ref": "#/channels/payments"},
    }
    assert document["operations"]["sendReminders"]["action"] == "send"
    assert document["channels"]["terms"]["bindings"]["kafka"]["partitions"] == 1
    assert "PolicyPublished" in document["channels"]["terms"]["messages"]


def test_the_asyncapi_document_has_every_topic_with_its_writers_and_key():
    channels = asyncapi.document()["channels"]

    assert {"redrives", "clock.dead-letters", "dunning.dead-letters", "usage.days"} <= set(channels)
    assert channels["deliveries"]["x-duestream-writers"] == ["notifications", "outside"]
    assert channels["days"]["x-duestream-key"] == "legal_entity_id or id@version"
    assert channels["usage.dead-letters"]["messages"] == {
        "DeadLetter": {"$ref": "#/components/messages/DeadLetter"}
    }


def test_the_asyncapi_document_has_the_headers_that_pack_writes():
    data = b'{"contract_id":"C1"}'
    about = {name: "2026-01-01T00:00:00Z" for name in REQUIRED} | {"specversion": "1.0"}
    event = Event.of(about | {name: "1" for name in EXTENSIONS}, data)
    letter = codec.dead_letter("usage", Record("usage", 0, 7, event), Refused("invalid", "no"))
    schemas = asyncapi.document()["components"]["schemas"]

    said = {name for name, _ in pack(event).headers}
    assert said == set(schemas["CloudEventHeaders"]["properties"])
    ours = {name for name, _ in pack(letter.content).headers}
    assert ours == set(schemas["DeadLetterHeaders"]["required"])
    assert list(schemas["RedriveHeaders"]["properties"]) == [REDRIVEN]


def test_the_asyncapi_document_says_what_a_key_is():
    said = asyncapi.document()["components"]["messages"]
    keys = {
        name: each["bindings"]["kafka"]["key"].get("description") for name, each in said.items()
    }

    assert keys["PaymentReceived"] == "contract_id"
    assert keys["PlanPublished"] == "id@version"
    assert keys["DayDone"] == "legal_entity_id"
    assert keys["DeadLetter"] is None


def references(value):
    if isinstance(value, dict):
        for key, each in value.items():
            yield from [each] if key == "$ref" else references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)
