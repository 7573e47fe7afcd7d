"""Where a line of the input stands, so that a dead letter can be found again."""

import sys
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

STANDARD_INPUT = Path("-")


@dataclass(frozen=True, slots=True)
class InputLine:
    """A line of a file that is not empty, and its number from 1."""

    path: Path
    number: int
    raw: bytes

    @property
    def place(self) -> str:
        """Return file:line, as editors understand it."""
        name = "standard input" if self.path == STANDARD_INPUT else self.path
        return f"{name}:{self.number}"


class InputLines(tuple[InputLine, ...]):
    """All lines of a run, in the order of the files."""

    @classmethod
    def of(cls, paths: Iterable[Path]) -> Self:
        """Read all *paths*, of which ``-`` is standard input; raises OSError."""
        return cls(
            InputLine(path, number, raw)
            for path in paths
            for number, raw in enumerate(_content(path).splitlines(), start=1)
            if raw.strip()
        )

    def places(self) -> dict[bytes, list[str]]:
        """Return the places of each line; equal lines share an entry."""
        places: dict[bytes, list[str]] = defaultdict(list)
        for line in self:
            places[line.raw].append(line.place)
        return places


def _content(path: Path) -> bytes:
    return sys.stdin.buffer.read() if path == STANDARD_INPUT else path.read_bytes()
