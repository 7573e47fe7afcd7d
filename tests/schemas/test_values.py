"""What a message may hold: money, names, days."""

from datetime import date
from uuid import UUID, uuid5

import pytest
from pydantic import TypeAdapter, ValidationError

from schemas.payments import PaymentReceived
from schemas.values import Currency, Day, Id, Money, Percent, derived_id

NAME, DAY, CURRENCY, PERCENT = map(TypeAdapter, (Id[str], Day, Currency, Percent))


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("119.00", "EUR", 11900),
        ("119", "EUR", 11900),
        ("119.5", "EUR", 11950),
        ("-0.01", "EUR", -1),
        ("500", "JPY", 500),
        ("1.234", "KWD", 1234),
        ("999999999999999.99", "EUR", 99999999999999999),
    ],
)
def test_u40_money_has_the_decimals_of_its_currency(amount, currency, minor):
    assert Money(amount=amount, currency=currency).minor == minor


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("1.001", "EUR"),
        ("1.0", "JPY"),
        ("1.2345", "KWD"),
        ("", "EUR"),
        (".5", "EUR"),
        ("1.", "EUR"),
        ("1,00", "EUR"),
        ("1e2", "EUR"),
        ("NaN", "EUR"),
        (" 1.00", "EUR"),
        ("1.00\n", "EUR"),
        ("\u0661.00", "EUR"),
        ("1000000000000000.00", "EUR"),
        ("1.00", "XXX"),
        ("1.00", "XAU"),
        ("1.00", "DEM"),
        ("1.00", "eur"),
    ],
)
def test_u40_what_is_no_money(amount, currency):
    with pytest.raises(ValidationError):
        Money(amount=amount, currency=currency)


@pytest.mark.parametrize("text", ['{"amount": 1.00, "currency": "EUR"}', '{"amount": "1.00"}', "1"])
def test_money_is_never_a_number(text):
    with pytest.raises(ValidationError):
        Money.model_validate_json(text)


@pytest.mark.parametrize(
    ("minor", "currency", "amount"),
    [(0, "EUR", "0.00"), (-1, "EUR", "-0.01"), (5, "JPY", "5"), (-1234, "KWD", "-1.234")],
)
def test_money_is_written_with_all_its_decimals(minor, currency, amount):
    assert Money.of(minor, currency).amount == amount


@pytest.mark.parametrize("name", ["x", "a/b c@d", "Ä", "x" * 200])
def test_what_may_be_a_name(name):
    assert NAME.validate_python(name) == name


@pytest.mark.parametrize("name", ["", "x" * 201, "a\nb", "a\x00", "\x1f", "a\x7f", "a\x85"])
def test_what_is_no_name(name):
    with pytest.raises(ValidationError):
        NAME.validate_python(name)


@pytest.mark.parametrize("text", ['"1899-12-31"', '"3000-01-01"', '"2026-02-30"', '"1.1.2026"'])
def test_what_is_no_day(text):
    with pytest.raises(ValidationError):
        DAY.validate_json(text)


@pytest.mark.parametrize("text", ["-1", "1000", "19 %", "", "1."])
def test_what_is_no_percentage(text):
    with pytest.raises(ValidationError):
        PERCENT.validate_python(text)


@pytest.mark.parametrize("amount", ["0.00", "-1.00"])
def test_a_payment_is_of_something(amount):
    with pytest.raises(ValidationError, match="more than nothing"):
        PaymentReceived(
            contract_id="C1",
            payment_id="p",
            money=Money(amount=amount, currency="EUR"),
            received_on=date(2026, 3, 1),
        )


def test_the_same_parts_make_the_same_id_and_no_others_do():
    assert derived_id("fee", "C1", "b") == derived_id("fee", "C1", "b")
    assert derived_id("fee", "C1/x", "b") != derived_id("fee", "C1", "x/b")


def test_an_id_is_a_uuid_of_version_5():
    namespace = UUID("5f0c9a52-4f53-4b5e-9a63-5d9b2f1c7d10")
    assert derived_id("fee", "Köln") == str(uuid5(namespace, "fee\x1fKöln"))
