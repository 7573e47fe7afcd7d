"""The JSON Schema of every message, generated from the models."""

import json
from typing import Any

from schemas.message import Message
from schemas.topics import CATALOGUE

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def messages() -> dict[str, type[Message]]:
    """Return every message of the catalogue by its name, in alphabetical order."""
    every = {each.__name__: each for topic in CATALOGUE for each in topic.messages}
    return dict(sorted(every.items()))


def schema_of(message: type[Message]) -> dict[str, Any]:
    """Return the schema of what may be said as *message*; who reads it must expect as much."""
    return {"$schema": DIALECT, "$id": f"{message.__name__}.json"} | message.model_json_schema()


def as_text(document: dict[str, Any]) -> str:
    """Write *document* as a file that compares well, line by line."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
