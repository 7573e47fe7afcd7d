"""Where documents are kept: each under the SHA-256 of its bytes, written once, never changed."""

import hashlib
import os
from pathlib import Path


class Unreadable(Exception):
    """A stored file is missing, or not what its name says; the text names it."""

    def __init__(self, said: str, *, hash_: str) -> None:
        super().__init__(said)
        self.hash = hash_


class Storage:
    """A folder of files; the same bytes are the same file, however often they are put there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes, *, suffix: str) -> str:
        """Keep *content*, and return its hash when it is safe from a power cut.

        It is written beside its place and moved there whole, so that a file under its name is
        complete after any crash.
        """
        hash_ = hashlib.sha256(content).hexdigest()
        path = self.path(hash_, suffix=suffix)
        if path.exists() and path.read_bytes() == content:
            return hash_
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.part")
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        _sync_folder(path.parent)
        return hash_

    def get(self, hash_: str, *, suffix: str) -> bytes:
        """Return what is kept under *hash_*; raise Unreadable where there is no such thing."""
        path = self.path(hash_, suffix=suffix)
        try:
            content = path.read_bytes()
        except OSError as error:
            why = (error.strerror or "unknown").lower()
            raise Unreadable(f"{path.name}: {why}", hash_=hash_) from error
        if hashlib.sha256(content).hexdigest() != hash_:
            said = f"{path.name}: its bytes are others than its name says"
            raise Unreadable(said, hash_=hash_)
        return content

    def path(self, hash_: str, *, suffix: str) -> Path:
        """Return where the file of *hash_* is kept."""
        return self._folder / f"{hash_}.{suffix}"


def _sync_folder(folder: Path) -> None:
    """Make the name of a file safe, too; where a system knows no such thing, its bytes are."""
    try:
        opened = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
