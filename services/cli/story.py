"""The story of one contract, read from the topics that a run left in a folder."""

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from schemas.contracts import ContractRegistered
from schemas.envelope import Event, Malformed
from schemas.message import ContractMessage
from schemas.terms import LegalEntityPublished
from schemas.topics import CATALOGUE, CONTRACTS, TERMS, Topic

Refusals = dict[bytes, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Something said about a contract; *message* is None where it could not be read."""

    event: Event
    message: ContractMessage | None
    # Why it became a dead letter: code and detail.
    refused: str | None
    # When it counted: the event's own time, or later where it had to wait.
    at: datetime

    @property
    def number(self) -> int | None:
        """Its place among all that the service said about the contract; None from outside."""
        number = dict(self.event.extensions).get("sequence")
        return int(number) if number else None


@dataclass(frozen=True, slots=True)
class Story:
    """All that was said about a contract, causes before effects, in the zone of its days."""

    contract_id: str
    zone: ZoneInfo
    told: tuple[Told, ...]

    def days(self) -> Iterator[tuple[date, list[Told]]]:
        """Yield each local day on which something was said."""
        days: dict[date, list[Told]] = {}
        for each in self.told:
            days.setdefault(each.at.astimezone(self.zone).date(), []).append(each)
        yield from sorted(days.items())


class Topics:
    """The topics of a folder, parsed as far as the catalogue knows them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def contracts(self) -> list[str]:
        """Return every contract of which something was said; none where there was no run."""
        topics = [topic for topic in CATALOGUE if topic.key == CONTRACTS.key]
        return sorted({event.subject for topic in topics for event in self._events(topic)})

    def story(self, contract_id: str) -> Story:
        """Return what was said about *contract_id*, in the order in which it counted."""
        refusals = self._refusals()
        told = [
            _told(event, topic, refusals)
            for topic in CATALOGUE
            for event in self._events(topic, naming=contract_id)
            if event.subject == contract_id and topic is not TERMS
        ]
        heard = [each for each in told if each.number is None]
        heard = _once(sorted(heard, key=lambda each: each.at))
        ours = _in_their_order(each for each in told if each.number is not None)
        return Story(contract_id, self._zone(told), tuple(_merged(heard, ours)))

    def _zone(self, told: Iterable[Told]) -> ZoneInfo:
        messages = [each.message for each in told]
        entity = next(
            (m.legal_entity_id for m in messages if isinstance(m, ContractRegistered)), None
        )
        for event in self._events(TERMS):
            if event.type == LegalEntityPublished.__name__:
                message = LegalEntityPublished.model_validate_json(event.data)
                if message.legal_entity_id == entity:
                    return ZoneInfo(message.time_zone)
        return ZoneInfo("UTC")

    def _events(self, topic: Topic, *, naming: str = "") -> Iterator[Event]:
        """Yield the events of *topic*; with *naming*, at least those whose subject that is."""
        path = self._folder / f"{topic.name}.jsonl"
        # Most lines are about somebody else, and searching a line is quicker than parsing it.
        name = json.dumps(naming, ensure_ascii=False)[1:-1].encode()
        for line in path.read_bytes().splitlines() if path.is_file() else ():
            if name in line:
                yield Event.from_line(line)

    def _refusals(self) -> Refusals:
        refusals: Refusals = {}
        for path in sorted(self._folder.glob("*.dead-letters.jsonl")):
            for line in path.read_bytes().splitlines():
                letter = json.loads(line)
                why = f"{letter['headers']['dl-reason']}: {letter['headers']['dl-detail']}"
                refusals[_as_in_its_topic(base64.b64decode(letter["raw"]))] = why
        return refusals


def _as_in_its_topic(raw: bytes) -> bytes:
    """Return the line of an event in our order of attributes, as topics have it."""
    try:
        return Event.from_line(raw).to_line()
    except Malformed:
        return raw


def _told(event: Event, topic: Topic, refusals: Refusals) -> Told:
    shape = topic.message(event.type)
    try:
        message = shape.model_validate_json(event.data) if shape else None
    except ValidationError:
        message = None
    return Told(
        event=event,
        message=message if isinstance(message, ContractMessage) else None,
        refused=refusals.get(event.to_line()),
        at=event.instant,
    )


def _once(heard: list[Told]) -> list[Told]:
    """Drop what was said again: the same event, or the same business fact in the same words."""
    seen: dict[tuple[str, ...], Told] = {}
    for each in heard:
        key = each.message.business_key() if each.message else ()
        name = key or (each.event.source, each.event.id)
        seen.setdefault((each.event.type, *name, each.refused or ""), each)
    return list(seen.values())


def _in_their_order(ours: Iterable[Told]) -> list[Told]:
    """Order what services said by time, each service's by its sequence.

    The effects of a fact that waited carry the time of that fact; they count when they were said.
    """
    latest: dict[str, datetime] = {}
    ordered = []
    for each in sorted(ours, key=lambda each: each.number or 0):
        service = each.event.source
        latest[service] = max(each.at, latest.get(service, each.at))
        ordered.append(replace(each, at=latest[service]))
    return sorted(ordered, key=lambda each: each.at)


def _merged(heard: list[Told], ours: list[Told]) -> Iterator[Told]:
    """Merge by time; at equal times what a day brought, then each cause before its effects."""
    waiting = heard
    for effect in ours:
        count = sum(each.at < effect.at for each in waiting)
        causes = [n for n, each in enumerate(waiting, start=1) if _is_cause(each, effect)]
        count = max([count, *causes])
        yield from waiting[:count]
        waiting = waiting[count:]
        yield effect
    yield from waiting


def _is_cause(heard: Told, effect: Told) -> bool:
    """Say whether *effect* directly follows *heard*; what waited was told before."""
    cause = dict(effect.event.extensions).get("causationid")
    return heard.at <= effect.at and f"{heard.event.source} {heard.event.id}" == cause
