"""What a fold is given to read, and what it leaves to be written."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from schemas.frozen import frozen
from schemas.message import Message, Refused
from services.runtime.stream.record import Output, Record


class Missing(Exception):
    """Filed pieces of a contract are needed and were not looked up; nothing was applied."""

    def __init__(self, contract_id: str, names: frozenset[str]) -> None:
        super().__init__(f"{len(names)} pieces of {contract_id}")
        self.contract_id, self.names = contract_id, names


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

    changed: set[str] = field(default_factory=set)
    forgotten: set[tuple[str, bytes]] = field(default_factory=set)
    filed: dict[tuple[str, str], Any] = field(default_factory=dict)
    outputs: list[Output] = field(default_factory=list)
    # By partition, the ids of acts whose outcome was taken.
    settled: list[tuple[int, str]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
