"""A change of VAT that becomes law behind invoices: listed from the store, corrected on order."""

import json
from datetime import date
from shutil import copytree

import pytest

from tests.support.console import duestream
from tests.support.events import ACME, line, registered
from tests.support.tariffs import flat, plan

# Each runs whole files: what make check has of runs is in test_run.py.
pytestmark = pytest.mark.files

QUARTER = plan(
    flat("base", "90.00"),
    flat("book", "30.00", vat_rate="7"),
    plan_id="quarter",
    billing_period="P3M",
)
MONTH = plan(flat("base", "31.00"), plan_id="month")
# Said on 2 February: 16 percent for what is completed from 1 January on, 15 from 1 March on.
LAW = ACME.model_copy(
    update={"version": 2, "vat_rates": {date(2026, 1, 1): "16", date(2026, 3, 1): "15"}}
)


def contract(contract_id, plan_id, **more):
    about = {"plan_id": plan_id, "starts_on": date(2026, 1, 1), **more}
    said = registered(contract_id=contract_id, **about)
    return line(said, "2025-12-20T10:00:00+01:00", name=contract_id)


EVENTS = [
    line(ACME, "2025-12-01T00:00:00+01:00", name="1"),
    line(QUARTER, "2025-12-01T00:00:00+01:00", name="quarter"),
    line(MONTH, "2025-12-01T00:00:00+01:00", name="month"),
    contract("Q", "quarter"),
    contract("M", "month", ends_on=date(2026, 3, 1)),
    line(LAW, "2026-02-02T10:00:00+01:00", name="2"),
]


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """A quarter and two months that were billed ahead of the law; the folder of it all."""
    folder = tmp_path_factory.mktemp("law")
    (folder / "events.jsonl").write_bytes(b"\n".join(EVENTS))
    run(folder, "out", "events.jsonl")
    return folder


@pytest.fixture
def ran(once, tmp_path):
    """A copy of that folder."""
    return copytree(once, tmp_path / "ran")


def run(folder, out, *names):
    files = [folder / name for name in names]
    result = duestream("run", *files, "--until", "2026-02-20", "--out", folder / out)
    assert result.exit_code == 0, result.stdout


def tax_changes(folder, *more, out="out"):
    state = folder / out / "state" / "invoicing.sqlite"
    return duestream("tax-changes", "--state", state, *more)


def listed(folder, **where):
    found = json.loads(tax_changes(folder, "--json", **where).stdout)["invoices"]
    return [
        (
            each["contract_id"],
            each["issued_on"],
            [(r["billed"], r["by_law"], r["net"]["amount"]) for r in each["rates"]],
            each["tax"]["amount"],
            each["tax_by_law"]["amount"],
        )
        for each in found
    ]


def test_what_is_completed_under_another_rate_is_listed_also_where_its_period_is_over(ran):
    # 19 % of 90.00 and 7 % of 30.00 are 17.10 and 2.10; 15 % of 90.00 is 13.50. The book's rate
    # is its own. January, and February billed on the 1st, are 31.00 each: 5.89, and 4.96 at 16 %.
    assert listed(ran) == [
        ("M", "2026-02-01", [("19", "16", "31.00")], "5.89", "4.96"),
        ("M", "2026-01-01", [("19", "16", "31.00")], "5.89", "4.96"),
        ("Q", "2026-01-01", [("19", "15", "90.00")], "19.20", "15.60"),
    ]


def test_a_preview_says_what_the_tax_changes_by_and_that_nothing_was_done(ran):
    result = tax_changes(ran)

    assert result.exit_code == 0
    assert "3 invoices have other rates than the law's; their tax changes by -5.46 EUR" in (
        result.stdout
    )
    assert "nothing was done" in result.stdout


def test_what_is_ordered_is_cancelled_and_billed_anew_once(ran):
    orders = ran / "orders.jsonl"
    result = tax_changes(ran, "--execute", "--by", "anna", "--write", orders)
    assert result.exit_code == 0, result.stdout
    twice = ran / "twice.jsonl"
    twice.write_bytes(orders.read_bytes() * 2)

    run(ran, "again", "events.jsonl", "twice.jsonl")

    lines = [json.loads(each) for each in (ran / "again" / "invoices.jsonl").open("rb")]
    said = [
        (e["type"], e["data"].get("tax", {}).get("amount")) for e in lines if e["subject"] == "Q"
    ]
    assert said == [
        ("InvoiceIssued", "19.20"),
        ("CreditNoteIssued", "19.20"),
        ("InvoiceIssued", "15.60"),
        ("InvoiceCorrected", None),
    ]
    assert listed(ran, out="again") == []


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--execute"], "nobody orders it"),
        (["--execute", "--by", ""], "--by"),
        (["--execute", "--by", "anna"], "the store of an embedded run says nothing to Kafka"),
        (["--write", "orders.jsonl"], "a preview writes nothing"),
    ],
)
def test_an_order_that_cannot_be_given_is_refused(ran, options, complaint):
    result = tax_changes(ran, *options)

    assert result.exit_code == 1
    assert complaint in result.stderr
