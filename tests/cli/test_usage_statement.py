"""The events behind an invoice, one a line, which add up to its lines (U-64), on the examples."""

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from examples import make
from tests.support.console import duestream

EXAMPLES = Path(make.__file__).parent / "usage.jsonl"


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """The examples of usage, run to the middle of March."""
    folder = tmp_path_factory.mktemp("statement") / "out"
    return ran(folder, EXAMPLES)


@pytest.fixture(scope="module")
def made_anew(tmp_path_factory):
    """The same, with plans that make an invoice anew where usage is late."""
    folder = tmp_path_factory.mktemp("made_anew")
    events = [json.loads(each) for each in EXAMPLES.read_bytes().splitlines()]
    for each in events:
        if each["type"] == "PlanPublished":
            each["data"]["late_usage"] = "credit_rebill"
    file = folder / "events.jsonl"
    file.write_text("\n".join(map(json.dumps, events)))
    return ran(folder / "out", file)


def ran(folder, events):
    result = duestream("run", events, "--until", "2026-03-15", "--out", folder)
    assert result.exit_code == 0, result.output
    return folder


def invoices(out):
    said = (json.loads(each) for each in (out / "invoices.jsonl").read_bytes().splitlines())
    return [(e["subject"], e["data"]) for e in said if e["type"] == "InvoiceIssued"]


def number(out, contract, issued_on):
    (found,) = (
        each["number"]
        for name, each in invoices(out)
        if name == contract and each["issued_on"] == issued_on
    )
    return found


def stated(out, name):
    """Return what is told of an invoice, as JSON lines."""
    told = duestream("usage", "statement", name, "--json", "--from", out)
    assert told.exit_code == 0, told.output
    return list(map(json.loads, told.stdout.splitlines()))


def short(lines):
    return [(e["kind"], e.get("quantity"), e.get("unit_price"), e.get("amount")) for e in lines]


def test_u64_a_statement_tells_each_call_with_time_rounded_seconds_price_and_amount(out):
    told = duestream("usage", "statement", number(out, "U-101", "2026-02-02"), "--from", out)

    head, *lines = told.stdout.splitlines()
    assert head == (
        "charge_id,component_id,group,kind,source,event_id,occurred_at,"
        "quantity,unit_price,grant_id,amount"
    )
    # U-50: together they are 0.68, which is the line.
    assert [each.partition(",")[2] for each in lines] == [
        "calls,,event,/meters,u-meters-0001,2026-01-05T12:00:00+01:00,60,0.09,,0.14",
        "calls,,event,/meters,u-meters-0002,2026-01-06T12:00:00+01:00,60,0.09,,0.14",
        "calls,,event,/meters,u-meters-0003,2026-01-07T12:00:00+01:00,70,0.09,,0.155",
        "calls,,event,/meters,u-meters-0004,2026-01-08T12:00:00+01:00,130,0.09,,0.245",
    ]


def test_u64_what_came_late_is_told_with_its_correction_and_changes_no_statement_before(out):
    # 1,000 MB at 0.01 and 500 at 0.002; 500 more at 0.002.
    first, later = number(out, "U-104", "2026-02-02"), number(out, "U-104", "2026-03-02")

    assert short(stated(out, first)) == [("event", "1500", None, "11")]
    assert short(stated(out, later)) == [("event", "500", None, "1")]


def test_u64_what_a_set_replaces_comes_off_and_what_it_brings_is_told(out):
    assert short(stated(out, number(out, "U-106", "2026-03-02"))) == [
        ("event", "50", "0.09", "4.5"),
        ("event", "-20", "0.09", "-1.8"),
    ]


def test_u64_what_a_balance_paid_is_told_behind_the_usage(out):
    assert short(stated(out, number(out, "U-109", "2026-03-02"))) == [
        ("event", "30", "0.09", "1.8"),
        ("prepaid", None, None, "-0.95"),
    ]


def test_u64_an_invoice_made_anew_tells_all_that_it_bills(made_anew):
    anew = [
        each
        for name, each in invoices(made_anew)
        if name == "U-104" and sums_of(each) == {Decimal("12.00")}
    ]

    (invoice,) = anew
    assert short(stated(made_anew, invoice["number"])) == [
        ("event", "1500", None, "11"),
        ("event", "500", None, "1"),
    ]


def sums_of(invoice):
    return set(by_charge(invoice["lines"], lambda each: each["net"]["amount"]).values())


def by_charge(lines, amount):
    found = Counter()
    for each in lines:
        if "charge_id" in each:
            found[each["charge_id"]] += Decimal(amount(each))
    return found


@pytest.mark.long
@pytest.mark.parametrize("run", ["out", "made_anew"])
def test_u64_every_statement_adds_up_to_the_lines_of_its_invoice(run, request):
    folder, checked = request.getfixturevalue(run), 0
    for _, invoice in invoices(folder):
        lines = by_charge(invoice["lines"], lambda each: each["net"]["amount"])
        if lines:
            checked += 1
            told = stated(folder, invoice["number"])
            assert by_charge(told, lambda each: each.get("amount", "0")) == lines
    assert checked > 10


def test_u64_two_statements_are_the_same_bytes(out):
    words = ("usage", "statement", number(out, "U-108", "2026-02-02"), "--from", out)

    assert duestream(*words).stdout == duestream(*words).stdout


def test_a_charge_has_no_statement_of_its_own(out):
    charge = stated(out, number(out, "U-101", "2026-02-02"))[0]["charge_id"]

    told = duestream("usage", "statement", charge, "--from", out)

    assert told.exit_code == 1
    assert "name an invoice" in told.output
