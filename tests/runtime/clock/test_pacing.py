"""The pace: each partition hears a day only when it is done with the one before."""

from datetime import date

from schemas.days import DayDone
from schemas.envelope import Event
from services.runtime.clock.pacing import DayPacing
from tests.support.events import ACME, line, policy, webhook
from tests.support.tally import day

TERMS = [Event.from_line(line(each, "2026-02-01T00:00:00Z")) for each in (ACME, policy(webhook(3)))]


def on(number, entity="acme"):
    return day(date(2026, 2, number), entity=entity)


def done(number, entity="acme"):
    return DayDone(legal_entity_id=entity, day=date(2026, 2, number))


def coming(pace, partition=0):
    return [each.id for each in pace.coming(partition)]


def test_terms_pass_until_a_day_that_must_wait():
    pace = DayPacing(1)
    pace.sequence = [TERMS[0], on(1), TERMS[1], on(2), on(3)]
    first, second = TERMS
    assert coming(pace) == [first.id, "acme-2026-02-01", second.id]
    assert coming(pace) == []
    pace.done(0, done(1))
    assert coming(pace) == ["acme-2026-02-02"]
    pace.done(0, done(3))
    assert coming(pace) == ["acme-2026-02-03"]


def test_a_stopped_partition_stops_its_own_days_only():
    pace = DayPacing(2)
    pace.sequence = [on(1), on(2)]
    assert (coming(pace, 0), coming(pace, 1)) == (["acme-2026-02-01"], ["acme-2026-02-01"])
    pace.done(1, done(1))
    assert (coming(pace, 0), coming(pace, 1)) == ([], ["acme-2026-02-02"])


def test_a_day_of_one_entity_waits_behind_one_of_another_that_waits():
    pace = DayPacing(1)
    pace.sequence = [on(1), on(1, "b"), on(2), on(2, "b")]
    assert coming(pace) == ["acme-2026-02-01", "b-2026-02-01"]
    pace.done(0, done(1, "b"))
    assert coming(pace) == []
    pace.done(0, done(1))
    assert coming(pace) == ["acme-2026-02-02", "b-2026-02-02"]


def test_what_an_earlier_clock_said_is_the_prefix_of_the_same_sequence():
    pace = DayPacing(3)
    pace.recall([[on(1), on(2)], [on(1)], []])
    assert [each.id for each in pace.sequence] == ["acme-2026-02-01", "acme-2026-02-02"]
    pace.done(1, done(1))
    assert (coming(pace, 0), coming(pace, 1), coming(pace, 2)) == (
        [],
        ["acme-2026-02-02"],
        ["acme-2026-02-01"],
    )


def test_it_is_through_when_all_is_heard_and_done_everywhere():
    pace = DayPacing(2)
    assert pace.is_through()
    pace.sequence = [on(1)]
    assert not pace.is_through()
    coming(pace, 0)
    pace.done(0, done(1))
    assert not pace.is_through()
    coming(pace, 1)
    assert not pace.is_through()
    pace.done(1, done(1))
    assert pace.is_through()
