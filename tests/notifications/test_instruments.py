"""Cards and mandates that end (R-97): both sides of each day."""

from datetime import date

import pytest

from schemas.contracts import ContractChanged, InstrumentRemoved
from schemas.escalations import PaymentProcessStatusChanged
from schemas.message import Refused
from tests.support.correspondent import C1, PostRoom, card, mandate


def room(*messages, day=date(2026, 2, 1)):
    return PostRoom(day=day).open().hear(*messages)


def recurring(on, change):
    return PaymentProcessStatusChanged(**C1, change=change, recurring_payment=on, reason="bank")


@pytest.mark.parametrize(
    ("month", "day", "told"),
    [
        (2, 28, []),
        (3, 1, ["InstrumentExpiring K 2026-04-01"]),
        (3, 31, ["InstrumentExpiring K 2026-04-01"]),
        (4, 1, ["InstrumentExpiring K 2026-04-01", "InstrumentExpired K 2026-04-01"]),
        (6, 1, ["InstrumentExpiring K 2026-04-01", "InstrumentExpired K 2026-04-01"]),
    ],
)
def test_a_card_of_march_is_told_on_the_first_and_ends_with_the_month(month, day, told):
    assert room(card("K", "2026-03")).until(month, day).told() == told


def test_the_notice_of_a_card_of_february_comes_thirty_days_before_its_last_day():
    post = room(card("K", "2026-02"), day=date(2026, 1, 10)).until(1, 28)
    assert post.told() == []

    assert post.until(1, 29).told() == ["InstrumentExpiring K 2026-03-01"]


def test_a_card_that_comes_later_than_its_notice_is_told_at_once():
    assert room(card("K", "2026-02")).told() == ["InstrumentExpiring K 2026-03-01"]


def test_a_card_that_has_ended_already_is_told_as_that_alone():
    assert room(card("K", "2026-01")).told() == ["InstrumentExpired K 2026-02-01"]


def test_said_again_it_is_told_once():
    post = room(card("K", "2026-02")).hear(card("K", "2026-02")).until(2, 5)

    assert post.told() == ["InstrumentExpiring K 2026-03-01"]


def test_a_card_replaced_in_time_is_not_told():
    post = room(card("K", "2026-03")).until(2, 20).hear(card("L", "2029-03")).until(4, 2)

    assert post.told() == []


def test_a_card_renewed_under_its_name_is_told_for_its_new_end():
    post = room(card("K", "2026-02")).hear(card("K", "2026-04")).until(5, 1)

    assert post.told() == [
        "InstrumentExpiring K 2026-03-01",
        "InstrumentExpiring K 2026-05-01",
        "InstrumentExpired K 2026-05-01",
    ]


def test_a_card_that_was_removed_is_not_told():
    gone = InstrumentRemoved(**C1, instrument_id="K")

    assert room(card("K", "2026-03")).hear(gone).until(4, 2).told() == []


def test_the_removal_of_another_card_changes_nothing():
    gone = InstrumentRemoved(**C1, instrument_id="L")

    assert len(room(card("K", "2026-03")).hear(gone).until(4, 2).told()) == 2


@pytest.mark.parametrize(
    ("last_used_on", "day", "told"),
    [
        (date(2023, 3, 10), 9, []),
        (date(2023, 3, 10), 10, ["InstrumentExpiring M 2026-03-10"]),
        (date(2023, 3, 31), 27, []),
        # February has no 31st: its last day is a month before the 31st of March.
        (date(2023, 3, 31), 28, ["InstrumentExpiring M 2026-03-31"]),
    ],
)
def test_a_mandate_idle_for_35_months_loses_its_authorisation(last_used_on, day, told):
    post = room(mandate("M", last_used_on)).until(2, day)

    assert post.told() == told
    assert [each.cause for each in post.all_of("InstrumentExpiring")] == ["authorisation"] * len(
        told
    )


def test_a_mandate_of_today_is_watched_from_today():
    assert room(mandate("M")).contract.instrument.expires_on == date(2029, 2, 1)


def test_while_recurring_payment_is_off_nothing_is_told_and_later_at_once():
    post = room(card("K", "2026-03")).hear(recurring(False, 1)).until(3, 5)
    assert post.told() == []

    assert post.hear(recurring(True, 2)).told() == ["InstrumentExpiring K 2026-04-01"]


def test_the_switch_of_the_contract_counts_too():
    off = ContractChanged(**C1, switches={"recurring_payment": False})

    assert room(card("K", "2026-03"), off).until(4, 2).told() == []


def test_a_day_that_is_late_tells_nothing_and_the_next_one_does():
    post = room(card("K", "2026-03"), day=date(2026, 2, 28)).until(3, 1, late=True)
    assert post.told() == []

    assert post.until(3, 2).told() == ["InstrumentExpiring K 2026-04-01"]


@pytest.mark.parametrize("month", ["0000-01", "1899-12", "2999-12", "9999-12"])
def test_a_month_that_no_card_has_is_refused(month):
    with pytest.raises(Refused, match="no card or mandate ends in such a month"):
        room(card("K", month))
