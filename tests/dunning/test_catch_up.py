"""Several reached steps, the notice before what destroys, and late days (R-31, R-32, R-34)."""

from datetime import date, timedelta

import pytest

from schemas.contracts import ContractResumed
from schemas.deliveries import Dispatched
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
    # In the evaluation after A was paid B is 18 days overdue: two of its steps are reached. Letters
    # are 7 days apart: that of 15 March, that of B on the 22nd, and the next on the 29th.
    given = Desk(terms(policy(webhook(5), reminder(14), reminder(21), end_contract(22))))
    given.hear(registered(), invoice("A", "50.00", MARCH_1))
    given.hear(invoice("B", "10.00", date(2026, 3, 2))).until(date(2026, 3, 19))
    given.hear(paid("p", "50.00", date(2026, 3, 19), "A"))
    before = len(given.said)

    given.until(date(2026, 4, 30))

    new = [(m.step.number, m.outcome) for _, m in given.said[before:] if hasattr(m, "outcome")]
    assert new[:3] == [(0, "fired"), (1, "held"), (1, "fired")]
    assert given.days_of("ReminderCreated")[-2:] == [date(2026, 3, 22), date(2026, 3, 29)]
    # Days 21 and 22 are 23 and 24 March; the notice of the last letter is through 16 April.
    assert new[3:] == [(2, "held"), (3, "guarded"), (2, "fired"), (3, "fired")]
    assert [day for day, _ in given.requests()] == [date(2026, 4, 17)]


# The reminder of Saturday 2 May gives 14 days, and § 193 BGB moves Saturday 16 May to the 18th.
@pytest.mark.parametrize("step", [end_contract(40), pause_contract(40)])
@pytest.mark.parametrize(
    ("way", "last"), [("email", date(2026, 5, 18)), ("letter", date(2026, 5, 21))]
)
def test_r31_what_destroys_waits_for_the_notice_of_the_last_reminder_before_it(step, way, last):
    given = caught_up(reminder(14), reminder(21, dispatch=way), step, webhook(41))

    given.until(last)
    assert given.requests() == []
    assert given.all_of("PaymentEscalated") == []

    the_day_after = last + timedelta(days=1)
    given.until(the_day_after)
    assert [day for day, _ in given.requests()] == [the_day_after]
    # Later steps wait behind it.
    assert given.days_of("PaymentEscalated") == [the_day_after]
    assert outcomes(given)[2:] == [
        (date(2026, 5, 2), 2, "guarded"),
        (date(2026, 5, 2), 3, "guarded"),
        (the_day_after, 2, "fired"),
        (the_day_after, 3, "fired"),
    ]


def test_r31_notice_counts_from_the_last_reminder_of_the_run_not_from_the_first():
    # The first reminder is of day 1; the second catches up 30 days later, after a late stretch.
    given = Desk(terms(policy(reminder(1), reminder(30), end_contract(31))))
    given.hear(registered(), invoice("A", "50.00", MARCH_1)).until(date(2026, 3, 30))
    given.until(date(2026, 4, 10), late=True)

    # Saturday 11 April + 14 is a Saturday, so Monday 27 April; three more by post.
    given.until(date(2026, 4, 30))
    assert given.days_of("ReminderCreated") == [date(2026, 3, 2), date(2026, 4, 11)]
    assert given.requests() == []

    given.until(date(2026, 5, 1))
    assert [day for day, _ in given.requests()] == [date(2026, 5, 1)]


def test_r31_a_reminder_that_is_not_dispatched_gives_no_notice():
    given = caught_up(reminder(14, send="manual"), end_contract(40)).until(date(2026, 6, 1))
    [draft] = given.all_of("ReminderCreated")

    given.hear(
        DispatchReminder(
            contract_id="C1", dunning_id=draft.dunning_id, dispatched_on=date(2026, 6, 1)
        )
    )

    # 14 days from Monday 1 June are Monday 15 June; three more by post.
    given.until(date(2026, 6, 18))
    assert given.requests() == []
    given.until(date(2026, 6, 19))
    assert [day for day, _ in given.requests()] == [date(2026, 6, 19)]


@pytest.mark.parametrize(
    ("notice", "ends"), [(0, date(2026, 5, 2)), (14, date(2026, 5, 16)), (20, date(2026, 5, 22))]
)
def test_r31_without_a_reminder_before_it_notice_counts_from_the_start_of_the_run(notice, ends):
    given = caught_up(webhook(5), end_contract(40), reminder(50), min_notice_days=notice)

    given.until(date(2026, 6, 30))

    assert given.days_of("EscalationStarted") == [date(2026, 5, 2)]
    assert [day for day, _ in given.requests()] == [ends]
    assert given.days_of("ReminderCreated") == [ends]  # it waits behind


# Saturday 2 May and Sunday 3 May are both moved to Monday 4 May.
@pytest.mark.parametrize("notice", [0, 1])
@pytest.mark.parametrize(
    ("way", "ends"), [("email", date(2026, 5, 5)), ("letter", date(2026, 5, 8))]
)
def test_r31_the_shortest_notice_ends_on_a_working_day(notice, way, ends):
    given = caught_up(reminder(5, dispatch=way), end_contract(40), min_notice_days=notice)

    given.until(date(2026, 6, 30))

    assert [day for day, _ in given.requests()] == [ends]


