"""A batch of letters in a folder: whole with its manifest, or not there."""

import json
import os
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from services.notifications.channels.letter.pages import look
from services.notifications.channels.letter.profiles import Profile
from services.notifications.channels.outcome import Outcome, Refused, Sent

MANIFEST = "manifest.json"
_BATCH_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


class BatchConflict(Exception):
    """Under this id other letters were handed over."""


class BatchUnwritten(OSError):
    """The folder took no batch: nobody can have seen it, and it may be written again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A finished PDF; ``address`` is what stands in its window, ``country`` where it is sent."""

    delivery_id: str
    document: str
    pdf: bytes
    address: tuple[str, ...]
    country: str
    registered: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """The files of a batch by name, its manifest among them, and each letter's outcome."""

    batch_id: str
    files: dict[str, bytes]
    outcomes: dict[str, Outcome]


def gather(batch_id: str, letters: Iterable[Letter], *, profile: Profile) -> Batch:
    """Return the batch of *letters* in their order; one that would go astray is left out.

    The same letters make the same bytes. The manifest names no person. Raises ValueError for an
    id that is no plain name, or two letters of one delivery.
    """
    if not _BATCH_ID.fullmatch(batch_id):
        raise ValueError("a batch is named by letters, digits, - and _")
    files: dict[str, bytes] = {}
    outcomes: dict[str, Outcome] = {}
    entries: list[dict[str, Any]] = []
    for letter in letters:
        if letter.delivery_id in outcomes:
            raise ValueError("a delivery is one letter")
        seen = look(
            letter.pdf, address=letter.address, profile=profile, registered=letter.registered
        )
        if seen.faults:
            outcomes[letter.delivery_id] = Refused("letter_not_printable", ",".join(seen.faults))
            continue
        name = profile.named(len(files) + 1, letter.document)
        if name in files:
            raise ValueError("two letters of a batch have two names")
        files[name] = letter.pdf
        entries.append(_entry(letter, name=name, pages=seen.pages, profile=profile))
        outcomes[letter.delivery_id] = Sent(name)
    if files:
        files[MANIFEST] = _manifest(batch_id, entries, profile=profile)
    return Batch(batch_id, files, outcomes)


def hand_over(batch: Batch, *, folder: Path) -> bool:
    """Write *batch* into *folder* under its id; return whether it was not there yet.

    Whoever fetches it sees it whole or not at all, also when the machine loses its power amid. A
    batch without a letter is none. Raises BatchConflict where another one has its id, and
    BatchUnwritten where the folder takes none.
    """
    if not batch.files:
        return False
    place, part = folder / batch.batch_id, folder / f".{batch.batch_id}.part"
    if is_there(batch, folder=folder):
        return False
    # What a crash left half is written anew.
    shutil.rmtree(part, ignore_errors=True)
    try:
        part.mkdir()
        for name, content in batch.files.items():
            _write(part / name, content)
        _settle(part)
        part.rename(place)
    except OSError as error:
        raise BatchUnwritten(*error.args) from error
    _settle(folder)
    return True


def is_there(batch: Batch, *, folder: Path) -> bool:
    """Say whether *batch* has been handed over and not been fetched yet; raise BatchConflict."""
    place = folder / batch.batch_id
    if not place.exists():
        return False
    if (place / MANIFEST).read_bytes() != batch.files[MANIFEST]:
        raise BatchConflict(batch.batch_id)
    return True


def _entry(letter: Letter, *, name: str, pages: int, profile: Profile) -> dict[str, Any]:
    return {
        "file": name,
        "delivery_id": letter.delivery_id,
        "sha256": sha256(letter.pdf).hexdigest(),
        "pages": pages,
        "sheets": profile.sheets(pages),
        "country": letter.country,
        "registered": letter.registered,
    }


def _manifest(batch_id: str, entries: list[dict[str, Any]], *, profile: Profile) -> bytes:
    said = {
        "batch_id": batch_id,
        "profile": profile.name,
        "duplex": profile.duplex,
        "colour": profile.colour,
        "count": len(entries),
        "letters": entries,
    }
    return (json.dumps(said, indent=1, ensure_ascii=True) + "\n").encode()


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _settle(folder: Path) -> None:
    """Make what stands in *folder* last: names are written by themselves."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
