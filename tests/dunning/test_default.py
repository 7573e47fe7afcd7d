"""Default (Verzug), both sides of each edge."""

from datetime import date
from functools import partial

import pytest

from schemas.calendars import next_working_day
from services.dunning.damages.default import Claim, begins, in_default, periods, received_on
from services.dunning.open_items import Deferral

BERLIN = partial(next_working_day, country="DE", subdivision="BE")
MARCH_2 = date(2026, 3, 2)


def claim(kind="consumer", **more):
    return Claim(kind=kind, **{"invoiced_on": date(2026, 2, 16), "due_on": MARCH_2, **more})


@pytest.mark.parametrize(
    ("given", "first_day"),
    [
        (claim(), None),  # a consumer who was told nothing and reminded of nothing
        (claim(due_date_is_agreed=True), date(2026, 3, 3)),
        (claim(kind="business"), date(2026, 4, 2)),  # 30 days after 2 March is Wednesday 1 April
        (claim(told=True), date(2026, 4, 2)),
        # 30 days after 4 March is Good Friday: the last day is the Tuesday after Easter
        (claim(kind="business", due_on=date(2026, 3, 4)), date(2026, 4, 8)),
        # the later of due date and invoice counts
        (claim(kind="business", invoiced_on=date(2026, 3, 3)), date(2026, 4, 3)),
        (claim(reminded_on=(date(2026, 3, 16),)), date(2026, 3, 17)),
        (claim(reminded_on=(MARCH_2,)), None),  # reminded on the due date: too early
        (claim(reminded_on=(date(2026, 3, 3),)), date(2026, 3, 4)),
        (claim(reminded_on=(date(2026, 3, 30), date(2026, 3, 16))), date(2026, 3, 17)),
        (claim(kind="business", reminded_on=(date(2026, 4, 10),)), date(2026, 4, 2)),
    ],
)
def test_r92_default_begins_by_contract_by_reminder_or_after_30_days(given, first_day):
    assert begins(given, working_day=BERLIN) == first_day


def test_r91_default_itself_may_begin_on_a_sunday():
    agreed = claim(due_date_is_agreed=True, due_on=date(2026, 3, 7))

    assert begins(agreed, working_day=BERLIN) == date(2026, 3, 8)


@pytest.mark.parametrize(
    ("channel", "received"),
    [("letter", date(2026, 3, 19)), ("email", date(2026, 3, 16)), ("archive", None)],
)
def test_r92_letters_are_received_three_days_later_and_the_archive_reaches_nobody(
    channel, received
):
    assert received_on(date(2026, 3, 16), channel) == received


def test_r92_days_of_default_end_before_the_day_of_the_reminder():
    agreed = claim(due_date_is_agreed=True)

    assert periods(agreed, until=date(2026, 3, 3), working_day=BERLIN) == ()
    assert periods(agreed, until=date(2026, 3, 4), working_day=BERLIN) == (
        (date(2026, 3, 3), date(2026, 3, 4)),
    )


def test_r98_a_deferral_ends_default_and_its_own_date_begins_it_again():
    # in default since 3 March; deferred on 10 March until Saturday 28 March, moved to the 30th
    deferred = claim(
        due_date_is_agreed=True,
        deferrals=(Deferral(since=date(2026, 3, 10), until=date(2026, 3, 28)),),
    )

    assert periods(deferred, until=date(2026, 4, 5), working_day=BERLIN) == (
        (date(2026, 3, 3), date(2026, 3, 10)),
        (date(2026, 3, 31), date(2026, 4, 5)),
    )


def test_r98_a_second_deferral_before_the_end_of_the_first_replaces_it():
    first = Deferral(since=date(2026, 2, 20), until=date(2026, 3, 31))
    second = Deferral(since=date(2026, 3, 20), until=date(2026, 4, 30))
    deferred = claim(due_date_is_agreed=True, deferrals=(first, second))

    assert periods(deferred, until=date(2026, 5, 3), working_day=BERLIN) == (
        (date(2026, 5, 1), date(2026, 5, 3)),
    )


@pytest.mark.parametrize(
    ("day", "yes"),
    [
        (MARCH_2, False),
        (date(2026, 3, 3), True),
        (date(2026, 3, 9), True),
        (date(2026, 3, 10), False),
        (date(2026, 3, 30), False),
        (date(2026, 3, 31), True),
    ],
)
def test_r92_r98_which_days_are_days_of_default(day, yes):
    deferred = claim(
        due_date_is_agreed=True,
        deferrals=(Deferral(since=date(2026, 3, 10), until=date(2026, 3, 28)),),
    )

    assert in_default(deferred, on=day, working_day=BERLIN) is yes
