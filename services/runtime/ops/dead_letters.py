"""Dead letters as they stand: what was dead-lettered and why, and what of it was sent again.

A record that is sent again carries the header ``dl-redriven`` with the place of its dead letter,
and in the same transaction a note with that header goes to the topic ``redrives``. The note is
what keeps a second redrive from doing anything: to look for the record itself one would have to
read all that came to its topic since. A dead-letter topic takes no notes: its service alone
writes it.
"""

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from schemas.envelope import DeadLetter, Event, Malformed, Raw
from schemas.topics import CATALOGUE, REDRIVES, dead_letters_of
from services.runtime.kafka.agreement import Agreement
from services.runtime.kafka.disagreement import Disagreement, refuse
from services.runtime.kafka.producer import Outgoing, RecordPlace, sending
from services.runtime.kafka.reader import reading
from services.runtime.settings import Settings
from services.runtime.store.database import Database
from services.runtime.store.store import Store
from services.runtime.stream.record import Packed, Record
from services.runtime.stream.wire import CUT, REDRIVEN, letter_of, unpack

_ENDING = ".dead-letters"
# Lines that belong to no topic have a dead-letter file, and no place in a topic.
_NOWHERE = "input"
_MOST = 500
# Whose records are on the partition of their contract.
_OF_CONTRACTS = frozenset(topic.name for topic in CATALOGUE if topic.key == "contract_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLettered:
    """A record that *service* dead-lettered: from which place, and where its dead letter stands."""

    service: str
    of: RecordPlace
    letter: str
    reason: str
    detail: str
    raw: Raw
    # None where no log says when.
    dead_lettered_at: datetime | None = None
    # The dead letter of which this record is the redrive.
    redrive_of: str | None = None
    redriven: bool = False
    # The dead letter holds only the beginning of a record that was too long.
    is_cut: bool = False

    @property
    def place(self) -> str:
        """Return topic/partition/offset of the record."""
        return _text(self.of)

    @property
    def contract(self) -> str:
        """Return what it says it is about, else its key; nothing where it has neither."""
        key = self.raw.key.decode(errors="replace") if self.raw.key is not None else ""
        return self._attribute("subject") or key

    @property
    def time(self) -> str:
        """Return when it was said in its own words; nothing where it does not say."""
        return self._attribute("time")

    def _attribute(self, name: str) -> str:
        for header, value in self.raw.headers:
            if header == f"ce_{name}" and value is not None:
                return value.decode(errors="replace")
        try:
            return str(getattr(Event.from_line(self.raw.value or b""), name))
        except Malformed:
            return ""


def left_in(folder: Path) -> list[DeadLettered]:
    """Return what the services of an embedded run dead-lettered; raise OSError."""
    found = []
    for path in sorted(folder.glob(f"*{_ENDING}.jsonl")):
        service = path.name.removesuffix(f"{_ENDING}.jsonl")
        for number, line in enumerate(path.read_bytes().splitlines()):
            found.append(_from_line(service, number, json.loads(line)))
    return sorted(found, key=lambda each: each.of)


async def on_kafka(settings: Settings, services: Iterable[str]) -> list[DeadLettered]:
    """Return what *services* dead-lettered so far, in order of the places it came from."""
    topics = [dead_letters_of(service).name for service in services]
    async with reading(settings, [*topics, REDRIVES.name]) as reader:
        records = await reader.rest()
    done = {_redriven(each) for each in records if each.topic == REDRIVES.name}
    found = [dead_lettered_of(each) for each in records if each.topic != REDRIVES.name]
    known = (replace(each, redriven=each.letter in done) for each in found)
    return sorted(known, key=lambda each: each.of)


def dead_lettered_of(record: Record) -> DeadLettered:
    """Return what the dead letter *record* holds; whether it was redriven, others know."""
    letter = letter_of(_raw(record))
    headers = _headers(letter)
    return DeadLettered(
        service=record.topic.removesuffix(_ENDING),
        of=_place(headers, record.offset),
        letter=record.place,
        reason=headers.get("dl-reason", ""),
        detail=headers.get("dl-detail", ""),
        raw=letter.raw,
        dead_lettered_at=datetime.fromtimestamp(record.timestamp // 1000, UTC),
        redrive_of=headers.get(REDRIVEN),
        is_cut=CUT in headers,
    )


async def redrive(
    settings: Settings,
    services: Iterable[str],
    choose: Callable[[Sequence[DeadLettered]], Sequence[DeadLettered]],
) -> list[DeadLettered]:
    """Send what *choose* takes of all that was dead-lettered again; return what was sent.

    What several of *services* dead-lettered is sent once, for them all, whichever was chosen:
    all of them read it again. What was redriven before is not sent at all. Another redrive that
    runs is fenced: it raises ProducerFenced, and sends nothing any more. A record goes to the
    partition on which its contract is kept, by the store; else to where it came from.
    """
    await Agreement(settings, [REDRIVES], others=CATALOGUE).reach()
    async with sending(settings, writer="redrive") as sender:
        # Only now: what is read from here on nobody else can change.
        dead_lettered = await on_kafka(settings, services)
        chosen = [each for each in choose(dead_lettered) if not each.redriven]
        assert not any(each.is_cut for each in chosen), "half a record must not be sent"
        places: dict[RecordPlace, list[DeadLettered]] = {each.of: [] for each in chosen}
        for each in dead_lettered:
            if each.of in places and not each.redriven:
                places[each.of].append(each)
        groups = list(places.values())
        homes = await homes_of(settings, {each.contract for each in chosen})
        refuse(faults_of_homes(chosen, homes))
        for start in range(0, len(groups), _MOST):
            some = groups[start : start + _MOST]
            await sender.send([said for group in some for said in _again(group, homes)])
    return chosen


async def homes_of(settings: Settings, contracts: Iterable[str]) -> dict[str, int]:
    """Return where *contracts* are kept, by the store of any service that can be read here."""
    wanted = sorted(contracts)
    for service in settings.services:
        if settings.database is None and not settings.store_file(service).is_file():
            continue
        store = Store(Database(settings.database_url(service), service))
        try:
            if homes := await store.homes(wanted):
                return homes
        except (SQLAlchemyError, OSError):
            continue
        finally:
            await store.close()
    return {}


def faults_of_homes(
    chosen: Iterable[DeadLettered], homes: Mapping[str, int]
) -> Iterator[Disagreement]:
    """Yield what would go to where it is refused again, for nobody here knows better."""
    for each in chosen:
        if each.reason == "elsewhere" and each.contract not in homes:
            do = "say where the stores are: DUESTREAM_DATABASE, or DUESTREAM_STATE_DIR"
            what = f"no store here knows where the contract is ({each.detail})"
            yield Disagreement(what, where=each.place, do=do)


def _again(group: Sequence[DeadLettered], homes: Mapping[str, int]) -> list[Outgoing]:
    """Return the record of one place to be sent again, and a note for each of its dead letters."""
    first, raw = group[0], group[0].raw
    topic, partition, offset = first.of
    if topic in _OF_CONTRACTS:
        partition = homes.get(first.contract, partition)
    headers = (*raw.headers, _mark(first))
    # It keeps the time it was said at, where it says one: that orders it among other topics.
    as_read = unpack(topic, partition, offset, Packed(raw.key, raw.value, headers, None)).content
    timestamp = as_read.timestamp if isinstance(as_read, Event) else None
    notes = [Packed(each.raw.key, b"", (_mark(each),), None) for each in group]
    return [
        Outgoing(topic, partition, Packed(raw.key, raw.value, headers, timestamp)),
        *(Outgoing(REDRIVES.name, 0, note) for note in notes),
    ]


def _mark(each: DeadLettered) -> tuple[str, bytes]:
    return REDRIVEN, each.letter.encode()


def _redriven(note: Record) -> str | None:
    return _headers(letter_of(_raw(note))).get(REDRIVEN)


def _from_line(service: str, number: int, line: Mapping[str, Any]) -> DeadLettered:
    own = line.get("record_headers", {})
    return DeadLettered(
        service=service,
        of=_place(line["headers"], number),
        letter=f"{service}{_ENDING}/0/{number}",
        reason=line["headers"].get("dl-reason", ""),
        detail=line["headers"].get("dl-detail", ""),
        raw=Raw(
            _bytes(line["key"]),
            _bytes(line["raw"]),
            tuple((name, _bytes(value)) for name, value in own.items()),
        ),
    )


def _place(headers: Mapping[str, str], number: int) -> RecordPlace:
    """Return where the record stood; what stood on no topic goes by its number in the file."""
    partition, offset = headers.get("dl-partition", "0"), headers.get("dl-offset", str(number))
    return headers.get("dl-topic", _NOWHERE), int(partition), int(offset)


def _headers(letter: DeadLetter) -> dict[str, str]:
    """Return our headers; of several of a name the last is ours, for a producer may lie."""
    return dict(letter.headers)


def _raw(record: Record) -> Raw:
    assert record.raw is not None, "what is read from Kafka has its raw record"
    return record.raw


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)


def _text(place: RecordPlace) -> str:
    return "/".join(map(str, place))
