"""Records, and chunks of them: what a log holds, and what a service says to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Protocol

from pydantic import ConfigDict

from schemas.envelope import DeadLetter, Event, Raw
from schemas.frozen import frozen

# A contract on a partition: what came for it to another partition than its own is kept apart.
Key = tuple[str, int]


class Packed(NamedTuple):
    """A record as a producer takes it; *timestamp* in milliseconds since 1970, None for now."""

    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    timestamp: int | None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that is no CloudEvent; *detail* names no personal data."""

    detail: str


@frozen()
class Record:
    """What stands at one place of the log; *raw* is how it came, where it came from outside."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(
        ser_json_bytes="base64", val_json_bytes="base64"
    )

    topic: str
    partition: int
    offset: int
    content: Event | Unreadable
    timestamp: int = 0  # milliseconds since 1970, as the log has it
    raw: Raw | None = None

    @property
    def place(self) -> str:
        """Return topic/partition/offset, as ``causedby`` has it."""
        return f"{self.topic}/{self.partition}/{self.offset}"

    @property
    def key(self) -> Key:
        """Return of which contract it is, on which partition."""
        return self.event.subject, self.partition

    @property
    def size(self) -> int:
        """How many bytes it came with, key and names aside."""
        if self.raw is None:
            return len(self.event.data)
        return len(self.raw.value or b"") + sum(len(value or b"") for _, value in self.raw.headers)

    @property
    def event(self) -> Event:
        """Return the event of a record that has one."""
        assert isinstance(self.content, Event), "what is unreadable was dead-lettered before"
        return self.content


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive records of one partition, the position they start from and where they end.

    Offsets cannot prove that nothing is missing (transaction markers are holes); ``start`` can.
    ``end`` lies behind such markers, so a chunk may have an end and no records.
    """

    topic: str
    partition: int
    start: int
    end: int
    records: tuple[Record, ...]
    generation: int = 0


@frozen()
class Output:
    """What a service says, on its way to the log; a row of the outbox.

    The outputs of one cause stay together: ``last`` tells where a publisher may cut. What goes to
    store and broker is *packed* once.
    """

    topic: str
    partition: int
    content: Event | DeadLetter
    last: bool = False
    seq: int = -1
    packed: Packed | None = None


class Publisher(Protocol):
    """Takes outputs of one service to the log, in order, exactly once."""

    def publish(self, outputs: Sequence[Output]) -> None:
        """Append *outputs* behind everything published before."""
