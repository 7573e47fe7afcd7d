"""Every event of the examples as a record, read by the CloudEvents SDKs, and back."""

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

from schemas.envelope import Event
from services.runtime.stream.record import Packed
from services.runtime.stream.wire import pack, unpack
from tests.outside.tools import Finding, run


def events(topics: Path) -> Iterator[Event]:
    """Return every event that the examples say; dead letters are no CloudEvents."""
    for path in sorted(topics.glob("*.jsonl")):
        if "dead-letters" not in path.name:
            yield from map(Event.from_line, path.read_bytes().splitlines())


def by_python(topics: Path) -> str:
    """Read each record with the SDK for Python, and what it writes of it in both modes."""
    from cloudevents.core.bindings import kafka

    count = 0
    for event in events(topics):
        packed = pack(event)
        headers = {name: value or b"" for name, value in packed.headers}
        read = kafka.from_kafka_event(kafka.KafkaMessage(headers, packed.key, packed.value))
        for write in (kafka.to_binary_event, kafka.to_structured_event):
            said = write(read)
            _compare(event, said.headers, said.value)
        count += 1
    return f"{count} events"


def by_javascript(topics: Path, folder: Path) -> str:
    """Do the same with the SDK for JavaScript; all in one process."""
    said = list(events(topics))
    lines = [
        json.dumps(
            {
                "headers": {name: (value or b"").decode() for name, value in pack(each).headers},
                "value": each.data.decode(),
            }
        )
        for each in said
    ]
    records = folder / "records.jsonl"
    records.write_text("\n".join(lines), encoding="utf-8")
    written = json.loads(run("node", "cloudevents.mjs", records, cwd=folder))
    for event, modes in zip(said, written, strict=True):
        for mode in modes:
            value = mode["value"] if isinstance(mode["value"], str) else json.dumps(mode["value"])
            headers = {name: text.encode() for name, text in mode["headers"].items() if text}
            _compare(event, headers, value.encode())
    return f"{len(said)} events"


def _compare(event: Event, headers: dict[str, bytes], value: bytes) -> None:
    """Refuse what is not *event* to our reader; an instant may be written in another zone."""
    packed = Packed(event.subject.encode(), value, tuple(headers.items()), None)
    read = unpack("a topic", 0, 0, packed).content
    if not isinstance(read, Event) or _meaning(read) != _meaning(event):
        raise Finding(f"{event} came back as {read}")


def _meaning(event: Event) -> tuple[object, ...]:
    # JavaScript counts milliseconds.
    instant = int(event.instant.timestamp() * 1000)
    plain = dataclasses.replace(event, time="", data=b"", extensions=())
    return plain, instant, json.loads(event.data), sorted(event.extensions)
