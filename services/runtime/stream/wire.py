"""Events and dead letters as Kafka records: CloudEvents written in binary mode, read in both."""

from collections.abc import Sequence

from pydantic_core import from_json, to_json

from schemas.envelope import EXTENSIONS, REQUIRED, DeadLetter, Event, Malformed, Raw
from services.runtime.stream.record import Packed, Record, Unreadable

Headers = Sequence[tuple[str, bytes | None]]

_ATTRIBUTES = {f"ce_{name}": name for name in (*REQUIRED, *EXTENSIONS, "specversion")}
_SPECVERSION = ("ce_specversion", b"1.0")
_CONTENT_TYPE = ("content-type", b"application/json")
# What begins so is a CloudEvent as a whole, in some format (Kafka binding 1.0.2, 3.3).
_STRUCTURED = "application/cloudevents"
_JSON = f"{_STRUCTURED}+json"
# A dead letter must fit into a topic whose limit is Kafka's default of 1 MiB.
_CUT_AT = 900_000
_HEADER_COSTS = 10  # for the lengths of its name and value, at most
# A dead letter gets headers of ours; nobody else may use names that begin like this.
_OURS = "dl-"
CUT = "dl-cut"
# On a record that was sent again, and on the note of it: where its dead letter stands.
REDRIVEN = "dl-redriven"


def pack(content: Event | DeadLetter) -> Packed:
    """Return *content* as a record; a dead letter keeps the key, value and headers it came with."""
    if isinstance(content, DeadLetter):
        raw = _cut(content.raw)
        added = tuple((name, text.encode()) for name, text in content.headers)
        added += ((CUT, b"the record was longer"),) if raw != content.raw else ()
        return Packed(raw.key, raw.value, (*raw.headers, *added), None)
    subject = content.subject.encode()
    headers = (
        ("ce_id", content.id.encode()),
        ("ce_source", content.source.encode()),
        ("ce_type", content.type.encode()),
        ("ce_time", content.time.encode()),
        ("ce_subject", subject),
        _SPECVERSION,
        *((f"ce_{name}", text.encode()) for name, text in content.extensions),
        _CONTENT_TYPE,
    )
    return Packed(subject, content.data, headers, content.timestamp)


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
    """Write headers for a column of the store; any bytes survive."""
    texts = [[n, value.decode("latin-1") if value is not None else None] for n, value in headers]
    return to_json(texts).decode()


def headers_from_text(text: str) -> tuple[tuple[str, bytes | None], ...]:
    """Read what headers_to_text wrote."""
    pairs = from_json(text)
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
    attributes, kind, name = {}, "", ""
    try:
        for name, value in packed.headers:
            if value is None:
                continue
            if name in _ATTRIBUTES:
                attributes[_ATTRIBUTES[name]] = value.decode()
            elif name.lower() == "content-type":
                kind = value.decode()
        name = "key"
        key = packed.key.decode() if packed.key is not None else None
    except UnicodeDecodeError as error:
        raise Malformed(f"{name}: no UTF-8") from error
    if packed.value is None:
        raise Malformed("no value")
    event = _in_its_mode(attributes, packed.value, kind=kind.partition(";")[0].strip().lower())
    if key != event.subject:
        raise Malformed("the key is not the subject")
    return event


def _in_its_mode(attributes: dict[str, str], value: bytes, *, kind: str) -> Event:
    """Return the event of a record: the content type decides on the mode, as CloudEvents has it."""
    if kind == _JSON:
        return Event.from_line(value)
    if kind.startswith(_STRUCTURED):
        raise Malformed(
            f"content-type: of structured modes only {_JSON} is read, an event a record"
        )
    if not attributes:
        raise Malformed(f"no CloudEvent: neither ce_ headers nor the content-type {_JSON}")
    return Event.of(attributes, value)
