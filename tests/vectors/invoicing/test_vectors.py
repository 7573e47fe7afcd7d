"""The acceptance cases of invoicing, from contracts and plans to invoices and reminders.

They were written from the rules alone, before there was code to bend them to. While the service is
being built they are run by name only: pytest tests/vectors/invoicing/check_vectors.py
"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.invoices import CreditNoteIssued, InvoiceIssued
from services.invoicing.rules.en16931 import faults
from tests.vectors.comparison import differences
from tests.vectors.outputs import Output
from tests.vectors.shorthand import Case, Data, read_case
from tests.vectors.test_vectors import command, run_all, write_events

HERE = Path(__file__).parent
CASES = [read_case(path) for path in sorted(HERE.glob("*.json"))]
NAMES = sorted({case.run for case in CASES})

# What invoicing answers for. R-103 is a matter of the file that notifications makes of a document.
RULES = """
    R-60 R-61 R-62 R-63 R-63a R-64 R-65 R-82 R-91 R-98 R-99 R-100 R-101 R-102 R-104
    U-10 U-11 U-12 U-15 U-20 U-21 U-22 U-23 U-24 U-25 U-27 U-28 U-29 U-31 U-34 U-40 U-41 U-42 U-43
    U-53 U-62
"""
DOCUMENTS = {"InvoiceIssued": InvoiceIssued, "CreditNoteIssued": CreditNoteIssued}

Runs = Callable[[str], Output]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    done: dict[str, Output] = {}

    def run(name: str) -> Output:
        if name not in done:
            folder = tmp_path_factory.mktemp("invoicing") / name
            done[name] = run_all([case for case in CASES if case.run == name], folder)
        return done[name]

    return run


def documents(output: Output) -> list[tuple[str, Data]]:
    """Every invoice and credit note of ours, as type and data."""
    said = [line for line in output.lines("invoices") if line["source"] == "/duestream/invoicing"]
    return [(line["type"], line["data"]) for line in said if line["type"] in DOCUMENTS]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_gives_what_the_rules_say(case: Case, runs: Runs) -> None:
    output = runs(case.run)
    assert output.exit_code in (0, 2), output.screen
    found = differences(case, output)
    if found:
        told = [f"{case.name}: {case.text['title']}", f"  why: {case.text['why']}", *found]
        pytest.fail("\n".join(told), pytrace=False)


def test_every_rule_of_invoicing_is_shown_by_a_case() -> None:
    shown = {rule for case in CASES for rule in case.text["rules"]}
    assert set(RULES.split()) - shown == set()


@pytest.mark.parametrize("run", NAMES)
def test_every_document_adds_up_as_en_16931_wants(run: str, runs: Runs) -> None:
    found = documents(runs(run))
    assert found
    for kind, data in found:
        # The one legal entity of these cases that bills in forint bills whole ones.
        step = 100 if data["net"]["currency"] == "HUF" else 1
        document = DOCUMENTS[kind].model_validate_json(json.dumps(data))
        assert faults(document, step=step) == [], data["number"]


@pytest.mark.parametrize("run", NAMES)
def test_r100_the_numbers_of_a_range_are_counted_without_a_gap(run: str, runs: Runs) -> None:
    assert_numbered(runs(run))


def test_r100_each_partition_counts_a_range_of_its_own(tmp_path: Path, runs: Runs) -> None:
    cases = [case for case in CASES if case.run == "numbers"]
    write_events(tmp_path / "events.jsonl", cases, {})
    until = max(case.until for case in cases).isoformat()
    many = command(tmp_path / "events.jsonl", until, tmp_path / "out", "--partitions", "3")

    assert_numbered(many)
    assert amounts(many) == amounts(runs("numbers"))


def amounts(output: Output) -> list[str]:
    """What was billed and credited, without the numbers."""
    fields = ("contract_id", "issued_on", "net", "tax", "gross")
    return sorted(
        json.dumps([kind, *(data[f] for f in fields)]) for kind, data in documents(output)
    )


def assert_numbered(output: Output) -> None:
    """No number of a legal entity is there twice, and no range has a gap."""
    entities = {
        line["subject"]: line["data"]["legal_entity_id"]
        for line in output.lines("contracts")
        if line["type"] == "ContractRegistered"
    }
    ranges: dict[tuple[str, str], list[int]] = {}
    for _, data in documents(output):
        prefix, _, ordinal = data["number"].rpartition("-")
        ranges.setdefault((entities[data["contract_id"]], prefix), []).append(int(ordinal))
    assert ranges
    for numbers in ranges.values():
        assert sorted(numbers) == list(range(1, len(numbers) + 1))


def test_the_same_input_leaves_the_same_bytes(tmp_path: Path, runs: Runs) -> None:
    again = run_all([case for case in CASES if case.run == "numbers"], tmp_path / "again")
    files = {path.name: path.read_bytes() for path in runs("numbers").folder.glob("*.jsonl")}
    assert "invoices.jsonl" in files
    assert {path.name: path.read_bytes() for path in again.folder.glob("*.jsonl")} == files
