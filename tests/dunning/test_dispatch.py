"""What becomes of a reminder between its creation and its dispatch (R-50 to R-56, R-87)."""

from datetime import date, timedelta

import hypothesis
import pytest
from hypothesis import strategies as st

from schemas.deliveries import DeliveryIntended, Dispatched, DispatchFailed
from schemas.instructions import DeferReceivable, DispatchReminder
from schemas.message import Refused
from tests.support.desk import Desk
from tests.support.events import (
    eur,
    invoice,
    paid,
    policy,
    registered,
    reminder,
    terms,
    webhook,
)

MARCH_1 = date(2026, 3, 1)


def desk(*steps, **more):
    given = Desk(terms(policy(*steps, **more)))
    return given.hear(registered(), invoice("A", "50.00", MARCH_1))


def last_draft(given):
    return given.all_of("ReminderCreated")[-1].dunning_id


def sent_by_hand(given, day, **more):
    return DispatchReminder(
        contract_id="C1", dunning_id=last_draft(given), dispatched_on=day, **more
    )


def delivery(kind, given, channel="email", **more):
    return kind(
        contract_id="C1",
        delivery_id="D1",
        dunning_id=last_draft(given),
        channel=channel,
        **more,
    )


def test_r50_a_reminder_sent_three_days_late_delays_the_next_by_three_days():
    given = desk(reminder(14, send="manual"), reminder(21)).until(date(2026, 3, 18))
    assert given.days_of("ReminderCreated") == [date(2026, 3, 15)]  # day 14

    given.hear(sent_by_hand(given, date(2026, 3, 18))).until(date(2026, 3, 24))  # day 17, day 23
    assert len(given.all_of("ReminderCreated")) == 1

    given.until(date(2026, 3, 25))  # day 24
    assert given.days_of("ReminderCreated") == [date(2026, 3, 15), date(2026, 3, 25)]


def test_r50_while_it_is_unsent_the_clock_stands_still():
    # Created on day 14, sent on day 30: level 2 on day 37.
    given = desk(reminder(14, send="manual"), reminder(21)).until(date(2026, 3, 31))
    given.hear(sent_by_hand(given, date(2026, 3, 31)))

    given.until(date(2026, 4, 6))
    assert len(given.all_of("ReminderCreated")) == 1

    given.until(date(2026, 4, 7))
    assert len(given.all_of("ReminderCreated")) == 2


def test_r50_delays_of_several_reminders_add_up():
    given = desk(reminder(5, send="manual"), reminder(10, send="manual"), webhook(15))
    given.until(date(2026, 3, 8)).hear(sent_by_hand(given, date(2026, 3, 8)))  # 2 days late
    given.until(date(2026, 3, 16)).hear(sent_by_hand(given, date(2026, 3, 16)))  # 3 days late

    given.until(date(2026, 3, 20))
    assert given.all_of("PaymentEscalated") == []

    given.until(date(2026, 3, 21))  # day 15 + 5
    assert given.days_of("PaymentEscalated") == [date(2026, 3, 21)]


def test_r50_two_drafts_of_one_day_stop_the_clock_once():
    given = desk(
        reminder(5, send="manual"), reminder(5, send="manual"), webhook(6), strict_parity=True
    )
    given.until(date(2026, 3, 9))
    for draft in given.all_of("ReminderCreated"):
        given.hear(
            DispatchReminder(
                contract_id="C1", dunning_id=draft.dunning_id, dispatched_on=date(2026, 3, 9)
            )
        )

    given.until(date(2026, 3, 12))

    assert given.days_of("PaymentEscalated") == [date(2026, 3, 10)]  # day 6 + 3


def test_r50_a_delay_belongs_to_the_anchor_under_which_it_arose():
    given = desk(reminder(5, send="manual"), webhook(6))
    given.hear(invoice("B", "10.00", date(2026, 3, 10)))
    given.until(date(2026, 3, 9)).hear(sent_by_hand(given, date(2026, 3, 9)))
    given.hear(paid("p", "50.00", date(2026, 3, 9), "A")).until(date(2026, 3, 15))

    given.hear(sent_by_hand(given, date(2026, 3, 15))).until(date(2026, 3, 16))

    assert given.days_of("PaymentEscalated") == [date(2026, 3, 16)]  # day 6 of B


def test_r51_a_webhook_is_delayed_like_a_reminder():
    given = desk(reminder(14, send="manual"), webhook(18)).until(date(2026, 3, 20))

    given.hear(sent_by_hand(given, date(2026, 3, 20))).until(date(2026, 4, 1))

    assert given.days_of("PaymentEscalated") == [date(2026, 3, 24)]


