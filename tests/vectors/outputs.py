"""What a run left behind: the messages and the dead letters of each case."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.vectors.shorthand import Case, Data

TOPICS = ("receivables", "reminders", "escalations", "decisions")
OURS = "/duestream/"


@dataclass(frozen=True)
class Said:
    """One output message."""

    topic: str
    kind: str
    instant: datetime
    day: date
    sequence: int
    data: Data

    def __str__(self) -> str:
        return f"{self.day} {self.kind} {json.dumps(short(self.data))}"


@dataclass(frozen=True)
class Output:
    """The folder that a run left, and the exit code it ended with."""

    folder: Path
    exit_code: int
    screen: str
    cases: int

    def lines(self, name: str) -> Iterator[Data]:
        """The records of one topic, none where the topic has no file."""
        path = self.folder / f"{name}.jsonl"
        if path.exists():
            for line in path.read_text().splitlines():
                yield json.loads(line)

    def said(self, case: Case, contract: str) -> list[Said]:
        """All that was said about a contract up to the case's last day, in each service's order."""
        zone = case.zone_of(contract)
        found = [
            _said(topic, line, zone)
            for topic in (*TOPICS, "deliveries", "invoices")
            for line in self.lines(topic)
            if line.get("subject") == f"{case.name}.{contract}"
            # Invoices may be said by the outside, too.
            if topic != "invoices" or line["source"].startswith(OURS)
        ]
        return sorted((s for s in found if s.day <= case.until), key=lambda s: s.sequence)

    def dead_letters(self, case: Case) -> list[Data]:
        """What was dead-lettered of this case, each as service, reason and type."""
        found = []
        for path in sorted(self.folder.glob("*.dead-letters.jsonl")):
            service = path.name.removesuffix(".dead-letters.jsonl")
            for line in self.lines(path.name.removesuffix(".jsonl")):
                raw = base64.b64decode(line["raw"]).decode("utf-8", "replace")
                mine = any(f'"{case.name}{end}' in raw for end in ".-")
                if service in case.watched and (mine or self.cases == 1):
                    reason = line["headers"]["dl-reason"]
                    found.append({"service": service, "reason": reason, "type": _type(raw)})
        return found


def _said(topic: str, line: Data, zone: ZoneInfo) -> Said:
    instant = datetime.fromisoformat(line["time"])
    day = instant.astimezone(zone).date()
    return Said(topic, line["type"], instant, day, int(line["sequence"]), line["data"])


def _type(raw: str) -> str | None:
    try:
        record = json.loads(raw)
    except ValueError:
        return None
    return record.get("type") if isinstance(record, dict) else None


def short(value: Any) -> Any:
    """A message's data as a reader wants it: money in one word, without the contract's id."""
    if isinstance(value, dict) and set(value) == {"amount", "currency"}:
        return f"{value['amount']} {value['currency']}"
    if isinstance(value, dict):
        return {key: short(inner) for key, inner in value.items() if key != "contract_id"}
    return [short(inner) for inner in value] if isinstance(value, list) else value
