"""A file of events sent in waves: the next only when every service is through with the last."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from schemas.envelope import Event
from schemas.message import Refused
from schemas.topics import DAYS, TERMS, topic_of
from services.runtime.clock.clock import Clock
from services.runtime.clock.feed import FedDay, Feed
from services.runtime.kafka.clock import said_so_far
from services.runtime.kafka.producer import Outgoing, RecordPlace, Sender, sending
from services.runtime.kafka.reader import LogEnds
from services.runtime.kafka.retry import Patience
from services.runtime.kafka.topics import admin
from services.runtime.settings import Settings
from services.runtime.stream import codec
from services.runtime.stream.record import Record
from services.runtime.worker import Worker

_LOOK_EVERY_S = 0.01

Watch = Callable[[date], None]


@dataclass(slots=True)
class Sent:
    """What was sent, and what was left out because it was said after the last day."""

    events: int = 0
    after_the_end: int = 0
    days: int = 0
    waves: int = 0


@dataclass(slots=True)
class _Hands:
    """What is open while the waves go out."""

    outside: Sender
    clock: Sender
    admin: AIOKafkaAdminClient
    ends: LogEnds


@dataclass(slots=True)
class InStep:
    """Sends events and days in the order of an embedded run, with the clock's own code.

    A wave holds at most one event of a contract; each record of terms and each day is a wave.
    An earlier clock is fenced: there is one writer of days.
    """

    settings: Settings
    services: Sequence[Worker[Any]]
    watch: Watch | None = None
    sent: Sent = field(default_factory=Sent)
    patience: Patience = field(default_factory=Patience)
    _clock: Clock = field(default_factory=Clock)
    _wave: dict[str, Event] = field(default_factory=dict)
    _reached: dict[TopicPartition, int] = field(default_factory=dict)

    async def run(self, events: Sequence[Event], *, until: date) -> Sent:
        """Send *events* in the order of their time, and all days up to *until*."""
        async with AsyncExitStack() as stack:
            hands = _Hands(
                await stack.enter_async_context(sending(self.settings)),
                await stack.enter_async_context(sending(self.settings, writer="clock")),
                await stack.enter_async_context(admin(self.settings)),
                LogEnds(self.settings, self._between()),
            )
            stack.push_async_callback(hands.ends.close)
            for event in (await said_so_far(self.settings))[0]:
                self._clock.recall(event)  # goes on where an earlier file ended
            feed = Feed[Event](self._clock, until=until, instant=lambda event: event.instant)
            for each in feed.of(events):
                if isinstance(each, FedDay):
                    await self._begin(hands, each.event)
                else:
                    await self._take(hands, each)
            await self._flush(hands)
        self.sent.events, self.sent.after_the_end = feed.taken, feed.after_the_end
        return self.sent

    async def _take(self, hands: _Hands, event: Event) -> None:
        if topic_of(event.type) is TERMS:
            await self._flush(hands)
            [place] = await hands.outside.send([Outgoing(TERMS.name, 0, event)])
            await self._forward(hands, event, offset=place[2])
            return
        if event.subject in self._wave:
            await self._flush(hands)
        self._wave[event.subject] = event

    async def _forward(self, hands: _Hands, event: Event, *, offset: int) -> None:
        record = Record(TERMS.name, 0, offset, event, event.timestamp)
        try:
            said = self._clock.forward(record)
        except Refused as why:
            letter = codec.dead_letter("clock", record, why)
            await hands.clock.send([Outgoing(letter.topic, 0, letter.content)])
            return
        for each in said:
            await self._say(hands, each)

    async def _begin(self, hands: _Hands, day: Event) -> None:
        await self._flush(hands)
        await self._say(hands, day)
        self.sent.days += 1
        if self.watch:
            self.watch(day.instant.date())

    async def _say(self, hands: _Hands, event: Event) -> None:
        partitions = range(self.settings.partitions)
        places = await hands.clock.send([Outgoing(DAYS.name, p, event) for p in partitions])
        await self._wait(hands, places)

    async def _flush(self, hands: _Hands) -> None:
        wave, self._wave = list(self._wave.values()), {}
        if wave:
            said = [Outgoing(_topic(each), None, each) for each in wave]
            await self._wait(hands, await hands.outside.send(said))

    async def _wait(self, hands: _Hands, places: Sequence[RecordPlace]) -> None:
        """Wait until every service has applied what stands at *places*, and what came of it."""
        self.sent.waves += 1
        goals = {TopicPartition(topic, p): offset + 1 for topic, p, offset in places}
        while goals:
            for service in self.services:
                await self._reach(hands, service, goals)
            self._reached |= goals
            goals = await self._came_of_it(hands)
            if goals.items() <= self._reached.items():
                return

    async def _came_of_it(self, hands: _Hands) -> dict[TopicPartition, int]:
        """Return where the topics end that one service writes and another reads."""
        if not self._between():
            return {}
        ends = await hands.ends.of(range(self.settings.partitions))
        return {TopicPartition(*place): end for place, end in ends.items() if end}

    async def _reach(
        self, hands: _Hands, service: Worker[Any], goals: Mapping[TopicPartition, int]
    ) -> None:
        read = {topic.name for topic in service.reads}
        left = {tp: goal for tp, goal in goals.items() if tp.topic in read}
        while left:
            ask = partial(self._committed, hands, service.name, list(left))
            reached = await self.patience.insist(f"offsets of {service.name}", ask)
            left = {tp: goal for tp, goal in left.items() if reached.get(tp, -1) < goal}
            if left:
                await asyncio.sleep(_LOOK_EVERY_S)

    async def _committed(
        self, hands: _Hands, service: str, places: Sequence[TopicPartition]
    ) -> dict[TopicPartition, int]:
        """Return up to where *service* has published what came of each of *places*."""
        on_kafka, off_kafka = self.settings.on_kafka, self.settings.off_kafka
        found = await hands.admin.list_consumer_group_offsets(
            on_kafka(service),
            partitions=[TopicPartition(on_kafka(tp.topic), tp.partition) for tp in places],
        )
        return {
            TopicPartition(off_kafka(tp.topic), tp.partition): at.offset for tp, at in found.items()
        }

    def _between(self) -> list[str]:
        read = {topic for service in self.services for topic in service.reads}
        said = {topic for each in self.services for topic in (*each.writes, each.announces)}
        return sorted(topic.name for topic in read & said)


def _topic(event: Event) -> str:
    topic = topic_of(event.type)
    assert topic is not None, "what belongs to no topic was left out before"
    return topic.name
