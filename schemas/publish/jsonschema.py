"""The JSON Schema of every message, generated from the models: all that is written, and no more."""

import json
from collections.abc import Mapping
from typing import Any

from schemas.currencies import EXPONENTS
from schemas.message import Message
from schemas.publish.meanings import meaning
from schemas.topics import CATALOGUE

DIALECT = "https://json-schema.org/draft/2020-12/schema"
# A name, and no address: nobody has to be reached to read a message. The number is that of
# asyncapi.API_VERSION.
ID = "urn:duestream:1:"

Schema = dict[str, Any]

_CURRENCIES = sorted(EXPONENTS)
_CURRENCY = {
    "title": "Currency",
    "description": "A currency of ISO 4217 in which somebody can owe.",
    "type": "string",
    "enum": _CURRENCIES,
}


def messages() -> dict[str, type[Message]]:
    """Return every message of the catalogue by its name, in alphabetical order."""
    every = {each.__name__: each for topic in CATALOGUE for each in topic.messages}
    return dict(sorted(every.items()))


def schema_of(message: type[Message]) -> Schema:
    """Return the schema of what may be said as *message*; who reads it must expect as much.

    What may be left out is left out: the reader takes ``null`` for it too, but nobody has to say
    it, and what makes classes of schemas makes better ones of this.
    """
    found = message.model_json_schema()
    shapes = {name: _shape(name, each) for name, each in found.pop("$defs", {}).items()}
    root = _shape(message.__name__, found)
    if _mentions_currency([root, shapes]):
        shapes["Currency"] = _CURRENCY
    head = {"$schema": DIALECT, "$id": f"{ID}{message.__name__}"}
    return head | root | ({"$defs": dict(sorted(shapes.items()))} if shapes else {})


def as_text(document: Schema) -> str:
    """Write *document* as a file that compares well, line by line."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _shape(name: str, schema: Schema) -> Schema:
    """Return *schema* of an object, each of its fields with what it means."""
    fields = {
        field: _without(_plain(of), "title") | {"description": meaning(name, field)}
        for field, of in schema.get("properties", {}).items()
    }
    return schema | {"properties": fields} if fields else schema


def _plain(of: Schema) -> Schema:
    """Return the schema of a value as it is written: no ``null``, and nothing empty unless said."""
    if of.get("enum") == _CURRENCIES:
        return {"$ref": "#/$defs/Currency"} | _without(of, "enum", "type", "title")
    if "anyOf" in of:
        of = _said(of)
    if of.get("default", 0) in (None, [], {}):
        of = _without(of, "default")
    if "patternProperties" in of:
        of = _map(of)
    keys = ("items", "additionalProperties", "propertyNames")
    return of | {key: _plain(of[key]) for key in keys if key in of}


def _said(of: Schema) -> Schema:
    """Return *of* without the alternative of being ``null``; a single one that is left is it."""
    left = [_plain(each) for each in of["anyOf"] if each.get("type") != "null"]
    return _without(of, "anyOf") | (left[0] if len(left) == 1 else {"anyOf": left})


def _map(of: Schema) -> Schema:
    """Say which names a map has, instead of what follows from them: others are refused."""
    ((pattern, value),) = of["patternProperties"].items()
    names = {"pattern": pattern} | of.get("propertyNames", {})
    return _without(of, "patternProperties") | {
        "propertyNames": names,
        "additionalProperties": value,
    }


def _without(of: Mapping[str, Any], *keys: str) -> Schema:
    return {key: value for key, value in of.items() if key not in keys}


def _mentions_currency(value: object) -> bool:
    if isinstance(value, dict):
        ours = value.get("$ref") == "#/$defs/Currency"
        return ours or any(_mentions_currency(each) for each in value.values())
    return isinstance(value, list) and any(_mentions_currency(each) for each in value)
