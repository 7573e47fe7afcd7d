"""R-118: a payment, or a part of one, was meant for another contract."""

from datetime import date

import pytest
from pydantic import ValidationError

from schemas.message import NotYet, Refused
from schemas.payments import PaymentReassigned, RefundMade
from services.dunning.damages.damages import principals
from services.dunning.damages.interest import Principal
from tests.support.desk import Desk
from tests.support.events import (
    charged_back,
    eur,
    invoice,
    paid,
    policy,
    registered,
    reminder,
    terms,
    webhook,
)

MARCH_1, MARCH_5, MARCH_10 = date(2026, 3, 1), date(2026, 3, 5), date(2026, 3, 10)


def desk():
    """A owes 50.00 since 1 March and B 30.00 since the 5th; it is 12 March."""
    given = Desk(terms(policy(webhook(40))))
    given.hear(registered(), invoice("A", "50.00", MARCH_1), invoice("B", "30.00", MARCH_5))
    return given.until(date(2026, 3, 12))


def moved(amount, payment="p", to="C2"):
    return PaymentReassigned(contract_id="C1", payment_id=payment, money=eur(amount), to=to)


def open_of(given):
    return {item.receivable_id: item.open for item in given.account.items}


def test_r118_what_was_meant_for_another_contract_is_off_this_one_without_a_fee_or_a_stop():
    given = desk().hear(paid("p", "80.00", MARCH_10))
    assert given.account.balance == 0

    given.hear(moved("30.00"))

    entry = given.all_of("EntryPosted")[-1]
    assert (entry.kind, entry.money, entry.balance) == ("payment", eur("30.00"), eur("30.00"))
    assert (entry.about.payment_id, entry.reason_code, entry.owed) == ("p", None, ())
    assert entry.booked_on == date(2026, 3, 12)
    assert [(a.receivable_id, a.amount) for a in entry.assigned] == [("B", eur("-30.00"))]
    assert given.all_of("PaymentProcessStatusChanged") == []


@pytest.mark.parametrize(
    ("amount", "is_open"),
    [
        ("0.01", {"A": 0, "B": 0}),
        ("20.00", {"A": 0, "B": 0}),
        ("20.01", {"A": 0, "B": 1}),
        ("50.00", {"A": 0, "B": 3000}),
        ("50.01", {"A": 1, "B": 3000}),
        ("100.00", {"A": 5000, "B": 3000}),
    ],
)
def test_credit_goes_first_then_what_was_paid_last(amount, is_open):
    given = desk().hear(paid("p", "100.00", MARCH_10), moved(amount))

    assert open_of(given) == is_open


def test_what_it_had_settled_is_open_again_with_the_age_that_it_had():
    given = desk().hear(paid("p", "80.00", MARCH_10), moved("80.00"))

    assert [(i.anchor_on, i.reopening) for i in given.account.items] == [(MARCH_1, 1), (MARCH_5, 1)]


def test_what_a_return_had_made_younger_stays_as_young():
    given = desk().hear(paid("p", "50.00", MARCH_1), charged_back("c", "p", "50.00", MARCH_10))
    given.hear(paid("q", "50.00", date(2026, 3, 11)), moved("50.00", "q"))

    first = given.account.items[0]
    assert (first.anchor_on, first.reopening) == (MARCH_10, 2)


def test_it_bears_interest_as_if_the_money_had_never_come():
    given = desk().hear(paid("p", "50.00", MARCH_10), moved("20.00"))

    assert principals(given.account.items[0])[-1] == Principal(MARCH_10, 2000)


def test_other_credit_pays_at_once_what_is_open_again():
    given = desk().hear(paid("p", "80.00", MARCH_10), paid("q", "12.00", MARCH_10), moved("30.00"))

    assert open_of(given) == {"A": 0, "B": 1800}


@pytest.mark.parametrize(("asked", "rest"), [("80.01", "0.01"), ("100.00", "20.00")])
def test_more_than_is_left_is_refused_with_the_amounts_and_books_nothing(asked, rest):
    given = desk().hear(paid("p", "80.00", MARCH_10))

    with pytest.raises(Refused) as refused:
        given.hear(moved(asked))

    assert (refused.value.code, refused.value.detail) == (
        "excess",
        f"money: {asked} EUR asked, 0.00 EUR booked, {rest} EUR too much: "
        "80.00 EUR are left of payment p over 80.00 EUR",
    )
    assert given.account.balance == 0


def test_what_the_bank_took_back_and_what_went_elsewhere_is_left_no_more():
    given = desk().hear(paid("p", "80.00", MARCH_10), moved("30.00"))
    given.hear(charged_back("c", "p", "40.00", date(2026, 3, 11)))

    with pytest.raises(Refused, match=r"10.00 EUR are left of payment p over 80.00 EUR"):
        given.hear(moved("10.01"))
    given.hear(moved("10.00"))

    assert given.account.balance == 8000


def test_r74a_what_we_paid_back_of_it_can_be_moved_all_the_same_and_is_owed_then():
    refund = {"refund_id": "r", "payment_id": "p", "made_on": date(2026, 3, 11)}
    given = desk().hear(paid("p", "100.00", MARCH_10))
    given.hear(RefundMade(contract_id="C1", money=eur("20.00"), **refund), moved("100.00"))

    assert [(i.kind, i.open, i.due_on) for i in given.account.items] == [
        ("invoice", 5000, MARCH_1),
        ("invoice", 3000, MARCH_5),
        ("refund", 2000, date(2026, 3, 12)),
    ]


def test_it_waits_for_its_payment():
    with pytest.raises(NotYet, match="payment"):
        desk().hear(moved("1.00"))


def test_another_currency_is_refused():
    given = desk().hear(paid("p", "80.00", MARCH_10))
    said = moved("1.00").model_dump() | {"money": {"amount": "1.00", "currency": "CHF"}}

    with pytest.raises(Refused, match="currency"):
        given.hear(PaymentReassigned.model_validate(said))


def test_it_cannot_go_to_the_contract_that_has_it():
    with pytest.raises(ValidationError, match="it goes to the contract that has it"):
        moved("1.00", to="C1")


def test_r110_damages_that_it_paid_as_demanded_are_taken_back_first():
    steps = policy(reminder(5, fee=eur("2.50")), webhook(60))
    given = Desk(terms(steps)).hear(
        registered(due_date_is_agreed=True), invoice("A", "50.00", MARCH_1)
    )
    given.until(date(2026, 3, 12)).hear(paid("p", "52.50", MARCH_10))
    assert given.account.balance == 0

    given.hear(moved("12.50"))

    told = [(e.kind, e.money.amount) for e in given.all_of("EntryPosted")[-2:]]
    assert told == [("fee", "-2.50"), ("payment", "12.50")]
    assert open_of(given)["A"] == 1000


def test_a_run_that_the_payment_had_ended_is_not_revived_a_new_one_begins():
    given = Desk(terms(policy(webhook(5), webhook(60))))
    given.hear(registered(), invoice("A", "50.00", MARCH_1)).until(MARCH_10)
    given.hear(paid("p", "50.00", MARCH_10)).until(date(2026, 3, 12))

    given.hear(moved("50.00")).until(date(2026, 3, 13))

    assert len(given.all_of("EscalationStarted")) == 2
    assert given.days_of("PaymentEscalated") == [date(2026, 3, 6), date(2026, 3, 13)]
