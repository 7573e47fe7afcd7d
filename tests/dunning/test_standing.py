"""What a contract adds to the figures that an operator watches."""

from datetime import date

from schemas.instructions import InvoiceDisputed
from services.dunning.standing import Part, parts
from tests.support.desk import Desk
from tests.support.events import (
    credit_note,
    eur,
    invoice,
    paid,
    policy,
    registered,
    reminder,
    terms,
)

MARCH_1, MARCH_2, MARCH_6 = date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 6)


def desk(*messages):
    return Desk(terms(policy(reminder(5), reminder(10)))).hear(registered(), *messages)


def added(given):
    return [each for each in parts(given.account) if each.amount]


def test_a_contract_that_is_not_known_yet_adds_nothing():
    assert list(parts(Desk(terms()).account)) == []


def test_an_invoice_is_open_at_once_and_overdue_from_the_day_after_it_was_due():
    assert added(desk(invoice("A", "50.00", MARCH_1))) == [
        Part("open_minor", "EUR", 5000),
        Part("overdue_minor", "EUR", 5000, MARCH_2),
    ]


def test_what_is_paid_too_much_is_credit_and_nothing_is_open():
    given = desk(invoice("A", "50.00", MARCH_1), paid("p", "50.01", MARCH_1))

    assert added(given) == [Part("credit_minor", "EUR", 1)]


def test_credit_that_is_kept_for_another_invoice_is_off_what_is_overdue_and_not_off_what_is_open():
    given = desk(invoice("A", "50.00", MARCH_1), paid("p", "20.00", MARCH_1, "unknown"))

    assert added(given) == [
        Part("open_minor", "EUR", 5000),
        Part("credit_minor", "EUR", 2000),
        Part("overdue_minor", "EUR", 3000, MARCH_2),
    ]


def test_what_is_disputed_is_open_and_not_overdue():
    how = {"reason_code": "price", "money": eur("20.00")}
    disputed = InvoiceDisputed(contract_id="C1", invoice_id="A", **how)
    given = desk(invoice("A", "50.00", MARCH_1), disputed)

    assert added(given) == [
        Part("open_minor", "EUR", 5000),
        Part("overdue_minor", "EUR", 3000, MARCH_2),
    ]


def test_a_run_counts_at_the_level_of_its_highest_letter_and_at_0_before_the_first():
    given, levels = desk(invoice("A", "50.00", MARCH_1)), []
    for day in (MARCH_1, MARCH_2, date(2026, 3, 5), MARCH_6, date(2026, 3, 11)):
        given.until(day)
        levels.append([each.of for each in parts(given.account) if each.name == "runs"])

    assert levels == [[], ["0"], ["0"], ["1"], ["2"]]


def test_a_run_that_was_reset_is_none():
    given = desk(invoice("A", "50.00", MARCH_1)).until(MARCH_6)
    given.hear(credit_note("G", "50.00", MARCH_6))

    assert added(given) == []
