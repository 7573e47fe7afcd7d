"""What a service would say of a contract on days to come: the very same fold, without effect."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from functools import partial
from typing import Generic, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from schemas.days import DayBegan
from schemas.envelope import DeadLetter, Event
from schemas.message import ContractMessage, Message, Refused
from schemas.topics import DAYS, topic_of
from schemas.values import ContractId
from services.runtime.clock.clock import A_DAY, Clock, EntityCalendar
from services.runtime.ops.state_reader import ContractCopy, StateReader
from services.runtime.stream import codec
from services.runtime.stream.changes import Changes, Missing
from services.runtime.stream.record import Record

S = TypeVar("S")
T = TypeVar("T")

# No day begins after it.
_FAR = datetime(9000, 1, 1, tzinfo=UTC)
_SOURCE = "/duestream/foresight"


class Foreseen(NamedTuple):
    """What would be said, and on which day."""

    on: date
    message: Message


class Forecast(Generic[S]):
    """Carries a copy of one contract forward; of other contracts, and other days, it knows none."""

    def __init__(
        self, states: StateReader[S], copy: ContractCopy[S], contract_id: ContractId
    ) -> None:
        self._states, self._copy, self.contract_id = states, copy, contract_id
        self._fold, self._contract, self._calendar = copy
        self._key = contract_id, self._contract.partition
        self._heard = 0

    @property
    def state(self) -> S:
        """What the service keeps of the contract now."""
        return self._contract.state

    @property
    def today(self) -> date:
        """The day that has begun for the contract's legal entity."""
        entity = self._fold.worker.wakes(self.state).legal_entity_id
        return self._calendar.terms.today(entity) if entity else date.min

    async def hear(self, message: ContractMessage) -> list[Foreseen]:
        """Return what is said to *message* today; raise Refused where it would be dead-lettered."""
        topic = topic_of(type(message).__name__)
        assert topic is not None, "the outside says it"
        entity = self._fold.worker.wakes(self.state).legal_entity_id
        assert entity is not None, "there is a day on which it is heard"
        event = Event(
            id=f"foreseen-{self._heard}",
            source=_SOURCE,
            type=type(message).__name__,
            time=self._calendar.begun[entity].time,
            subject=self.contract_id,
            data=message.model_dump_json(exclude_none=True).encode(),
        )
        decoded = self._fold.read(self._record(topic.name, event))
        if not await self._surely(partial(self._fold.apply, decoded)):
            self._refuse()
        return self._said()

    async def until(self, last: date) -> list[Foreseen]:
        """Return what is said on the days through *last*, none of them late."""
        found = list[Foreseen]()
        for event in self._days(last):
            began = codec.decode(event, DAYS.name)
            assert isinstance(began, DayBegan), "a clock without terms to come says days only"
            self._calendar.hear(event, began)
            wake = self._fold.index(self._key)
            if wake.on is not None and wake.on <= began.day:
                await self._wake(event, began)
                found += self._said()
        return found

    def _days(self, last: date) -> Iterator[Event]:
        """Yield the day that has begun, for it may not have come to the contract yet, and on."""
        entity = self._fold.worker.wakes(self.state).legal_entity_id
        if entity is None or entity not in self._calendar.begun:
            return
        clock, zone = Clock(), ZoneInfo(self._calendar.terms.entities[entity].time_zone)
        clock.calendars[entity] = EntityCalendar(zone, self.today + A_DAY)
        yield self._calendar.begun[entity]
        yield from clock.until(_FAR, last=last)

    async def _wake(self, event: Event, began: DayBegan) -> None:
        record = self._record(DAYS.name, event)
        for step in self._fold.steps_of_day(self._key, record, began):
            await self._surely(step)

    async def _surely(self, step: Callable[[], T]) -> T:
        while True:
            try:
                return step()
            except Missing as missing:
                await self._states.look_up(self._copy, missing)

    def _record(self, topic: str, event: Event) -> Record:
        self._heard += 1
        return Record(topic, self._contract.partition, self._heard, event, event.timestamp)

    def _refuse(self) -> None:
        for output in self._fold.changes.outputs:
            if isinstance(output.content, DeadLetter):
                headers = dict(output.content.headers)
                raise Refused(headers["dl-reason"], headers["dl-detail"])
        raise Refused("unreferenced", "it would wait for what is not known yet")

    def _said(self) -> list[Foreseen]:
        """Return what was said since the last time, without what was dead-lettered."""
        outputs, self._fold.changes = self._fold.changes.outputs, Changes()
        return [
            Foreseen(self.today, codec.decode(each.content, each.topic))
            for each in outputs
            if isinstance(each.content, Event)
        ]
