"""What sets the age of a contract, and which policy it is dunned under (R-01 to R-08, R-20s)."""

from datetime import date

import pytest

from schemas.instructions import ResetEscalation
from tests.support.desk import Desk
from tests.support.events import (
    charged_back,
    invoice,
    paid,
    policy,
    registered,
    reminder,
    terms,
    webhook,
)

MARCH_1 = date(2026, 3, 1)


def desk(*published, **contract):
    return Desk(terms(*published)).hear(registered(**contract))


def test_r01_the_oldest_sets_the_age_and_the_second_starts_no_run():
    given = desk(policy(webhook(14)))
    given.hear(invoice("A", "50.00", MARCH_1), invoice("B", "50.00", date(2026, 3, 20)))

    given.until(date(2026, 3, 14))
    assert given.days_of("PaymentEscalated") == []

    given.until(date(2026, 4, 30))
    assert given.days_of("PaymentEscalated") == [date(2026, 3, 15)]
    assert [e.due_date for e in given.all_of("PaymentEscalated")] == [MARCH_1]
    assert [e.trigger_days for e in given.all_of("PaymentEscalated")] == [14]
    assert len(given.all_of("EscalationStarted")) == 1


def test_r02_days_are_counted_from_the_day_after_the_due_date():
    given = Desk(terms(policy(webhook(5))), day=date(2022, 6, 1)).hear(registered())
    given.hear(invoice("A", "50.00", date(2022, 6, 9), issued_on=date(2022, 6, 1)))

    given.until(date(2022, 6, 30))

    assert given.days_of("PaymentEscalated") == [date(2022, 6, 14)]


def test_r02_of_several_with_one_anchor_date_the_first_by_issue_is_the_anchor():
    given = desk(policy(webhook(5)))
    given.hear(
        invoice("B", "50.00", MARCH_1, issued_on=date(2026, 2, 15)),
        invoice("A", "50.00", MARCH_1, issued_on=date(2026, 2, 14)),
    )

    given.until(date(2026, 3, 10))

    assert [e.receivable_id for e in given.all_of("PaymentEscalated")] == ["A"]


def test_r04_steps_of_a_day_fire_in_their_order_and_webhooks_raise_no_level():
    given = desk(policy(webhook(5), reminder(14), webhook(14), reminder(21)))
    given.hear(invoice("A", "50.00", MARCH_1)).until(date(2026, 3, 22))

    assert given.names_on(date(2026, 3, 15)) == [
        "StepDecided",
        "ReminderCreated",
        "StepDecided",
        "PaymentEscalated",
    ]
    assert [r.level for r in given.all_of("ReminderCreated")] == [1, 2]


def test_r05_the_webhook_says_what_it_is_about_and_nothing_of_a_document():
    given = desk(policy(webhook(5))).hear(invoice("A", "50.00", MARCH_1)).until(date(2026, 3, 6))

    [escalated] = given.all_of("PaymentEscalated")

    assert escalated.model_dump() == {
        "contract_id": "C1",
        "customer_id": "K1",
        "payment_escalation_process_id": given.account.run.process_id,
        "trigger_days": 5,
        "due_date": MARCH_1,
        "receivable_id": "A",
        "reopening": 0,
        "step": 0,
    }


def test_r52_a_step_says_how_its_reminder_is_to_be_sent_and_from_which_template():
    given = desk(
        policy(
            reminder(5, template="friendly"),
            reminder(9, dispatch="archive"),
            reminder(14, dispatch="letter", send="manual", level=9),
        )
    ).hear(invoice("A", "50.00", MARCH_1))

    given.until(date(2026, 3, 15))

    assert [(r.level, r.dispatch, r.send, r.template) for r in given.all_of("ReminderCreated")] == [
        (1, "default", "automatic", "friendly"),
        (2, "archive", "automatic", None),
        (9, "letter", "manual", None),
    ]


