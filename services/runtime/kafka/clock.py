"""The clock on Kafka: reads terms and what is done, says days, and keeps nothing of its own.

Its memory is the log: what it said stands on ``days``, what it could not take on its dead letters.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from datetime import UTC, date, datetime
from typing import Any, Protocol

import structlog

from schemas.days import DayDone
from schemas.envelope import DeadLetter, Event
from schemas.message import Message, Refused
from schemas.topics import CATALOGUE, DAYS, TERMS, Topic, dead_letters_of
from services.runtime.clock.clock import Clock
from services.runtime.clock.pacing import DayPacing
from services.runtime.kafka.agreement import Agreement
from services.runtime.kafka.clock_health import ClockHealth
from services.runtime.kafka.disagreement import Disagreement, faults_of_memory, refuse
from services.runtime.kafka.producer import Outgoing, Sender, sending
from services.runtime.kafka.reader import Reader, reading
from services.runtime.kafka.retry import Patience
from services.runtime.settings import Settings
from services.runtime.stream import codec
from services.runtime.stream.record import Record
from services.runtime.stream.wire import letter_of

_LETTERS = "clock.dead-letters"
_LOOK_EVERY_S = 0.2
_MOST = 500

log = structlog.get_logger()


class Reading(Protocol):
    """Opens a reader of whole topics for a block."""

    def __call__(
        self, settings: Settings, topics: Sequence[str], /
    ) -> AbstractAsyncContextManager[Reader]: ...


class Sending(Protocol):
    """Opens a sender for a block; an earlier one of the same *writer* is fenced."""

    def __call__(
        self, settings: Settings, /, *, writer: str
    ) -> AbstractAsyncContextManager[Sender]: ...


class KafkaClock:
    """Says terms and days to all partitions, each at its own pace.

    *now* is asked for the time, and answers None for a run over past days: none of them is late,
    and nothing after *last* is said. A simulation brings *ways* of its own to the log.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        now: Callable[[], datetime | None],
        last: date = date.max,
        ways: tuple[Reading, Sending] = (reading, sending),
        on_pace: Callable[[DayPacing], None] = lambda _: None,
    ) -> None:
        self._settings, self._now, self._last = settings, now, last
        self._reading, self._sending = ways
        self._on_pace = on_pace
        self._clock, self._pace = Clock(), DayPacing(settings.partitions)
        self._refused_until = -1
        self.done_until: date | None = None

    async def run(self) -> None:
        """Work until told to stop; over past days, until all of them are done."""
        async with AsyncExitStack() as stack:
            sender = await stack.enter_async_context(self._sending(self._settings, writer="clock"))
            opened = [
                await stack.enter_async_context(self._reading(self._settings, [topic]))
                for topic in (TERMS.name, self._settings.days_follow)
            ]
            self._clock, self._pace = Clock(), DayPacing(self._settings.partitions)
            await self._recall()
            self._on_pace(self._pace)
            log.info("clock.started", said=len(self._pace.sequence))
            await self._go_on(sender, *opened)

    async def _go_on(self, sender: Sender, terms: Reader, done: Reader) -> None:
        news = await terms.rest()
        for record in await done.rest():
            self._hear(record)
        while True:
            letters = self._lengthen(news)
            await self._say(sender, letters)
            if self._now() is None and self._pace.is_through():
                return
            heard = await done.more(timeout_s=_LOOK_EVERY_S)
            for record in heard:
                self._hear(record)
            news = await terms.more(timeout_s=0)

    async def _recall(self) -> None:
        """Read what an earlier clock said, and which terms it dead-lettered."""
        self._pace.recall(await said_so_far(self._settings, self._reading))
        for event in self._pace.sequence:
            self._clock.recall(event)
        async with self._reading(self._settings, [_LETTERS]) as reader:
            for record in await reader.rest():
                headers = dict(letter_of(record.raw).headers) if record.raw else {}
                self._refused_until = max(self._refused_until, int(headers.get("dl-offset", "-1")))

    def _lengthen(self, news: Iterable[Record]) -> list[DeadLetter]:
        """Put new terms and the days that have begun behind the sequence; return bad terms."""
        letters = []
        now = self._now() or datetime.max.replace(tzinfo=UTC)
        for record in sorted(news, key=lambda each: each.offset):
            try:
                event = codec.event_of(record)
                # Days that began before a term was said come before it, also after an outage.
                self._pace.sequence += self._clock.until(min(event.instant, now), last=self._last)
                forwarded = self._clock.forward(record, now=now)
                self._pace.sequence += forwarded
                _warn_of(record, codec.decode(event, TERMS.name) if forwarded else None)
            except Refused as why:
                if record.offset > self._refused_until:
                    letters.append(_letter(record, why))
        self._pace.sequence += self._clock.until(now, last=self._last)
        return letters

    async def _say(self, sender: Sender, letters: Sequence[DeadLetter]) -> None:
        batch = [Outgoing(_LETTERS, 0, letter) for letter in letters]
        now = self._now()
        for partition in self._pace.partitions:
            for event in self._pace.coming(partition):
                said = self._clock.as_said_at(event, now) if now else event
                batch.append(Outgoing(DAYS.name, partition, said))
        for start in range(0, len(batch), _MOST):
            await sender.send(batch[start : start + _MOST])

    def _hear(self, record: Record) -> None:
        message = _message(record)
        if isinstance(message, DayDone):
            self._pace.done(record.partition, message)
            self.done_until = max(message.day, self.done_until or message.day)


