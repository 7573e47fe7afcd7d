"""What the books are made from: messages, each with when it was said and what had caused it."""

from dataclasses import dataclass
from datetime import datetime

from schemas.message import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A message of a topic; *name* is source and id of its event, *cause* those of its cause."""

    name: str
    cause: str | None = None
    at: datetime
    message: Message


class Incomplete(Exception):
    """What an entry refers to is not among the facts."""


class Disagrees(Exception):
    """Figures that must be equal are not; *differences* says which, a line each."""

    def __init__(self, *differences: str) -> None:
        super().__init__("; ".join(differences))
        self.differences = differences