def test_r50_an_automatic_reminder_counts_as_sent_until_a_delivery_is_intended():
    given = desk(reminder(5), webhook(6), webhook(8)).until(date(2026, 3, 7))
    assert given.days_of("PaymentEscalated") == [date(2026, 3, 7)]

    given.hear(delivery(DeliveryIntended, given)).until(date(2026, 3, 12))
    assert given.days_of("PaymentEscalated") == [date(2026, 3, 7)]

    given.hear(delivery(Dispatched, given, dispatched_on=date(2026, 3, 12)))
    given.until(date(2026, 3, 14))
    assert given.days_of("PaymentEscalated") == [date(2026, 3, 7)]

    given.until(date(2026, 3, 15))  # created on 6 March, sent on the 12th: 6 days late
    assert given.days_of("PaymentEscalated") == [date(2026, 3, 7), date(2026, 3, 15)]


def test_r53_a_delivery_that_falls_back_keeps_the_clock_stopped():
    given = desk(reminder(5), webhook(8)).until(date(2026, 3, 6))
    given.hear(delivery(DeliveryIntended, given))
    given.hear(delivery(DispatchFailed, given, reason="no address", fallback="letter"))

    given.until(date(2026, 3, 20))
    assert given.all_of("PaymentEscalated") == []

    given.hear(delivery(Dispatched, given, channel="letter", dispatched_on=date(2026, 3, 20)))
    given.until(date(2026, 4, 1))
    assert given.days_of("PaymentEscalated") == [date(2026, 3, 23)]


def test_r53_a_final_failure_takes_the_level_back_and_starts_the_clock_again():
    given = desk(reminder(5), reminder(8)).until(date(2026, 3, 6))
    given.hear(delivery(DeliveryIntended, given)).until(date(2026, 3, 10))

    given.hear(delivery(DispatchFailed, given, reason="unknown")).until(date(2026, 3, 12))
    assert [r.level for r in given.all_of("ReminderCreated")] == [1]

    given.until(date(2026, 3, 13))  # day 8, and four days of standstill
    assert [r.level for r in given.all_of("ReminderCreated")] == [1, 1]


def test_r55_a_draft_that_demands_too_much_is_cancelled_and_made_again():
    given = desk(reminder(14, send="manual"), reminder(21)).until(date(2026, 3, 17))

    given.hear(paid("p", "20.00", date(2026, 3, 17))).until(date(2026, 3, 20))

    assert [r.demanded.amount for r in given.all_of("ReminderCreated")] == ["50.00", "30.00"]
    assert [r.as_of for r in given.all_of("ReminderCreated")] == [1, 2]
    assert given.days_of("ReminderCancelled") == [date(2026, 3, 17)]
    assert given.days_of("ReminderCreated") == [date(2026, 3, 15), date(2026, 3, 18)]


def test_r55_the_delay_counts_from_the_first_attempt():
    given = desk(reminder(14, send="manual"), webhook(15)).until(date(2026, 3, 17))
    given.hear(paid("p", "20.00", date(2026, 3, 17))).until(date(2026, 3, 20))
    assert given.all_of("PaymentEscalated") == []

    given.hear(sent_by_hand(given, date(2026, 3, 20))).until(date(2026, 3, 25))

    assert given.days_of("PaymentEscalated") == [date(2026, 3, 21)]


def test_r55_what_becomes_overdue_or_is_paid_elsewhere_leaves_the_draft_as_it_is():
    given = desk(reminder(14, send="manual"))
    given.hear(invoice("B", "10.00", date(2026, 3, 16)), invoice("C", "5.00", date(2026, 5, 1)))
    given.until(date(2026, 3, 18))

    given.hear(paid("p", "5.00", date(2026, 3, 18), "C"), invoice("D", "9.00", date(2026, 3, 2)))
    given.until(date(2026, 3, 20))

    assert given.all_of("ReminderCancelled") == []
    [created] = given.all_of("ReminderCreated")
    assert [item.receivable_id for item in created.items] == ["A"]
    assert [item.receivable_id for item in created.further_open] == ["B", "C"]