async def said_so_far(settings: Settings, reads: Reading = reading) -> list[list[Event]]:
    """Return what each partition has heard on ``days``; what is nothing, nobody heard."""
    said: list[list[Event]] = [[] for _ in range(settings.partitions)]
    async with reads(settings, [DAYS.name]) as reader:
        for record in await reader.rest():
            if _message(record) is not None:
                said[record.partition].append(record.event)
    return said


def _message(record: Record) -> Message | None:
    try:
        return codec.decode(codec.event_of(record), record.topic)
    except Refused:
        return None


def _warn_of(record: Record, taken: Message | None) -> None:
    for caution in taken.cautions() if taken else ():
        log.warning("terms.cautioned", place=record.place, caution=caution)


def _letter(record: Record, why: Refused) -> DeadLetter:
    letter = codec.dead_letter("clock", record, why).content
    assert isinstance(letter, DeadLetter), "a dead letter is one"
    log.warning("terms.dead_lettered", place=record.place, reason=why.code, detail=why.detail)
    return letter


def topics_of_clock(settings: Settings) -> list[Topic]:
    """Return the topics that the clock cannot do without."""
    [follows] = [each for each in CATALOGUE if each.name == settings.days_follow]
    return [TERMS, DAYS, follows, dead_letters_of("clock")]


def run_clock(settings: Settings) -> None:
    """Run the clock by the wall until the process is told to stop, or raise Disagreement."""
    agreement = Agreement(settings, topics_of_clock(settings), others=CATALOGUE)
    patience = Patience()
    health = ClockHealth(settings, patience)

    async def run() -> None:
        health.pace = None
        await agreement.reach()
        await _refuse_to_forget(settings)
        now = lambda: datetime.now(UTC)  # noqa: E731, TID251 - the clock
        clock = KafkaClock(settings, now=now, on_pace=health.follow)
        await first_of(clock.run(), agreement.remain(), health.letters.run())

    async def answering() -> None:
        await _open(health)
        try:
            # What it needs to know stands in the log, so that after any trouble it just begins
            # again.
            await patience.insist("clock", run)
        finally:
            await health.port.close()

    asyncio.run(answering())


async def _open(health: ClockHealth) -> None:
    try:
        await health.port.open()
    except OSError as error:
        what = f"no port for health: {error.strerror or error}"
        do = "free it, or choose another"
        raise Disagreement(what, where="DUESTREAM_PORT", do=do) from error


async def first_of(*works: Coroutine[Any, Any, None]) -> None:
    """Run *works* until one of them is over, and raise what it raised."""
    tasks = [asyncio.ensure_future(each) for each in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for each in done:
            each.result()
    finally:
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _refuse_to_forget(settings: Settings) -> None:
    names = [topic.name for topic in topics_of_clock(settings)]
    async with reading(settings, names) as reader:
        refuse(faults_of_memory(await reader.beginnings(), settings))
