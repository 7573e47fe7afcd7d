"""Events and dead letters as Kafka records: CloudEvents in binary mode."""

import json
from collections.abc import Sequence
from typing import NamedTuple

from schemas.envelope import EXTENSIONS, REQUIRED, DeadLetter, Event, Malformed, Raw
from services.runtime.log import Record, Unreadable

Headers = Sequence[tuple[str, bytes | None]]

_ATTRIBUTES = {f"ce_{name}": name for name in (*REQUIRED, *EXTENSIONS, "specversion")}
_CONTENT_TYPE = ("content-type", b"application/json")
# A dead letter must fit into a topic whose limit is Kafka's default of 1 MiB.
_CUT_AT = 900_000
_HEADER_COSTS = 10  # for the lengths of its name and value, at most
# What is put aside gets headers of ours; nobody else may use names that begin like this.
_OURS = "dl-"
CUT = "dl-cut"


class Packed(NamedTuple):
    """A record as a producer takes it; *timestamp* in milliseconds since 1970, None for now."""

    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    timestamp: int | None


def pack(content: Event | DeadLetter) -> Packed:
    """Return *content* as a record; a dead letter keeps the key, value and headers it came with."""
    if isinstance(content, DeadLetter):
        raw = _cut(content.raw)
        added = tuple((name, text.encode()) for name, text in content.headers)
        added += ((CUT, b"the record was longer"),) if raw != content.raw else ()
        return Packed(raw.key, raw.value, (*raw.headers, *added), None)
    names = [(f"ce_{name}", str(getattr(content, name))) for name in REQUIRED]
    names += [("ce_specversion", "1.0"), *((f"ce_{n}", text) for n, text in content.extensions)]
    headers = (*((name, text.encode()) for name, text in names), _CONTENT_TYPE)
    return Packed(content.subject.encode(), content.data, headers, content.timestamp)


def unpack(topic: str, partition: int, offset: int, packed: Packed) -> Record:
    """Return the record that stands at this place, readable or not, with how it came."""
    raw = Raw(packed.key, packed.value, tuple(packed.headers))
    return Record(topic, partition, offset, _content(packed), packed.timestamp or 0, raw)


def letter_of(raw: Raw) -> DeadLetter:
    """Return the dead letter that pack wrote: the record as it came, apart from our headers."""
    ours = [(name, value or b"") for name, value in raw.headers if name.startswith(_OURS)]
    own = tuple(header for header in raw.headers if not header[0].startswith(_OURS))
    return DeadLetter(
        raw=Raw(raw.key, raw.value, own),
        headers=tuple((name, value.decode(errors="replace")) for name, value in ours),
    )


def headers_to_text(headers: Headers) -> str:
    """Write headers for a column of the books; any bytes survive."""
    texts = [[n, value.decode("latin-1") if value is not None else None] for n, value in headers]
    return json.dumps(texts)


def headers_from_text(text: str) -> tuple[tuple[str, bytes | None], ...]:
    """Read what headers_to_text wrote."""
    pairs = json.loads(text)
    return tuple((n, value.encode("latin-1") if value is not None else None) for n, value in pairs)


def _cut(raw: Raw) -> Raw:
    """Return as much of *raw* as fits: of a record too large, key and headers before the value."""
    key = raw.key[:_CUT_AT] if raw.key is not None else None
    room = _CUT_AT - len(key or b"")
    headers: list[tuple[str, bytes | None]] = []
    for name, value in raw.headers:
        room -= len(name.encode()) + len(value or b"") + _HEADER_COSTS
        if room < 0:
            return Raw(key, raw.value and b"", tuple(headers))
        headers.append((name, value))
    return Raw(key, raw.value[:room] if raw.value is not None else None, raw.headers)


def _content(packed: Packed) -> Event | Unreadable:
    try:
        return _event(packed)
    except Malformed as error:
        return Unreadable(str(error))


def _event(packed: Packed) -> Event:
    attributes, name = {}, ""
    try:
        for name, value in packed.headers:
            if name in _ATTRIBUTES and value is not None:
                attributes[_ATTRIBUTES[name]] = value.decode()
        name = "key"
        key = packed.key.decode() if packed.key is not None else None
    except UnicodeDecodeError as error:
        raise Malformed(f"{name}: no UTF-8") from error
    if packed.value is None:
        raise Malformed("no value")
    event = Event.of(attributes, packed.value)
    if key != event.subject:
        raise Malformed("the key is not the subject")
    return event
