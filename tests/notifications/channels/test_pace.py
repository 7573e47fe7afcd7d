"""How many mails go to one domain, and how often an endpoint that fails is asked."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.notifications.channels.circuit import Circuit, after, is_dead, rests_until
from services.notifications.channels.outcome import Later, Refused, Sent, Unknown
from services.notifications.channels.pace import Pace, let_pass, wait
from tests.support.properties import up_to

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = (timedelta(seconds=each) for each in (1, 60, 3600, 86400))
THREE = Pace(at_once=3, gap=2 * SECOND)
FAILED = Later("endpoint_refuses", "500")


def test_so_many_go_at_once_and_then_one_each_gap():
    passed, waits = None, []
    for _ in range(5):
        waits.append(wait(THREE, passed, at=AT))
        passed = let_pass(THREE, passed, at=AT + waits[-1])

    assert waits == [0 * SECOND, 0 * SECOND, 0 * SECOND, 2 * SECOND, 4 * SECOND]


def test_after_a_silence_as_many_go_at_once_again():
    passed = None
    for _ in range(3):
        passed = let_pass(THREE, passed, at=AT)

    assert wait(THREE, passed, at=AT + SECOND) == SECOND
    assert wait(THREE, passed, at=AT + 2 * SECOND) == 0 * SECOND
    for _ in range(3):
        assert wait(THREE, passed, at=AT + HOUR) == 0 * SECOND
        passed = let_pass(THREE, passed, at=AT + HOUR)
    assert wait(THREE, passed, at=AT + HOUR) == 2 * SECOND


@pytest.mark.parametrize(("at_once", "gap"), [(0, SECOND), (-1, SECOND), (1, -SECOND)])
def test_a_pace_at_which_nobody_passes_is_none(at_once, gap):
    with pytest.raises(ValueError, match="lets one pass"):
        Pace(at_once=at_once, gap=gap)


@settings(max_examples=up_to(300))
@given(
    st.integers(1, 5),
    st.integers(1, 10),
    st.lists(st.integers(0, 30), max_size=40),
)
def test_in_no_time_more_go_than_may(at_once, gap, pauses):
    pace, passed, now, went = Pace(at_once=at_once, gap=gap * SECOND), None, AT, []
    for pause in pauses:
        now += pause * SECOND
        now += wait(pace, passed, at=now)
        passed = let_pass(pace, passed, at=now)
        went.append(now)

    for first in range(len(went)):
        for last in range(first, len(went)):
            number, lasted = last - first + 1, went[last] - went[first]
            assert number <= at_once + lasted // (gap * SECOND)


def failing(number, *, every=SECOND, outcome=FAILED):
    circuit = Circuit()
    for each in range(number):
        circuit = after(circuit, outcome, at=AT + each * every)
    return circuit


@pytest.mark.parametrize(
    ("failures", "rest"),
    [
        (0, None),
        (4, None),
        (5, MINUTE),
        (6, 2 * MINUTE),
        (10, 32 * MINUTE),
        (11, HOUR),
        (1000, HOUR),
    ],
)
def test_an_endpoint_that_fails_is_asked_less_and_less(failures, rest):
    circuit = failing(failures)

    assert rests_until(circuit) == (rest and AT + (failures - 1) * SECOND + rest)


@pytest.mark.parametrize("outcome", [FAILED, Later("address_not_allowed"), Unknown("x")])
def test_each_kind_of_failure_counts(outcome):
    assert rests_until(failing(5, outcome=outcome)) == AT + 4 * SECOND + MINUTE


@pytest.mark.parametrize("outcome", [Sent("200"), Refused("endpoint_gone", "410")])
def test_whoever_answers_is_asked_at_once_again(outcome):
    assert after(failing(1000), outcome, at=AT) == Circuit()


@pytest.mark.parametrize(
    ("tried_after", "dead"), [(5 * DAY - SECOND, False), (5 * DAY, True), (9 * DAY, True)]
)
def test_an_endpoint_that_failed_everything_for_five_days_is_dead(tried_after, dead):
    circuit = after(failing(1), FAILED, at=AT + tried_after)

    assert is_dead(circuit, at=AT + tried_after) is dead


def test_an_endpoint_to_which_nothing_was_sent_since_it_failed_is_not_dead():
    assert not is_dead(failing(1), at=AT + 30 * DAY)
    assert not is_dead(Circuit(), at=AT)
