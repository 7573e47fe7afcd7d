"""What a fold is given to read, and what it leaves to be written."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from schemas.frozen import frozen
from schemas.message import Message, Refused
from services.runtime.stream.record import Key, Output, Record


class Missing(Exception):
    """Filed pieces of a contract are needed and were not looked up; nothing was applied."""

    def __init__(self, key: Key, names: frozenset[str]) -> None:
        super().__init__(f"{len(names)} pieces of {key[0]}")
        self.key, self.names = key, names


class Broken(Exception):
    """An invariant broke over a record; nothing of its transaction may be committed."""

    def __init__(self, record: Record, error: Exception) -> None:
        super().__init__(f"{record.place}: {error!r}")
        self.partition = record.partition


@frozen()
class Decoded:
    """A record that was read: a message with its identities, or why it cannot be one."""

    record: Record
    message: Message | None = None
    names: tuple[bytes, ...] = ()
    content: bytes = b""
    refused: Refused | None = None


@dataclass(slots=True)
class Changes:
    """What a transaction has to write."""

    changed: set[Key] = field(default_factory=set)
    forgotten: set[tuple[Key, bytes]] = field(default_factory=set)
    filed: dict[tuple[Key, str], Any] = field(default_factory=dict)
    # Records whose contract is kept on another partition, and on which; a replay must know.
    strays: dict[str, int] = field(default_factory=dict)
    outputs: list[Output] = field(default_factory=list)
    # By partition, the ids of acts whose outcome was taken.
    settled: list[tuple[int, str]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def partitions(self) -> set[int]:
        """Return the partitions of what has to be written."""
        return {output.partition for output in self.outputs} | {key[1] for key in self.changed}
