"""What keeps all steps from firing for a while (R-13, R-33, R-64, R-78, R-98)."""

from datetime import date

import pytest

from schemas.chargebacks import DisputeClosed, DisputeOpened
from schemas.contracts import ContractPaused, ContractResumed
from schemas.instructions import HoldEscalation, ReleaseEscalation, SwitchEscalation
from schemas.payments import PaymentFailed, PaymentPending
from tests.support.desk import Desk
from tests.support.events import (
    charged_back,
    eur,
    invoice,
    paid,
    policy,
    registered,
    reminder,
    reversed_,
    terms,
    webhook,
)

MARCH_1 = date(2026, 3, 1)


def desk(*steps, **more):
    given = Desk(terms(policy(*steps, **more)))
    return given.hear(registered(), invoice("A", "50.00", MARCH_1))


def pending(method, initiated_on):
    return PaymentPending(
        contract_id="C1",
        payment_id="p",
        money=eur("50.00"),
        method=method,
        initiated_on=initiated_on,
    )


def hold(until=None):
    return HoldEscalation(contract_id="C1", until=until)


def switch(on):
    return SwitchEscalation(contract_id="C1", on=on)


def outcomes(given):
    return [(day, d.outcome, d.rule) for day, d in given.dated("StepDecided")]


@pytest.mark.parametrize(
    ("method", "held_days", "fires"),
    [
        # From Thursday 5 March five TARGET days go through Thursday 12 March.
        ("sepa", {}, date(2026, 3, 13)),
        ("card", {}, date(2026, 3, 10)),  # two: through Monday 9 March
        ("transfer", {}, date(2026, 3, 6)),  # none, but its own day
        ("sepa", {"sepa": 2}, date(2026, 3, 10)),
        ("card", {"card": 0}, date(2026, 3, 6)),
    ],
)
def test_r13_a_payment_on_its_way_holds_for_so_many_target_days(method, held_days, fires):
    given = desk(webhook(5), pending_hold_days=held_days).until(date(2026, 3, 5))

    given.hear(pending(method, date(2026, 3, 5))).until(date(2026, 3, 31))

    assert given.days_of("PaymentEscalated") == [fires]


def test_r13_what_failed_holds_nothing_any_more():
    given = desk(webhook(5)).until(date(2026, 3, 5)).hear(pending("card", date(2026, 3, 5)))
    given.until(date(2026, 3, 7))

    given.hear(PaymentFailed(contract_id="C1", payment_id="p", failed_on=date(2026, 3, 7)))
    given.until(date(2026, 3, 31))

    assert given.days_of("PaymentEscalated") == [date(2026, 3, 8)]
    assert outcomes(given) == [
        (date(2026, 3, 6), "held", "R-13"),
        (date(2026, 3, 8), "fired", "R-31"),
    ]


def test_r13_a_hold_is_decided_once_and_again_when_its_outcome_changes():
    given = desk(webhook(5), webhook(6)).until(date(2026, 3, 5))

    given.hear(pending("sepa", date(2026, 3, 5))).until(date(2026, 3, 31))

    assert outcomes(given) == [
        (date(2026, 3, 6), "held", "R-13"),
        (date(2026, 3, 7), "held", "R-13"),
        (date(2026, 3, 13), "fired", "R-31"),
        (date(2026, 3, 13), "fired", "R-31"),
    ]


@pytest.mark.parametrize("stopper", [hold(), switch(False), pending("sepa", MARCH_1)])
def test_r33_what_holds_keeps_a_run_from_starting_and_says_so_once(stopper):
    given = desk(webhook(5)).until(MARCH_1)

    given.hear(stopper).until(date(2026, 3, 6))

    assert given.all_of("EscalationStarted") == []
    [decided] = given.all_of("StepDecided")
    assert decided.step is None
    assert decided.payment_escalation_process_id is None
    assert given.days_of("StepDecided") == [date(2026, 3, 2)]


def test_r33_after_the_switch_the_age_is_by_due_date_and_letters_collapse():
    given = desk(reminder(5), reminder(10)).until(date(2026, 3, 4)).hear(switch(False))
    given.until(date(2026, 3, 20))
    assert given.all_of("ReminderCreated") == []

    given.hear(switch(True)).until(date(2026, 3, 31))

    assert given.days_of("ReminderCreated") == [date(2026, 3, 21)]
    assert [r.level for r in given.all_of("ReminderCreated")] == [2]
    assert outcomes(given)[:2] == [
        (date(2026, 3, 6), "suspended", "R-33"),
        (date(2026, 3, 11), "suspended", "R-33"),
    ]


