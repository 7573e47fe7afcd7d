"""Several reached steps, the notice before what destroys, and late days (R-31, R-32, R-34)."""

from datetime import date

import pytest

from schemas.instructions import DispatchReminder
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
MAY_1 = date(2026, 5, 1)


def caught_up(*steps, today=MAY_1, **more):
    """Return a desk whose invoice of 1 March is heard of on *today*."""
    given = Desk(terms(policy(*steps, **more))).until(today)
    return given.hear(registered(), invoice("A", "50.00", MARCH_1))


def outcomes(given):
    return [(day, d.step.number, d.outcome) for day, d in given.dated("StepDecided")]


def test_r31_reached_reminders_collapse_and_webhooks_do_not():
    given = caught_up(webhook(5), reminder(14), webhook(18), reminder(21), webhook(30))

    given.until(date(2026, 5, 2))

    day = date(2026, 5, 2)
    assert outcomes(given) == [
        (day, 0, "fired"),
        (day, 1, "superseded"),
        (day, 2, "fired"),
        (day, 3, "fired"),
        (day, 4, "fired"),
    ]
    assert [e.trigger_days for e in given.all_of("PaymentEscalated")] == [5, 18, 30]
    assert [r.level for r in given.all_of("ReminderCreated")] == [2]


def test_r08_a_new_anchor_catches_up_like_a_first_activation():
    # In the evaluation after A was paid B is 18 days overdue: two of its steps are reached.
    given = Desk(terms(policy(webhook(5), reminder(14), reminder(21), end_contract(22))))
    given.hear(registered(), invoice("A", "50.00", MARCH_1))
    given.hear(invoice("B", "10.00", date(2026, 3, 2))).until(date(2026, 3, 19))
    given.hear(paid("p", "50.00", date(2026, 3, 19), "A"))
    before = len(given.said)

    given.until(date(2026, 3, 27))

    new = [(m.step.number, m.outcome) for _, m in given.said[before:] if hasattr(m, "outcome")]
    assert new[:2] == [(0, "fired"), (1, "fired")]
    assert given.days_of("ReminderCreated")[-2:] == [date(2026, 3, 20), date(2026, 3, 23)]
    assert new[2:] == [(2, "fired"), (3, "fired")]  # on their days, days 21 and 22


@pytest.mark.parametrize("step", [end_contract(40), pause_contract(40)])
def test_r31_what_destroys_waits_for_the_notice_of_the_last_reminder_before_it(step):
    given = caught_up(reminder(14), reminder(21), step, webhook(41))

    given.until(date(2026, 5, 15))
    assert given.requests() == []
    assert given.all_of("PaymentEscalated") == []

    given.until(date(2026, 5, 16))  # 14 days after the reminder of 2 May
    assert [day for day, _ in given.requests()] == [date(2026, 5, 16)]
    # Later steps wait behind it.
    assert given.days_of("PaymentEscalated") == [date(2026, 5, 16)]
    assert outcomes(given)[2:] == [
        (date(2026, 5, 2), 2, "guarded"),
        (date(2026, 5, 2), 3, "guarded"),
        (date(2026, 5, 16), 2, "fired"),
        (date(2026, 5, 16), 3, "fired"),
    ]


def test_r31_notice_counts_from_the_last_reminder_of_the_run_not_from_the_first():
    # The first reminder is of day 1; the second catches up 30 days later, after a late stretch.
    given = Desk(terms(policy(reminder(1), reminder(30), end_contract(31))))
    given.hear(registered(), invoice("A", "50.00", MARCH_1)).until(date(2026, 3, 30))
    given.until(date(2026, 4, 10), late=True)

    given.until(date(2026, 4, 24))
    assert given.days_of("ReminderCreated") == [date(2026, 3, 2), date(2026, 4, 11)]
    assert given.requests() == []

    given.until(date(2026, 4, 25))
    assert [day for day, _ in given.requests()] == [date(2026, 4, 25)]


def test_r31_a_reminder_that_is_not_dispatched_gives_no_notice():
    given = caught_up(reminder(14, send="manual"), end_contract(40)).until(date(2026, 6, 1))
    [draft] = given.all_of("ReminderCreated")

    given.hear(
        DispatchReminder(
            contract_id="C1", dunning_id=draft.dunning_id, dispatched_on=date(2026, 6, 1)
        )
    )

    given.until(date(2026, 6, 14))
    assert given.requests() == []
    given.until(date(2026, 6, 15))
    assert [day for day, _ in given.requests()] == [date(2026, 6, 15)]


