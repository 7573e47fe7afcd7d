"""What a message may hold: money, names, days."""

import copy
import json
import pickle
import re
from datetime import date
from uuid import UUID, uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from schemas.contracts import Month
from schemas.envelope import Event, Malformed
from schemas.message import Message
from schemas.payments import PaymentReceived
from schemas.plans import Duration
from schemas.values import (
    Amount,
    Count,
    Currency,
    Day,
    Id,
    Money,
    Percent,
    Quantity,
    SignedPercent,
    derived_id,
)
from tests.support.properties import up_to

STRICT = Message.model_config
NAME, DAY, CURRENCY, PERCENT = (
    TypeAdapter(each, config=STRICT) for each in (Id[str], Day, Currency, Percent)
)


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


def test_money_that_was_counted_is_money_that_was_said():
    counted, said = Money.of(-1205, "EUR"), Money(amount="-12.05", currency="EUR")

    assert counted == said and hash(counted) == hash(said)
    assert (repr(counted), counted.minor) == (repr(said), -1205)
    assert counted.model_copy() == copy.deepcopy(counted) == pickle.loads(pickle.dumps(counted))
    assert counted.model_fields_set == said.model_fields_set == {"amount", "currency"}
    assert counted.model_dump_json(exclude_unset=True) == '{"amount":"-12.05","currency":"EUR"}'


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


# What a field of a message may say, and nothing else is taken: each type, its documented form, and
# what comes near to it.
WRITTEN = {
    Day: (
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
        ["0", "86400", "1772323200", "20260301", "2026-W10-1", "2026-3-1", "2026-03-01T00:00:00"],
    ),
    Percent: (r"[0-9]{1,3}(\.[0-9]{1,6})?", ["1e1", "+1", " 1", "1.", ".5", "1_0", "19\n"]),
    SignedPercent: (r"-?[0-9]{1,3}(\.[0-9]{1,6})?", ["--1", "+1", "1%"]),
    Quantity: (r"-?[0-9]{1,15}(\.[0-9]{1,12})?", ["1e3", "NaN", "Infinity", "0x1", "1,5"]),
    Amount: (r"-?[0-9]{1,15}(\.[0-9]{1,4})?", ["1_000", "1,00", "1.00\n", "\u0661"]),
    Month: (r"[0-9]{4}-(0[1-9]|1[0-2])", ["2026-13", "202603", "2026-3", "2026-03-01"]),
    Duration: (r"P[1-9][0-9]{0,2}[DWMY]", ["p1m", "P0M", "P1.5M", "PT1H", "P1Y2M", "P-1M"]),
}
CHARACTERS = st.sampled_from("0123456789-+.,:eETZWPDMYn_ x\n\u0663")


@pytest.mark.parametrize("kind", WRITTEN, ids=["day", "percent", "signed", "quantity", "amount",
                                               "month", "duration"])  # fmt: skip
@settings(max_examples=up_to(300), deadline=None)
@given(data=st.data())
def test_no_text_is_taken_but_in_the_documented_form(kind, data):
    form, near = WRITTEN[kind]
    said = st.one_of(st.sampled_from(near), st.text(CHARACTERS, max_size=12), st.from_regex(form))
    text = data.draw(said)
    try:
        taken = TypeAdapter(kind, config=STRICT).validate_json(json.dumps(text))
    except ValidationError:
        return
    assert re.fullmatch(form, text, re.ASCII)
    assert str(taken) == text


@pytest.mark.parametrize("wrong", ["0", "86400", "2026-02-30", "2026-03-01 ", "٢٠٢٦-03-01"])
def test_a_date_is_written_out_also_as_a_key(wrong):
    rates = TypeAdapter(dict[Day, Percent])
    for adapter, text in ((DAY, json.dumps(wrong)), (rates, json.dumps({wrong: "1"}))):
        with pytest.raises(ValidationError):
            adapter.validate_json(text)
    assert rates.validate_json('{"2026-01-01": "1"}') == {date(2026, 1, 1): "1"}


@pytest.mark.parametrize("wrong", ["0", "20260301", "true", "null", "1.5", "[]"])
def test_a_date_is_no_number(wrong):
    with pytest.raises(ValidationError):
        DAY.validate_json(wrong)


@pytest.mark.parametrize("wrong", ["1.0", '"1"', "true", "1e2", "-1", "2147483648", "null"])
def test_a_count_is_a_whole_number_and_no_text(wrong):
    with pytest.raises(ValidationError):
        TypeAdapter(Count, config=STRICT).validate_json(wrong)


@pytest.mark.parametrize("kind", [Percent, SignedPercent, Quantity, Amount])
@pytest.mark.parametrize("wrong", ["1", "1.5", "true", "null"])
def test_a_decimal_is_text_and_no_number(kind, wrong):
    with pytest.raises(ValidationError):
        TypeAdapter(kind, config=STRICT).validate_json(wrong)


@pytest.mark.parametrize(
    ("time", "is_one"),
    [
        ("2026-01-01T00:00:00Z", True),
        ("2026-01-01T00:00:00+01:00", True),
        ("2026-01-01T00:00:00.123456-03:30", True),
        ("2026-01-01T00:00Z", False),
        ("2026-01-01T00:00:00", False),
        ("2026-01-01T00:00:00+01", False),
        ("2026-01-01T00:00:00+01:00:30", False),
        ("2026-01-01 00:00:00+00:00", False),
        ("20260101T000000Z", False),
        ("2026-W01-1T00:00:00Z", False),
        ("2026-01-01T00:00:00,5Z", False),
        ("2026-02-30T00:00:00Z", False),
        ("1767225600", False),
    ],
)
def test_an_instant_is_written_as_rfc_3339_has_it(time, is_one):
    about = {"specversion": "1.0", "id": "1", "source": "/s", "type": "T", "subject": "C1"}
    if is_one:
        assert Event.of(about | {"time": time}, b"{}").time == time
    else:
        with pytest.raises(Malformed, match="time: "):
            Event.of(about | {"time": time}, b"{}")


def test_an_instant_may_be_written_small_and_is_passed_on_in_capitals():
    about = {"specversion": "1.0", "id": "1", "source": "/s", "type": "T", "subject": "C1"}
    event = Event.of(about | {"time": "2026-01-01t00:30:00z"}, b"{}")

    assert event.time == "2026-01-01T00:30:00Z"
    assert event.timestamp == 1767227400000
