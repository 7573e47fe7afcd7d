"""The story of one contract, put together from all that was said on its topics."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from schemas.contracts import ContractRegistered
from schemas.envelope import Event
from schemas.message import ContractMessage, Message
from schemas.outcomes import ActUnknown
from schemas.terms import LegalEntityPublished
from schemas.topics import CATALOGUE, DOCUMENTS, NOTIFICATIONS_OUTCOMES, TERMS, Topic


@dataclass(frozen=True, slots=True)
class Page:
    """An event of a topic, and why services dead-lettered it: code and detail."""

    event: Event
    refused: str | None = None


class StorySource(Protocol):
    """Where the topics are read from."""

    # What to call it where something is missing there, and how to begin where all is.
    name: str
    begin: str

    def contracts(self) -> Sequence[str]:
        """Return the contracts of which something was said, as far as it looked."""

    def pages(self, topic: Topic) -> Iterable[Page]:
        """Return what stands on *topic*, at least of the contract that is told of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryEntry:
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
    told: tuple[StoryEntry, ...]

    def days(self) -> Iterator[tuple[date, list[StoryEntry]]]:
        """Yield each local day on which something was said."""
        days: dict[date, list[StoryEntry]] = {}
        for each in self.told:
            days.setdefault(each.at.astimezone(self.zone).date(), []).append(each)
        yield from sorted(days.items())


# How a document came to leave; that it left, or did not, deliveries tell.
_UNTOLD = frozenset(
    {
        each.__name__
        for topic in (DOCUMENTS, NOTIFICATIONS_OUTCOMES)
        for each in topic.messages
        if each is not ActUnknown
    }
)
# Deeper than any answer to an answer.
_AFTER_ALL = 1000


class Topics:
    """The topics of a source, parsed as far as the catalogue knows them."""

    def __init__(self, source: StorySource) -> None:
        self._source = source

    def story(self, contract_id: str) -> Story:
        """Return what was said about *contract_id*, in the order in which it counted."""
        told = [
            _told(page, topic)
            for topic in CATALOGUE
            for page in self._source.pages(topic)
            if page.event.subject == contract_id
            and topic is not TERMS
            and page.event.type not in _UNTOLD
        ]
        heard = [each for each in told if each.number is None]
        heard = _once(sorted(heard, key=lambda each: each.at))
        ours = _in_their_order(each for each in told if each.number is not None)
        return Story(contract_id, self._zone(told), tuple(_merged(heard, ours)))

    def _zone(self, told: Iterable[StoryEntry]) -> ZoneInfo:
        messages = [each.message for each in told]
        entity = next(
            (m.legal_entity_id for m in messages if isinstance(m, ContractRegistered)), None
        )
        for page in self._source.pages(TERMS):
            terms = _message(page.event, TERMS)
            if isinstance(terms, LegalEntityPublished) and terms.legal_entity_id == entity:
                return ZoneInfo(terms.time_zone)
        return ZoneInfo("UTC")


def _told(page: Page, topic: Topic) -> StoryEntry:
    message = _message(page.event, topic)
    return StoryEntry(
        event=page.event,
        message=message if isinstance(message, ContractMessage) else None,
        refused=page.refused,
        at=page.event.instant,
    )


def _message(event: Event, topic: Topic) -> Message | None:
    shape = topic.message(event.type)
    try:
        return shape.model_validate_json(event.data) if shape else None
    except ValidationError:
        return None


def _once(heard: list[StoryEntry]) -> list[StoryEntry]:
    """Drop what was said again: the same event, or the same business fact in the same words."""
    seen: dict[tuple[str, ...], StoryEntry] = {}
    for each in heard:
        key = each.message.business_key() if each.message else ()
        name = key or (each.event.source, each.event.id)
        seen.setdefault((each.event.type, *name, each.refused or ""), each)
    return list(seen.values())


def _in_their_order(ours: Iterable[StoryEntry]) -> list[StoryEntry]:
    """Order what services said by time, each service's by its sequence, causes before effects.

    At equal times what a service answers to another follows on all that this said at once.
    """
    queues = _queues(ours)
    unsaid = {_name(each) for queue in queues.values() for each in queue}
    depths: dict[str, int] = {}
    ordered: list[StoryEntry] = []
    while any(queues.values()):
        heads = [(each[0], each) for each in queues.values() if each]
        free = [each for each in heads if _cause(each[0]) not in unsaid]
        ranked = [(each.at, _depth(each, depths), n) for n, (each, _) in enumerate(free)]
        head, queue = free[min(ranked)[-1]] if free else heads[0]
        ordered.append(queue.popleft())
        depths[_name(head)] = _depth(head, depths) + 1
        unsaid.discard(_name(head))
    return ordered


def _depth(told: StoryEntry, depths: Mapping[str, int]) -> int:
    """Return how many answers lead to it; what a service heard of its own act comes last."""
    cause = _cause(told)
    is_of_an_act = cause.startswith(f"{told.event.source} ")
    return depths.get(cause, _AFTER_ALL if is_of_an_act else -1)


def _queues(ours: Iterable[StoryEntry]) -> dict[str, deque[StoryEntry]]:
    """Return what each service said, by its sequence.

    The effects of a fact that waited carry the time of that fact; they count when they were said.
    """
    told = list(ours)
    queues: dict[str, deque[StoryEntry]] = {each.event.source: deque() for each in told}
    for each in sorted(told, key=lambda each: each.number or 0):
        queue = queues[each.event.source]
        latest = queue[-1].at if queue else each.at
        queue.append(replace(each, at=max(each.at, latest)))
    return queues


def _merged(heard: list[StoryEntry], ours: list[StoryEntry]) -> Iterator[StoryEntry]:
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


def _is_cause(heard: StoryEntry, effect: StoryEntry) -> bool:
    """Say whether *effect* directly follows *heard*; what waited was told before."""
    return heard.at <= effect.at and _name(heard) == _cause(effect)


def _name(told: StoryEntry) -> str:
    return f"{told.event.source} {told.event.id}"


def _cause(told: StoryEntry) -> str:
    """Return the name of what caused it; nothing where nobody said that."""
    return dict(told.event.extensions).get("causationid", "")
