"""A clerk lets a payment pay something else."""

from datetime import date

import pytest

from schemas.instructions import AssignCredit, AssignPayment
from schemas.message import NotYet, Refused
from schemas.payments import Designation
from tests.support.desk import Desk
from tests.support.events import (
    charged_back,
    credit_note,
    eur,
    invoice,
    paid,
    policy,
    registered,
    terms,
    webhook,
)

MARCH_1, MARCH_10 = date(2026, 3, 1), date(2026, 3, 10)


def desk():
    return Desk(terms(policy(webhook(5)))).hear(
        registered(), invoice("A", "50.00", MARCH_1), invoice("B", "30.00", date(2026, 3, 5))
    )


def told(*wishes, payment="p"):
    designated = tuple(
        Designation(invoice_id=name, amount=eur(amount) if amount else None)
        for name, amount in wishes
    )
    return AssignPayment(contract_id="C1", payment_id=payment, designated=designated)


def open_of(given):
    return {item.receivable_id: item.open for item in given.account.items}


def test_r80_a_payment_pays_what_the_clerk_says_and_the_rest_what_it_paid():
    given = desk().hear(paid("p", "50.00", MARCH_10))
    assert open_of(given) == {"A": 0, "B": 3000}

    given.hear(told(("B", None)))

    assert open_of(given) == {"A": 3000, "B": 0}
    entry = given.all_of("EntryPosted")[-1]
    assert (entry.kind, entry.money.amount, entry.balance.amount) == ("payment", "0.00", "30.00")
    moved = {a.receivable_id: a.amount.amount for a in entry.assigned}
    assert moved == {"A": "-30.00", "B": "30.00"}


def test_what_is_open_again_by_it_is_as_old_as_it_was():
    given = desk().hear(paid("p", "50.00", MARCH_10), told(("B", None)))

    assert given.account.items[0].anchor_on == MARCH_1


def test_credit_is_moved_before_what_is_assigned():
    given = desk().hear(paid("p", "70.00", MARCH_10, "unknown"))
    assert open_of(given) == {"A": 5000, "B": 3000}

    given.hear(told(("B", "30.00")))

    # The rest is kept for nothing any more, and pays the oldest.
    assert open_of(given) == {"A": 1000, "B": 0}


def test_only_the_amount_that_is_named_moves():
    given = desk().hear(paid("p", "50.00", MARCH_10), told(("B", "10.00")))

    assert open_of(given) == {"A": 1000, "B": 2000}


def test_an_invoice_that_is_named_twice_gets_both_amounts():
    given = desk().hear(paid("p", "50.00", MARCH_10))

    given.hear(told(("B", "10.00"), ("A", "5.00"), ("B", "15.00")))

    # The rest is credit, and pays the oldest.
    assert open_of(given) == {"A": 2500, "B": 500}


def test_what_is_already_so_is_no_entry():
    given = desk().hear(paid("p", "50.00", MARCH_10), told(("A", None)))

    assert len(given.all_of("EntryPosted")) == 3


@pytest.mark.parametrize(
    ("instruction", "missing"),
    [
        (told(("B", None), payment="unknown"), "payment"),
        (told(("unknown", None)), "invoice"),
    ],
    ids=["payment", "invoice"],
)
def test_an_assignment_waits_for_what_it_names(instruction, missing):
    given = desk().hear(paid("p", "50.00", MARCH_10))

    with pytest.raises(NotYet, match=missing):
        given.hear(instruction)


def credit_told(*wishes, note="g"):
    designated = tuple(
        Designation(invoice_id=name, amount=eur(amount) if amount else None)
        for name, amount in wishes
    )
    return AssignCredit(contract_id="C1", credit_note_id=note, designated=designated)


def test_r84b_a_credit_note_is_moved_from_one_document_to_another():
    given = desk().hear(credit_note("g", "30.00", MARCH_10, invoice_id="A"))
    assert open_of(given) == {"A": 2000, "B": 3000}

    given.hear(credit_told(("B", None)))

    assert open_of(given) == {"A": 5000, "B": 0}
    entry = given.all_of("EntryPosted")[-1]
    assert (entry.kind, entry.money.amount, entry.about.credit_note_id) == ("credit", "0.00", "g")
    moved = {a.receivable_id: a.amount.amount for a in entry.assigned}
    assert moved == {"A": "-30.00", "B": "30.00"}


def test_only_so_much_of_a_credit_note_moves_and_what_is_named_is_kept():
    given = desk().hear(credit_note("g", "60.00", MARCH_10, invoice_id="A"))
    assert open_of(given) == {"A": 0, "B": 2000}

    given.hear(credit_told(("B", "25.00"), ("A", None)))

    assert open_of(given) == {"A": 1500, "B": 500}


def test_what_a_moved_credit_note_had_paid_is_as_old_as_it_was_and_bears_interest_since():
    given = desk().hear(paid("p", "50.00", MARCH_1, "A"))
    given.hear(charged_back("c", "p", "50.00", date(2026, 3, 6)))
    given.hear(credit_note("g", "50.00", MARCH_10, invoice_id="A"), credit_told(("B", None)))

    first = given.account.items[0]
    assert (first.open, first.anchor_on, first.reopening) == (3000, date(2026, 3, 6), 2)


def test_credit_that_waits_for_an_unknown_document_pays_what_the_clerk_says():
    given = desk().hear(paid("p", "20.00", MARCH_10, "unknown"))
    given.hear(credit_note("g", "20.00", MARCH_10, invoice_id="unknown too"))
    assert open_of(given) == {"A": 5000, "B": 3000}

    given.hear(credit_told(("B", "25.00"), note=None))

    assert open_of(given) == {"A": 5000, "B": 500}
    told = [(e.kind, e.money.amount) for e in given.all_of("EntryPosted")[-2:]]
    assert told == [("payment", "0.00"), ("credit", "0.00")]
    assert sum(each.credit for each in given.account.receipts) == 1500


def test_where_there_is_no_credit_nothing_is_assigned_and_it_is_said():
    with pytest.raises(Refused, match=r"0\.00 EUR is credit"):
        desk().hear(credit_told(("A", None), note=None))


@pytest.mark.parametrize(
    ("instruction", "missing"),
    [
        (credit_told(("B", None), note="unknown"), "credit note"),
        (credit_told(("unknown", None)), "invoice"),
    ],
    ids=["note", "invoice"],
)
def test_an_assignment_of_credit_waits_for_what_it_names(instruction, missing):
    given = desk().hear(credit_note("g", "30.00", MARCH_10, invoice_id="A"))

    with pytest.raises(NotYet, match=missing):
        given.hear(instruction)


def test_a_return_is_as_old_as_it_was_also_where_a_payment_is_moved_off_it():
    given = desk().hear(paid("p", "50.00", MARCH_1, "A"))
    given.hear(charged_back("c", "p", "50.00", date(2026, 3, 6)), paid("q", "50.00", MARCH_10, "A"))

    given.hear(told(("B", None), payment="q"))

    assert given.account.items[0].anchor_on == date(2026, 3, 6)
