"""The AsyncAPI 3 document: every topic, who writes it, and the messages it carries."""

from collections.abc import Iterator
from inspect import cleandoc
from typing import Any

from schemas.message import Message
from schemas.publish.jsonschema import messages
from schemas.topics import CATALOGUE, OUTSIDE, Topic

# Messages grow by optional fields only (wire.md): the number changes when that is ever broken.
API_VERSION = "1"
_KAFKA = {"bindingVersion": "0.5.0"}


def document() -> dict[str, Any]:
    """Return the document; payloads refer to the schema files beside it."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "duestream",
            "version": API_VERSION,
            "description": "Contract receivables as streams. Every message is a CloudEvent 1.0: "
            "on Kafka in binary mode, in files in structured mode, one JSON object a line.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in CATALOGUE},
        "operations": dict(each for topic in CATALOGUE for each in _operations(topic)),
        "components": {
            "messages": {name: _message(each) for name, each in messages().items()},
            "schemas": {"CloudEventHeaders": _headers()},
        },
    }


def _channel(topic: Topic) -> dict[str, Any]:
    return {
        "address": topic.name,
        "description": f"Written by {_writers(topic)}; the key is {topic.key}.",
        "messages": {
            each.__name__: {"$ref": f"#/components/messages/{each.__name__}"}
            for each in topic.messages
        },
        "bindings": {"kafka": _kafka(topic)},
    }


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
    """Yield from where duestream stands whether *topic* comes in, goes out, or may do both."""
    for writer in topic.writers:
        action = "receive" if writer == OUTSIDE else "send"
        name = action + "".join(part.capitalize() for part in topic.name.split("."))
        yield name, {"action": action, "channel": {"$ref": f"#/channels/{topic.name}"}}


def _message(message: type[Message]) -> dict[str, Any]:
    return {
        "name": message.__name__,
        "summary": cleandoc(message.__doc__ or "").partition("\n\n")[0].replace("\n", " "),
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/CloudEventHeaders"},
        "payload": {"$ref": f"./{message.__name__}.json"},
        "bindings": {"kafka": {"key": {"type": "string"}} | _KAFKA},
    }


def _headers() -> dict[str, Any]:
    """Return the attributes of the envelope as Kafka headers; ``ce_subject`` is also the key."""
    texts = {
        "ce_id": "The producer's id, the same on every retry.",
        "ce_source": "Who says it.",
        "ce_type": "The name of the message.",
        "ce_time": "When it was said: RFC 3339 with offset.",
        "ce_subject": "The contract_id; for terms id@version; for a day the legal_entity_id.",
    }
    return {
        "type": "object",
        "required": list(texts),
        "properties": {
            name: {"type": "string", "description": text} for name, text in texts.items()
        },
    }
