"""A charge or invoice is computed again, and is what it was, if nothing is changed."""

import json
import shutil
from pathlib import Path

import pytest

from examples import make
from tests.support.console import duestream

# Each runs whole files: what make check has of runs is in test_run.py.
pytestmark = pytest.mark.files
EXAMPLES = Path(make.__file__).parent / "usage.jsonl"


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """The examples of usage, run to the middle of March."""
    folder = tmp_path_factory.mktemp("recompute") / "out"
    assert duestream("run", EXAMPLES, "--until", "2026-03-15", "--out", folder).exit_code == 0
    return folder


def said(out, topic, contract, **fields):
    """Return what was said of a contract with these fields, the first first."""
    lines = map(json.loads, (out / f"{topic}.jsonl").read_bytes().splitlines())
    data = (each["data"] for each in lines if each["subject"] == contract)
    return [each for each in data if fields.items() <= each.items()]


def spoiled(out, folder, topic, before, after):
    """Return a copy of *out* in which a topic says something else."""
    shutil.copytree(out, folder)
    file = folder / f"{topic}.jsonl"
    content = file.read_bytes()
    assert content.count(before) == 1
    file.write_bytes(content.replace(before, after))
    return folder


def test_an_invoice_is_what_it_was_though_usage_of_its_period_came_later(out):
    charge, invoice = january(out)

    told = duestream("recompute", invoice["number"], "--from", out)

    assert told.stdout.splitlines() == [
        f"charge {charge['charge_id']}: no difference",
        f"invoice {invoice['number']}: no difference",
    ]
    assert told.exit_code == 0


def january(out):
    """Return the charge of 1,500 MB, and the invoice that it stands on."""
    (charge,) = said(out, "charges", "U-104", quantity="1500")
    (invoice,) = said(out, "invoices", "U-104", issued_on="2026-02-02")
    return charge, invoice


def test_a_correction_is_asked_for_by_its_id(out):
    (correction,) = (e for e in said(out, "charges", "U-104") if "correction_id" in e)

    told = duestream("recompute", correction["correction_id"], "--from", out)

    assert told.stdout == f"correction {correction['correction_id']}: no difference\n"


def test_what_comes_out_in_another_way_is_told_line_by_line(out, tmp_path):
    charge, invoice = january(out)
    line, _ = (each for each in invoice["lines"] if each.get("component_id") == "data")
    folder = tmp_path / "spoiled"
    shutil.copytree(out, folder)
    events = [json.loads(each) for each in (out / "invoices.jsonl").read_bytes().splitlines()]
    # It says 12.00 for the first tier now; 1,000 at 0.01 are 10.00.
    (said_then,) = (e["data"] for e in events if e["data"].get("number") == invoice["number"])
    said_then["lines"] = [
        each | {"net": {"amount": "12.00", "currency": "EUR"}} if each == line else each
        for each in said_then["lines"]
    ]
    written = b"".join(json.dumps(each).encode() + b"\n" for each in events)
    (folder / "invoices.jsonl").write_bytes(written)

    told = duestream("recompute", invoice["number"], "--from", folder)

    assert told.exit_code == 3
    assert told.stdout.splitlines() == [
        f"charge {charge['charge_id']}: no difference",
        f"invoice {invoice['number']} comes out in another way",
        f"  lines.{line['line_id']}.net: was 12.00 EUR, is 10.00 EUR",
    ]


def test_a_document_from_elsewhere_is_computed_there(out, tmp_path):
    folder = tmp_path / "outside"
    shutil.copytree(out, folder)
    line = next(iter((out / "invoices.jsonl").read_bytes().splitlines()))
    event = json.loads(line) | {"source": "/erp", "id": "theirs"}
    event["data"] |= {"invoice_id": "E-1", "number": "E-1"}
    with (folder / "invoices.jsonl").open("ab") as file:
        file.write(json.dumps(event).encode() + b"\n")

    told = duestream("recompute", "E-1", "--from", folder)

    assert told.exit_code == 1
    assert "E-1 was not computed here" in told.stderr
    assert "ask /erp, which said it" in told.stderr


def test_an_invoice_is_billed_from_the_charges_as_they_come_out_again(out, tmp_path):
    charge, invoice = january(out)
    folder = spoiled(
        out,
        tmp_path / "spoiled",
        "charges",
        f'"quantity":"1500","net":{json.dumps(charge["net"], separators=(",", ":"))}'.encode(),
        b'"quantity":"1600","net":{"amount":"11.20","currency":"EUR"}',
    )

    told = duestream("recompute", invoice["number"], "--from", folder, "--json")

    assert told.exit_code == 3
    (charged, billed) = json.loads(told.stdout)
    assert charged["differences"] == [
        {"where": "quantity", "was": "1600", "again": "1500"},
        {
            "where": "net",
            "was": {"amount": "11.20", "currency": "EUR"},
            "again": {"amount": "11.00", "currency": "EUR"},
        },
    ]
    assert (billed["name"], billed["differences"]) == (invoice["number"], [])


def test_usage_that_is_not_on_its_topic_any_more_is_told(out, tmp_path):
    charge, _ = january(out)
    folder = tmp_path / "short"
    shutil.copytree(out, folder)
    lines = (folder / "usage.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "usage.jsonl").write_bytes(b"".join(lines[:-1]))

    told = duestream("recompute", charge["charge_id"], "--from", folder)

    assert told.exit_code == 1
    assert f"not on the topics any more: usage/0/{len(lines) - 1}" in " ".join(told.stderr.split())


def test_a_run_on_several_partitions_is_computed_again_too(tmp_path):
    duestream("run", EXAMPLES, "--until", "2026-02-05", "--out", tmp_path, "--partitions", "3")
    (invoice,) = said(tmp_path, "invoices", "U-107", issued_on="2026-01-12")

    told = duestream("recompute", invoice["invoice_id"], "--from", tmp_path)

    assert told.exit_code == 0
    assert told.stdout.endswith(f"invoice {invoice['number']}: no difference\n")


@pytest.mark.parametrize(
    ("words", "what", "do"),
    [
        (["R-9"], "no charge and no document is called R-9", "charge_id"),
        (["R-9", "--from", "nowhere"], "no charge and no document", "charge_id"),
    ],
)
def test_what_cannot_be_computed_again_says_why_and_what_to_do(out, words, what, do):
    result = duestream("recompute", "--from", out, *words)

    assert result.exit_code == 1
    assert what in " ".join(result.stderr.split())
    assert do in result.stderr