def test_r55_an_intended_delivery_of_what_is_not_open_any_more_is_cancelled():
    given = desk(reminder(5)).hear(invoice("B", "1.00", date(2026, 9, 1))).until(date(2026, 3, 6))
    given.hear(paid("p", "20.00", date(2026, 3, 6), "A"))
    assert given.all_of("ReminderCancelled") == []  # it counts as sent

    given.hear(delivery(DeliveryIntended, given)).until(date(2026, 3, 9))
    assert given.days_of("ReminderCancelled") == [date(2026, 3, 6)]
    assert given.days_of("ReminderCreated") == [date(2026, 3, 6)]  # it may have left

    given.hear(delivery(DispatchFailed, given, reason="cancelled")).until(date(2026, 3, 12))
    assert [r.demanded.amount for r in given.all_of("ReminderCreated")] == ["50.00", "30.00"]
    assert given.days_of("ReminderCreated") == [date(2026, 3, 6), date(2026, 3, 10)]


def test_r55_what_has_left_counts_though_it_was_cancelled_meanwhile():
    given = desk(reminder(5), reminder(8)).until(date(2026, 3, 6))
    given.hear(delivery(DeliveryIntended, given), paid("p", "20.00", date(2026, 3, 6)))
    assert given.days_of("ReminderCancelled") == [date(2026, 3, 6)]
    given.until(date(2026, 3, 8))

    given.hear(delivery(Dispatched, given, dispatched_on=date(2026, 3, 8)))
    given.until(date(2026, 3, 10))
    assert given.days_of("ReminderCreated") == [date(2026, 3, 6)]

    given.until(date(2026, 3, 11))  # day 8, and two days of standstill
    assert [r.demanded.amount for r in given.all_of("ReminderCreated")] == ["50.00", "30.00"]
    assert [r.level for r in given.all_of("ReminderCreated")] == [1, 2]


def test_r55_what_was_made_in_place_of_one_that_has_left_is_cancelled():
    given = desk(reminder(5, send="manual"), reminder(30)).until(date(2026, 3, 6))
    first = delivery(DeliveryIntended, given)
    given.hear(paid("p", "20.00", date(2026, 3, 6))).until(date(2026, 3, 8))
    assert len(given.all_of("ReminderCreated")) == 2

    # On another topic: it was intended before anybody there knew that it was cancelled.
    given.hear(first)
    assert [c.reason for c in given.all_of("ReminderCancelled")] == ["amount", "superseded"]
    left = first.model_dump(exclude={"at"}) | {"dispatched_on": date(2026, 3, 8)}
    given.hear(Dispatched(**{k: v for k, v in left.items() if k in Dispatched.model_fields}))
    given.until(date(2026, 3, 25))
    assert len(given.all_of("ReminderCreated")) == 2


def test_r55_one_in_place_of_another_stands_where_that_one_has_not_left_after_all():
    given = desk(reminder(5), webhook(60)).until(date(2026, 3, 6))
    first = {"contract_id": "C1", "dunning_id": last_draft(given), "channel": "email"}
    given.hear(delivery(DeliveryIntended, given), paid("p", "20.00", date(2026, 3, 6)))
    given.hear(DispatchFailed(**first, delivery_id="D1", reason="unknown")).until(date(2026, 3, 7))
    second = last_draft(given)
    assert second != first["dunning_id"]

    about = first | {"dunning_id": second}
    given.hear(
        DeliveryIntended(**about, delivery_id="D2"),
        DeliveryIntended(**first, delivery_id="D3"),
        DispatchFailed(**first, delivery_id="D3", reason="unknown"),
    )
    given.until(date(2026, 3, 20))
    assert len(given.all_of("ReminderCreated")) == 2


def test_r55_a_letter_that_waits_for_its_next_way_is_cancelled_for_good_and_made_anew():
    given = desk(reminder(5), webhook(60)).until(date(2026, 3, 6))
    given.hear(delivery(DeliveryIntended, given))
    given.hear(delivery(DispatchFailed, given, reason="no address", fallback="letter"))
    with pytest.raises(Refused, match="no such draft stands"):
        given.hear(sent_by_hand(given, date(2026, 3, 6)))

    given.hear(paid("p", "20.00", date(2026, 3, 6))).until(date(2026, 3, 7))

    assert given.days_of("ReminderCancelled") == [date(2026, 3, 6)]
    assert [r.demanded.amount for r in given.all_of("ReminderCreated")] == ["50.00", "30.00"]


