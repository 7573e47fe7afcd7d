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
CUT_AT = 900_000
# What is put aside gets headers of ours; nobody else may use names that begin like this.
_OURS = "dl-"


class Packed(NamedTuple):
    """A record as a producer takes it; *timestamp* in milliseconds since 1970, None for now."""

    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    timestamp: int | None


def pack(content: Event | DeadLetter) -> Packed:
    """Return *content* as a record; a dead letter keeps the key, value and headers it came with."""
    if isinstance(content, DeadLetter):
        added = tuple((name, text.encode()) for name, text in content.headers)
        value = content.raw.value[:CUT_AT] if content.raw.value is not None else None
        return Packed(content.raw.key, value, (*content.raw.headers, *added), None)
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
    """Write headers for a column of the books; any bytes survive, and so does no value."""
    return json.dumps(
        [[name, value if value is None else value.decode("latin-1")] for name, value in headers]
    )


def headers_from_text(text: str) -> tuple[tuple[str, bytes | None], ...]:
    """Read what headers_to_text wrote."""
    return tuple(
        (name, value if value is None else value.encode("latin-1"))
        for name, value in json.loads(text)
    )


def _content(packed: Packed) -> Event | Unreadable:
    try:
        return _event(packed)
    except Malformed as error:
        return Unreadable(str(error))


def _event(packed: Packed) -> Event:
    attributes = {}
    for name, value in packed.headers:
        attribute = _ATTRIBUTES.get(name)
        if attribute is not None:
            attributes[attribute] = _text(name, value)
    if packed.value is None:
        raise Malformed("no value")
    event = Event.of(attributes, packed.value)
    if packed.key is None or _text("key", packed.key) != event.subject:
        raise Malformed("the key is not the subject")
    return event


def _text(name: str, value: bytes | None) -> str | None:
    try:
        return value.decode() if value is not None else None
    except UnicodeDecodeError as error:
        raise Malformed(f"{name}: no UTF-8") from error
