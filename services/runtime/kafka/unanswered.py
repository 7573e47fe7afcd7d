"""Dead letters that nobody has sent again yet: how many by service and reason, and since when."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import structlog

from schemas.topics import REDRIVES, dead_letters_of
from services.runtime.kafka.reader import Reader, reading
from services.runtime.kafka.retry import PASSING, words_of
from services.runtime.settings import Settings
from services.runtime.stream.record import Record
from services.runtime.stream.wire import REDRIVEN, letter_of

_LOOK_EVERY_S = 2.0
_AGAIN_AFTER_S = 30.0

log = structlog.get_logger()


class Kind(NamedTuple):
    """Of which service a dead letter is, and for what reason."""

    service: str
    reason: str


class Unanswered:
    """What stands on dead-letter topics and has no note on ``redrives``, read in any order."""

    def __init__(self) -> None:
        # By kind the places of dead letters, and when each was written, in ms since 1970.
        self._open: dict[Kind, dict[str, int]] = defaultdict(dict)
        # Notes that were read before their dead letters.
        self._early: set[str] = set()

    def take(self, records: Iterable[Record]) -> None:
        """Hear *records* of dead-letter topics and of ``redrives``."""
        for record in records:
            if record.raw is None:
                continue
            headers = dict(letter_of(record.raw).headers)
            if record.topic == REDRIVES.name:
                self._answer(headers.get(REDRIVEN, ""))
            elif record.place in self._early:
                self._early.discard(record.place)
            else:
                service = record.topic.removesuffix(".dead-letters")
                kind = Kind(service, headers.get("dl-reason", ""))
                self._open[kind][record.place] = record.timestamp

    def figures(self) -> Iterator[tuple[Kind, int, float]]:
        """Yield how many of each kind are open, and when the oldest was written, in s since 1970.

        Of a kind that had some and has none now: 0 and 0.
        """
        for kind, written in sorted(self._open.items()):
            yield kind, len(written), min(written.values(), default=0) / 1000

    def _answer(self, place: str) -> None:
        for written in self._open.values():
            if written.pop(place, None) is not None:
                return
        self._early.add(place)


def topics_of(services: Sequence[str]) -> list[str]:
    """Return where dead letters of *services* and of the clock stand, and the notes on them."""
    return [*(dead_letters_of(each).name for each in (*services, "clock")), REDRIVES.name]


class Watching:
    """Follows dead letters beside other work; without rights or a broker it waits."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        # None as long as not all is read: half a number would be a wrong one.
        self.found: Unanswered | None = None

    async def run(self) -> None:
        """Follow them until told to stop."""
        while True:
            try:
                async with reading(self._settings, topics_of(self._settings.services)) as reader:
                    await self._follow(reader)
            except PASSING as error:
                self.found = None
                log.info("dead_letters.unmeasured", error=words_of(error))
            await asyncio.sleep(_AGAIN_AFTER_S)

    async def _follow(self, reader: Reader) -> None:
        found = Unanswered()
        async for record in reader.each():
            found.take([record])
        self.found = found
        while True:
            found.take(await reader.more(timeout_s=_LOOK_EVERY_S))
