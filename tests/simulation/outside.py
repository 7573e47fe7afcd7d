"""The outside of a world: it says what a story tells, in step or as it comes."""

import asyncio
from datetime import timedelta

from schemas.message import Refused
from schemas.topics import TERMS, topic_of
from services.runtime.clock.clock import Clock
from services.runtime.partitions import partition_of
from services.runtime.stream.record import Record
from services.runtime.stream.wire import pack

_PRODUCER = "erp"


class Outside:
    """Producers of events, and the time of day."""

    def __init__(self, world, story):
        self._world, self._story = world, story
        self._random = world.faults.random
        # What the clock must have said, once all is said: terms and days in one order.
        self.calendar = []
        self._clock, self._wave = Clock(), {}
        self.instant = story.events[0].instant

    async def in_step(self):
        """Say an event of a contract, and a day, only when all before it is worked off."""
        for event in self._story.events:
            await self._pass_days(event.instant)
            if topic_of(event.type) is TERMS or event.subject in self._wave:
                await self._flush()
            if topic_of(event.type) is TERMS:
                await self._publish(event)
            else:
                self._wave[event.subject] = event
        await self._flush()
        await self._pass_days(self._end())
        await self._world.quiet()

    async def at_will(self):
        """Say all with delays, again, and each topic at its own pace; the time of day runs."""
        begin = self.instant
        days = (self._story.last - begin.date()).days + 2
        per_day_s = self._random.choice((0.0, 0.5, 5.0))
        said = sorted(self._delayed(per_day_s), key=lambda pair: pair[0])
        for at_s, event in said:
            await self._until(at_s, begin, per_day_s)
            self._say(event)
        await self._until(per_day_s * days, begin, per_day_s)
        self.instant = self._end()
        while self._world.log.has_pending():
            await asyncio.sleep(0.05)
        self._know()
        await self._world.quiet()

    async def _until(self, at_s, begin, per_day_s):
        """Let the time come to *at_s* seconds after the beginning, and that of day with it."""
        loop = asyncio.get_running_loop()
        while (left := at_s - loop.time()) > 0:
            await asyncio.sleep(min(left, max(per_day_s / 4, 0.05)))
            if per_day_s:
                passed = timedelta(days=loop.time() / per_day_s)
                self.instant = min(begin + passed, self._end())

    def _delayed(self, per_day_s):
        """Yield when to say each event: those of a topic late by as much, some much later."""
        first = self._story.events[0].instant
        late = {}
        for event in self._story.events:
            topic = topic_of(event.type)
            if topic is TERMS:
                yield 0.0 if event.instant == first else self._day(event) * per_day_s, event
                continue
            if topic.name not in late:
                late[topic.name] = self._random.choice((0.0, 0.0, 0.3, 2.0)) * self._random.random()
            at_s = self._day(event) * per_day_s + late[topic.name]
            if self._random.random() < 0.1:
                at_s += self._random.random() * 2
                self._world.faults.happened["outside: delay"] += 1
            yield at_s, event
            if self._random.random() < 0.05:
                self._world.faults.happened["outside: again"] += 1
                yield at_s + self._random.random(), event

    def _day(self, event):
        return (event.instant - self._story.events[0].instant) / timedelta(days=1)

    async def _pass_days(self, instant):
        for day in self._clock.until(instant, last=self._story.last):
            await self._flush()
            self.calendar.append(day)
            self.instant = max(self.instant, day.instant)
            await self._world.quiet()

    async def _publish(self, event):
        """Say a term; what the clock makes of it is what it does to one like it."""
        self.instant = max(self.instant, event.instant)
        self._forward(event)
        self._say(event)
        await self._world.quiet()

    async def _flush(self):
        wave, self._wave = list(self._wave.values()), {}
        for event in wave:
            self._say(event)
            if self._random.random() < 0.1:
                self._world.faults.happened["outside: again"] += 1
                self._say(event)
        if wave:
            await self._world.quiet()

    def _forward(self, event):
        try:
            record = Record(TERMS.name, 0, len(self.calendar), event, event.timestamp)
            self.calendar += self._clock.forward(record)
        except Refused:
            pass

    def _know(self):
        """Work out what the clock says in the end: terms in the order of the log, and all days."""
        for record in self._world.log.records(TERMS.name, 0):
            self.calendar += self._clock.until(record.event.instant, last=self._story.last)
            self._forward(record.event)
        self.calendar += self._clock.until(self._end(), last=self._story.last)

    def _end(self):
        begin = self._story.events[0].instant
        return begin + timedelta(days=(self._story.last - begin.date()).days + 3)

    def _say(self, event):
        """Put *event* into the log, now and then in a transaction, or first in one that fails."""
        topic, log = topic_of(event.type), self._world.log
        partition = 0 if topic is TERMS else partition_of(event.subject, self._world.partitions)
        draw = self._random.random()
        if draw < 0.9:
            log.append(topic.name, partition, pack(event))
            return
        for state in ("aborted", "committed") if draw > 0.95 else ("committed",):
            deed = log.begin(f"{_PRODUCER} {log.count()}", 0)
            log.append(topic.name, partition, pack(event), deed)
            log.decide(deed, state)
            self._world.faults.happened[f"outside: transaction {state}"] += 1