def test_r06_a_new_anchor_starts_the_steps_again_without_a_reset():
    # A is 12 days overdue, B 3 days; two days after A is paid B is 5 days overdue.
    given = desk(policy(webhook(5), webhook(10)))
    given.hear(invoice("A", "50.00", MARCH_1), invoice("B", "30.00", date(2026, 3, 10)))
    given.until(date(2026, 3, 13)).hear(paid("p", "50.00", date(2026, 3, 13), "A"))

    given.until(date(2026, 3, 15))

    assert given.days_of("PaymentEscalated") == [
        date(2026, 3, 6),
        date(2026, 3, 11),
        date(2026, 3, 15),
    ]
    assert [e.receivable_id for e in given.all_of("PaymentEscalated")] == ["A", "A", "B"]
    assert len({e.payment_escalation_process_id for e in given.all_of("PaymentEscalated")}) == 1
    assert given.all_of("PaymentEscalationReset") == []


def test_r06_what_is_returned_again_in_one_run_starts_its_steps_again():
    given = desk(policy(webhook(5))).hear(invoice("A", "50.00", MARCH_1))
    given.hear(invoice("B", "10.00", date(2026, 5, 1))).until(date(2026, 3, 10))
    given.hear(paid("p", "50.00", date(2026, 3, 10), "A"))
    given.until(date(2026, 3, 20)).hear(charged_back("cb", "p", "50.00", date(2026, 3, 20)))

    given.until(date(2026, 3, 24))
    assert given.days_of("PaymentEscalated") == [date(2026, 3, 6)]

    given.until(date(2026, 3, 25))
    assert given.days_of("PaymentEscalated") == [date(2026, 3, 6), date(2026, 3, 25)]
    assert [e.reopening for e in given.all_of("PaymentEscalated")] == [0, 1]
    assert len(given.all_of("EscalationStarted")) == 1


def test_r07_a_dormant_run_counts_from_the_next_due_date_under_its_old_policy():
    given = desk(policy(webhook(5)))
    given.hear(invoice("A", "50.00", MARCH_1), invoice("B", "50.00", date(2026, 4, 1)))
    given.until(date(2026, 3, 10)).hear(paid("p", "50.00", date(2026, 3, 10), "A"))
    given.publish(policy(webhook(2), version=2))

    given.until(date(2026, 4, 5))
    assert given.days_of("PaymentEscalated") == [date(2026, 3, 6)]

    given.until(date(2026, 4, 6))
    assert given.days_of("PaymentEscalated") == [date(2026, 3, 6), date(2026, 4, 6)]
    assert given.all_of("PaymentEscalationReset") == []


def test_r14_after_a_manual_reset_the_next_evaluation_opens_a_run_under_the_current_policy():
    given = desk(policy(webhook(5))).hear(invoice("A", "50.00", MARCH_1)).until(date(2026, 3, 10))
    given.publish(policy(webhook(3), version=2)).hear(ResetEscalation(contract_id="C1"))

    given.until(date(2026, 3, 11))

    assert [e.policy.version for e in given.all_of("EscalationStarted")] == [1, 2]
    assert given.days_of("EscalationStarted")[1] == date(2026, 3, 11)
    assert [e.trigger_days for e in given.all_of("PaymentEscalated")] == [5, 3]


def test_r20_a_run_keeps_its_policy_and_the_next_one_has_the_new():
    given = desk(policy(webhook(14), webhook(28)))
    given.hear(invoice("A", "50.00", MARCH_1)).until(date(2026, 3, 3))
    given.publish(policy(webhook(7), webhook(21), webhook(35), version=2))

    given.until(date(2026, 4, 10)).hear(paid("p", "50.00", date(2026, 4, 10)))
    given.hear(invoice("B", "50.00", date(2026, 4, 10))).until(date(2026, 4, 18))

    assert [e.trigger_days for e in given.all_of("PaymentEscalated")] == [14, 28, 7]
    assert [e.policy.version for e in given.all_of("EscalationStarted")] == [1, 2]


