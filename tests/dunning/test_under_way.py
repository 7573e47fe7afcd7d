"""A letter that may have left: no other is written until that is known (R-55, R-57)."""

from datetime import date

from schemas.deliveries import DeliveryIntended, Dispatched, DispatchFailed
from tests.support.desk import Desk
from tests.support.events import end_contract, invoice, paid, policy, registered, reminder, terms

MARCH_1 = date(2026, 3, 1)


def desk(*steps, **more):
    """Return a desk that owes A of 1 March."""
    given = Desk(terms(policy(*steps, **more)))
    return given.hear(registered(), invoice("A", "50.00", MARCH_1))


def letter(given, number=-1):
    return given.all_of("ReminderCreated")[number].dunning_id


def intended(name):
    return DeliveryIntended(contract_id="C1", delivery_id="D", dunning_id=name, channel="email")


def left(name, on):
    about = {"delivery_id": "D", "dunning_id": name, "channel": "email"}
    return Dispatched(contract_id="C1", **about, dispatched_on=on)


def failed(name, **more):
    about = {"delivery_id": "D", "dunning_id": name, "channel": "email"}
    return DispatchFailed(contract_id="C1", **about, reason="unknown", **more)


def of_two_invoices():
    """The letter of 6 March lists A and B, and is under way when A is paid."""
    given = desk(reminder(5), reminder(20)).hear(invoice("B", "9.00", date(2026, 3, 2)))
    given.until(date(2026, 3, 6)).hear(intended(letter(given)))
    return given.hear(paid("p", "50.00", date(2026, 3, 6), "A"))


def test_r55_no_other_letter_is_written_while_one_may_have_left_and_it_keeps_its_distance():
    given = of_two_invoices().until(date(2026, 3, 8))
    assert given.days_of("ReminderCreated") == [date(2026, 3, 6)]  # not on 7 March, day 5 of B
    held = given.all_of("StepDecided")[-1]
    assert (held.outcome, held.rule) == ("held", "R-55")
    assert held.facts["held_by"] == "a letter that may have left"

    given.hear(left(letter(given), date(2026, 3, 8))).until(date(2026, 4, 30))

    # 8 March + 15 = 23 March; B reaches its second step on the 22nd, and both collapse.
    created = given.dated("ReminderCreated")
    assert [(day, each.level) for day, each in created] == [
        (date(2026, 3, 6), 1),
        (date(2026, 3, 23), 2),
    ]


def test_r55_the_other_letter_is_written_the_day_after_it_is_known_that_none_has_left():
    given = of_two_invoices().until(date(2026, 3, 8))

    given.hear(failed(letter(given))).until(date(2026, 3, 10))

    created = given.dated("ReminderCreated")
    assert [(day, each.level) for day, each in created] == [
        (date(2026, 3, 6), 1),
        (date(2026, 3, 9), 1),
    ]


def test_r55_what_was_cancelled_before_anybody_delivered_it_gives_no_notice():
    given = desk(reminder(5), end_contract(6)).until(date(2026, 3, 6))
    first = letter(given)
    given.hear(intended(first), paid("p", "20.00", date(2026, 3, 6)), failed(first))
    given.until(date(2026, 3, 7))  # the second one, in its place
    given.hear(intended(first), failed(first)).until(date(2026, 3, 8))  # and a third

    given.hear(intended(letter(given)), failed(letter(given))).until(date(2026, 5, 30))

    days = [date(2026, 3, 6), date(2026, 3, 7), date(2026, 3, 8)]
    assert given.days_of("ReminderCreated") == days
    # None reached anybody: day 6 and two days of standstill, not after a notice of 7 March.
    assert [day for day, _ in given.requests()] == [date(2026, 3, 9)]
