"""Whether somebody owes is one number, whatever document he named (R-16)."""

from datetime import date

import pytest

from schemas.contracts import InstrumentRegistered
from schemas.instructions import AssignPayment, WriteOff
from schemas.message import Refused
from schemas.payments import Designation
from tests.support.desk import Desk
from tests.support.events import (
    charged_back,
    credit_note,
    end_contract,
    ended,
    invoice,
    paid,
    policy,
    registered,
    reminder,
    terms,
    webhook,
)

MARCH_1, MARCH_31, APRIL_30 = date(2026, 3, 1), date(2026, 3, 31), date(2026, 4, 30)
STEPS = policy(webhook(1), reminder(7), reminder(14), end_contract(42))


def desk(*messages, steps=STEPS, **more):
    return Desk(terms(steps)).hear(registered(**more), *messages)


def test_r16_paid_on_the_due_day_under_a_mistyped_number_nobody_is_reminded_or_ended():
    given = desk(invoice("A", "428.40", MARCH_1)).until(MARCH_1)
    given.hear(paid("p", "428.40", MARCH_1, "R-4711-mistyped"))

    given.until(APRIL_30)

    assert given.account.balance == 0
    assert given.names() == ["EntryPosted", "EntryPosted", "EntryPosted", "ReceivableSettled"]
    # After its bound the credit pays the oldest.
    assert given.days_of("ReceivableSettled") == [date(2026, 4, 1)]


def test_r16_a_designation_by_the_printed_number_pays_that_document():
    given = desk(invoice("A", "428.40", MARCH_1), invoice("B", "428.40", date(2026, 2, 1)))

    given.hear(paid("p", "428.40", MARCH_1, "R-A"))

    assert [(i.receivable_id, i.open) for i in given.account.items] == [("A", 0), ("B", 42840)]


def test_r16_an_id_goes_before_a_number():
    a, b = invoice("A", "10.00", MARCH_1), invoice("R-A", "20.00", MARCH_1)

    given = desk(a, b, paid("p", "10.00", MARCH_1, "R-A"))

    assert [(i.receivable_id, i.open) for i in given.account.items] == [("A", 1000), ("R-A", 1000)]


def test_r16_money_kept_for_a_printed_number_pays_the_invoice_when_it_comes():
    given = desk(invoice("A", "50.00", MARCH_1), paid("p", "50.00", MARCH_1, "R-B"))

    given.hear(invoice("B", "50.00", APRIL_30))

    assert [(i.receivable_id, i.open) for i in given.account.items] == [("A", 5000), ("B", 0)]


def test_r16_a_clerk_and_a_credit_note_may_name_the_number_too():
    given = desk(invoice("A", "50.00", MARCH_1), invoice("B", "50.00", APRIL_30))
    given.hear(paid("p", "50.00", MARCH_1))
    designated = (Designation(invoice_id="R-B"),)

    given.hear(AssignPayment(contract_id="C1", payment_id="p", designated=designated))
    assert [item.open for item in given.account.items] == [5000, 0]

    given.hear(credit_note("G", "50.00", MARCH_1, invoice_id="R-A"))
    assert [item.open for item in given.account.items] == [0, 0]


@pytest.mark.parametrize(
    ("kept", "starts"),
    [("95.00", [date(2026, 3, 2)]), ("95.01", [])],
)
def test_r41_the_threshold_is_reached_by_what_is_overdue_less_the_credit(kept, starts):
    steps = policy(webhook(1), thresholds={"EUR": "5.00"})
    given = desk(
        invoice("A", "100.00", MARCH_1), paid("p", kept, MARCH_1, "elsewhere"), steps=steps
    )

    given.until(date(2026, 3, 20))

    assert given.days_of("EscalationStarted") == starts


def test_r16_a_letter_demands_what_is_left_of_the_longest_overdue():
    given = desk(
        invoice("A", "100.00", MARCH_1),
        invoice("B", "30.00", date(2026, 3, 2)),
        paid("p", "60.00", MARCH_1, "elsewhere"),
    ).until(date(2026, 3, 8))

    (letter,) = given.all_of("ReminderCreated")
    assert [(i.receivable_id, i.open.amount) for i in letter.items] == [
        ("A", "40.00"),
        ("B", "30.00"),
    ]
    assert letter.demanded.amount == "70.00"
    assert given.account.balance == 7000


