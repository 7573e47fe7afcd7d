"""The hand-overs in a folder: numbered, each with a list of its files and of what was sent."""

import csv
import hashlib
import json
import os
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from schemas.values import LegalEntityId, Money
from services.bookkeeping.closing import HandOver, Sent
from services.cli.plumbing.failure import fail

_LIST = "hand-over.json"
_SENT = "sent.csv"
_WHOLE = "a hand-over is never changed: bring back the folder as it was written"


def read(folder: Path) -> list[HandOver]:
    """Return the hand-overs of *folder* in order; none where there is no such folder yet."""
    numbered = sorted(folder.glob("[0-9][0-9][0-9][0-9]")) if folder.is_dir() else []
    found = [_read(each) for each in numbered]
    for number, each in enumerate(found, start=1):
        if each.number != number:
            fail(f"hand-over {number} is missing", where=folder, do=_WHOLE)
    return found


def write(folder: Path, made: HandOver, files: Iterable[tuple[str, bytes]]) -> Path:
    """Write *made* with its *files* into a folder of its number, all of it or nothing."""
    into = folder / f"{made.number:04}"
    begun = folder / f"{into.name}.part"
    listed = {name: hashlib.sha256(content).hexdigest() for name, content in files}
    said = {
        "number": made.number,
        "until": made.until.isoformat(),
        "legal_entity_id": made.legal_entity_id,
        "files": listed,
    }
    try:
        begun.mkdir(parents=True, exist_ok=True)
        for left in begun.iterdir():
            left.unlink()
        for name, content in files:
            (begun / name).write_bytes(content)
        (begun / _LIST).write_text(f"{json.dumps(said, indent=2)}\n", encoding="utf-8")
        os.replace(begun, into)
    except OSError as error:
        what = f"the hand-over cannot be written: {(error.strerror or 'unknown').lower()}"
        fail(what, where=error.filename, do="choose a folder that you may write with --out")
    return into


def _read(folder: Path) -> HandOver:
    try:
        said: dict[str, Any] = json.loads((folder / _LIST).read_text(encoding="utf-8"))
        content = (folder / _SENT).read_bytes()
        if hashlib.sha256(content).hexdigest() != said["files"][_SENT]:
            fail("what was sent is not what was listed", where=folder / _SENT, do=_WHOLE)
        entity = said["legal_entity_id"]
        return HandOver(
            number=said["number"],
            until=date.fromisoformat(said["until"]),
            legal_entity_id=LegalEntityId(entity) if entity is not None else None,
            sent=tuple(map(_sent, csv.DictReader(content.decode().splitlines()))),
        )
    except (OSError, ValueError, KeyError) as error:
        fail(f"the hand-over cannot be read: {error}", where=folder, do=_WHOLE)


def _sent(row: dict[str, str]) -> Sent:
    return Sent(
        contract_id=row["contract_id"],
        number=int(row["entry"]),
        entry_id=row["entry_id"],
        booked_on=date.fromisoformat(row["booked_on"]),
        posted_on=date.fromisoformat(row["posted_on"]),
        amount=Money(amount=row["amount"], currency=row["currency"]).minor,
        currency=row["currency"],
    )
