"""Periods from the original anchor, both sides of each edge."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tariffs.periods import (
    Period,
    after,
    enclosing,
    index_of,
    overlap,
    period,
    periods_of,
    without,
)

DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))
# The anchors on which calendars go wrong are drawn as often as all others together.
ENDS = st.sampled_from(
    [date(y, m, d) for y in (2023, 2024) for m in (1, 3, 5, 12) for d in (29, 30, 31)]
    + [date(2024, 2, 29), date(2023, 2, 28), date(2000, 2, 29)]
)
ANCHORS = DAYS | ENDS
DURATIONS = st.builds("P{}{}".format, st.integers(1, 36), st.sampled_from("DWMY"))


def day(text):
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("anchor", "duration", "starts"),
    [
        ("2026-01-31", "P1M", ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]),
        ("2024-01-31", "P1M", ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"]),
        ("2026-01-30", "P1M", ["2026-01-30", "2026-02-28", "2026-03-30", "2026-04-30"]),
        ("2024-01-30", "P1M", ["2024-01-30", "2024-02-29", "2024-03-30", "2024-04-30"]),
        ("2026-01-29", "P1M", ["2026-01-29", "2026-02-28", "2026-03-29", "2026-04-29"]),
        ("2024-01-29", "P1M", ["2024-01-29", "2024-02-29", "2024-03-29", "2024-04-29"]),
        ("2026-01-28", "P1M", ["2026-01-28", "2026-02-28", "2026-03-28", "2026-04-28"]),
        ("2025-11-30", "P3M", ["2025-11-30", "2026-02-28", "2026-05-30", "2026-08-30"]),
        ("2024-02-29", "P1Y", ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28"]),
        ("2024-02-29", "P2Y", ["2024-02-29", "2026-02-28", "2028-02-29", "2030-02-28"]),
        ("2026-02-28", "P1M", ["2026-02-28", "2026-03-28", "2026-04-28", "2026-05-28"]),
        ("2026-12-15", "P1M", ["2026-12-15", "2027-01-15", "2027-02-15", "2027-03-15"]),
        ("2026-03-30", "P1W", ["2026-03-30", "2026-04-06", "2026-04-13", "2026-04-20"]),
        ("2024-02-20", "P14D", ["2024-02-20", "2024-03-05", "2024-03-19", "2024-04-02"]),
    ],
)
def test_u21_the_last_days_of_months_clamp_and_return_to_the_anchor(anchor, duration, starts):
    found = [period(day(anchor), duration, index) for index in range(3)]

    assert found == [Period(day(one), day(next_)) for one, next_ in pairwise(starts)]


def test_u21_the_fifth_year_of_a_leap_day_is_a_leap_day_again():
    assert period(day("2024-02-29"), "P1Y", 4) == (day("2028-02-29"), day("2029-02-28"))


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        ("2026-01-30", -1),
        ("2026-01-31", 0),
        ("2026-02-27", 0),
        ("2026-02-28", 1),
        ("2026-03-30", 1),
        ("2026-03-31", 2),
        ("2025-12-30", -2),
        ("2025-12-31", -1),
        ("2027-01-31", 12),
    ],
)
def test_a_period_begins_on_its_first_day_and_not_a_day_earlier(asked, index):
    assert index_of(day("2026-01-31"), "P1M", day(asked)) == index


def test_a_contract_that_begins_ahead_of_its_billing_day_lies_in_a_whole_period():
    found = enclosing(day("2026-02-01"), "P1M", day("2026-01-15"))

    assert found == (day("2026-01-01"), day("2026-02-01"))
    assert found.days == 31


def test_periods_that_share_a_day_with_a_stretch_come_in_order():
    found = periods_of(day("2026-01-31"), "P1M", Period(day("2026-02-27"), day("2026-03-31")))

    assert list(found) == [
        (day("2026-01-31"), day("2026-02-28")),
        (day("2026-02-28"), day("2026-03-31")),
    ]
    nothing = Period(day("2026-02-27"), day("2026-02-27"))
    assert not list(periods_of(day("2026-01-31"), "P1M", nothing))


@pytest.mark.parametrize(
    ("begun", "duration", "ends"),
    [
        ("2026-01-31", "P1M", "2026-02-28"),
        ("2026-01-31", "P3M", "2026-04-30"),
        ("2024-02-29", "P1Y", "2025-02-28"),
        ("2026-05-03", "P2W", "2026-05-17"),
        ("2026-05-03", "P10D", "2026-05-13"),
    ],
)
def test_a_notice_ends_its_duration_later(begun, duration, ends):
    assert after(day(begun), duration) == day(ends)


@pytest.mark.parametrize("duration", ["PT1H", "P1Q", "P1M2"])
def test_what_is_no_duration_of_whole_days_is_an_error(duration):
    with pytest.raises(ValueError, match=r"is no duration|invalid literal"):
        period(day("2026-01-01"), duration, 0)


@given(ANCHORS, DURATIONS, st.integers(-24, 24))
def test_periods_tile_the_calendar(anchor, duration, index):
    one, next_ = period(anchor, duration, index), period(anchor, duration, index + 1)

    assert one.days > 0
    assert one.until == next_.from_on


@given(ANCHORS, DURATIONS, DAYS)
def test_every_day_lies_in_the_one_period_of_its_index(anchor, duration, asked):
    index = index_of(anchor, duration, asked)

    assert asked in period(anchor, duration, index)
    assert asked not in period(anchor, duration, index - 1)
    assert asked not in period(anchor, duration, index + 1)


@given(ANCHORS, st.integers(1, 36), st.integers(0, 60))
def test_a_start_is_the_anchors_day_or_the_last_of_a_shorter_month(anchor, months, index):
    start = period(anchor, f"P{months}M", index).from_on

    assert start.day == anchor.day or (start + timedelta(days=1)).day == 1
    assert start.day <= anchor.day
    assert (start.year - anchor.year) * 12 + start.month - anchor.month == months * index


PIECES = st.tuples(DAYS, st.integers(0, 400)).map(
    lambda each: Period(each[0], each[0] + timedelta(days=each[1]))
)


@given(PIECES, st.lists(PIECES, max_size=5))
def test_what_is_outside_all_holes_is_left_and_nothing_else(stretch, holes):
    left = without(stretch, holes)
    days = {stretch.from_on + timedelta(days=n) for n in range(stretch.days)}

    assert {one.from_on + timedelta(days=n) for one in left for n in range(one.days)} == {
        each for each in days if not any(each in hole for hole in holes)
    }
    assert all(one.until < next_.from_on for one, next_ in pairwise(left))


def test_two_holes_leave_three_pieces():
    found = without(
        Period(day("2026-01-01"), day("2026-04-01")),
        [
            Period(day("2026-03-01"), day("2026-03-11")),
            Period(day("2026-01-10"), day("2026-01-20")),
        ],
    )

    assert found == [
        (day("2026-01-01"), day("2026-01-10")),
        (day("2026-01-20"), day("2026-03-01")),
        (day("2026-03-11"), day("2026-04-01")),
    ]


@pytest.mark.parametrize(
    ("from_on", "until", "shared"),
    [
        ("2025-12-01", "2026-01-01", None),
        ("2025-12-01", "2026-01-02", ("2026-01-01", "2026-01-02")),
        ("2026-01-31", "2026-03-01", ("2026-01-31", "2026-02-01")),
        ("2026-02-01", "2026-03-01", None),
    ],
)
def test_periods_that_only_touch_share_nothing(from_on, until, shared):
    january = Period(day("2026-01-01"), day("2026-02-01"))
    expected = shared and Period(day(shared[0]), day(shared[1]))

    assert overlap(january, Period(day(from_on), day(until))) == expected
