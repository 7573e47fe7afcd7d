"""One history of letters: they keep their distance and their level, whatever arrives (R-57)."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given as over
from hypothesis import settings
from hypothesis import strategies as st

from schemas.deliveries import DispatchFailed
from schemas.instructions import DispatchReminder, ResetEscalation
from services.dunning.escalation import letters
from tests.dunning.test_agenda import COULD, POLICIES, play
from tests.dunning.test_invariants import begin, live
from tests.support.desk import Desk
from tests.support.events import (
    charged_back,
    end_contract,
    invoice,
    paid,
    policy,
    registered,
    reminder,
    terms,
    webhook,
)
from tests.support.life import ACTIONS
from tests.support.properties import up_to

MARCH_1 = date(2026, 3, 1)
THREE = (reminder(14), reminder(28), reminder(42))


def desk(*steps, **more):
    """Return a desk that owes A of 1 March and B of 2 March."""
    given = Desk(terms(policy(*steps, **more))).hear(registered())
    return given.hear(invoice("A", "50.00", MARCH_1), invoice("B", "9.00", date(2026, 3, 2)))


def levels(given):
    return [(day, letter.level) for day, letter in given.dated("ReminderCreated")]


def decided(given, since):
    return [
        (day, d.step.number, d.outcome, d.rule)
        for day, d in given.dated("StepDecided")
        if day >= since
    ]


def test_r57_the_next_invoice_is_not_reminded_of_below_its_level_nor_the_day_after():
    # Levels 1 and 2 of 15 and 29 March list both; seen before: 2, 1, 2, 3 within a fortnight.
    given = desk(*THREE).until(date(2026, 3, 30))
    given.hear(paid("p", "50.00", date(2026, 3, 30), "A")).until(date(2026, 5, 30))

    # B is 29 days overdue on 31 March and 42 on 13 April; 29 March + 14 = 12 April, + 14 = 26.
    assert levels(given) == [
        (date(2026, 3, 15), 1),
        (date(2026, 3, 29), 2),
        (date(2026, 4, 12), 2),
        (date(2026, 4, 26), 3),
    ]
    assert decided(given, date(2026, 3, 31)) == [
        (date(2026, 3, 31), 0, "superseded", "R-57"),
        (date(2026, 3, 31), 1, "held", "R-57"),
        (date(2026, 4, 12), 1, "fired", "R-31"),
        (date(2026, 4, 13), 2, "held", "R-57"),
        (date(2026, 4, 26), 2, "fired", "R-31"),
    ]


def test_r57_a_decision_says_until_when_and_why_a_letter_waits():
    given = desk(*THREE).until(date(2026, 3, 30))
    given.hear(paid("p", "50.00", date(2026, 3, 30), "A")).until(date(2026, 3, 31))

    low, early = given.all_of("StepDecided")[-2:]

    assert low.facts["superseded_by"] == "the level of an earlier letter"
    assert (early.facts["held_by"], early.facts["held_through"]) == (
        "the letter before it",
        "2026-04-11",
    )
    assert early.facts["days_between_letters"] == "14"


@pytest.mark.parametrize(
    ("said", "day", "level"),
    [(7, 22, 1), (8, 23, 2), (0, 21, 1), (None, 22, 1)],
    ids=["7", "8", "0", "unsaid"],
)
def test_r57_the_distance_is_said_or_the_smallest_gap_of_the_reminders(said, day, level):
    # A is paid on the 20th, when B is 18 days overdue; its first letter would be of the 21st, and
    # its second of the 23rd.
    given = desk(reminder(14), reminder(21), reminder(35), days_between_letters=said)
    given.until(date(2026, 3, 20)).hear(paid("p", "50.00", date(2026, 3, 20), "A"))

    given.until(date(2026, 3, 31))

    assert levels(given)[:2] == [(date(2026, 3, 15), 1), (date(2026, 3, day), level)]


@pytest.mark.parametrize(
    ("steps", "days"),
    [
        ((reminder(14),), 0),
        ((reminder(14), webhook(15), reminder(28)), 14),
        ((reminder(7), reminder(7), reminder(17), reminder(26)), 9),
    ],
)
def test_r57_unless_said_letters_are_as_far_apart_as_the_two_nearest_of_the_policy(steps, days):
    assert letters.days_between(policy(*steps)) == days


def test_r57_what_waits_shifts_nothing_but_an_end_behind_it():
    # B's letter of 21 March waits until the 29th: the webhook of the 22nd does not.
    steps = (reminder(14), webhook(20), reminder(28), end_contract(29))
    given = desk(*steps, days_between_letters=14)
    given.until(date(2026, 3, 20)).hear(paid("p", "50.00", date(2026, 3, 20), "A"))

    given.until(date(2026, 3, 25))
    assert given.days_of("PaymentEscalated") == [date(2026, 3, 22)]
    assert levels(given) == [(date(2026, 3, 15), 1)]

    given.until(date(2026, 5, 30))
    # Both are reached on 30 March: level 1 left on the 29th, so level 2 comes on 12 April, and the
    # end after its notice: 26 April is a Sunday, Monday 27th, three days by post.
    assert levels(given)[1:] == [(date(2026, 3, 29), 1), (date(2026, 4, 12), 2)]
    assert [day for day, _ in given.requests()] == [date(2026, 5, 1)]


def test_r57_an_invoice_that_was_returned_begins_anew():
    given = desk(*THREE).hear(paid("q", "9.00", MARCH_1, "B")).until(date(2026, 3, 30))
    given.hear(invoice("C", "1.00", date(2026, 3, 29)))
    given.hear(paid("p", "50.00", date(2026, 3, 30), "A"))
    given.hear(charged_back("b", "p", "50.00", date(2026, 4, 1))).until(date(2026, 4, 30))

    # A ages from 1 April: its first step is reached on 15 April, at level 1, though it stood in 2.
    # C, of 29 March, is older: 12 April, and A waits for the distance.
    assert levels(given)[2:] == [(date(2026, 4, 12), 1), (date(2026, 4, 26), 2)]


def test_r57_a_manual_reset_begins_anew():
    given = desk(*THREE).until(date(2026, 3, 30))
    given.hear(ResetEscalation(contract_id="C1")).until(date(2026, 3, 31))

    # 30 days overdue, two reminders collapse; that of 29 March was another run's.
    assert levels(given)[-2:] == [(date(2026, 3, 29), 2), (date(2026, 3, 31), 2)]


def test_r57_a_draft_made_anew_is_no_second_letter():
    given = desk(reminder(14), reminder(28, send="manual")).until(date(2026, 3, 30))
    given.hear(paid("p", "20.00", date(2026, 3, 30), "A")).until(date(2026, 4, 30))

    assert levels(given) == [
        (date(2026, 3, 15), 1),
        (date(2026, 3, 29), 2),
        (date(2026, 3, 31), 2),
    ]


def test_r57_the_distance_counts_from_the_day_on_which_a_letter_left():
    given = desk(reminder(14, send="manual"), reminder(28)).until(date(2026, 3, 20))
    [draft] = given.all_of("ReminderCreated")
    sent = {"dunning_id": draft.dunning_id, "dispatched_on": date(2026, 3, 20)}
    given.hear(DispatchReminder(contract_id="C1", **sent))
    given.hear(paid("p", "50.00", date(2026, 3, 20), "A")).until(date(2026, 4, 30))

    # B is 14 days overdue on 16 March: its first letter waits until 20 March + 14.
    assert given.days_of("ReminderCreated") == [date(2026, 3, 15), date(2026, 4, 3)]


def test_r57_what_reached_nobody_keeps_nothing_back():
    given = desk(reminder(14), reminder(28)).until(date(2026, 3, 16))
    [letter] = given.all_of("ReminderCreated")
    about = {"delivery_id": "D", "dunning_id": letter.dunning_id, "channel": "letter"}
    given.hear(DispatchFailed(contract_id="C1", **about, reason="unknown"))
    given.hear(paid("p", "50.00", date(2026, 3, 16), "A")).until(date(2026, 3, 17))

    assert levels(given) == [(date(2026, 3, 15), 1), (date(2026, 3, 17), 1)]


def test_r57_strict_parity_keeps_no_history():
    given = desk(*THREE, strict_parity=True).until(date(2026, 3, 30))
    given.hear(paid("p", "50.00", date(2026, 3, 30), "A")).until(date(2026, 4, 13))

    assert levels(given)[2:] == [
        (date(2026, 3, 31), 1),
        (date(2026, 3, 31), 2),
        (date(2026, 4, 13), 3),
    ]


def history(said):
    """Return the letters of each run: day, level, and the items with how often each was reopened.

    Without those that were cancelled, or failed: they are none.
    """
    reopened, runs, none = {}, {}, set()
    for day, message in said:
        match type(message).__name__:
            case "ReceivableReopened":
                reopened[message.receivable_id] = message.reopening
            case "ReminderCreated":
                items = {(i.receivable_id, reopened.get(i.receivable_id, 0)) for i in message.items}
                letter = (day, message.level, items, message.dunning_id)
                runs.setdefault(message.payment_escalation_process_id, []).append(letter)
            case "ReminderCancelled":
                none.add(message.dunning_id)
    return [[each for each in run if each[3] not in none] for run in runs.values()]


@settings(max_examples=up_to(300), deadline=None)
@over(
    st.sampled_from([each for each in POLICIES if not each.strict_parity]),
    st.lists(COULD.filter(lambda act: act[0] not in ("undeliverable", "policy")), max_size=30),
)
def test_r57_letters_of_a_run_keep_their_distance_and_no_item_falls_a_level(published, actions):
    published = published.model_copy(update={"days_between_letters": 5})
    check(history(play(published, actions, every_day=False)))


@settings(max_examples=up_to(150), deadline=None)
@over(ACTIONS)
def test_r57_so_they_do_beside_promises_instalments_disputes_and_credit_of_all_kinds(actions):
    steps = (reminder(1), reminder(3, send="manual"), reminder(5), webhook(5), reminder(9))
    given = begin(steps=policy(*steps, days_between_letters=5, interest=True))
    for number, action in enumerate(actions):
        if action[0] != "fail to send":
            live(given, number, action)
    check(history(given.until(given.day + timedelta(days=40)).said))


def check(runs):
    apart = timedelta(days=5)
    for run in runs:
        days = [day for day, *_ in run]
        assert all(later - day >= apart for day, later in pairwise(days))
        reached = {}
        for _, level, items, _ in run:
            assert all(level >= reached.get(item, 0) for item in items)
            reached |= dict.fromkeys(items, level)
