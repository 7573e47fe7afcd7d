"""The mailbox that mail comes back to, a Maildir: what is new, and what has been taken."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

# What is longer is cut: the beginning of a mail says what it is.
_LONGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Unread:
    """One mail by its file name, which is unique for ever, and when its file was written."""

    name: str
    raw: bytes
    came_at: datetime


def unread(folder: Path, *, at_most: int = 100) -> Iterator[Unread]:
    """Yield what stands in ``new`` of the Maildir *folder*, in the order of names.

    Nothing is marked by it: what was yielded comes again until ``taken`` says so. So whoever reads
    here says what he read before he takes it, and says it twice rather than never.
    """
    files = (each for each in (folder / "new").iterdir() if not each.is_symlink())
    for path in sorted(each for each in files if each.is_file())[:at_most]:
        with path.open("rb") as mail:
            came_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            yield Unread(path.name, mail.read(_LONGEST), came_at)


def taken(folder: Path, name: str, *, is_read: bool = True) -> None:
    """Move a mail to ``cur``, as seen or not; one that is there already is left as it is."""
    path = folder / "new" / name
    if Path(name).name != name or name.startswith("."):
        raise ValueError("a mail is named by the name of its file alone")
    (folder / "cur").mkdir(exist_ok=True)
    if path.exists():
        path.rename(folder / "cur" / f"{name.partition(':')[0]}:2,{'S' if is_read else ''}")
