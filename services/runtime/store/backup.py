"""A copy of a store that is a file, made while workers are at work."""

import sqlite3
from contextlib import closing
from pathlib import Path

# What SQLite says of bytes that it did not write.
_OF_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


class Damaged(Exception):
    """A file is no whole store; says what SQLite found."""


class NotCopied(Exception):
    """A store cannot be copied, which says nothing of the store; says why."""


def back_up(source: Path, target: Path) -> None:
    """Copy the store in *source* to *target* as of one moment; raise Damaged, or NotCopied.

    Nobody waits meanwhile. *target* is there only when it is whole and was checked.
    """
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    # Read-only: a file that is not there is not made.
    with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as store:
        try:
            with closing(sqlite3.connect(part)) as copy:
                store.backup(copy)
                # One file, without a log beside it that could be left behind.
                copy.execute("pragma journal_mode=delete")
            must_be_whole(part)
        except sqlite3.DatabaseError as error:
            raise _fault(error) from error
    part.rename(target)


def must_be_whole(file: Path) -> None:
    """Raise Damaged unless each page and index of *file* is as SQLite wrote it.

    Raise NotCopied where it cannot be read.
    """
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as store:
        try:
            found = [str(line) for (line,) in store.execute("pragma integrity_check(3)")]
        except sqlite3.DatabaseError as error:
            raise _fault(error) from error
    if found != ["ok"]:
        raise Damaged("; ".join(found))


def _fault(error: sqlite3.DatabaseError) -> Damaged | NotCopied:
    # The lowest byte of an extended code is the code itself.
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return Damaged(str(error)) if code in _OF_DAMAGE else NotCopied(str(error))
