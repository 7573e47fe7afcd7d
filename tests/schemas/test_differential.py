"""Schemas and reader take the same, but for a list that is written down."""

import copy
import json
import re
from datetime import date, datetime
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.publish.examples import example
from schemas.publish.jsonschema import messages, schema_of
from schemas.publish.unsaid import ONLY_THE_READER_REFUSES, SAID_BY_BOTH
from tests.support.properties import up_to

jsonschema = pytest.importorskip("jsonschema", reason="make setup installs it")

ROOT = Path(__file__).parents[2]
NASTY = st.one_of(
    st.sampled_from(
        [
            *(None, True, False, 0, 1, -1, 1.0, 1.5, 2**31, 2**63, 10**30, [], {}, [None], [[]]),
            *("", " ", "0", "1", "-1", "1.", ".5", "1e3", "+1", "\uff11", "1.00", "1.001", "-0.00"),
            *("999999999999999.99", "9999999999999999", "NaN", "a\x00b", "a\x1fb", "a\x85b"),
            *("EUR", "eur", "EURO", "XXX", "XAU", "JPY", "EUR\n", "DE", "D", "P1M", "P0M", "P1MT"),
            *("2026-03-02", "1899-12-31", "1900-01-01", "2999-12-31", "3000-01-01", "2026-02-30"),
            *("2026-02-29", "2028-02-29", "2026-3-2", "2026-03-02\n", "20260302", "0000-01-01"),
            *("2026-13-01", "2026-03", "2026-00", "24:00", "23:59", "00:00", "7:00"),
            *("2026-03-01T12:00:00Z", "2026-03-01t12:00:00z", "2026-03-01 12:00:00Z"),
            *("2026-03-01T12:00:60Z", "2026-03-01T12:00:00", "2026-03-01T12:00:00.1234567890Z"),
            *("2026-03-01T12:00:00+24:00", "2026-02-30T12:00:00Z", "a@b", "a@b@c", "@", "a @b"),
            *("x" * 200, "x" * 201, "é" * 200, "x" * 2001, "\U0001f600" * 200),
        ]
    ),
    st.text(max_size=4).filter(lambda each: each.isprintable()),
    st.integers(min_value=-(2**70), max_value=2**70),
    st.from_regex(r"\A-?[0-9]{1,17}(\.[0-9]{0,13})?\Z"),
)


def pattern_of_ecma(_validator, pattern, instance, _schema):
    """Let ``$`` be the end, as ECMA-262 has it; to Python it is also before a last line feed."""
    if isinstance(instance, str) and not re.search(pattern.replace("$", r"\Z"), instance):
        yield jsonschema.ValidationError(f"{instance!r} does not match {pattern!r}")


Ecma = jsonschema.validators.extend(jsonschema.Draft202012Validator, {"pattern": pattern_of_ecma})


@cache
def validator(name):
    return Ecma(schema_of(messages()[name]), format_checker=formats())


@cache
def formats():
    """Return a checker of days and instants; that of the library needs another one for instants."""
    checker = jsonschema.FormatChecker(())
    checker.checks("date", raises=ValueError)(
        lambda text: not isinstance(text, str) or bool(date.fromisoformat(text))
    )
    checker.checks("date-time", raises=ValueError)(
        lambda text: not isinstance(text, str) or bool(datetime.fromisoformat(text.upper()))
    )
    return checker


@cache
def spoken():
    """Return data of every message: its example, and what the examples say."""
    found = {name: [example(shape)] for name, shape in messages().items()}
    for path in ("events", "billing", "usage"):
        for line in (ROOT / f"examples/{path}.jsonl").read_text(encoding="utf-8").splitlines():
            try:
                event = json.loads(line)
            except ValueError:
                continue
            some = found.get(event.get("type"), [])
            if len(some) < 40 and isinstance(event.get("data"), dict):
                some.append(event["data"])
    return found


def places(value, path=()):
    yield path
    if isinstance(value, dict | list):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(each, (*path, key))