def test_r16_the_oldest_that_is_still_owed_sets_the_age():
    # 100.00 of A are paid under a wrong number: B, 2 days overdue, ends no contract.
    given = desk(invoice("A", "100.00", MARCH_1), invoice("B", "30.00", date(2026, 3, 10)))
    given.until(MARCH_1).hear(paid("p", "100.00", MARCH_1, "elsewhere")).until(date(2026, 3, 12))

    (decided,) = given.all_of("StepDecided")
    assert (decided.decided_on, decided.anchor, decided.age_days) == (date(2026, 3, 11), "B", 1)
    assert decided.facts["credit"] == "100.00 EUR"
    # When the credit is for another invoice after all, A is owed as long as it is.
    given.hear(invoice("elsewhere", "100.00", APRIL_30)).until(date(2026, 3, 13))
    (again,) = (d for d in given.all_of("StepDecided") if d.anchor == "A" and d.step.number == 0)
    assert (again.outcome, again.age_days) == ("fired", 12)


def test_r55_money_under_a_wrong_number_cancels_a_draft_that_demands_too_much():
    steps = policy(reminder(7, send="manual"))
    given = desk(invoice("A", "100.00", MARCH_1), invoice("B", "1.00", APRIL_30), steps=steps)
    given.until(date(2026, 3, 9)).hear(paid("p", "100.00", date(2026, 3, 9), "elsewhere"))

    assert given.days_of("ReminderCancelled") == [date(2026, 3, 9)]
    assert given.until(MARCH_31).days_of("ReminderCreated") == [date(2026, 3, 8)]


def test_r94_no_interest_is_demanded_on_what_is_paid_under_a_wrong_number():
    # In default from 2 March; 1,000.00 less 600.00 on that day: 400.00 at 6.27 % for 29 days.
    steps = policy(reminder(30), interest=True)
    given = desk(invoice("A", "1000.00", MARCH_1), steps=steps, due_date_is_agreed=True)
    given.hear(paid("p", "600.00", date(2026, 3, 2), "elsewhere")).until(MARCH_31)

    (letter,) = given.all_of("ReminderCreated")
    assert (letter.interest.amount, letter.demanded.amount) == ("1.99", "401.99")


def test_r73_what_is_paid_under_a_wrong_number_is_not_collected_again():
    given = desk(invoice("A", "50.00", MARCH_1), payment_method="direct_debit")
    given.hear(paid("p", "50.00", MARCH_1), charged_back("b", "p", "50.00", date(2026, 3, 5)))
    given.hear(paid("q", "30.00", date(2026, 3, 6), "elsewhere"))

    given.hear(InstrumentRegistered(contract_id="C1", instrument_id="i", kind="sepa_mandate"))

    (asked,) = given.all_of("CollectionRequested")
    assert (asked.receivables, asked.total.amount) == (("A",), "20.00")


def test_r85_what_is_paid_under_a_wrong_number_is_not_lost():
    given = desk(invoice("A", "50.00", MARCH_1), ended(MARCH_1))
    given.hear(paid("p", "20.00", MARCH_1, "elsewhere"), WriteOff(contract_id="C1", on=MARCH_31))

    assert given.all_of("EntryPosted")[-1].money.amount == "-30.00"
    (item,) = given.account.items
    assert (item.open, item.written_off, given.account.balance) == (2000, 3000, 0)


def test_r85_whoever_owes_nothing_is_not_written_off():
    given = desk(invoice("A", "50.00", MARCH_1), ended(MARCH_1))
    given.hear(paid("p", "50.00", MARCH_1, "elsewhere"))

    with pytest.raises(Refused, match=r"50\.00 EUR is open, 50\.00 EUR is credit"):
        given.hear(WriteOff(contract_id="C1", on=MARCH_31))