class PostOffice:
    """Intends each letter on its day, unless it is cancelled; hands over or fails whenever."""

    def __init__(self, given):
        self.given, self.under_way, self.left, self.seen = given, [], [], set()
        self.later = []

    def intend(self):
        cancelled = {each.dunning_id for each in self.given.all_of("ReminderCancelled")}
        for each in self.given.all_of("ReminderCreated"):
            if each.dunning_id not in self.seen | cancelled:
                self.under_way.append(each.dunning_id)
                self.given.hear(self._about(DeliveryIntended, each.dunning_id))
            self.seen.add(each.dunning_id)

    def begin_day(self):
        """Go the next way with what failed and still stands."""
        self.seen -= set(self.later)
        self.later.clear()

    def hand_over(self):
        if self.under_way:
            self.left.append(self.under_way.pop(0))
            dispatched = {"dispatched_on": self.given.day}
            self.given.hear(self._about(Dispatched, self.left[-1], **dispatched))

    def fail(self):
        if self.under_way:
            self.given.hear(self._about(DispatchFailed, self.under_way.pop(0), reason="unknown"))

    def fall_back(self):
        if self.under_way:
            self.later.append(self.under_way.pop(0))
            other = {"reason": "unknown", "fallback": "letter"}
            self.given.hear(self._about(DispatchFailed, self.later[-1], **other))

    def steps(self):
        """Return the step of each letter that has left or may leave."""
        some = {*self.left, *self.under_way}
        return [each.step for each in self.given.account.run.reminders if each.dunning_id in some]

    def _about(self, kind, name, **more):
        about = {"contract_id": "C1", "dunning_id": name, "channel": "email"}
        return kind(**about, delivery_id=f"D {name}", **more)


@hypothesis.given(
    acts=st.lists(st.sampled_from(["day", "paid", "left", "failed", "other way"]), max_size=40)
)
def test_r55_no_two_letters_of_a_step_leave_whatever_is_paid_while_they_are_under_way(acts):
    given = desk(reminder(5), reminder(8), webhook(10), reminder(12)).until(date(2026, 3, 6))
    post = PostOffice(given)
    post.intend()
    for number, act in enumerate(acts):
        if act == "day":
            given.until(given.day + timedelta(1))
            post.begin_day()
        elif act == "other way":
            post.fall_back()
        elif act == "paid":
            given.hear(paid(f"p{number}", "1.00", given.day))
        elif act == "left":
            post.hand_over()
        else:
            post.fail()
        post.intend()
        assert len(post.steps()) == len(set(post.steps()))
        assert len(post.steps()) == len({*post.left, *post.under_way})


def test_by_us_needs_no_day_and_by_hand_does():
    given = desk(reminder(14, send="manual")).until(date(2026, 3, 17))

    given.hear(sent_by_hand(given, None, by_us=True))
    assert given.days_of("ReminderReleased") == [date(2026, 3, 17)]

    with pytest.raises(ValueError, match="what was sent by hand was sent on a day"):
        sent_by_hand(given, None)


def test_r98_after_a_deferral_the_reminder_is_made_anew_by_the_new_date_without_delay():
    given = desk(reminder(5, send="manual"), webhook(7)).until(date(2026, 3, 9))
    later = DeferReceivable(contract_id="C1", invoice_id="A", until=date(2026, 3, 20))

    given.hear(later).until(date(2026, 3, 31))
    assert given.days_of("ReminderCreated") == [date(2026, 3, 6), date(2026, 3, 25)]

    given.hear(sent_by_hand(given, date(2026, 3, 31))).until(date(2026, 4, 30))
    assert given.days_of("PaymentEscalated") == [date(2026, 4, 2)]  # day 7, and six days late


def test_r56_every_attempt_has_an_id_of_its_own_that_a_replay_gives_again():
    def play():
        given = desk(reminder(14, send="manual")).until(date(2026, 3, 17))
        given.hear(paid("p", "20.00", date(2026, 3, 17))).until(date(2026, 3, 20))
        return [created.dunning_id for created in given.all_of("ReminderCreated")]

    first, second = play()

    assert first != second
    assert play() == [first, second]


def test_by_us_releases_a_draft_which_counts_as_sent_until_deliveries_say_otherwise():
    given = desk(reminder(14, send="manual"), webhook(15)).until(date(2026, 3, 17))

    given.hear(sent_by_hand(given, date(2026, 3, 17), by_us=True))
    assert given.days_of("ReminderReleased") == [date(2026, 3, 17)]

    given.hear(delivery(DeliveryIntended, given)).until(date(2026, 3, 20))
    assert given.all_of("PaymentEscalated") == []

    given.hear(delivery(Dispatched, given, dispatched_on=date(2026, 3, 20)))
    given.until(date(2026, 4, 1))
    assert given.days_of("PaymentEscalated") == [date(2026, 3, 21)]