@pytest.mark.parametrize(
    ("until", "fires"), [(date(2026, 3, 7), date(2026, 3, 7)), (date(2026, 3, 6), date(2026, 3, 6))]
)
def test_r98_a_promise_not_to_dun_holds_before_the_day_that_was_said(until, fires):
    given = desk(webhook(5)).until(date(2026, 3, 3)).hear(hold(until)).until(date(2026, 3, 31))

    assert given.days_of("PaymentEscalated") == [fires]


def test_a_hold_without_an_end_holds_until_it_is_released():
    given = desk(webhook(5)).until(date(2026, 3, 3)).hear(hold()).until(date(2026, 3, 20))
    assert outcomes(given) == [(date(2026, 3, 6), "held", "R-98")]

    given.hear(ReleaseEscalation(contract_id="C1")).until(date(2026, 3, 31))

    assert given.days_of("PaymentEscalated") == [date(2026, 3, 21)]


def disputed(kind, **more):
    """Return a desk with an open item, and a dispute about the chargeback of another."""
    given = desk(webhook(5), **more).hear(invoice("B", "9.00", date(2026, 3, 30)))
    given.hear(paid("p", "9.00", date(2026, 2, 27), "B")).until(date(2026, 3, 3))
    back = charged_back("cb", "p", "9.00", date(2026, 3, 3)).model_copy(update={"kind": kind})
    opened = DisputeOpened(contract_id="C1", chargeback_id="cb", on=date(2026, 3, 3))
    return given.hear(back, opened).until(date(2026, 3, 10))


@pytest.mark.parametrize(
    ("kind", "on_dispute", "fires"),
    [
        ("card_chargeback", None, []),
        ("sepa_return", None, [date(2026, 3, 6)]),
        ("card_chargeback", "escalate", [date(2026, 3, 6)]),
        ("sepa_return", "hold", []),
    ],
)
def test_r78_a_dispute_holds_by_policy_else_a_cards_and_not_a_debits(kind, on_dispute, fires):
    given = disputed(kind, on_dispute=on_dispute)

    assert given.days_of("PaymentEscalated") == fires
    if not fires:
        assert outcomes(given) == [(date(2026, 3, 6), "held", "R-78")]


def test_r78_a_lost_dispute_escalates():
    given = disputed("card_chargeback")

    lost = DisputeClosed(contract_id="C1", chargeback_id="cb", on=date(2026, 3, 10), outcome="lost")
    given.hear(lost).until(date(2026, 3, 31))

    assert given.days_of("PaymentEscalated") == [date(2026, 3, 11)]


def test_r77_what_has_come_back_whole_holds_nothing_though_nobody_closed_the_dispute():
    given = disputed("card_chargeback")

    given.hear(reversed_("cb", date(2026, 3, 10))).until(date(2026, 3, 31))

    assert given.days_of("PaymentEscalated") == [date(2026, 3, 11)]


def test_r64_a_pause_by_an_operator_suspends_and_its_end_lets_steps_fire_again():
    given = desk(webhook(5)).until(date(2026, 3, 3))
    paused = ContractPaused(contract_id="C1", paused_from=date(2026, 3, 4), cause="operator")
    given.hear(paused).until(date(2026, 3, 20))
    assert outcomes(given) == [(date(2026, 3, 6), "suspended", "R-64")]

    resumed = ContractResumed(contract_id="C1", resumed_on=date(2026, 3, 24))
    given.hear(resumed).until(date(2026, 3, 31))

    assert given.days_of("PaymentEscalated") == [date(2026, 3, 24)]


def test_r64_a_pause_that_begins_later_suspends_from_its_first_day():
    given = desk(webhook(5), webhook(8)).until(date(2026, 3, 3))
    paused = ContractPaused(contract_id="C1", paused_from=date(2026, 3, 9), cause="customer")

    given.hear(paused).until(date(2026, 3, 31))

    assert given.days_of("PaymentEscalated") == [date(2026, 3, 6)]
