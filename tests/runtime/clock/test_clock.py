"""The clock: first instants, several legal entities, terms again, bad terms, and its memory."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from schemas.days import DayBegan
from schemas.envelope import Event
from schemas.message import Refused
from services.runtime.clock.clock import Clock
from services.runtime.stream.record import Record
from tests.support.events import ACME, line, policy, webhook


def entity(name="acme", zone="Europe/Berlin", version=1, **more):
    told = {"legal_entity_id": name, "time_zone": zone, "version": version}
    return ACME.model_copy(update=told | more)


def record(message, time, *, offset=0, name=None):
    event = Event.from_line(line(message, time, name=name))
    return Record("terms", 0, offset, event, event.timestamp)


def told(clock, message, time, **more):
    return [summary(each) for each in clock.forward(record(message, time, **more))]


def summary(event):
    if event.type == "DayBegan":
        began = DayBegan.model_validate_json(event.data)
        return f"{event.subject} {began.day}{' late' if began.late else ''} {event.time}"
    return event.subject


def until(clock, text, last=date(2999, 1, 1)):
    return [summary(each) for each in clock.until(datetime.fromisoformat(text), last=last)]


@pytest.mark.parametrize(
    ("zone", "day", "begins"),
    [
        ("Europe/Berlin", date(2026, 3, 29), "2026-03-29T00:00:00+01:00"),
        ("Europe/Berlin", date(2026, 3, 30), "2026-03-30T00:00:00+02:00"),
        ("Europe/Berlin", date(2026, 10, 26), "2026-10-26T00:00:00+01:00"),
        # Midnight does not exist: the day begins at one.
        ("America/Sao_Paulo", date(2018, 11, 4), "2018-11-04T01:00:00-02:00"),
        ("Africa/Cairo", date(2026, 4, 24), "2026-04-24T01:00:00+03:00"),
        # The hour from midnight comes twice: the day begins with the first.
        ("America/Havana", date(2026, 11, 1), "2026-11-01T00:00:00-04:00"),
        ("Asia/Kathmandu", date(2026, 1, 1), "2026-01-01T00:00:00+05:45"),
        # Samoa left this day out: it begins, and is over, at one instant.
        ("Pacific/Apia", date(2011, 12, 30), "2011-12-31T00:00:00+14:00"),
        ("Pacific/Apia", date(2011, 12, 31), "2011-12-31T00:00:00+14:00"),
    ],
)
def test_a_day_begins_at_its_first_instant(zone, day, begins):
    clock = Clock()
    before = datetime.combine(day - timedelta(days=1), datetime.min.time(), UTC)
    told(clock, entity(zone=zone), (before + timedelta(hours=11)).isoformat())
    said = [s for s in until(clock, "2030-01-01T00:00:00Z") if s.startswith(f"acme {day} ")]
    first = [f"acme {day} {begins}"]
    if not said:
        clock = Clock()
        said = [s for s in told(clock, entity(zone=zone), begins) if s.startswith("acme 2")]
    assert said == first


def test_the_first_day_follows_on_the_first_terms_for_their_local_day():
    clock = Clock()
    assert told(clock, entity(zone="Pacific/Auckland"), "2026-02-01T12:00:00Z") == [
        "acme@1",
        "acme 2026-02-02 2026-02-02T00:00:00+13:00",
    ]
    assert told(clock, policy(webhook(3)), "2026-02-01T12:00:00Z") == ["standard@1"]


def test_days_of_several_entities_come_in_the_order_in_which_they_begin():
    clock = Clock()
    told(clock, entity("b"), "2026-02-01T12:00:00Z")
    told(clock, entity("a"), "2026-02-01T12:00:00Z")
    told(clock, entity("c", "America/New_York"), "2026-02-01T12:00:00Z")
    told(clock, entity("d", "Asia/Tokyo"), "2026-02-01T12:00:00Z")
    assert until(clock, "2026-02-02T05:00:00Z") == [
        "d 2026-02-02 2026-02-02T00:00:00+09:00",
        "a 2026-02-02 2026-02-02T00:00:00+01:00",
        "b 2026-02-02 2026-02-02T00:00:00+01:00",
        "c 2026-02-02 2026-02-02T00:00:00-05:00",
    ]


def test_a_day_begins_at_its_instant_and_not_a_microsecond_before():
    clock = Clock()
    told(clock, entity(), "2026-02-01T12:00:00Z")
    assert until(clock, "2026-02-01T22:59:59.999999Z") == []
    assert min(each.begins() for each in clock.calendars.values()) == datetime(
        2026, 2, 1, 23, tzinfo=UTC
    )
    assert until(clock, "2026-02-01T23:00:00Z") == ["acme 2026-02-02 2026-02-02T00:00:00+01:00"]


def test_no_day_after_the_last_is_said():
    clock = Clock()
    told(clock, entity(), "2026-02-01T12:00:00Z")
    assert until(clock, "2027-01-01T00:00:00Z", last=date(2026, 2, 3)) == [
        "acme 2026-02-02 2026-02-02T00:00:00+01:00",
        "acme 2026-02-03 2026-02-03T00:00:00+01:00",
    ]
    assert clock.ends(date(2026, 2, 3)) == datetime(2026, 2, 3, 23, tzinfo=UTC)


def test_a_new_version_in_another_zone_moves_the_next_day_only():
    clock = Clock()
    told(clock, entity(), "2026-02-01T12:00:00Z")
    moved = entity(zone="America/New_York", version=2)
    assert told(clock, moved, "2026-02-01T13:00:00Z") == ["acme@2"]
    assert until(clock, "2026-02-02T12:00:00Z") == ["acme 2026-02-02 2026-02-02T00:00:00-05:00"]


def test_terms_said_again_are_forwarded_once_and_others_under_their_name_refused():
    clock = Clock()
    told(clock, entity(), "2026-02-01T12:00:00Z")
    assert told(clock, entity(), "2026-02-09T12:00:00Z") == []
    with pytest.raises(Refused, match="conflict: this version was published with other content"):
        told(clock, entity(zone="Asia/Tokyo"), "2026-02-09T12:00:00Z")


@pytest.mark.parametrize("time", ["2999-12-31T23:30:00Z", "8999-01-01T00:00:00Z"])
def test_an_entity_whose_first_day_no_message_can_name_is_refused(time):
    clock = Clock()
    with pytest.raises(Refused, match="invalid"):
        told(clock, entity(), time)
    assert clock.calendars == {}
    assert told(clock, entity(), "2026-02-01T12:00:00Z") == [
        "acme@1",
        "acme 2026-02-01 2026-02-01T00:00:00+01:00",
    ]


@pytest.mark.parametrize(
    ("at", "late"),
    [
        ("2026-02-01T22:59:59Z", ""),
        ("2026-02-01T23:00:00Z", " late"),
    ],
)
def test_a_day_is_late_when_it_is_over_before_it_is_said(at, late):
    clock = Clock()
    [_, day] = clock.forward(record(entity(), "2026-02-01T12:00:00Z"))
    said = clock.as_said_at(day, datetime.fromisoformat(at))
    assert summary(said) == f"acme 2026-02-01{late} 2026-02-01T00:00:00+01:00"
    assert said.id == day.id


def test_a_clock_that_recalls_its_log_goes_on_where_the_last_one_stopped():
    first, second = Clock(), Clock()
    log = [*first.forward(record(entity(), "2026-02-01T12:00:00Z"))]
    log += first.until(datetime(2026, 2, 3, tzinfo=UTC), last=date.max)
    log += first.forward(record(policy(webhook(3)), "2026-02-03T01:00:00Z"))
    log += first.forward(record(entity("b", "Asia/Tokyo"), "2026-02-03T01:00:00Z"))
    for event in log:
        second.recall(event)

    assert second.calendars == first.calendars
    assert told(second, policy(webhook(3)), "2026-02-09T00:00:00Z") == []
    assert until(second, "2026-02-04T00:00:00Z") == until(first, "2026-02-04T00:00:00Z")


def test_terms_whose_subject_is_not_their_id_and_version_are_refused():
    said = record(ACME, "2026-02-01T00:00:00+01:00")
    named = replace(said, content=replace(said.event, subject="acme"))

    with pytest.raises(Refused, match="subject is not id@version"):
        Clock().forward(named)
