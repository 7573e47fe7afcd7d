"""The clock: terms and the passing of time in, days out; the only one that asks for the time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from schemas.days import DayBegan
from schemas.envelope import Event
from schemas.message import Refused
from schemas.terms import LegalEntityPublished
from schemas.topics import DAYS, TERMS
from schemas.values import LegalEntityId, derived_id
from services.runtime.stream import codec
from services.runtime.stream.record import Record

A_DAY = timedelta(days=1)
# The last that a message can name.
_LAST = date(2999, 12, 31)


@dataclass(frozen=True, slots=True)
class EntityCalendar:
    """The days of one legal entity, of which *coming* is the next that was not said yet."""

    zone: ZoneInfo
    coming: date

    def begins(self) -> datetime:
        """Return the first instant of the coming day, also where midnight does not exist."""
        midnight = datetime.combine(self.coming, time.min, self.zone)
        return midnight.astimezone(UTC).astimezone(self.zone)


class Clock:
    """One sequence of terms and days for all partitions."""

    def __init__(self) -> None:
        self.calendars: dict[LegalEntityId, EntityCalendar] = {}
        self._known: dict[bytes, bytes] = {}

    def forward(self, record: Record, *, now: datetime | None = None) -> list[Event]:
        """Return what ``days`` says to a record of ``terms``; raise Refused, as codec does.

        Where *now* is known, no calendar begins after it: one that is said in the future would
        take the partitions' highest day along, and with it all that waits.
        """
        event = codec.event_of(record)
        message = codec.decode(event, TERMS.name)
        if event.subject != "@".join(message.business_key()):
            # Whoever keeps terms finds them again by their subject.
            raise Refused("invalid", "subject is not id@version")
        names, content = codec.fingerprints(event, message)
        known = [self._known[name] for name in names if name in self._known]
        if any(other != content for other in known):
            raise Refused("conflict", "this version was published with other content")
        if known:
            return []
        said_at = min(event.instant, now or event.instant)
        days = self._open(message, said_at) if isinstance(message, LegalEntityPublished) else []
        self._known |= dict.fromkeys(names, content)
        return [event, *days]

    def until(self, instant: datetime, *, last: date) -> Iterator[Event]:
        """Yield the days that have begun at *instant*, in order, none after *last*."""
        while coming := [
            (calendar.begins(), entity)
            for entity, calendar in self.calendars.items()
            if calendar.coming <= last and calendar.begins() <= instant
        ]:
            yield self._say(min(coming)[1])

    def ends(self, day: date) -> datetime | None:
        """Return when *day* has ended for every legal entity, None where there is none."""
        return max((self._begins(entity, day + A_DAY) for entity in self.calendars), default=None)

    def recall(self, event: Event) -> None:
        """Take in what was said by an earlier clock, in its order."""
        message = codec.decode(event, DAYS.name)
        if isinstance(message, DayBegan):
            calendar = self.calendars[message.legal_entity_id]
            self.calendars[message.legal_entity_id] = EntityCalendar(
                calendar.zone, message.day + A_DAY
            )
            return
        names, content = codec.fingerprints(event, message)
        self._known |= dict.fromkeys(names, content)
        if isinstance(message, LegalEntityPublished):
            self._open(message, event.instant)

    def as_said_at(self, event: Event, instant: datetime) -> Event:
        """Return a day as it is to be said at *instant*: ``late`` where it is over (R-34)."""
        message = codec.decode(event, DAYS.name)
        if not isinstance(message, DayBegan):
            return event
        over = self._begins(message.legal_entity_id, message.day + A_DAY) <= instant
        return _day(message.legal_entity_id, message.day, time_=event.time, late=over)

    def _open(self, entity: LegalEntityPublished, said_at: datetime) -> list[Event]:
        zone, known = ZoneInfo(entity.time_zone), self.calendars.get(entity.legal_entity_id)
        coming = known.coming if known else said_at.astimezone(zone).date()
        if coming > _LAST:
            raise Refused("invalid", "time: no calendar begins so late")
        self.calendars[entity.legal_entity_id] = EntityCalendar(zone, coming)
        return [] if known else [self._say(entity.legal_entity_id)]

    def _say(self, entity: LegalEntityId) -> Event:
        calendar = self.calendars[entity]
        day = calendar.coming
        self.calendars[entity] = EntityCalendar(calendar.zone, day + A_DAY)
        return _day(entity, day, time_=calendar.begins().isoformat(), late=False)

    def _begins(self, entity: LegalEntityId, day: date) -> datetime:
        return EntityCalendar(self.calendars[entity].zone, day).begins()


def _day(entity: LegalEntityId, day: date, *, time_: str, late: bool) -> Event:
    began = DayBegan(legal_entity_id=entity, day=day, late=late)
    return Event(
        id=derived_id("DayBegan", entity, day),
        source="/duestream/clock",
        type="DayBegan",
        time=time_,
        subject=entity,
        data=began.model_dump_json(exclude_defaults=True).encode(),
    )