def test_r21_templates_and_thresholds_are_those_of_the_snapshot():
    given = desk(policy(reminder(5, template="old"), thresholds={"EUR": "9.00"}))
    given.hear(invoice("A", "9.00", MARCH_1)).until(date(2026, 3, 2))
    given.publish(policy(reminder(5, template="new"), version=2, thresholds={"EUR": "99.00"}))

    given.until(date(2026, 3, 10))

    assert [r.template for r in given.all_of("ReminderCreated")] == ["old"]


def test_r22_a_run_starts_on_the_first_overdue_day_not_at_its_first_step():
    given = desk(policy(webhook(14))).hear(invoice("A", "50.00", MARCH_1))

    given.until(MARCH_1)
    assert given.days_of("EscalationStarted") == []

    given.until(date(2026, 3, 2))
    assert given.days_of("EscalationStarted") == [date(2026, 3, 2)]


@pytest.mark.parametrize(
    ("today", "reminded_on"),
    [
        (date(2026, 3, 20), date(2026, 3, 21)),  # 20 days overdue
        (date(2026, 3, 14), date(2026, 3, 15)),  # 14 days at the next evaluation
        (date(2026, 3, 13), date(2026, 3, 15)),  # 13 days at the next one, 14 at that after it
    ],
)
def test_r30_a_first_policy_takes_what_is_overdue_already_at_once(today, reminded_on):
    given = desk().hear(invoice("A", "50.00", MARCH_1)).until(today)

    given.publish(policy(reminder(14))).until(date(2026, 4, 1))

    assert given.days_of("ReminderCreated") == [reminded_on]


def test_the_policy_with_most_matching_attributes_applies_then_the_smallest_id():
    business = {"segment": "business", "country": "DE"}
    given = desk(
        policy(webhook(1), policy_id="b", applies_to={"segment": "business"}),
        policy(webhook(2), policy_id="c", applies_to=business),
        policy(webhook(3), policy_id="a", applies_to=business),
        policy(webhook(9), policy_id="a", version=2, applies_to=business),
        policy(webhook(4), policy_id="0"),
        policy(webhook(5), policy_id="d", applies_to={**business, "vip": "yes"}),
        attributes=business,
    )

    given.hear(invoice("A", "50.00", MARCH_1)).until(date(2026, 3, 2))

    [started] = given.all_of("EscalationStarted")
    assert (started.policy.policy_id, started.policy.version) == ("a", 2)


def test_of_the_versions_of_a_policy_the_one_said_last_applies():
    given = desk(policy(webhook(1), version=2), policy(webhook(1), version=1))

    given.hear(invoice("A", "50.00", MARCH_1)).until(date(2026, 3, 2))

    assert [e.policy.version for e in given.all_of("EscalationStarted")] == [1]


@pytest.mark.parametrize(("gross", "starts"), [("4.99", []), ("5.00", [date(2026, 3, 2)])])
def test_r40_from_the_threshold_on_a_run_starts(gross, starts):
    given = desk(policy(webhook(5), thresholds={"EUR": "5.00"}))

    given.hear(invoice("A", gross, MARCH_1)).until(date(2026, 3, 9))

    assert given.days_of("EscalationStarted") == starts


def test_r41_what_is_overdue_adds_up_to_the_threshold_and_what_is_not_does_not():
    given = desk(policy(webhook(5), thresholds={"EUR": "5.00"}))
    given.hear(invoice("A", "2.50", MARCH_1), invoice("B", "2.50", date(2026, 3, 5)))

    given.until(date(2026, 3, 9))

    assert given.days_of("EscalationStarted") == [date(2026, 3, 6)]
    # A is five days overdue on the day on which the run starts.
    assert given.days_of("PaymentEscalated") == [date(2026, 3, 6)]


def test_r42_below_the_threshold_a_run_that_has_started_goes_on():
    given = desk(policy(webhook(5), thresholds={"EUR": "5.00"}))
    given.hear(invoice("A", "5.00", MARCH_1)).until(date(2026, 3, 2))

    given.hear(paid("p", "4.99", date(2026, 3, 2))).until(date(2026, 3, 6))

    assert given.days_of("PaymentEscalated") == [date(2026, 3, 6)]
    assert given.all_of("PaymentEscalationReset") == []
