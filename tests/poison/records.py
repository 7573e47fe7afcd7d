"""Good records of every message that a service reads, made from the messages' own schemas."""

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from itertools import count
from random import Random
from typing import NamedTuple

from pydantic import ValidationError

from schemas.envelope import Event
from schemas.message import ContractMessage, Message
from schemas.topics import TERMS, topic_of
from services.runtime.partitions import partition_of
from services.runtime.stream.wire import Packed, pack
from tests.support.traffic import BEGIN, traffic

# Whatever is personal in a record begins with this: the reason of a dead letter must not hold it.
PERSON = "Zanzibar"
CONTRACTS = 100
# What stands where a schema asks for text: the first that fits its pattern and length, by chance.
_WORDS = (
    *("1.00", "19.00", "100.00", "119.00", "19", "3", "DE", "2026-03", "P1M"),
    *("2026-01-15T10:00:00Z", "08:30", "a1" * 32),
    *("Europe/Berlin", "50667", f"{PERSON} GmbH", f"{PERSON}@example.org", "HRB 7", "S", "K"),
)
_TRIES = 5_000
_EXAMPLES = 50
_SOMEBODY = b"somebody's contract"


class Sent(NamedTuple):
    """A record, and where it is sent."""

    topic: str
    partition: int
    packed: Packed


def home(contract_id: str, partitions: int) -> int:
    """Return the partition of a contract."""
    return partition_of(contract_id.encode(errors="replace").decode(), partitions)


def lives(worker, *, days: int, seed: int, partitions: int) -> list[tuple[date, Sent]]:
    """Return what happens to contracts, as far as *worker* reads it, each with its day."""
    read = {topic.name for topic in worker.reads}
    found = []
    for day, line in traffic(CONTRACTS, days, seed):
        event = Event.from_line(line)
        topic = topic_of(event.type)
        if topic is not None and topic is not TERMS and topic.name in read:
            said = Sent(topic.name, home(event.subject, partitions), pack(event))
            found.append((day, said))
    return sorted(found, key=lambda pair: pair[0])


def of_every_kind(worker, random: Random, *, partitions: int) -> Iterator[Sent]:
    """Yield a record of each message on each topic that *worker* reads from others, for ever."""
    kinds = [
        (topic.name, shape.__name__, [example(shape, random) for _ in range(_EXAMPLES)])
        for topic in worker.reads
        for shape in topic.messages
        if issubclass(shape, ContractMessage)
    ]
    for number in count():
        topic, type_, examples = kinds[number % len(kinds)]
        contract_id = f"S-{random.randrange(CONTRACTS):05}"
        said = Event(
            id=f"k{number}",
            source="/tests/kinds",
            type=type_,
            time=f"{BEGIN + timedelta(random.randrange(40))}T10:00:00+01:00",
            subject=contract_id,
            data=random.choice(examples).replace(_SOMEBODY, contract_id.encode()),
        )
        yield Sent(topic, home(contract_id, partitions), pack(said))


def example(shape: type[Message], random: Random) -> bytes:
    """Return data that *shape* takes: by its schema, again until its own rules hold, too."""
    schema = _schema(shape)
    for _ in range(_TRIES):
        value = _value(schema, schema, random)
        value["contract_id"] = _SOMEBODY.decode()
        data = json.dumps(value).encode()
        try:
            shape.model_validate_json(data)
        except ValidationError:
            continue
        return data
    raise AssertionError(f"no example of {shape.__name__} found: give _WORDS what it needs")


@cache
def _schema(shape):
    return shape.model_json_schema()


def _value(schema, root, random, name=""):
    if "$ref" in schema:
        return _value(root["$defs"][schema["$ref"].rpartition("/")[2]], root, random, name)
    if "anyOf" in schema:
        some = [each for each in schema["anyOf"] if each.get("type") != "null"]
        return _value(random.choice(some), root, random, name)
    if "const" in schema:
        return schema["const"]
    if "EUR" in schema.get("enum", ()):
        return "EUR"
    if "enum" in schema:
        return random.choice(schema["enum"])
    match schema["type"]:
        case "string":
            return _text(schema, random, name)
        case "integer":
            least = schema.get("minimum", 0)
            return random.randint(least, min(schema.get("maximum", least + 30), least + 30))
        case "boolean":
            return random.random() < 0.5
        case "array":
            count = schema.get("minItems", 0) + random.randrange(3)
            return [_value(schema["items"], root, random, name) for _ in range(count)]
        case _:
            return _object(schema, root, random)


def _object(schema, root, random):
    required = schema.get("required", ())
    return {
        name: _value(part, root, random, name)
        for name, part in schema.get("properties", {}).items()
        if name in required or random.random() < 0.3
    }


def _text(schema, random, name):
    if schema.get("format") == "date":
        return str(BEGIN + timedelta(random.randrange(60)))
    if name == "legal_entity_id":
        return "acme"
    if name.endswith("_id"):
        return f"{name}-{random.randrange(40)}"
    words = _fitting(schema.get("pattern", ""), schema.get("maxLength", 2_000))
    assert words, f"no word of _WORDS is like {schema}"
    return random.choice(words)


@cache
def _fitting(pattern, longest):
    return [word for word in _WORDS if re.search(pattern, word) and len(word) <= longest]
