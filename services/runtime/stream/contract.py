"""All that is kept of one contract while it is worked on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import ConfigDict

from services.runtime.figures import Figure
from services.runtime.stream import dedup
from services.runtime.stream.acts import Acts
from services.runtime.stream.dedup import Seen
from services.runtime.stream.record import Key, Record
from services.runtime.worker import Wake

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A record that came before the fact it refers to; *names* are the identities it took."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(
        ser_json_bytes="base64", val_json_bytes="base64"
    )

    record: Record
    until: date | None
    names: tuple[bytes, ...]


@dataclass(slots=True)
class ContractRecord(Generic[S]):
    """A contract's state at its service, and the runtime's own notes on it.

    ``recent`` holds the last identities, packed; where it has *spilled*, the store has others.
    ``known`` and ``pieces`` hold what was looked up for the records at hand: None was not there.
    One that is not ``kept`` was opened for a record, and means nothing if that is refused; one
    that is not ``stored`` has no row in the store yet.
    """

    partition: int
    state: S
    sequence: int = 0
    heard: date | None = None
    waiting: tuple[Waiting, ...] = ()
    recent: bytes = b""
    spilled: bool = False
    known: dict[bytes, Seen | None] = field(default_factory=dict)
    pieces: dict[str, Any] = field(default_factory=dict)
    acts: Acts = ()
    kept: bool = False
    stored: bool = False
    # What it adds to the figures of its service as it stands in the store.
    adds: Mapping[Figure, int] = field(default_factory=dict)
    # What the state answered when it was asked when to wake it.
    wake: Wake | None = None

    def said_as(self, name: bytes) -> Seen | None:
        """Return what was said under *name*, as far as it is in memory."""
        return dedup.find(self.recent, name) or self.known.get(name)

    def learn(self, name: bytes, known: Seen) -> None:
        """Remember what was said under *name*."""
        self.recent = dedup.add(self.recent, name, known)

    def forget(self, name: bytes) -> None:
        """Remember nothing under *name*; the store may."""
        self.recent = dedup.without(self.recent, name)
        self.known[name] = None

    def spill(self, today: date) -> dict[bytes, Seen]:
        """Give out what the row has no room for, to be kept elsewhere; forget what is over."""
        if not dedup.is_full(self.recent):
            return {}
        self.recent = dedup.alive(self.recent, today)
        if not dedup.is_full(self.recent):
            return {}
        spilled, self.recent, self.spilled = dedup.unpack(self.recent), b"", True
        return spilled


class Contracts(dict[Key, ContractRecord[S]]):
    """The contracts in memory by contract_id and partition, the least used first.

    The cache fills and empties it, the fold works on it; nobody else looks inside.
    """
