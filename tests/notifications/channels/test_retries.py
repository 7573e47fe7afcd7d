"""When an attempt is made again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.notifications.channels.retries import MAIL, WEBHOOK, Plan, next_attempt
from tests.support.properties import up_to

BEGAN = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def after(attempt, *, plan=MAIL, passed=timedelta(0), wait=None, delivery_id="d-1"):
    """Return how long is waited after *attempt*, which failed so long after the first."""
    failed_at = BEGAN + passed
    found = next_attempt(
        plan,
        delivery_id=delivery_id,
        attempt=attempt,
        began_at=BEGAN,
        failed_at=failed_at,
        wait=wait,
    )
    return found and found - failed_at


@pytest.mark.parametrize(
    ("plan", "attempt", "least"),
    [
        (MAIL, 1, 5 * MINUTE),
        (MAIL, 2, 10 * MINUTE),
        (MAIL, 3, 20 * MINUTE),
        (MAIL, 6, 160 * MINUTE),
        (MAIL, 7, 4 * HOUR),
        (MAIL, 1000, 4 * HOUR),
        (WEBHOOK, 1, timedelta(seconds=5)),
        (WEBHOOK, 2, timedelta(seconds=10)),
        # 5 s times 2 to the 12th is 5 h 41 min; one more is beyond the longest.
        (WEBHOOK, 13, timedelta(seconds=20480)),
        (WEBHOOK, 14, 6 * HOUR),
    ],
)
def test_gaps_double_up_to_the_longest_and_a_tenth_at_the_most_is_added(plan, attempt, least):
    assert least <= after(attempt, plan=plan) < least * 11 / 10


def test_what_failed_at_once_does_not_come_again_at_once():
    assert len({after(1, delivery_id=f"d-{number}") for number in range(1000)}) > 200


def test_the_same_attempt_has_the_same_time():
    assert after(3) == after(3)


@pytest.mark.parametrize(
    ("passed", "waited"),
    [
        (23 * HOUR, HOUR),
        (DAY - timedelta(seconds=1), timedelta(seconds=1)),
        (DAY, None),
        (DAY + timedelta(seconds=1), None),
    ],
)
def test_mail_is_tried_for_a_day_and_the_last_time_at_its_end(passed, waited):
    assert after(9, passed=passed) == waited


@pytest.mark.parametrize(
    ("passed", "waited"), [(47 * HOUR, HOUR), (2 * DAY, None), (3 * DAY, None)]
)
def test_webhooks_are_tried_for_two_days(passed, waited):
    assert after(20, plan=WEBHOOK, passed=passed) == waited


def test_it_is_waited_for_as_long_as_the_other_side_asks():
    assert HOUR <= after(1, plan=WEBHOOK, wait=HOUR) < HOUR * 11 / 10
    assert after(1, plan=WEBHOOK, wait=timedelta(0)) == after(1, plan=WEBHOOK)
    # But not beyond the end.
    assert after(1, plan=WEBHOOK, passed=47 * HOUR, wait=DAY) == HOUR


def attempts(plan, *, lasting):
    """Return the times of all attempts, each of which lasts so long."""
    at, number, found = BEGAN, 1, [BEGAN]
    while at is not None:
        at = next_attempt(
            plan, delivery_id="d", attempt=number, began_at=BEGAN, failed_at=at + lasting
        )
        number += 1
        found += [at] if at is not None else []
    return found


def test_a_mail_server_that_is_away_all_day_is_asked_a_dozen_times():
    # Gaps of 5, 10, 20, 40, 80, 160 minutes are 5 h 15 min; four of 4 h are 21 h 15 min, and the
    # last is at the end; what is added makes one fewer.
    assert len(attempts(MAIL, lasting=timedelta(0))) in (11, 12)


@settings(max_examples=up_to(200))
@given(
    st.integers(1, 10_000),
    st.integers(1, 10_000),
    st.integers(1, 100_000),
    st.integers(0, 1000),
)
def test_attempts_go_forward_and_end(first, longest, lasts, lasting):
    plan = Plan(
        first_gap=timedelta(seconds=first),
        longest_gap=timedelta(seconds=longest),
        lasts=timedelta(seconds=lasts),
    )

    if lasts // min(first, longest) < 1000:
        found = attempts(plan, lasting=timedelta(seconds=lasting))
        assert found == sorted({*found})
        assert found[-1] <= BEGAN + plan.lasts
