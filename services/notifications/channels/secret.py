"""Secrets: read from a file or the environment, shown by nothing."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class SecretMissing(Exception):
    """No secret is where the reference says; the message holds the reference alone."""


class Secret:
    """Bytes that no repr, log, copy or pickle shows; ``reveal`` is for whoever signs or logs in."""

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        if not value:
            raise ValueError("a secret is not empty")
        self._value = value

    def reveal(self) -> bytes:
        """Return the bytes themselves."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not written down")


def find(reference: str, *, folder: Path, environment: Mapping[str, str], prefix: str) -> Secret:
    """Return the secret that *reference* names: ``file:NAME`` in *folder*, or ``env:NAME``.

    A reference is data of a tenant: so a name is no path, and of the environment only what begins
    with *prefix* is a secret. The end of a line that an editor left is none of it. Raises
    SecretMissing.
    """
    kind, _, name = reference.partition(":")
    if not _NAME.fullmatch(name):
        raise SecretMissing(_shown(reference))
    if kind == "env" and name.startswith(prefix) and environment.get(name):
        return Secret(environment[name].encode())
    if kind == "file":
        return Secret(_of_file(folder / name, reference))
    raise SecretMissing(_shown(reference))


def _of_file(path: Path, reference: str) -> bytes:
    try:
        found = path.read_bytes().rstrip(b"\r\n")
    except OSError:
        found = b""
    if not found:
        raise SecretMissing(_shown(reference))
    return found


def _shown(reference: str) -> str:
    """Return *reference*, unless somebody wrote a secret where its name belongs."""
    kind, _, name = reference.partition(":")
    if kind in ("env", "file") and _NAME.fullmatch(name):
        return reference
    return "a reference that is neither file:NAME nor env:NAME"


def several(secret: Secret) -> tuple[Secret, ...]:
    """Return the secrets that stand in one, by blanks or lines: while a key is replaced, two."""
    return tuple(Secret(each) for each in secret.reveal().split())