@pytest.mark.parametrize(
    ("notice", "ends"), [(0, date(2026, 5, 2)), (14, date(2026, 5, 16)), (20, date(2026, 5, 22))]
)
def test_r31_without_a_reminder_before_it_notice_counts_from_the_start_of_the_run(notice, ends):
    given = caught_up(webhook(5), end_contract(40), reminder(50), min_notice_days=notice)

    given.until(date(2026, 6, 30))

    assert given.days_of("EscalationStarted") == [date(2026, 5, 2)]
    assert [day for day, _ in given.requests()] == [ends]
    assert given.days_of("ReminderCreated") == [ends]  # it waits behind


@pytest.mark.parametrize(("notice", "ends"), [(0, date(2026, 5, 3)), (1, date(2026, 5, 3))])
def test_r31_the_shortest_notice_is_a_day_after_the_reminder(notice, ends):
    given = caught_up(reminder(5), end_contract(40), min_notice_days=notice)

    given.until(date(2026, 6, 30))

    assert [day for day, _ in given.requests()] == [ends]


def test_r31_on_its_day_a_step_needs_no_notice():
    given = Desk(terms(policy(reminder(14), end_contract(15))))
    given.hear(registered(), invoice("A", "50.00", MARCH_1)).until(date(2026, 3, 16))

    assert [day for day, _ in given.requests()] == [date(2026, 3, 16)]


@pytest.mark.parametrize(
    ("today", "ends"),
    [
        (
            date(2026, 4, 9),
            date(2026, 4, 10),
        ),  # 40 days overdue at the next evaluation: no catch-up
        (date(2026, 4, 10), date(2026, 4, 25)),  # 41 days: the guard is 14 days
    ],
)
def test_r31_catching_up_begins_one_day_after_the_day_of_a_step(today, ends):
    given = caught_up(end_contract(40), today=today).until(date(2026, 5, 30))

    assert [day for day, _ in given.requests()] == [ends]


def test_r31_strict_parity_collapses_nothing_and_guards_nothing():
    given = caught_up(reminder(14), reminder(21), end_contract(40), strict_parity=True)

    given.until(date(2026, 5, 2))

    assert [r.level for r in given.all_of("ReminderCreated")] == [1, 2]
    assert [day for day, _ in given.requests()] == [date(2026, 5, 2)]


def test_r32_steps_fire_after_the_end_and_a_second_end_is_a_recorded_no_op():
    given = Desk(terms(policy(webhook(5), end_contract(10), pause_contract(11))))
    given.hear(registered(), ended(date(2026, 1, 1)), invoice("A", "30.00", MARCH_1))

    given.until(date(2026, 3, 12))

    assert given.days_of("PaymentEscalated") == [date(2026, 3, 6)]
    assert [(d.outcome, d.rule) for d in given.all_of("StepDecided")] == [
        ("fired", "R-01"),
        ("no_op", "R-32"),
        ("no_op", "R-32"),
    ]
    assert given.requests() == []


def test_r34_a_late_day_fires_nothing_and_the_next_one_catches_up_with_one_letter():
    given = Desk(terms(policy(reminder(5), reminder(7), end_contract(9))))
    given.hear(registered(), invoice("A", "50.00", MARCH_1)).until(date(2026, 3, 5))

    given.until(date(2026, 3, 14), late=True)
    assert [name for name in given.names() if name != "EntryPosted"] == ["EscalationStarted"]

    given.until(date(2026, 3, 28))
    assert given.days_of("ReminderCreated") == [date(2026, 3, 15)]
    assert [r.level for r in given.all_of("ReminderCreated")] == [2]
    assert given.requests() == []

    given.until(date(2026, 3, 29))  # no end without the notice
    assert [day for day, _ in given.requests()] == [date(2026, 3, 29)]


def test_r31_a_guarded_step_stays_guarded_while_a_draft_stops_the_clock():
    # On the day after, age less delay is 6 again, so that no step is late any more.
    steps = policy(reminder(3, send="manual"), end_contract(6))
    given = Desk(terms(steps), every_day=True)
    given.hear(registered(), invoice("A", "50.00", MARCH_1))
    given.until(date(2026, 3, 2)).until(date(2026, 3, 6), late=True)

    given.until(date(2026, 4, 30))

    assert given.days_of("ReminderCreated") == [date(2026, 3, 7)]
    assert outcomes(given) == [
        (date(2026, 3, 7), 0, "fired"),
        (date(2026, 3, 7), 1, "guarded"),
    ]
