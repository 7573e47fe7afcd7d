"""What a reminder demanded and somebody paid is booked when it is paid (R-110)."""

from datetime import date

import pytest

from schemas.chargebacks import ChargebackReversed
from schemas.instructions import AssignPayment
from schemas.payment_reference import payment_reference
from schemas.payments import Designation
from tests.support.desk import Desk
from tests.support.events import (
    ACME,
    charged_back,
    eur,
    invoice,
    paid,
    policy,
    registered,
    reminder,
    terms,
)

DUE, LETTER, LATER = date(2026, 2, 1), date(2026, 3, 22), date(2026, 3, 25)


def reminded(*more, gross="1000.00", **wanted):
    """1,000.00 in default from 2 February: 48 days at 6.27 % are 8.25, and a fee of 2.50."""
    steps = policy(reminder(49, fee=eur("2.50")), interest=True, **wanted)
    given = Desk(terms(steps)).hear(registered(due_date_is_agreed=True))
    given.hear(invoice("A", gross, DUE, issued_on=date(2026, 1, 2)), *more)
    given.until(LETTER)
    (letter,) = given.all_of("ReminderCreated")
    assert (letter.fees.amount, letter.interest.amount) == ("2.50", "8.25")
    return given.until(LATER)


def entries(given):
    posted = given.all_of("EntryPosted")
    return [(e.kind, e.money.amount, e.balance.amount) for e in posted if e.kind != "receivable"]


def test_r110_paid_as_demanded_everything_is_booked_and_nothing_is_credit():
    given = reminded().hear(paid("p", "1010.75", LATER))

    assert entries(given) == [
        ("fee", "2.50", "1002.50"),
        ("interest", "8.25", "1010.75"),
        ("payment", "-1010.75", "0.00"),
    ]
    assert given.days_of("PaymentEscalationReset") == [LATER]
    (letter,), booked = given.all_of("ReminderCreated"), given.all_of("EntryPosted")[1:3]
    assert [(e.about.dunning_id, e.about.payment_id) for e in booked] == [
        (letter.dunning_id, "p")
    ] * 2
    given.hear(invoice("B", "100.00", date(2026, 4, 30)))
    assert given.account.balance == given.account.items[-1].open == 10000


@pytest.mark.parametrize(
    ("amount", "booked", "balance"),
    [
        ("1000.00", [], 0),
        ("1000.01", ["0.01"], 0),
        ("1002.50", ["2.50"], 0),
        ("1005.00", ["2.50", "2.50"], 0),
        ("1010.74", ["2.50", "8.24"], 0),
        ("1010.76", ["2.50", "8.25"], -1),
    ],
)
def test_r110_the_debt_comes_first_and_only_what_is_more_than_demanded_is_credit(
    amount, booked, balance
):
    given = reminded().hear(paid("p", amount, LATER))

    assert [money for kind, money, _ in entries(given) if kind != "payment"] == booked
    assert given.account.balance == balance
    assert given.days_of("PaymentEscalationReset") == [LATER]


def test_r110_with_damages_first_the_debt_pays_last():
    given = reminded(damages_first=True).hear(paid("p", "1005.00", LATER))

    assert entries(given) == [
        ("fee", "2.50", "1002.50"),
        ("interest", "8.25", "1010.75"),
        ("payment", "-1005.00", "5.75"),
    ]
    assert given.days_of("PaymentEscalationReset") == []
    assert [item.open for item in given.account.items] == [575, 0, 0]


def test_r110_with_damages_first_a_designation_goes_before_them():
    given = reminded(damages_first=True).hear(paid("p", "1005.00", LATER, "A"))

    assert [money for kind, money, _ in entries(given) if kind != "payment"] == ["2.50", "2.50"]
    assert given.days_of("PaymentEscalationReset") == [LATER]


def test_r110_interest_that_was_paid_is_not_demanded_again():
    steps = policy(reminder(49), reminder(60), interest=True, damages_first=True)
    given = Desk(terms(steps)).hear(registered(due_date_is_agreed=True))
    given.hear(invoice("A", "1000.00", DUE)).until(LETTER)

    given.hear(paid("p", "100.00", LETTER)).until(date(2026, 4, 2))

    # 100.00 less 8.25 pay 91.75: then 908.25 for 11 days more at 6.27 %: 1.72.
    (_, letter) = given.all_of("ReminderCreated")
    assert (letter.interest.amount, letter.demanded.amount) == ("1.71", "909.96")


OTHER = invoice("B", "50.00", date(2026, 3, 24), issued_on=date(2026, 3, 1))


def test_r110_exactly_the_amount_means_what_the_letter_listed_whatever_else_is_open():
    given = reminded(OTHER).hear(paid("p", "1010.75", LATER))

    assert [money for kind, money, _ in entries(given) if kind != "payment"] == ["2.50", "8.25"]
    assert {i.receivable_id: i.open for i in given.account.open_items} == {"B": 5000}


def test_r110_another_amount_pays_all_that_is_open_first():
    given = reminded(OTHER).hear(paid("p", "1010.76", LATER))

    assert [kind for kind, _, _ in entries(given)] == ["payment"]
    assert given.account.balance == 3924


def test_r125_the_reference_of_the_letter_means_what_it_listed():
    given = reminded(OTHER)
    (letter,) = given.all_of("ReminderCreated")
    assert letter.payment_reference == payment_reference("C1", letter.dunning_id)
    money = paid("p", "1005.00", LATER)
    text = f"Mahnung {letter.payment_reference[:9]} {letter.payment_reference[9:]} danke"

    given.hear(money.model_copy(update={"reference": text}))

    assert [money for kind, money, _ in entries(given) if kind != "payment"] == ["2.50", "2.50"]
    assert {i.receivable_id: i.open for i in given.account.open_items} == {"B": 5000}


