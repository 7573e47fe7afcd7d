"""The page of all messages for people: made of the models, with what each field means."""

import json
from collections.abc import Iterator, Mapping
from inspect import cleandoc
from typing import Any

from schemas.message import Message
from schemas.publish import unsaid
from schemas.publish.examples import example
from schemas.publish.jsonschema import schema_of
from schemas.publish.meanings import meaning
from schemas.topics import CATALOGUE, Topic

Schema = Mapping[str, Any]

# What the patterns of texts are to a reader: the type, and its unit where it has one.
TEXTS = {
    r"^-?[0-9]{1,15}(\.[0-9]{1,12})?$": "decimal",
    r"^[0-9]{1,15}(\.[0-9]{1,12})?$": "decimal, not negative",
    r"^-?[0-9]{1,15}(\.[0-9]{1,24})?$": "decimal",
    r"^-?[0-9]{1,15}(\.[0-9]{1,4})?$": "decimal of the currency",
    r"^[0-9]{1,3}(\.[0-9]{1,6})?$": "percent",
    r"^-?[0-9]{1,3}(\.[0-9]{1,6})?$": "percent, with sign",
    "^[A-Z]{2}$": "country",
    r"^[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+$": "e-mail address",
    "^[0-9]{4}-(0[1-9]|1[0-2])$": "month, YYYY-MM",
    "^P[1-9][0-9]{0,2}[DWMY]$": "duration, such as P1M",
    "^([01][0-9]|2[0-3]):[0-5][0-9]$": "time of day, HH:MM",
    "^[0-9]{1,30}$": "digits",
}
FORMATS = {"date": "date", "date-time": "instant, RFC 3339"}
HEAD = """\
# The messages

Every topic, every message and every field, made by `duestream schemas --write` from the models: a
test fails where this page is not up to date. For machines `duestream schemas --out DIR` writes the
same as JSON Schema and AsyncAPI 3.

A message is the `data` of a CloudEvent 1.0 whose `type` is its name; `subject` and the key of the
record are its contract_id, unless the topic says another. Fields that are not known are ignored.
Fields in **bold** must be there. Amounts, rates and quantities are decimals in text, never numbers;
a date is `YYYY-MM-DD` and a local day of the legal entity; an `until` or `ends_on` is exclusive
unless its meaning says otherwise. A message whose *identity* is said again is a duplicate; one with
another content is a `conflict`.
"""


def text() -> str:
    """Return the page as Markdown."""
    blocks = [HEAD, *_contents(), *(block for topic in CATALOGUE for block in _topic(topic))]
    return "\n".join([*blocks, *_shapes(), unsaid.page()])


def _contents() -> Iterator[str]:
    yield "| topic | written by | key | messages |\n|---|---|---|---|"
    for topic in CATALOGUE:
        names = ", ".join(_link(each.__name__) for each in topic.messages)
        yield f"| `{topic.name}` | {' or '.join(topic.writers)} | {topic.key} | {names} |"
    yield ""


def _topic(topic: Topic) -> Iterator[str]:
    """Yield the messages of *topic* that no earlier one has."""
    earlier = {m for other in CATALOGUE[: CATALOGUE.index(topic)] for m in other.messages}
    fresh = [each for each in topic.messages if each not in earlier]
    if not fresh:
        return
    yield f"## {topic.name}\n\nWritten by {' or '.join(topic.writers)}.\n"
    for each in fresh:
        yield from _message(each)


def _message(message: type[Message]) -> Iterator[str]:
    schema = schema_of(message)
    yield f"### {message.__name__}\n\n{_doc(schema)}\n"
    if message.identity:
        yield f"Identity: {', '.join(f'`{each}`' for each in message.identity)}.\n"
    yield _table(message.__name__, schema)
    sample = json.dumps(example(message), ensure_ascii=False)
    yield f"\n```json\n{sample}\n```\n"


def _shapes() -> Iterator[str]:
    found: dict[str, Schema] = {}
    for message in (each for topic in CATALOGUE for each in topic.messages):
        found |= schema_of(message).get("$defs", {})
    yield "## Shapes\n\nWhat stands within messages.\n"
    for name, schema in sorted(found.items()):
        if "properties" not in schema:
            continue
        yield f"### {name}\n\n{_doc(schema)}\n\n{_table(name, schema)}\n"


def _table(shape: str, schema: Schema) -> str:
    rows = ["| field | type | is |", "|---|---|---|"]
    for field, of in schema.get("properties", {}).items():
        name = f"**`{field}`**" if field in schema.get("required", ()) else f"`{field}`"
        what = meaning(shape, field)
        usual = of.get("default")
        if usual not in (None, [], {}):
            what += f"; `{json.dumps(usual)}` unless said"
        rows.append(f"| {name} | {_type(field, of)} | {what} |")
    return "\n".join(rows)


def _type(field: str, of: Schema) -> str:
    if "anyOf" in of:
        kinds = [_type(field, each) for each in of["anyOf"] if each.get("type") != "null"]
        return " or ".join(kinds)
    if of.get("$ref") == "#/$defs/Currency":
        return "currency"
    if "$ref" in of:
        return _link(of["$ref"].rpartition("/")[2])
    if "enum" in of or "const" in of:
        return ", ".join(f"`{each}`" for each in of.get("enum", [of.get("const")]))
    match of.get("type"):
        case "array":
            return f"list of {_type(field, of['items'])}"
        case "object":
            return _mapping(field, of)
        case "string":
            return FORMATS.get(of.get("format", "")) or TEXTS.get(of.get("pattern", ""), "text")
        case "integer":
            unit = next((u for u in ("days", "hours") if field.endswith(u)), "")
            return f"{unit}, whole number" if unit else "whole number"
        case "boolean":
            return "true or false"
        case other:
            raise ValueError(f"{field}: no words for the type {other}")


def _mapping(field: str, of: Schema) -> str:
    """Return the type of what is looked up by a name, a day or a currency."""
    names = of.get("propertyNames", {})
    by = "date" if names.get("format") == "date" else "currency" if "$ref" in names else "name"
    return f"{_type(field, of['additionalProperties'])} by {by}"


def _doc(schema: Schema) -> str:
    return cleandoc(schema.get("description", "")).replace("``", "`")


def _link(name: str) -> str:
    return f"[{name}](#{name.lower()})"
