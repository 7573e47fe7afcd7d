"""What escalation asks of the contract itself: its end, its pause, its return (R-60 to R-65)."""

from datetime import date

import pytest

from schemas.contracts import ContractPaused, ContractResumed, TerminationRevoked
from schemas.instructions import ResetEscalation
from schemas.invoices import ContractEndFixed
from tests.support.desk import Desk
from tests.support.events import (
    credit_note,
    end_contract,
    ended,
    invoice,
    paid,
    pause_contract,
    policy,
    registered,
    reminder,
    terms,
    webhook,
)

MARCH_1 = date(2026, 3, 1)


def desk(*steps, contract=(), **more):
    given = Desk(terms(policy(*steps, **more)))
    return given.hear(registered(**dict(contract)), invoice("A", "50.00", MARCH_1))


def outcomes(given):
    return [(day, d.outcome, d.rule) for day, d in given.dated("StepDecided")]


def test_r60_an_end_at_once_is_the_evaluation_day():
    given = desk(end_contract(10)).until(date(2026, 3, 20))

    [(day, asked)] = given.requests()
    assert (day, asked.when, asked.ends_on) == (
        date(2026, 3, 11),
        "immediately",
        date(2026, 3, 11),
    )
    assert given.account.ends_on == date(2026, 3, 11)


@pytest.mark.parametrize(
    ("billed_until", "ends_on"),
    [
        (date(2026, 4, 1), date(2026, 4, 1)),
        (date(2026, 3, 12), date(2026, 3, 12)),
        (date(2026, 3, 11), None),  # it lies not after the evaluation day
        (None, None),
    ],
)
def test_r61_an_end_after_the_period_is_what_is_billed_and_else_invoicings_to_say(
    billed_until, ends_on
):
    step = end_contract(10, when="after_current_period")
    given = desk(step, contract={"billed_until": billed_until}).until(date(2026, 3, 20))

    [(day, asked)] = given.requests()
    assert (day, asked.ends_on) == (date(2026, 3, 11), ends_on)
    assert given.account.ends_on == ends_on


def test_r61_the_latest_period_that_was_invoiced_counts():
    given = desk(end_contract(10, when="after_current_period"))
    period = {"from": date(2026, 3, 1), "until": date(2026, 5, 1)}
    given.hear(invoice("B", "1.00", date(2026, 6, 1), period=period)).until(date(2026, 3, 20))

    assert [asked.ends_on for _, asked in given.requests()] == [date(2026, 5, 1)]


@pytest.mark.parametrize("answer", [None, date(2026, 4, 1)])
def test_r32_an_end_that_was_asked_for_is_not_asked_for_again(answer):
    step = end_contract(10, when="after_current_period")
    given = desk(step, end_contract(12, when="after_current_period")).until(date(2026, 3, 12))
    if answer:
        by = {"payment_escalation_process_id": given.account.run.process_id}
        given.hear(ContractEndFixed(contract_id="C1", **by, ends_on=answer))

    given.until(date(2026, 3, 20))

    if answer is None:
        assert outcomes(given)[1] == (date(2026, 3, 13), "no_op", "R-32")
        assert len(given.requests()) == 1
    else:
        # What is asked for now has no date yet, and may be earlier than 1 April.
        assert [asked.ends_on for _, asked in given.requests()] == [None, None]


@pytest.mark.parametrize(
    ("ends_on", "outcome"),
    [(date(2026, 3, 11), "no_op"), (date(2026, 3, 12), "fired")],
)
def test_r32_an_end_at_once_comes_before_a_later_one_and_not_after_an_earlier(ends_on, outcome):
    given = desk(end_contract(10)).hear(ended(ends_on)).until(date(2026, 3, 20))

    assert [d.outcome for d in given.all_of("StepDecided")] == [outcome]


def test_r62_a_credit_note_may_clear_the_balance_and_later_steps_are_void():
    given = desk(end_contract(10), webhook(12)).until(date(2026, 3, 11))

    given.hear(credit_note("G", "50.00", date(2026, 3, 11), invoice_id="A"))
    given.until(date(2026, 3, 31))

    assert [e.reason for e in given.all_of("PaymentEscalationReset")] == ["credit"]
    assert given.all_of("PaymentEscalated") == []


