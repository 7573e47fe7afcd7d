"""What came as usage of some contracts, and what was charged and billed of them, from a source."""

import json
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from schemas.charges import UsageCharged, UsageCorrected
from schemas.envelope import Event
from schemas.invoices import CreditNoteIssued, InvoiceIssued
from schemas.message import ContractMessage, Refused
from schemas.topics import CHARGES, INVOICES, USAGE
from services.runtime.ops.dead_letters import DeadLettered
from services.runtime.ops.source import RecordSource
from services.runtime.stream import codec
from services.usage.app import worker
from services.usage.billed import Stated

_STATED = {UsageCharged, UsageCorrected, InvoiceIssued, CreditNoteIssued}
_TYPES = {each.__name__ for each in _STATED}

# What names an event, with what it says apart from its time: equal ones are one fact (U-01).
Said = tuple[str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class CameIn:
    """A record of usage, and why it was dead-lettered: code and detail."""

    event: Event
    refused: tuple[str, str] | None = None


@dataclass(slots=True)
class UsageHeard:
    """What stands on the topics, by contract, in their order."""

    came_in: dict[Said, list[CameIn]] = field(default_factory=lambda: defaultdict(list))
    stated: dict[str, list[Stated]] = field(default_factory=lambda: defaultdict(list))
    # When each backfill was closed, by contract and backfill_id.
    closed: dict[tuple[str, str], Event] = field(default_factory=dict)


async def hear(
    source: RecordSource, contracts: Collection[str], *, partitions: Collection[int]
) -> UsageHeard:
    """Read what stands of *contracts*; raise OSError where a file cannot be read."""
    heard, refusals = UsageHeard(), dict[bytes, DeadLettered]()
    for partition in partitions:
        refusals |= await source.dead_letters([worker.name], partition=partition)
    async for record in source.each([USAGE.name, CHARGES.name, INVOICES.name]):
        event = record.content
        if not isinstance(event, Event) or event.subject not in contracts:
            continue
        if record.topic == USAGE.name:
            letter = refusals.get(source.named(record))
            why = (letter.reason, letter.detail) if letter else None
            heard.came_in[said(event)].append(CameIn(event, why))
            if event.type == "UsageBackfillClosed" and why is None and (name := backfill_of(event)):
                heard.closed.setdefault((event.subject, name), event)
        elif event.type in _TYPES:
            message = _message(event, record.topic)
            if message is not None:
                heard.stated[event.subject].append(Stated(event.instant, message))
    return heard


def said(event: Event) -> Said:
    """Return what *event* is called and what it says: a line of a file as on its topic."""
    return event.source, event.id, event.type, event.subject, _canonical(event.data)


def _canonical(data: bytes) -> str:
    try:
        return json.dumps(json.loads(data), sort_keys=True)
    except (ValueError, RecursionError):
        return data.decode(errors="backslashreplace")


def backfill_of(event: Event) -> str | None:
    """Return the backfill_id that *event* names; None where it names none, or cannot be read."""
    try:
        name = json.loads(event.data).get("backfill_id")
    except (ValueError, RecursionError, AttributeError):
        return None
    return name if isinstance(name, str) else None


def _message(event: Event, topic: str) -> ContractMessage | None:
    """Return a message; None where a document from outside was dead-lettered as unreadable."""
    try:
        message = codec.decode(event, topic)
    except Refused:
        return None
    return message if isinstance(message, ContractMessage) else None
