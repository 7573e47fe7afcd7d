"""Every step that fired, and every step that did not, has a record that explains it."""

from datetime import date

from schemas.contracts import ContractPaused, ContractResumed
from schemas.instructions import HoldEscalation, SwitchEscalation
from tests.support.desk import Desk
from tests.support.events import (
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
STATE = {
    "due_on": "2026-03-01",
    "ages_from": "2026-03-01",
    "open": "50.00 EUR",
    "overdue": "50.00 EUR",
    "balance": "50.00 EUR",
}


def desk(*steps, **more):
    given = Desk(terms(policy(*steps, **more)))
    return given.hear(registered(), invoice("A", "50.00", MARCH_1))


def test_a_step_that_fired_says_its_rule_its_age_and_what_was_owed():
    given = desk(reminder(5, send="manual"), webhook(5)).until(date(2026, 3, 6))

    fired, second = given.all_of("StepDecided")

    assert fired.payment_escalation_process_id == given.account.run.process_id
    assert (fired.step.number, fired.step.days_overdue, fired.step.action) == (0, 5, "reminder")
    assert (fired.outcome, fired.rule, fired.anchor, fired.reopening) == ("fired", "R-01", "A", 0)
    assert (fired.age_days, fired.delay_days, fired.decided_on) == (5, 0, date(2026, 3, 6))
    assert fired.policy.policy_id == "standard"
    assert fired.facts == STATE
    assert second.step.number == 1


def test_what_is_below_the_threshold_is_said_once_with_the_threshold():
    given = desk(webhook(5), thresholds={"EUR": "50.01"}).until(date(2026, 3, 31))

    [said] = given.all_of("StepDecided")

    assert (said.outcome, said.rule, said.step) == ("below_threshold", "R-40", None)
    assert (said.decided_on, said.age_days) == (date(2026, 3, 2), 1)
    assert said.facts == {**STATE, "threshold": "50.01 EUR"}


def test_before_a_run_a_new_anchor_is_explained_anew():
    given = desk(webhook(5), thresholds={"EUR": "99.00"}).until(date(2026, 3, 10))
    given.hear(invoice("B", "10.00", date(2026, 3, 12)))
    given.hear(paid("p", "50.00", date(2026, 3, 10), "A")).until(date(2026, 3, 31))

    assert [(d.anchor, d.decided_on) for d in given.all_of("StepDecided")] == [
        ("A", date(2026, 3, 2)),
        ("B", date(2026, 3, 13)),
    ]


def test_what_held_and_until_when_is_said():
    given = desk(webhook(5)).until(MARCH_1)
    given.until(date(2026, 3, 3)).hear(HoldEscalation(contract_id="C1", until=date(2026, 3, 10)))

    held = given.until(date(2026, 3, 9)).all_of("StepDecided")[-1]

    assert held.facts == {**STATE, "held_by": "an instruction", "held_through": "2026-03-09"}


def test_an_outcome_that_changes_is_said_again_and_one_that_does_not_is_not():
    given = desk(webhook(5)).until(date(2026, 3, 3)).hear(HoldEscalation(contract_id="C1"))
    given.until(date(2026, 3, 10)).hear(SwitchEscalation(contract_id="C1", on=False))
    given.until(date(2026, 3, 14)).hear(SwitchEscalation(contract_id="C1", on=True))

    given.until(date(2026, 3, 20))

    assert [(d.outcome, d.decided_on) for d in given.all_of("StepDecided")] == [
        ("held", date(2026, 3, 6)),
        ("suspended", date(2026, 3, 11)),
        ("held", date(2026, 3, 15)),
    ]
    assert len({m.derived_id() for m in given.all_of("StepDecided")}) == 3


def test_a_guarded_step_says_when_its_notice_ends():
    given = Desk(terms(policy(reminder(5), end_contract(10)))).until(date(2026, 4, 1))
    given.hear(registered(), invoice("A", "50.00", MARCH_1)).until(date(2026, 4, 2))

    guarded = given.all_of("StepDecided")[-1]

    assert (guarded.outcome, guarded.rule) == ("guarded", "R-31")
    assert guarded.facts == {**STATE, "min_notice_days": "14", "notice_ends": "2026-04-20"}


def test_a_guarded_step_whose_reminder_is_unsent_says_so():
    steps = policy(reminder(5, send="manual"), end_contract(10))
    given = Desk(terms(steps)).until(date(2026, 4, 1))
    given.hear(registered(), invoice("A", "50.00", MARCH_1)).until(date(2026, 4, 2))

    guarded = given.all_of("StepDecided")[-1]

    assert guarded.facts["notice_ends"] == "when the reminders before it are dispatched"


def test_a_no_op_says_when_the_contract_ends():
    given = desk(end_contract(5)).hear(ended(date(2026, 2, 1))).until(date(2026, 3, 6))

    [said] = given.all_of("StepDecided")

    assert (said.outcome, said.rule) == ("no_op", "R-32")
    assert said.facts == {
        **STATE,
        "ends_on": "2026-02-01",
        "end_requested": False,
        "paused": False,
    }


def test_a_no_op_says_that_the_contract_rests_and_no_end_where_it_has_none():
    paused = ContractPaused(contract_id="C1", paused_from=MARCH_1, cause="escalation")
    given = desk(pause_contract(5)).hear(paused).until(date(2026, 3, 6))

    [said] = given.all_of("StepDecided")

    assert (said.outcome, said.rule) == ("no_op", "R-64")
    assert said.facts == {**STATE, "end_requested": False, "paused": True}


def test_a_pause_that_is_over_is_no_fact_of_a_no_op():
    paused = ContractPaused(contract_id="C1", paused_from=date(2026, 2, 1), cause="escalation")
    over = ContractResumed(contract_id="C1", resumed_on=date(2026, 3, 2))
    given = desk(end_contract(5)).until(MARCH_1).hear(paused, over, ended(date(2026, 2, 1)))

    [said] = given.until(date(2026, 3, 6)).all_of("StepDecided")

    assert (said.outcome, said.facts["paused"]) == ("no_op", False)


def test_a_delayed_step_says_its_delay():
    given = desk(reminder(5, send="manual"), webhook(6)).until(date(2026, 3, 9))
    given.hear(paid("p", "1.00", date(2026, 3, 9))).until(date(2026, 3, 10))

    again = given.all_of("StepDecided")[-1]

    # Made anew four days after the first draft: the clock has stood still since.
    assert (again.age_days, again.delay_days, again.outcome) == (9, 4, "fired")