def test_r63_payment_alone_does_not_revive_the_contract_and_revoking_does():
    given = desk(
        end_contract(10, when="after_current_period"), contract={"billed_until": date(2026, 4, 1)}
    ).until(date(2026, 3, 12))

    given.hear(paid("p", "50.00", date(2026, 3, 12)))
    assert given.account.ends_on == date(2026, 4, 1)

    given.hear(TerminationRevoked(contract_id="C1"))
    assert given.account.ends_on is None


def test_r64_a_pause_by_a_step_keeps_the_escalation_running():
    given = desk(pause_contract(10), webhook(12)).until(date(2026, 3, 11))
    [(day, asked)] = given.requests()
    assert (day, asked.paused_from) == (date(2026, 3, 11), date(2026, 3, 11))

    # Confirmed by the outside: that is no pause of an operator.
    given.hear(ContractPaused(contract_id="C1", paused_from=date(2026, 3, 11)))
    given.until(date(2026, 3, 31))

    assert given.days_of("PaymentEscalated") == [date(2026, 3, 13)]


@pytest.mark.parametrize("credit", [True, False])
def test_r65_a_pause_credits_what_is_billed_only_where_the_policy_says_so(credit):
    given = desk(pause_contract(10), credit_on_pause=credit).until(date(2026, 3, 11))

    assert [asked.credit for _, asked in given.requests()] == [credit]


def test_r64_what_is_paused_is_not_paused_again():
    given = desk(pause_contract(10), pause_contract(12)).until(date(2026, 3, 31))

    assert len(given.requests()) == 1
    assert outcomes(given)[1] == (date(2026, 3, 13), "no_op", "R-64")


@pytest.mark.parametrize("cause", ["paid", "by hand"])
@pytest.mark.parametrize("wanted", [True, False])
def test_r64_a_reset_resumes_what_a_step_paused_where_the_policy_says_so(cause, wanted):
    given = desk(pause_contract(10), resume_on_reset=wanted).until(date(2026, 3, 15))
    run = given.account.run.process_id

    by_hand = ResetEscalation(contract_id="C1")
    given.hear(by_hand if cause == "by hand" else paid("p", "50.00", date(2026, 3, 15)))

    resumed = [
        (day, m.resumed_on, m.payment_escalation_process_id)
        for day, m in given.dated("ContractResumeRequested")
    ]
    assert resumed == ([(date(2026, 3, 15), date(2026, 3, 15), run)] if wanted else [])
    assert (given.account.pause is None) is wanted


def test_r64_a_pause_by_a_step_does_not_undo_one_that_an_operator_has_announced():
    given = desk(pause_contract(5), webhook(20)).hear(
        ContractPaused(contract_id="C1", paused_from=date(2026, 3, 10), cause="operator")
    )

    given.until(date(2026, 3, 31))

    assert outcomes(given) == [
        (date(2026, 3, 6), "fired", "R-01"),
        (date(2026, 3, 21), "suspended", "R-64"),
    ]


def test_r64_a_reset_does_not_resume_what_goes_on_already():
    given = desk(pause_contract(5), resume_on_reset=True).until(date(2026, 3, 6))
    given.hear(ContractResumed(contract_id="C1", resumed_on=date(2026, 3, 8)))

    given.until(date(2026, 3, 10)).hear(paid("p", "50.00", date(2026, 3, 10)))

    asked = [type(message).__name__ for _, message in given.requests()]
    assert asked == ["ContractPauseRequested"]


def test_r64_a_reset_does_not_resume_what_an_operator_paused():
    given = desk(webhook(5), resume_on_reset=True).until(date(2026, 3, 10))
    paused = ContractPaused(contract_id="C1", paused_from=date(2026, 3, 10), cause="operator")

    given.hear(paused, paid("p", "50.00", date(2026, 3, 10)))

    assert given.all_of("ContractResumeRequested") == []
    assert given.account.pause is not None


def test_an_end_that_takes_effect_makes_the_next_anchors_end_a_no_op():
    given = desk(reminder(2), end_contract(10), min_notice_days=0)
    given.hear(invoice("B", "9.00", date(2026, 3, 5)))
    given.until(date(2026, 3, 12)).hear(paid("p", "50.00", date(2026, 3, 12), "A"))

    given.until(date(2026, 3, 31))

    assert len(given.requests()) == 1
    assert outcomes(given)[-1] == (date(2026, 3, 15), "no_op", "R-32")
