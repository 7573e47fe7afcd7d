"""A clerk lets a payment pay something else."""

from datetime import date

import pytest

from schemas.instructions import AssignPayment
from schemas.message import NotYet
from schemas.payments import Designation
from tests.support.desk import Desk
from tests.support.events import eur, invoice, paid, policy, registered, terms, webhook

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