def test_r110_after_a_reset_what_is_left_of_the_demand_is_still_meant_by_its_exact_amount():
    given = reminded().hear(paid("p", "1000.00", LATER), paid("q", "10.75", LATER))

    assert [money for kind, money, _ in entries(given) if kind != "payment"] == ["2.50", "8.25"]
    assert given.account.balance == 0


def test_r110_after_a_reset_any_other_amount_is_credit():
    given = reminded().hear(paid("p", "1000.00", LATER), paid("q", "100.00", LATER))

    assert given.account.balance == -10000


def test_r110_a_chargeback_takes_the_damages_back_first():
    given = reminded().hear(paid("p", "1010.75", LATER))

    given.hear(charged_back("b", "p", "500.00", date(2026, 4, 1)))

    assert entries(given)[3:] == [
        ("interest", "-8.25", "-8.25"),
        ("fee", "-2.50", "-10.75"),
        ("chargeback", "500.00", "489.25"),
    ]
    assert {i.receivable_id: i.open for i in given.account.open_items} == {"A": 48925}


def test_r110_what_comes_back_of_it_pays_them_again():
    given = reminded().hear(paid("p", "1010.75", LATER))
    given.hear(charged_back("b", "p", "1010.75", date(2026, 4, 1)))
    assert given.account.balance == 100000

    given.hear(ChargebackReversed(contract_id="C1", chargeback_id="b", booked_on=date(2026, 4, 2)))

    assert (given.account.balance, given.account.open_items) == (0, ())


def test_r110_a_clerk_who_moves_the_payment_leaves_no_damages_owed():
    given = reminded(OTHER).hear(paid("p", "1010.75", LATER))
    designated = (Designation(invoice_id="B"),)

    given.hear(AssignPayment(contract_id="C1", payment_id="p", designated=designated))

    assert {i.receivable_id: i.open for i in given.account.open_items} == {"A": 3925}
    assert given.account.balance == 3925


def test_r93b_a_letter_leaves_without_the_interest_of_a_half_year_that_has_no_rate():
    # In default from 2 June: 29 days at 6.27 % are 4.98; July has no rate.
    given = Desk(terms(policy(reminder(49), interest=True)))
    given.hear(registered(due_date_is_agreed=True), invoice("A", "1000.00", date(2026, 6, 1)))

    (letter,) = given.until(date(2026, 7, 20)).all_of("ReminderCreated")

    assert (letter.interest.amount, letter.demanded.amount) == ("4.98", "1004.98")
    assert letter.no_base_rate_from == date(2026, 7, 1)


def test_r93b_who_wants_the_letter_held_has_it_held():
    held = ACME.model_copy(update={"missing_base_rate": "hold"})
    given = Desk(terms(policy(reminder(49), interest=True)).including(held))
    given.hear(registered(due_date_is_agreed=True), invoice("A", "1000.00", date(2026, 6, 1)))

    given.until(date(2026, 7, 20))

    assert given.all_of("ReminderCreated") == []
    assert [(d.outcome, d.rule) for d in given.all_of("StepDecided")] == [("held", "R-93")]


@pytest.mark.parametrize(
    ("fees", "demanded"),
    [
        (("39.99", "39.99"), [("40.00", None), ("40.00", "39.98")]),
        (("40.00", "5.00"), [("40.00", None), ("40.00", "5.00")]),
        (("40.01", "5.00"), [("40.00", "0.01"), ("40.00", "5.00")]),
        (("5.00", "5.00"), [("40.00", None), ("40.00", None)]),
    ],
)
def test_r93a_the_lump_sum_is_set_off_against_the_fees_of_the_run(fees, demanded):
    steps = [reminder(5 * at, fee=eur(fee)) for at, fee in enumerate(fees, 1)]
    given = Desk(terms(policy(*steps, lump_sum=True)))
    business = registered().customer.model_copy(update={"kind": "business"})
    given.hear(registered(due_date_is_agreed=True, customer=business))
    given.hear(invoice("A", "1000.00", DUE, issued_on=date(2026, 1, 2))).until(date(2026, 2, 20))

    said = given.all_of("ReminderCreated")
    assert [(r.lump_sum.amount, r.fees and r.fees.amount) for r in said] == demanded


@pytest.mark.parametrize(
    ("amount", "reference", "left"),
    [
        ("50.00", None, {"A": 300}),
        ("50.01", None, {"B": 299}),
        ("49.99", None, {"B": 301}),
        ("20.00", "Rechnung R-B vom 1.3.", {"A": 300, "B": 3000}),
        ("20.00", "Rechnung XR-B", {"B": 3300}),
        ("20.00", "r-b", {"A": 300, "B": 3000}),
    ],
)
def test_r80_the_exact_amount_or_number_of_one_invoice_means_that_one(amount, reference, left):
    given = Desk(terms(policy(reminder(49)))).hear(registered())
    given.hear(invoice("A", "3.00", DUE), invoice("B", "50.00", date(2026, 3, 1)))

    given.hear(paid("p", amount, LATER).model_copy(update={"reference": reference}))

    assert {i.receivable_id: i.open for i in given.account.open_items} == left


def test_r80_a_short_number_of_digits_names_nothing():
    digits = invoice("B", "50.00", date(2026, 3, 1)).model_copy(update={"number": "2026"})
    given = Desk(terms(policy(reminder(49)))).hear(registered(), invoice("A", "3.00", DUE), digits)

    given.hear(paid("p", "20.00", LATER).model_copy(update={"reference": "März 2026"}))

    assert {i.receivable_id: i.open for i in given.account.open_items} == {"B": 3300}
