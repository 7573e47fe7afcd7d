"""The examples of billing do what their table promises: documents, reminders, balances."""

import json
from collections import defaultdict
from pathlib import Path

import pytest

from examples import make
from tests.examples.billing_promises import BILLED, ESCALATED, FIXED, LEDGERS, LINES, NOTES
from tests.examples.promises import ESCALATION
from tests.support.console import duestream

HERE = Path(make.__file__).parent
EVENTS = HERE / "billing.jsonl"
STORIES = [each.contract_id for each in make.stories_of("B")]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The folder of a run over the examples of billing, its summary, and what was said by topic."""
    out = tmp_path_factory.mktemp("billing") / "out"
    result = duestream("run", EVENTS, "--until", "2026-04-30", "--out", out, "--json")
    assert result.exit_code == 0, result.output
    said = defaultdict(list)
    for topic in ("invoices", "escalations", "reminders", "receivables"):
        for line in (out / f"{topic}.jsonl").read_bytes().splitlines():
            event = json.loads(line)
            said[event["subject"]].append(event)
    for events in said.values():
        # A service numbers what it says of a contract, over all its topics.
        events.sort(key=lambda event: (event["source"], int(event["sequence"])))
    return out, json.loads(result.stdout), said


def documents(run, contract_id):
    """The invoices and credit notes of a contract."""
    return [e["data"] for e in run[2][contract_id] if "number" in e["data"] and "net" in e["data"]]


def document(data):
    """What it is, with net, tax, gross and when it is due, in a line."""
    amounts = " ".join(data[name]["amount"] for name in ("net", "tax", "gross"))
    if "credit_note_id" in data:
        return f"{data['issued_on'][5:]} credit {amounts}"
    return f"{data['issued_on'][5:]} invoice {amounts} due {data['due_on'][5:]}"


def line(data):
    period = data.get("period")
    parts = [
        data.get("component_id") or data["name"],
        data["net"]["amount"],
        data["vat_rate"],
        data["vat_category"],
        f"{period['from'][5:]}/{period['until'][5:]}" if period else None,
    ]
    return " ".join(part for part in parts if part)


def escalated(event):
    data = event["data"]
    policy = data.get("policy")
    parts = [
        event["time"][5:10],
        event["type"],
        f"{policy['policy_id']} {policy['version']}" if policy else None,
        f"level {data['level']} {data['demanded']['amount']}" if "level" in data else None,
        str(data["trigger_days"]) if "trigger_days" in data else None,
        data.get("reason"),
        data.get("ends_on"),
    ]
    return " ".join(part for part in parts if part)


def test_every_contract_has_its_promise():
    assert (len(STORIES), sorted(BILLED)) == (74, STORIES)


@pytest.mark.parametrize("contract_id", BILLED)
def test_the_documents_are_the_promised_ones(run, contract_id):
    assert [document(each) for each in documents(run, contract_id)] == BILLED[contract_id]


@pytest.mark.parametrize(("contract_id", "day"), LINES, ids=str)
def test_the_lines_are_the_promised_ones(run, contract_id, day):
    of_day = [each for each in documents(run, contract_id) if each["issued_on"][5:] == day]

    assert [line(each) for data in of_day for each in data["lines"]] == LINES[contract_id, day]


@pytest.mark.parametrize("contract_id", STORIES)
def test_the_escalation_is_the_promised_one(run, contract_id):
    said = [escalated(e) for e in run[2][contract_id] if e["type"] in ESCALATION]

    assert said == ESCALATED.get(contract_id, [])


@pytest.mark.parametrize("contract_id", LEDGERS)
def test_the_ledger_is_the_promised_one(run, contract_id):
    entries = [e for e in run[2][contract_id] if e["type"] == "EntryPosted"]

    assert [
        f"{e['data']['booked_on'][5:]} {e['data']['kind']} {e['data']['balance']['amount']}"
        for e in entries
    ] == LEDGERS[contract_id]


def test_ends_that_depend_on_the_calendar_are_fixed(run):
    fixed = {
        contract_id: event["data"]["ends_on"]
        for contract_id, said in run[2].items()
        for event in said
        if event["type"] == "ContractEndFixed"
    }

    assert fixed == FIXED


@pytest.mark.parametrize("contract_id", NOTES)
def test_documents_without_vat_say_why(run, contract_id):
    assert [each["notes"] for each in documents(run, contract_id)] == [NOTES[contract_id]] * 4


def test_a_line_says_why_it_bears_vat_though_reverse_charge_was_asked_for(run):
    first = documents(run, "B-602")[0]

    assert first["lines"][0]["note"] == "Avec TVA : la forme du numéro de TVA n'est pas valable"


def test_credit_notes_name_the_invoice_that_they_lower(run):
    first, second, credit, *_ = documents(run, "B-203")

    assert credit["invoice_id"] == second["invoice_id"] != first["invoice_id"]


def test_explain_tells_what_dunning_asked_for_before_what_invoicing_did(run):
    result = duestream("explain", "B-707", "--on", "2026-03-02", "--out", run[0], "--json")
    sentences = [each["sentence"] for each in json.loads(result.stdout)]

    assert [" ".join(each.split()[:2]) for each in sentences] == [
        "The end",
        "The contract",
        "Escalation exhausted:",
        "Credit note",
        "Booked: credit",
        f"Invoice {documents(run, 'B-707')[0]['number']}",
        "Escalation reset:",
    ]


def test_numbers_of_a_range_rise_with_the_days(run):
    issued = defaultdict(list)
    for contract_id in run[2]:
        for data in documents(run, contract_id):
            prefix, _, ordinal = data["number"].rpartition("-")
            issued[data["legal_entity_id"], prefix].append((int(ordinal), data["issued_on"]))

    days = {name: [day for _, day in sorted(some)] for name, some in issued.items()}
    assert days == {name: sorted(some) for name, some in days.items()}


def test_numbers_have_no_gap_in_any_range(run):
    numbers = defaultdict(list)
    for contract_id in run[2]:
        for data in documents(run, contract_id):
            prefix, _, ordinal = data["number"].rpartition("-")
            numbers[data["legal_entity_id"], prefix].append(int(ordinal))

    counts = {name: sorted(ordinals) for name, ordinals in numbers.items()}
    assert counts == {name: list(range(1, len(o) + 1)) for name, o in counts.items()}
    assert {name: len(ordinals) for name, ordinals in counts.items()} == NUMBERS


# Invoices and credit notes of BILLED, counted by hand.
NUMBERS = {
    ("isar", "RE2026"): 251,
    ("isar", "RK2026"): 16,
    ("isar", "TEST-RE2026"): 4,
    ("brisa", "FT2026"): 5,
    ("morgen", "R"): 4,
}


def test_nothing_is_dead_lettered(run):
    summary = run[1]

    assert (summary["dead_letters"]["total"], summary["waiting"]) == (0, [])


def test_only_what_is_not_due_yet_and_one_debt_stays_unpaid(run):
    balances = {
        contract_id: entries[-1]["data"]["balance"]["amount"]
        for contract_id, said in run[2].items()
        if (entries := [e for e in said if e["type"] == "EntryPosted"])
    }

    assert {each: amount for each, amount in balances.items() if float(amount)} == {
        "B-105": "8.33",
        "B-106": "35.70",
        "B-701": "35.70",
        "B-706": "72.55",
    }


@pytest.mark.parametrize("contract_id", STORIES)
def test_every_contract_can_be_explained(run, contract_id):
    result = duestream("explain", contract_id, "--out", run[0], columns=80)

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(f"{contract_id}, days in Europe/")
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_the_script_makes_the_committed_events_byte_for_byte():
    assert make.billing() == EVENTS.read_bytes()
