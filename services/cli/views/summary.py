"""What a run did, for the last screen and as JSON."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from schemas.envelope import DeadLetter, Event, Raw
from schemas.topics import CATALOGUE
from services.cli.views import base_rates, cautions
from services.cli.views.lines import InputLines
from services.runtime.embedded.embedded import Summary

Log = Mapping[str, Sequence[Event | DeadLetter]]

# What is worth opening first after a run, for somebody who sees the product for the first time.
WORTH_A_LOOK = {
    "invoices": "invoices and credit notes",
    "reminders": "every letter, its content frozen",
    "escalations": "what other systems are told",
    "receivables": "the ledger, with balances",
    "decisions": "why each step fired, or did not",
    "documents": "what documents are made of",
    "deliveries": "what left, and what did not",
}

# More lines than this belong into a file: --json has them all.
SHOWN_AT_MOST = 20


@dataclass(frozen=True, slots=True)
class DeadLetterLine:
    """A dead letter, and the line of the input it came from."""

    by: str
    reason: str
    detail: str
    where: str


@dataclass(frozen=True, slots=True)
class StillWaits:
    """A record whose missing fact had not come when the run ended."""

    contract_id: str
    type: str
    where: str
    until: date | None


@dataclass(frozen=True, slots=True)
class RunReport:
    """All that is told about a run."""

    out: Path
    until: date
    read: int
    after_the_end: int
    duplicates: int
    topics: Mapping[str, int]
    dead_letters: Sequence[DeadLetterLine]
    waiting: Sequence[StillWaits]
    ask_about: str | None
    cautions: Sequence[str] = ()


def report(told: Summary, log: Log, lines: InputLines, *, out: Path, until: date) -> RunReport:
    """Put together what *told* and the *log* say; places come from the input *lines*."""
    places = lines.places()
    rank = {topic.name: number for number, topic in enumerate(CATALOGUE)}
    names = sorted(log, key=lambda name: (rank.get(name, len(rank)), name))
    return RunReport(
        out=out,
        until=until,
        read=told.read,
        after_the_end=told.after_the_end,
        duplicates=told.counts["duplicates"],
        topics={name: len(log[name]) for name in names if log[name]},
        dead_letters=_dead_letters(log, places),
        waiting=[
            StillWaits(each.record.event.subject, each.record.event.type, where, each.until)
            for each in told.waiting
            for where in _places(places, each.record.raw)[:1]
        ],
        ask_about=_talk_of_the_day(log),
        cautions=[
            *(each for event in log.get("days", ()) for each in cautions.of(event)),
            *base_rates.lacking(log, until=until),
        ],
    )


def as_json(told: RunReport) -> dict[str, Any]:
    """Return *told* as plain values."""
    reasons = Counter(each.reason for each in told.dead_letters)
    return {
        "out": str(told.out),
        "until": told.until.isoformat(),
        "read": told.read,
        "after_the_end": told.after_the_end,
        "duplicates": told.duplicates,
        "topics": dict(told.topics),
        "dead_letters": {
            "total": len(told.dead_letters),
            "by_reason": dict(sorted(reasons.items())),
            "list": [asdict(each) for each in told.dead_letters],
        },
        "waiting": [
            asdict(each) | {"until": each.until.isoformat() if each.until else None}
            for each in told.waiting
        ],
        "cautions": list(told.cautions),
    }


def show(told: RunReport, console: Console) -> None:
    """Print *told* for a person: what came out, what went wrong, where to look."""
    console.print(_topics(told))
    console.print(_counts(told))
    for hint in _hints(told):
        console.print(Text.assemble(("note  ", "yellow"), hint))
    if told.dead_letters:
        console.print(_by_reason(told.dead_letters))
        console.print()
        console.print(_aside(told.dead_letters))
    if told.waiting:
        console.print()
        console.print(_waiting(told.waiting))
    console.print()
    _show_where_to_look(told, console)


def _dead_letters(log: Log, places: Mapping[bytes, Sequence[str]]) -> list[DeadLetterLine]:
    found = []
    for topic in sorted(name for name in log if name.endswith(".dead-letters")):
        seen: dict[bytes | None, int] = defaultdict(int)
        for letter in log[topic]:
            assert isinstance(letter, DeadLetter), "a dead-letter topic holds nothing else"
            headers = dict(letter.headers)
            where = _places(places, letter.raw)
            # Equal lines are dead-lettered one by one, in the order in which they were read.
            place = where[min(seen[letter.raw.value], len(where) - 1)]
            seen[letter.raw.value] += 1
            by = topic.removesuffix(".dead-letters")
            found.append(
                DeadLetterLine(by, headers["dl-reason"], headers.get("dl-detail", ""), place)
            )
    return found


def _places(places: Mapping[bytes, Sequence[str]], raw: Raw | None) -> Sequence[str]:
    """Return where the line of *raw* stands; what a service said stands in no file."""
    return places.get(raw.value or b"", ["-"]) if raw else ["-"]


def _talk_of_the_day(log: Log) -> str | None:
    """Return the contract about which most was escalated, the first of several."""
    said = Counter(
        event.subject
        for event in log.get("escalations", ())
        if isinstance(event, Event) and "sequence" in dict(event.extensions)
    )
    return min(said, key=lambda each: (-said[each], each), default=None)


def _topics(told: RunReport) -> Table:
    table = Table("topic", "written by", box=None, pad_edge=False, header_style="bold")
    table.add_column("messages", justify="right")
    table.add_column("what to find there")
    writers = {topic.name: topic.writer for topic in CATALOGUE}
    for name, count in told.topics.items():
        service = name.removesuffix(".dead-letters")
        note = WORTH_A_LOOK.get(name, "")
        if name.endswith(".dead-letters"):
            note = "what could not be used"
        table.add_row(name, writers.get(name, service), f"{count:,}", Text(note, style="dim"))
    return table


def _counts(told: RunReport) -> Text:
    parts = [f"\n{told.read:,} events read"]
    if told.after_the_end:
        parts.append(f"{told.after_the_end:,} after the end of {told.until}, not read")
    parts.append(f"{told.duplicates:,} duplicates without effect")
    parts.append(f"{len(told.dead_letters):,} dead letters")
    parts.append(f"{len(told.waiting):,} still waiting")
    return Text(", ".join(parts))


def _by_reason(letters: Sequence[DeadLetterLine]) -> Text:
    reasons = Counter(each.reason for each in letters)
    parts = [f"{count:,} {reason}" for reason, count in sorted(reasons.items())]
    return Text(f"dead letters by reason: {', '.join(parts)}")


def _hints(told: RunReport) -> list[str]:
    hints = []
    if not told.topics.get("days"):
        hints.append("no LegalEntityPublished was read, so no day began and nothing was decided")
    if told.after_the_end and not told.read:
        hints.append(f"every event lies after {told.until}: is --until right?")
    return [*hints, *told.cautions]


def _aside(letters: Sequence[DeadLetterLine]) -> Table:
    table = Table("reason", box=None, pad_edge=False, header_style="bold")
    # A place is to be copied: on a narrow terminal the words beside it break.
    table.add_column("where", no_wrap=True)
    table.add_column("dead-lettered by")
    table.add_column("what")
    for each in sorted(letters, key=lambda each: each.reason)[:SHOWN_AT_MOST]:
        table.add_row(Text(each.reason, style="red"), each.where, each.by, each.detail)
    if len(letters) > SHOWN_AT_MOST:
        table.add_row(f"and {len(letters) - SHOWN_AT_MOST:,} more", "all with --json")
    return table


def _waiting(waiting: Sequence[StillWaits]) -> Table:
    table = Table("waits for a fact", box=None, pad_edge=False, header_style="bold")
    table.add_column("where", no_wrap=True)
    table.add_column("contract")
    table.add_column("given up on")
    for each in waiting:
        table.add_row(each.type, each.where, each.contract_id, str(each.until or "-"))
    return table


def _show_where_to_look(told: RunReport, console: Console) -> None:
    rows = []
    if told.ask_about:
        why = f"duestream explain {told.ask_about} --out {told.out}"
        rows.append((why, "the story of one contract"))
    if told.dead_letters:
        rows.append(("the lines above", "mend them at their source, send them again"))
    rows.append((f"{told.out}/", "every topic as a file, one CloudEvent a line"))
    # In one piece, so that it can be copied: what does not fit is the terminal's to wrap.
    width = max(len(what) for what, _ in rows)
    console.print(Text("where to look next", style="bold"))
    for what, why in rows:
        line = Text.assemble((f"{what:<{width}}  ", "cyan"), (why, "dim"))
        console.print(line, soft_wrap=True)
