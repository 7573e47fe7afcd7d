"""Identities of a contract, packed: what was said, with which content, and until when it counts.

A contract's row carries its last ones, so that most records need neither a row of their own nor a
question to the database. What grows beyond MOST moves to a table, a row each.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

MOST = 32
_DIGEST = 16
_UNTIL = 3
_SIZE = 2 * _DIGEST + _UNTIL
_EPOCH = date(1970, 1, 1)
_FOR_EVER = b"\xff" * _UNTIL


class Seen(NamedTuple):
    """What was said under an identity, and until when that is remembered."""

    content: bytes
    until: date | None


def add(packed: bytes, name: bytes, known: Seen) -> bytes:
    """Return *packed* with *known* under *name* too; it counts before an earlier one."""
    return packed + name + known.content + _packed_day(known.until)


def find(packed: bytes, name: bytes) -> Seen | None:
    """Return what was last said under *name*."""
    at = packed.rfind(name)
    while at >= 0 and at % _SIZE:
        at = packed.rfind(name, 0, at + _DIGEST - 1)
    return None if at < 0 else _known(packed, at)


def without(packed: bytes, name: bytes) -> bytes:
    """Return *packed* without all that was said under *name*."""
    return b"".join(each for each in _each(packed) if not each.startswith(name))


def alive(packed: bytes, today: date) -> bytes:
    """Return *packed* without what need not be remembered on *today*."""
    bound = _packed_day(today)
    return b"".join(each for each in _each(packed) if each[2 * _DIGEST :] > bound)


def is_full(packed: bytes) -> bool:
    """Say whether *packed* holds more than a row should carry."""
    return len(packed) > MOST * _SIZE


def unpack(packed: bytes) -> dict[bytes, Seen]:
    """Return what was last said under each name."""
    return {packed[at : at + _DIGEST]: _known(packed, at) for at in range(0, len(packed), _SIZE)}


def _each(packed: bytes) -> Iterator[bytes]:
    return (packed[at : at + _SIZE] for at in range(0, len(packed), _SIZE))


def _known(packed: bytes, at: int) -> Seen:
    content = packed[at + _DIGEST : at + 2 * _DIGEST]
    day = packed[at + 2 * _DIGEST : at + _SIZE]
    if day == _FOR_EVER:
        return Seen(content, None)
    return Seen(content, _EPOCH + timedelta(int.from_bytes(day, "big")))


def _packed_day(until: date | None) -> bytes:
    # What is long over is packed as the first day: no identity is of before 1970.
    days = max(0, (until - _EPOCH).days) if until else None
    return _FOR_EVER if days is None else days.to_bytes(_UNTIL, "big")
