"""All that ends a contract passes one function (R-63a)."""

from datetime import date

import pytest

from schemas.ends import Ask, Ends
from schemas.message import NotYet, Refused


def on(month, day):
    return date(2026, month, day)


STARTS, TODAY = on(1, 1), on(3, 10)


def asks(ends, day, by="P1"):
    return ends.requested(by, day, starts_on=STARTS)


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
    ours = (Ask(process_id="P1", on=asked),) if asked else ()

    assert Ends(agreed=agreed, asks=ours).on == ends_on


def test_what_is_agreed_moves_both_ways_while_the_contract_goes_on():
    first = told(Ends(), on(5, 1))

    assert (told(first, on(6, 1)).on, told(first, on(4, 1)).on) == (on(6, 1), on(4, 1))


def test_what_we_asked_for_moves_only_earlier():
    asked = asks(Ends(), on(5, 1))

    assert told(asked, on(6, 1)).on == on(5, 1)
    assert asks(asked, on(6, 1)).on == asks(asked, on(6, 1), by="P2").on == on(5, 1)
    assert asks(asked, on(4, 1)).on == asks(asked, on(4, 1), by="P2").on == on(4, 1)


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
    ends = asks(told(Ends(), on(12, 31)), on(3, 2))

    assert told(ends, on(12, 31)).on == on(3, 2)


def test_revoking_takes_both_away():
    ends = asks(told(Ends(), on(5, 1)), on(6, 1)).revoked(today=TODAY)

    assert (ends.agreed, ends.asked, ends.on) == (None, None, None)
    # It was revoked without a name: what the same process asks for later counts.
    assert asks(ends, on(7, 1)).on == on(7, 1)


def test_r63_revoking_what_a_process_asked_for_leaves_what_others_say_and_ask():
    ends = asks(asks(told(Ends(), on(6, 1)), on(4, 1)), on(5, 1), by="P2")

    first = ends.revoked("P1", today=TODAY)
    both = first.revoked("P2", today=TODAY)

    assert (ends.on, first.on, both.on) == (on(4, 1), on(5, 1), on(6, 1))
    # It ends nothing any more; what another process asks for counts.
    assert asks(both, on(3, 20)).on == on(6, 1)
    assert asks(both, on(3, 20), by="P3").on == on(3, 20)
    assert both.revoked("P2", today=TODAY) == both


def test_r63_a_revocation_waits_for_the_request_of_the_process_that_it_names():
    with pytest.raises(NotYet):
        told(Ends(), on(5, 1)).revoked("P1", today=TODAY)

    open_ = asks(Ends(), None)
    assert (open_.is_requested, open_.revoked("P1", today=TODAY).is_requested) == (True, False)


@pytest.mark.parametrize(("today", "refused"), [(on(4, 30), False), (on(5, 1), True)])
def test_r63_what_a_process_has_ended_is_not_revoked_by_its_name_either(today, refused):
    ends = asks(Ends(), on(5, 1))
    if refused:
        with pytest.raises(Refused, match="too_late: the contract has ended"):
            ends.revoked("P1", today=today)
    else:
        assert ends.revoked("P1", today=today).on is None


def answered(ends, day):
    return ends.answered(day, starts_on=STARTS, today=TODAY)


def test_an_answer_waits_for_the_wish_or_the_request_that_it_answers():
    with pytest.raises(NotYet):
        answered(Ends(), on(5, 1))
    with pytest.raises(NotYet):
        Ends().fixed("P1", on(5, 1), starts_on=STARTS)

    assert answered(Ends().wished(), on(5, 1)).on == on(5, 1)
    assert asks(Ends(), None).fixed("P1", on(5, 1), starts_on=STARTS).on == on(5, 1)


@pytest.mark.parametrize("then", ["revoked", "told", "wished"])
def test_the_answer_to_a_wish_that_counts_no_more_changes_nothing(then):
    """What others said after it counts; the answer that was on its way is that to the first."""
    ends = Ends().wished()
    ends = {
        "revoked": lambda: ends.revoked(today=TODAY),
        "told": lambda: told(ends, on(6, 1)),
        "wished": ends.wished,
    }[then]()

    ends = answered(ends, on(5, 1))

    assert ends.on == (on(6, 1) if then == "told" else None)
    if then == "wished":
        assert answered(ends, on(7, 1)).on == on(7, 1)
    else:
        assert answered(ends.wished(), on(7, 1)).on == on(7, 1)


@pytest.mark.parametrize(("day", "valid"), [(on(1, 1), True), (date(2025, 12, 31), False)])
def test_r58_an_end_before_the_start_is_none_and_one_on_the_day_is_a_withdrawal(day, valid):
    if valid:
        assert told(Ends(), day).on == day
    else:
        with pytest.raises(Refused, match="invalid: the contract ends before it starts"):
            told(Ends(), day)
    assert asks(Ends(), day).on == on(1, 1)
