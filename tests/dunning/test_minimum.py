"""The minimum of a step: below it the step waits, and holds back none behind it (R-31b, R-42)."""

from datetime import date

import pytest
from pydantic import ValidationError

from schemas.steps import Step
from tests.support.desk import Desk
from tests.support.events import (
    end_contract,
    invoice,
    paid,
    policy,
    registered,
    reminder,
    terms,
    webhook,
)

MARCH_1 = date(2026, 3, 1)


def pause(days, least):
    return Step(days_overdue=days, action="pause_contract", minimum={"EUR": least})


def desk(*steps, owed="99.99", **more):
    given = Desk(terms(policy(*steps, **more)))
    return given.hear(registered(), invoice("A", owed, MARCH_1))


def decided(given):
    return [(day, d.step.number, d.outcome, d.rule) for day, d in given.dated("StepDecided")]


@pytest.mark.parametrize(
    ("owed", "outcome", "rule"),
    [("99.99", "below_threshold", "R-31b"), ("100.00", "fired", "R-01")],
)
def test_r31b_a_step_fires_from_its_minimum_on(owed, outcome, rule):
    given = desk(pause(10, "100.00"), owed=owed).until(date(2026, 3, 31))

    assert decided(given) == [(date(2026, 3, 11), 0, outcome, rule)]
    assert len(given.requests()) == (outcome == "fired")


def test_r31b_a_step_without_a_minimum_in_the_currency_has_none():
    step = Step(days_overdue=10, action="pause_contract", minimum={"USD": "100.00"})

    assert len(desk(step, owed="0.01").until(date(2026, 3, 31)).requests()) == 1


def test_r31b_what_waits_holds_back_none_behind_it():
    given = desk(pause(10, "100.00"), webhook(12), webhook(14)).until(date(2026, 3, 31))

    assert given.days_of("PaymentEscalated") == [date(2026, 3, 13), date(2026, 3, 15)]
    assert given.all_of("EscalationExhausted") == []


def test_r31b_it_fires_when_enough_has_become_overdue_by_itself():
    # B is due 20 March, and overdue from the 21st: nobody says anything on that day.
    given = desk(pause(10, "100.00"), owed="60.00", min_notice_days=0)
    given.hear(invoice("B", "40.00", date(2026, 3, 20))).until(date(2026, 3, 31))

    assert decided(given) == [
        (date(2026, 3, 11), 0, "below_threshold", "R-31b"),
        (date(2026, 3, 21), 0, "fired", "R-31"),
    ]
    assert given.all_of("StepDecided")[0].facts["minimum"] == "100.00 EUR"


def test_r31b_part_payment_lets_it_wait_though_the_run_goes_on():
    given = desk(webhook(2), pause(10, "100.00"), webhook(12), owed="150.00")
    given.until(date(2026, 3, 5)).hear(paid("p", "50.01", date(2026, 3, 5)))

    given.until(date(2026, 3, 31))

    assert given.requests() == []
    assert given.days_of("PaymentEscalated") == [date(2026, 3, 3), date(2026, 3, 13)]


def test_r31b_a_letter_that_waits_gives_no_notice_and_needs_none():
    # Level 1 of 15 March says Monday 30 March. The end of day 35 is 5 April and waits for no other.
    last = reminder(28, dispatch="email", minimum={"EUR": "100.00"})
    given = desk(reminder(14, dispatch="email"), last, end_contract(35)).until(date(2026, 4, 30))

    assert given.days_of("ReminderCreated") == [date(2026, 3, 15)]
    assert [day for day, _ in given.requests()] == [date(2026, 4, 5)]


def test_r31b_no_minimum_is_negative():
    with pytest.raises(ValidationError, match="must not be negative"):
        policy(pause(10, "-0.01"))
