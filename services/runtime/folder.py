"""All that is kept of one contract while it is worked on."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import ConfigDict

from services.runtime.log import Record
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


@dataclass(frozen=True, slots=True)
class Known:
    """What was said under an identity, and until when that is remembered."""

    content: bytes
    until: date | None


@dataclass(slots=True)
class Folder(Generic[S]):
    """A contract's state at its service, and the runtime's own notes on it.

    ``known`` and ``pieces`` hold what was looked up for the records at hand: None was not there.
    One that is not ``kept`` was opened for a record, and means nothing if that is refused; one
    that is not ``stored`` has no row in the books yet.
    """

    partition: int
    state: S
    sequence: int = 0
    heard: date | None = None
    waiting: tuple[Waiting, ...] = ()
    known: dict[bytes, Known | None] = field(default_factory=dict)
    pieces: dict[str, Any] = field(default_factory=dict)
    kept: bool = False
    stored: bool = False
    # What the state answered when it was asked when to wake it.
    wake: Wake | None = None
