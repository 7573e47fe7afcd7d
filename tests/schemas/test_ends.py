"""All that ends a contract passes one function (R-63a)."""

from datetime import date

import pytest

from schemas.ends import Ends
from schemas.message import Refused


def on(month, day):
    return date(2026, month, day)


STARTS, TODAY = on(1, 1), on(3, 10)


def told(ends, day, *, today=TODAY):
    return ends.told(day, starts_on=STARTS, today=today)


@pytest.mark.parametrize(
    ("agreed", "asked", "ends_on"),
    [
        (None, None, None),
        (on(5, 1), None, on(5, 1)),
        (None, on(6, 1), on(6, 1)),
        (on(5, 1), on(6, 1), on(5, 1)),
        (on(7, 1), on(6, 1), on(6, 1)),
    ],
)
def test_the_earlier_end_counts(agreed, asked, ends_on):
    assert Ends(agreed=agreed, asked=asked).on == ends_on


def test_what_is_agreed_moves_both_ways_while_the_contract_goes_on():
    first = told(Ends(), on(5, 1))

    assert (told(first, on(6, 1)).on, told(first, on(4, 1)).on) == (on(6, 1), on(4, 1))


def test_what_we_asked_for_moves_only_earlier():
    asked = Ends().requested(on(5, 1), starts_on=STARTS)

    assert told(asked, on(6, 1)).on == on(5, 1)
    assert asked.requested(on(6, 1), starts_on=STARTS).on == on(5, 1)
    assert asked.requested(on(4, 1), starts_on=STARTS).on == on(4, 1)


@pytest.mark.parametrize(
    ("today", "refused"), [(on(4, 30), False), (on(5, 1), True), (on(5, 2), True)]
)
def test_what_has_ended_ends_no_later(today, refused):
    ends = told(Ends(), on(5, 1))
    if refused:
        with pytest.raises(Refused, match="too_late: the contract has ended"):
            told(ends, on(5, 2), today=today)
        with pytest.raises(Refused, match="too_late"):
            ends.revoked(today=today)
    else:
        assert told(ends, on(5, 2), today=today).on == on(5, 2)
        assert ends.revoked(today=today).on is None
    assert told(ends, on(4, 30), today=today).on == on(4, 30)


def test_an_end_that_is_said_again_after_ours_is_taken_and_changes_nothing():
    # A CRM that says its whole record with every change names the end that was agreed.
    ends = told(Ends(), on(12, 31)).requested(on(3, 2), starts_on=STARTS)

    assert told(ends, on(12, 31)).on == on(3, 2)


def test_revoking_takes_both_away():
    ends = told(Ends(), on(5, 1)).requested(on(6, 1), starts_on=STARTS)

    assert ends.revoked(today=TODAY) == Ends()


@pytest.mark.parametrize(("day", "valid"), [(on(1, 1), True), (date(2025, 12, 31), False)])
def test_r58_an_end_before_the_start_is_none_and_one_on_the_day_is_a_withdrawal(day, valid):
    if valid:
        assert told(Ends(), day).on == day
    else:
        with pytest.raises(Refused, match="invalid: the contract ends before it starts"):
            told(Ends(), day)
    assert Ends().requested(day, starts_on=STARTS).on == on(1, 1)
