"""The AsyncAPI 3.1 document: every topic, who writes it, its key, and the messages it carries."""

from collections.abc import Iterator
from inspect import cleandoc
from typing import Any

from schemas.message import ContractMessage, Message
from schemas.publish.examples import example
from schemas.publish.headers import CLOUD_EVENT, DEAD_LETTER, ORDER_RECORD, REDRIVE, SNAPSHOT
from schemas.publish.jsonschema import messages
from schemas.topics import (
    EVERYTHING,
    ORDER_TOPICS,
    OUTSIDE,
    REDRIVES,
    SNAPSHOT_TOPICS,
    TERMS,
    Topic,
)

# Messages grow by optional fields only (wire.md): the number changes when that is ever broken.
API_VERSION = "1"
_KAFKA = {"bindingVersion": "0.5.0"}
_DESCRIPTION = (
    "Contract receivables as streams. Every message is a CloudEvent 1.0: on Kafka in binary mode, "
    "in files in structured mode, one JSON object a line. What comes from outside is read in "
    "either mode (application/cloudevents+json). Operations say what duestream does: it receives "
    "what comes from outside, and sends the rest."
)


def document() -> dict[str, Any]:
    """Return the document; payloads refer to the schema files beside it."""
    return {
        "asyncapi": "3.1.0",
        "info": {
            "title": "duestream",
            "version": API_VERSION,
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in EVERYTHING},
        "operations": dict(each for topic in EVERYTHING for each in _operations(topic)),
        "components": {
            "messages": {
                **{name: _message(each) for name, each in messages().items()},
                "DeadLetter": _raw("DeadLetter", "What could not be used, byte for byte."),
                "Redrive": _raw("Redrive", "A dead letter was sent again; the value is empty."),
                "OrderRecord": _raw("OrderRecord", "What a commit took, for the service itself."),
                "Snapshot": _raw("Snapshot", "What a store held, for the service itself."),
            },
            "schemas": {
                "CloudEventHeaders": CLOUD_EVENT,
                "DeadLetterHeaders": DEAD_LETTER,
                "RedriveHeaders": REDRIVE,
                "OrderRecordHeaders": ORDER_RECORD,
                "SnapshotHeaders": SNAPSHOT,
            },
        },
    }


def _channel(topic: Topic) -> dict[str, Any]:
    return {
        "address": topic.name,
        "description": f"Written by {_writers(topic)}; the key is {topic.key}.",
        "messages": {
            name: {"$ref": f"#/components/messages/{name}"} for name in _names_of_messages(topic)
        },
        "bindings": {"kafka": _kafka(topic)},
        "x-duestream-writers": list(topic.writers),
        "x-duestream-key": topic.key,
    }


def _names_of_messages(topic: Topic) -> list[str]:
    if topic.messages:
        return [each.__name__ for each in topic.messages]
    if topic in ORDER_TOPICS:
        return ["OrderRecord"]
    if topic in SNAPSHOT_TOPICS:
        return ["Snapshot"]
    return ["Redrive" if topic is REDRIVES else "DeadLetter"]


def _kafka(topic: Topic) -> dict[str, Any]:
    """Return what Kafka has to know; without partitions, as many as the other topics have."""
    partitions = {"partitions": topic.partitions} if topic.partitions else {}
    configuration = {
        "cleanup.policy": [topic.configs["cleanup.policy"]],
        "retention.ms": int(topic.configs["retention.ms"]),
    }
    return {"topic": topic.name, **partitions, "topicConfiguration": configuration} | _KAFKA


def _writers(topic: Topic) -> str:
    return (
        " or from ".join(topic.writers) if topic.or_outside else f"{topic.writer}, and nobody else"
    )


def _operations(topic: Topic) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield from where duestream stands whether *topic* comes in, goes out, or may do both.

    What was sent again is noted by a command of ours: nobody outside writes that.
    """
    for writer in topic.writers:
        action = "receive" if writer == OUTSIDE and topic is not REDRIVES else "send"
        parts = topic.name.replace("-", ".").split(".")
        name = action + "".join(part.capitalize() for part in parts)
        yield name, {"action": action, "channel": {"$ref": f"#/channels/{topic.name}"}}


def _message(message: type[Message]) -> dict[str, Any]:
    return {
        "name": message.__name__,
        "summary": cleandoc(message.__doc__ or "").partition("\n\n")[0].replace("\n", " "),
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/CloudEventHeaders"},
        "payload": {"$ref": f"./{message.__name__}.json"},
        "bindings": {"kafka": {"key": _key(message)} | _KAFKA},
        "examples": [{"payload": example(message)}],
    }


def _key(message: type[Message]) -> dict[str, Any]:
    """Return what the key of a record with *message* is: the subject of the event, in UTF-8."""
    what = "legal_entity_id"
    if issubclass(message, ContractMessage):
        what = "contract_id"
    elif message in TERMS.messages:
        what = "id@version"
    return {"type": "string", "description": what}


def _raw(name: str, summary: str) -> dict[str, Any]:
    return {
        "name": name,
        "summary": summary,
        "contentType": "application/octet-stream",
        "headers": {"$ref": f"#/components/schemas/{name}Headers"},
        "payload": {"type": "string", "format": "binary"},
        "bindings": {"kafka": {"key": {"type": "string", "format": "binary"}} | _KAFKA},
    }