def test_a_released_draft_of_which_nobody_says_more_was_sent_when_it_was_released():
    given = desk(reminder(14, send="manual"), webhook(15)).until(date(2026, 3, 17))

    given.hear(sent_by_hand(given, date(2026, 3, 17), by_us=True)).until(date(2026, 4, 1))

    assert given.days_of("PaymentEscalated") == [date(2026, 3, 18)]


@pytest.mark.parametrize("by_us", [True, False])
def test_what_was_cancelled_or_sent_cannot_be_dispatched(by_us):
    given = desk(reminder(14, send="manual")).until(date(2026, 3, 17))
    cancelled = sent_by_hand(given, date(2026, 3, 18), by_us=by_us)
    given.hear(paid("p", "20.00", date(2026, 3, 17)))

    with pytest.raises(Refused, match="conflict"):
        given.hear(cancelled)

    given.until(date(2026, 3, 18)).hear(sent_by_hand(given, date(2026, 3, 18)))
    with pytest.raises(Refused, match="conflict"):
        given.hear(sent_by_hand(given, date(2026, 3, 19), by_us=by_us))


def test_a_reminder_is_not_sent_before_it_is_made():
    given = desk(reminder(14, send="manual")).until(date(2026, 3, 17))

    with pytest.raises(Refused, match="invalid"):
        given.hear(sent_by_hand(given, date(2026, 3, 14)))
    given.hear(sent_by_hand(given, date(2026, 3, 15)))


def test_a_delivery_of_an_invoice_or_of_a_letter_that_nobody_knows_changes_nothing():
    given = desk(reminder(5)).until(date(2026, 3, 6))
    before = given.account
    about = {"contract_id": "C1", "delivery_id": "D1", "channel": "email"}

    given.hear(DeliveryIntended(**about, dunning_id="another"))
    given.hear(Dispatched(**about, invoice_id="A", dispatched_on=date(2026, 3, 6)))

    assert given.account == before


def test_r87_exhausted_is_said_in_the_evaluation_of_the_last_step():
    given = desk(reminder(5), webhook(8)).until(date(2026, 3, 8))
    assert given.all_of("EscalationExhausted") == []

    given.until(date(2026, 3, 20))

    [exhausted] = given.all_of("EscalationExhausted")
    assert given.days_of("EscalationExhausted") == [date(2026, 3, 9)]
    assert exhausted.last_dispatched_on == date(2026, 3, 6)
    assert exhausted.balance.amount == "50.00"


def test_r87_a_last_reminder_by_hand_exhausts_when_it_is_sent():
    given = desk(reminder(5, send="manual")).until(date(2026, 3, 9))
    assert given.all_of("EscalationExhausted") == []

    given.hear(sent_by_hand(given, date(2026, 3, 9))).until(date(2026, 3, 20))

    [exhausted] = given.all_of("EscalationExhausted")
    assert exhausted.last_dispatched_on == date(2026, 3, 9)


def test_r87_a_new_anchor_makes_the_run_run_again_and_exhausts_once_more():
    given = desk(webhook(5)).hear(invoice("B", "10.00", date(2026, 3, 20)))
    given.until(date(2026, 3, 10)).hear(paid("p", "50.00", date(2026, 3, 10), "A"))

    given.until(date(2026, 4, 1))

    assert given.days_of("EscalationExhausted") == [date(2026, 3, 6), date(2026, 3, 25)]
    assert [e.receivable_id for e in given.all_of("EscalationExhausted")] == ["A", "B"]


def test_a_fee_is_credited_once_however_often_the_reminder_fails():
    steps = (reminder(5), reminder(14, send="manual", fee=eur("2.50")))
    given = Desk(terms(policy(*steps, fees_block_reset=True))).hear(registered())
    given.hear(invoice("A", "50.00", date(2026, 3, 1))).until(date(2026, 3, 16))
    letter = given.all_of("ReminderCreated")[-1]
    about = {"contract_id": "C1", "dunning_id": letter.dunning_id}
    failed = [
        DispatchFailed(**about, delivery_id=name, channel="email", reason="unknown")
        for name in ("1", "2")
    ]

    given.hear(DispatchReminder(**about, dispatched_on=given.day), *failed)

    assert [e.money.amount for e in given.all_of("EntryPosted")] == ["50.00", "2.50", "-2.50"]
