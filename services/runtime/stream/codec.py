"""From records to messages, with the reason where that cannot be done."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from pydantic import ValidationError
from pydantic_core import from_json, to_json

from schemas.envelope import DeadLetter, Event, Raw
from schemas.message import ContractMessage, Message, Refused
from schemas.topics import CATALOGUE, Topic
from services.runtime.stream.record import Output, Record, Unreadable

# What may stand on a topic, by the names of topic and type.
Shapes = Mapping[tuple[str, str], type[Message]]

# A message of ours must fit into a topic whose limit is Kafka's default of 1 MiB.
_MOST_SAID = 1_000_000
# What Money takes: a sum of amounts may have more.
_TOO_MUCH = re.compile(rb'"amount":"-?[0-9]{16}')
_NESTED = (dict, list)
# An invoice of 5,000 lines has 75,000 values. A megabyte may hold half a million, and each could be
# wrong: to say so of all of them took gigabytes.
_MOST_VALUES = 100_000
# Reasons that are nothing without what they are about; a customer's id is personal data.
_NAMED = frozenset({"conflict", "unreferenced", "excess"})
_NOT_NAMED = frozenset({"contract_id", "customer_id"})
# What has no digit may be the name of a person, and is left out.
_ID = re.compile(r"(?=.*[0-9])[A-Za-z0-9._:/-]{1,64}")
# What the reason of a dead letter may be as a header, at most.
_LONGEST = 1_000


def shapes_of(topics: Iterable[Topic]) -> Shapes:
    """Return the messages of *topics*.

    Complete from the start: remembered questions would let whoever asks nonsense fill the memory.
    """
    return {(topic.name, each.__name__): each for topic in topics for each in topic.messages}


_CATALOGUE = shapes_of(CATALOGUE)
_TYPES = frozenset(type_ for _, type_ in _CATALOGUE)


def event_of(record: Record) -> Event:
    """Return the event of *record*; raise Refused where it is none."""
    if isinstance(record.content, Unreadable):
        raise Refused("undecodable", record.content.detail)
    return record.content


def decode(event: Event, topic: str, *, shapes: Shapes = _CATALOGUE) -> Message:
    """Parse and check *event*; raise Refused with a code of wire.md."""
    shape = shapes.get((topic, event.type))
    if shape is None:
        raise Refused("unknown_type", f"{_known_type(event)} does not belong to {topic}")
    if len(event.data) > _MOST_VALUES and event.data.count(b",") >= _MOST_VALUES:
        raise Refused("invalid", f"the data has more than {_MOST_VALUES:,} values")
    wrong = None
    try:
        message = shape.model_validate_json(event.data).said_by(event)
    except ValidationError as error:
        wrong = _reason(error, shape)
    if wrong is not None:
        # Not from the error: what it holds of a check of ours, frames and all that they know, no
        # garbage collector sees, and each batch with such a record would stay in memory for ever.
        raise Refused(*wrong)
    if isinstance(message, ContractMessage) and message.contract_id != event.subject:
        raise Refused("invalid", "subject is not the contract_id")
    return message


def fingerprints(event: Event, message: Message) -> tuple[tuple[bytes, ...], bytes]:
    """Return the identities of *event* and the fingerprint of its content.

    The first identity is (source, id), the second, where the message has one, the business fact.
    Content is the canonical JSON value of type, subject and data; the time does not count.
    """
    content = to_json(_sorted(_value(event)))
    said = _digest(event.source.encode(), event.id.encode())
    key = [part.encode() for part in message.business_key()]
    names = (said, _digest(event.type.encode(), *key)) if key else (said,)
    return names, _digest(event.type.encode(), event.subject.encode(), content)


def encoded(message: Message) -> bytes:
    """Return the data of a message of ours; raise Refused where a broker might not take it."""
    data = message.model_dump_json(exclude_none=True).encode()
    if len(data) > _MOST_SAID:
        raise Refused("too_large", f"a {type(message).__name__} that follows would be too large")
    if _TOO_MUCH.search(data):
        # Sums are made unchecked: to validate all that is said again would cost 23 us a message.
        what = f"a {type(message).__name__} that follows would have an amount of over 15 digits"
        raise Refused("too_large", what)
    return data


def unsayable(error: ValidationError) -> Refused:
    """Return why a message of ours could not be made: its readers would refuse it."""
    problem = error.errors(include_input=False, include_url=False, include_context=False)[0]
    where = ".".join(str(part) for part in problem["loc"])
    what = f"a {error.title} that follows would be wrong at {where or 'its fields'}"
    return Refused("invalid", f"{what}: {_sentence(problem['msg'])}"[:_LONGEST])


def dead_letter(service: str, record: Record, why: Refused) -> Output:
    """Return the dead letter of *record*, as it came; *why* must name no personal data."""
    headers = (
        ("dl-topic", record.topic),
        ("dl-partition", str(record.partition)),
        ("dl-offset", str(record.offset)),
        ("dl-reason", why.code),
        ("dl-detail", _detail(record, why)[:_LONGEST]),
    )
    letter = DeadLetter(raw=_raw(record), headers=headers)
    return Output(f"{service}.dead-letters", record.partition, letter)


def _detail(record: Record, why: Refused) -> str:
    """Return why, with the ids and the money of what contradicts others or was waited for."""
    if why.code not in _NAMED or isinstance(record.content, Unreadable):
        return why.detail
    try:
        data = from_json(record.event.data)
    except ValueError:
        return why.detail
    shape = _CATALOGUE.get((record.topic, record.event.type), Message)
    said = [text for text, value in _ids_and_money(data, shape) if value not in why.detail]
    return ": ".join([why.detail, ", ".join(said)]) if said else why.detail


def _ids_and_money(data: object, shape: type[Message]) -> Iterator[tuple[str, str]]:
    """Yield what a clerk looks for, with the value; the contract is the subject anyway.

    A field that *shape* has not may have anything for its name.
    """
    ids = {name for name in shape.model_fields if name.endswith("_id")} - _NOT_NAMED
    for name, value in data.items() if isinstance(data, dict) else ():
        match value:
            case str() if name in ids and _ID.fullmatch(value):
                yield f"{name} {value}", value
            case {"amount": str() as amount, "currency": str() as currency}:
                yield f"{amount} {currency}", f"{amount} {currency}"


def _raw(record: Record) -> Raw:
    if record.raw is not None:
        return record.raw
    event = record.event
    return Raw(event.subject.encode(), event.to_line())


def _value(event: Event) -> object:
    try:
        return from_json(event.data)
    except ValueError as error:
        raise Refused("undecodable", "the data is nested too deeply") from error


def _sorted(value: object) -> object:
    """Return *value* with the names of its objects in order, at any depth."""
    if isinstance(value, dict):
        return {
            name: _sorted(part) if isinstance(part, _NESTED) else part
            for name, part in sorted(value.items())
        }
    return [_sorted(each) for each in value] if isinstance(value, list) else value


def _digest(*parts: bytes) -> bytes:
    return hashlib.blake2b(b"\0".join(parts), digest_size=16).digest()


def _known_type(event: Event) -> str:
    """Return the type of *event* where it is one of ours; else it may be anything, also a name."""
    return event.type if event.type in _TYPES else "its type"


def _reason(error: ValidationError, shape: type[Message]) -> tuple[str, str]:
    problems = error.errors(include_input=False, include_url=False, include_context=False)
    if any(problem["type"] == "json_invalid" for problem in problems):
        return "undecodable", "the data is no JSON"
    ours = _field_names(shape)
    where = (f"{'.'.join(_place(p['loc'], ours))}: {_sentence(p['msg'])}" for p in problems[:5])
    return "invalid", "; ".join(where)[:_LONGEST]


def _sentence(message: str) -> str:
    """Return our own words without the name that pydantic gives to their kind."""
    return message.removeprefix("Value error, ")


def _place(where: Iterable[int | str], ours: frozenset[str]) -> Iterator[str]:
    """Yield where in the data a problem is; the key of a mapping is what somebody said: a star."""
    return (str(part) if isinstance(part, int) or part in ours else "*" for part in where)


@cache
def _field_names(shape: type[Message]) -> frozenset[str]:
    """Return the names of all fields of *shape*, those of its parts included."""
    return frozenset(_properties(shape.model_json_schema()))


def _properties(schema: object) -> Iterator[str]:
    parts: Iterable[object] = schema if isinstance(schema, list) else ()
    if isinstance(schema, dict):
        yield from schema.get("properties", ())
        parts = schema.values()
    for part in parts:
        yield from _properties(part)