# The letter is of 15 March; 14 days are Sunday 29 March, so it says Monday 30 March.
@pytest.mark.parametrize(
    ("way", "days", "ends", "guarded"),
    [
        ("email", 29, date(2026, 3, 31), True),
        ("email", 30, date(2026, 3, 31), False),
        ("letter", 32, date(2026, 4, 3), True),
        ("letter", 33, date(2026, 4, 3), False),
        ("archive", 29, date(2026, 3, 31), True),
    ],
)
@pytest.mark.parametrize("step", [end_contract, pause_contract])
def test_r31a_the_last_day_of_a_letter_is_never_cut_short(step, way, days, ends, guarded):
    given = Desk(terms(policy(reminder(14, dispatch=way), step(days))))
    given.hear(registered(), invoice("A", "50.00", MARCH_1)).until(date(2026, 4, 30))

    [letter] = given.all_of("ReminderCreated")
    assert letter.pay_until == date(2026, 3, 30)
    assert [day for day, _ in given.requests()] == [ends]
    decided = [(d.outcome, d.rule) for d in given.all_of("StepDecided")[1:]]
    waited = [("guarded", "R-31a"), ("fired", "R-31")]
    assert decided == (waited if guarded else [("fired", "R-01")])


def test_r31a_who_pays_on_the_last_day_keeps_the_contract():
    given = Desk(terms(policy(reminder(28, dispatch="email"), end_contract(42))))
    given.hear(registered(), invoice("A", "50.00", MARCH_1)).until(date(2026, 4, 12))

    # 29 March + 14 is Sunday 12 April: the letter says Monday 13 April.
    assert given.all_of("ReminderCreated")[0].pay_until == date(2026, 4, 13)
    given.until(date(2026, 4, 13)).hear(paid("p", "50.00", date(2026, 4, 13)))
    given.until(date(2026, 5, 30))

    assert given.requests() == []


def test_r31a_strict_parity_ends_on_the_day_of_the_step():
    given = Desk(terms(policy(reminder(14), end_contract(15), strict_parity=True)))
    given.hear(registered(), invoice("A", "50.00", MARCH_1)).until(date(2026, 3, 16))

    assert [day for day, _ in given.requests()] == [date(2026, 3, 16)]


def test_r31a_a_letter_of_the_same_day_comes_first():
    given = Desk(terms(policy(reminder(14, dispatch="email"), end_contract(14))))
    given.hear(registered(), invoice("A", "50.00", MARCH_1)).until(date(2026, 4, 30))

    assert given.days_of("ReminderCreated") == [date(2026, 3, 15)]
    assert [day for day, _ in given.requests()] == [date(2026, 3, 31)]


def test_r31a_the_notice_of_a_letter_holds_under_every_anchor():
    # The letter of 15 March lists both; when A is paid B is 10 days overdue, on 18 March.
    steps = policy(pause_contract(10), reminder(14, dispatch="email"))
    given = Desk(terms(steps)).hear(registered(), invoice("A", "50.00", MARCH_1))
    given.hear(invoice("B", "9.00", date(2026, 3, 8))).until(date(2026, 3, 16))
    given.hear(ContractResumed(contract_id="C1", resumed_on=date(2026, 3, 16)))
    given.hear(paid("p", "50.00", date(2026, 3, 16), "A")).until(date(2026, 4, 30))

    assert given.days_of("ContractPauseRequested") == [date(2026, 3, 11), date(2026, 3, 31)]


def test_r31a_a_letter_that_was_sent_late_gives_its_whole_notice():
    # Made on 15 March, sent on the 18th: 14 days are 1 April, and the end of day 28 is of the 1st.
    steps = policy(reminder(14, dispatch="email", send="manual"), end_contract(28))
    given = Desk(terms(steps)).hear(registered(), invoice("A", "50.00", MARCH_1))
    given.until(date(2026, 3, 18))
    [draft] = given.all_of("ReminderCreated")
    sent = {"dunning_id": draft.dunning_id, "dispatched_on": date(2026, 3, 18)}
    given.hear(DispatchReminder(contract_id="C1", **sent)).until(date(2026, 4, 30))

    assert [day for day, _ in given.requests()] == [date(2026, 4, 2)]


def test_r31a_what_deliveries_say_of_the_way_counts():
    # By default it may be a letter: through 2 April. It was an e-mail: through 30 March.
    given = Desk(terms(policy(reminder(14), end_contract(16))))
    given.hear(registered(), invoice("A", "50.00", MARCH_1)).until(date(2026, 3, 20))
    [letter] = given.all_of("ReminderCreated")
    said = {"delivery_id": "D", "dunning_id": letter.dunning_id, "channel": "email"}
    given.hear(Dispatched(contract_id="C1", **said, dispatched_on=date(2026, 3, 15)))
    given.until(date(2026, 4, 30))

    assert [day for day, _ in given.requests()] == [date(2026, 3, 31)]


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

    # The letter of 15 March says Monday 30 March, and is three days on its way.
    given.until(date(2026, 4, 2))
    assert given.days_of("ReminderCreated") == [date(2026, 3, 15)]
    assert [r.level for r in given.all_of("ReminderCreated")] == [2]
    assert given.requests() == []

    given.until(date(2026, 4, 3))  # no end without the notice
    assert [day for day, _ in given.requests()] == [date(2026, 4, 3)]


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
