"""Contracts that owe thousands of invoices: what is said of them still fits into a message."""

from dataclasses import replace
from datetime import date

from schemas.contracts import InstrumentRegistered
from services.dunning.audit import faults
from tests.support.desk import Desk
from tests.support.events import eur, invoice, paid, policy, registered, reminder, terms

# As long as a name may be, in the letters that take the most room.
LONG = "💶" * 194


def desk(count, *, due_later=0, **contract):
    """Return the desk of a contract that owes so many invoices, 1.00 EUR each."""
    given = Desk(terms(policy(reminder(3))), day=date(2026, 3, 1))
    given.hear(registered(**contract), invoice("A", "1.00", date(2026, 3, 1)))
    [item] = given.account.items
    items = [
        replace(
            item,
            receivable_id=f"{LONG}{number:05}",
            number=f"{LONG}{number:05}",
            anchor_on=date(2026, 4, 1) if number >= count - due_later else item.anchor_on,
        )
        for number in range(count)
    ]
    given.account = replace(given.account, items=tuple(items), balance=100 * count)
    given.said = []
    return given


def test_a_reminder_lists_300_receivables_and_says_the_sum_of_the_others():
    [said] = desk(1_000, due_later=100).until(date(2026, 3, 4)).all_of("ReminderCreated")

    assert (len(said.items), len(said.further_open)) == (300, 0)
    assert (said.items_left_out.count, said.items_left_out.open) == (600, eur("600.00"))
    assert (said.further_left_out.count, said.further_left_out.open) == (100, eur("100.00"))
    assert said.demanded == eur("900.00")
    assert len(said.model_dump_json().encode()) < 1_000_000


def test_what_is_not_due_yet_has_the_room_that_is_left():
    [said] = desk(310, due_later=20).until(date(2026, 3, 4)).all_of("ReminderCreated")

    assert (len(said.items), said.items_left_out) == (290, None)
    assert (len(said.further_open), said.further_left_out.count) == (10, 10)


def test_a_list_that_is_whole_says_of_nothing_that_it_was_left_out():
    [said] = desk(300, due_later=1).until(date(2026, 3, 4)).all_of("ReminderCreated")

    assert (len(said.items), len(said.further_open)) == (299, 1)
    assert (said.items_left_out, said.further_left_out) == (None, None)


def test_money_that_pays_more_than_1000_receivables_is_posted_in_parts():
    given = desk(2_001).hear(paid("p", "2001.00", date(2026, 3, 1)))

    posted = given.all_of("EntryPosted")
    assert [len(each.assigned) for each in posted] == [1_000, 1_000, 1]
    assert [each.number for each in posted] == [2, 3, 4]
    assert [each.money for each in posted] == [eur("-2001.00"), eur("0.00"), eur("0.00")]
    assert [each.balance for each in posted] == [eur("0.00")] * 3
    assert len({each.entry_id for each in posted}) == 3
    assert given.account.entries == 4
    assert max(len(each.model_dump_json().encode()) for _, each in given.said) < 1_000_000
    before = Desk(terms()).hear(registered(), invoice("A", "2001.00", date(2026, 3, 1)))
    assert list(faults([*(each for _, each in before.said), *posted])) == []


def test_new_payment_data_collects_more_than_1000_receivables_in_several_requests():
    card = InstrumentRegistered(contract_id="C1", instrument_id="new", kind="card")
    given = desk(1_001, payment_method="card").hear(card)

    asked = given.all_of("CollectionRequested")
    assert [(each.request, len(each.receivables), each.total) for each in asked] == [
        (1, 1_000, eur("1000.00")),
        (2, 1, eur("1.00")),
    ]