@st.composite
def spoiled(draw):
    """Return a message's name, and data of it of which some values are others, or gone."""
    name = draw(st.sampled_from(sorted(messages())))
    data = copy.deepcopy(draw(st.sampled_from(spoken()[name])))
    for _ in range(draw(st.integers(0, 2))):
        absent = [(each,) for each in schema_of(messages()[name])["properties"] if each not in data]
        path = draw(st.sampled_from([*list(places(data))[1:], *absent]))
        at = data
        for key in path[:-1]:
            at = at[key]
        if isinstance(at, dict) and path[-1] in at and draw(st.booleans()):
            del at[path[-1]]
        else:
            at[path[-1]] = copy.deepcopy(draw(NASTY))
        if not data:
            break
    return name, data


def refusals(name, data):
    try:
        messages()[name].model_validate_json(json.dumps(data))
    except ValidationError as error:
        return [(each["type"], each["msg"]) for each in error.errors(include_url=False)]
    return []


def without_null(value):
    if isinstance(value, dict):
        return {key: without_null(each) for key, each in value.items() if each is not None}
    return [without_null(each) for each in value] if isinstance(value, list) else value


def is_written_down(kind, sentence):
    return kind in ONLY_THE_READER_REFUSES and not any(each in sentence for each in SAID_BY_BOTH)


@settings(max_examples=up_to(300), deadline=None)
@given(spoiled())
def test_schema_and_reader_agree_but_for_what_is_written_down(said):
    name, data = said
    by_reader = refusals(name, data)
    by_schema = [each.message for each in validator(name).iter_errors(data)]

    # A list whose element is refused counts as too short, too.
    by_reader = [each for each in by_reader if each[0] != "too_short"] or by_reader
    if by_reader and not by_schema:
        assert [each for each in by_reader if not is_written_down(*each)] == [], data
    if by_schema and not by_reader:
        assert list(validator(name).iter_errors(without_null(data))) == [], data


@pytest.mark.parametrize("name", sorted(messages()))
def test_a_schema_is_one_and_takes_the_example(name):
    jsonschema.Draft202012Validator.check_schema(schema_of(messages()[name]))

    assert list(validator(name).iter_errors(example(messages()[name]))) == []


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("InvoiceIssued", {"due_on": "0"}),
        ("InvoiceIssued", {"due_on": "1899-12-31"}),
        ("InvoiceIssued", {"due_on": "3000-01-01"}),
        ("InvoiceIssued", {"due_on": "2026-02-29"}),
        ("UsageRecorded", {"occurred_at": "0"}),
        ("UsageRecorded", {"occurred_at": "2026-03-01 12:00:00Z"}),
        ("PaymentReceived", {"money": {"amount": "1.00", "currency": "XXX"}}),
        ("PaymentReceived", {"money": {"amount": "1.00", "currency": "EUR\n"}}),
        ("PaymentReceived", {"money": {"amount": 1.0, "currency": "EUR"}}),
        ("ContractRegistered", {"quantities": {"a\x00": "1"}}),
        ("LegalEntityPublished", {"vat_rates": {"0": "19"}}),
        ("PolicyPublished", {"thresholds": {"XXX": "1"}}),
    ],
)
def test_both_refuse(name, change):
    data = example(messages()[name]) | change

    assert refusals(name, data)
    assert list(validator(name).iter_errors(data))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("InvoiceIssued", {"due_on": "1900-01-01"}),
        ("InvoiceIssued", {"due_on": "2999-12-31"}),
        ("InvoiceIssued", {"due_on": "2028-02-29"}),
        ("UsageRecorded", {"occurred_at": "2026-03-01t12:00:00.5z"}),
        ("PaymentReceived", {"money": {"amount": "1.00", "currency": "XOF"}}),
    ],
)
def test_both_let_pass_as_to_its_shape(name, change):
    data = example(messages()[name]) | change

    assert [each for each in refusals(name, data) if not is_written_down(*each)] == []
    assert list(validator(name).iter_errors(data)) == []
