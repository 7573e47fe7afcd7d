"""The examples do what their table promises."""

import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import get_args

import pytest

from examples import make
from schemas.decisions import Verdict
from schemas.message import ContractMessage
from schemas.publish import jsonschema
from services.cli.words import tell
from services.dunning import app as dunning
from tests.examples.promises import DECISIONS, ESCALATION, LEDGERS, PROMISED
from tests.support.console import duestream

HERE = Path(make.__file__).parent
EVENTS = HERE / "events.jsonl"
STORIES = make.stories_of("C")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """What dunning said, by contract, and the summary of one run over all examples."""
    out = tmp_path_factory.mktemp("examples") / "out"
    result = duestream("run", EVENTS, "--until", "2026-04-30", "--out", out, "--json")
    assert result.exit_code == 2, "the examples hold bad input on purpose"
    lines = [line for path in out.glob("*.jsonl") for line in path.read_bytes().splitlines()]
    said = [event for event in map(json.loads, lines) if "sequence" in event]
    by_contract = defaultdict(list)
    for event in sorted(said, key=lambda event: int(event["sequence"])):
        by_contract[event["subject"]].append(event)
    return out, by_contract, json.loads(result.stdout)


def story(run, contract_id, *types):
    """What dunning said of *types* about a contract: the local day, the type, what matters."""
    return [
        f"{event['time'][5:10]} {event['type']} {detail(event['data'])}".strip()
        for event in run[1][contract_id]
        if event["type"] in types
    ]


def detail(data):
    policy = data.get("policy")
    parts = [
        f"{policy['policy_id']} {policy['version']}" if policy else None,
        str(data["step"]["days_overdue"]) if "step" in data and "outcome" in data else None,
        data.get("outcome"),
        f"level {data['level']} {data['demanded']['amount']}" if "level" in data else None,
        f"{data['kind']} {data['balance']['amount']}" if "entry_id" in data else None,
        f"{data['trigger_days']} {data['receivable_id']}" if "trigger_days" in data else None,
        data.get("reason"),
        data.get("ends_on"),
    ]
    return " ".join(part for part in parts if part)


@pytest.mark.parametrize("contract_id", PROMISED)
def test_the_escalation_is_the_promised_one(run, contract_id):
    assert story(run, contract_id, *ESCALATION) == PROMISED[contract_id]


@pytest.mark.parametrize("contract_id", LEDGERS)
def test_the_ledger_is_the_promised_one(run, contract_id):
    assert story(run, contract_id, "EntryPosted") == LEDGERS[contract_id]


@pytest.mark.parametrize("contract_id", DECISIONS)
def test_every_step_is_decided_as_promised(run, contract_id):
    assert story(run, contract_id, "StepDecided") == DECISIONS[contract_id]


def test_a_held_step_says_what_holds_it_and_through_which_day(run):
    decisions = [e["data"] for e in run[1]["C-109"] if e["type"] == "StepDecided"]
    held = next(each for each in decisions if each["outcome"] == "held")

    assert (held["rule"], held["facts"]["held_by"], held["facts"]["held_through"]) == (
        "R-13",
        "payment C-109-P1",
        "2026-02-06",
    )


def test_a_business_in_default_is_asked_for_interest_and_the_lump_sum(run):
    letter = next(e["data"] for e in run[1]["C-605"] if e["type"] == "ReminderCreated")

    # 5000.00 * 10.27 % * 6 / 365 = 8.441, from the day after the agreed due date.
    assert (letter["interest"]["amount"], letter["lump_sum"]["amount"]) == ("8.44", "40.00")
    assert letter["demanded"]["amount"] == "5048.44"


def test_new_payment_data_collects_all_that_is_open_once(run):
    asked = [e["data"] for e in run[1]["C-210"] if e["type"] == "CollectionRequested"]

    assert story(run, "C-210", "PaymentProcessStatusChanged", "CollectionRequested") == [
        "01-22 PaymentProcessStatusChanged instrument_dead",
        "01-29 PaymentProcessStatusChanged new_payment_data",
        "01-29 CollectionRequested",
    ]
    assert asked[0]["receivables"] == ["C-210-1", "C-210-2"]
    assert asked[0]["total"] == {"amount": "96.00", "currency": "EUR"}


def test_an_ended_contract_is_not_ended_again(run):
    assert story(run, "C-401", "StepDecided")[-1] == "03-02 StepDecided standard 1 56 no_op"


def test_bad_input_is_dead_lettered_and_one_fact_still_waits(run):
    summary = run[2]

    assert summary["dead_letters"]["by_reason"] == {
        "conflict": 2,
        "currency": 1,
        "excess": 2,
        "invalid": 1,
        "undecodable": 1,
        "unknown_type": 1,
        "unreferenced": 1,
    }
    assert [each["contract_id"] for each in summary["waiting"]] == ["C-706"]
    assert summary["duplicates"] == 2


def test_the_contracts_that_pay_every_month_are_left_alone(run):
    routine = [each.contract_id for each in STORIES if each.contract_id.startswith("C-9")]

    assert len(routine) == 10
    assert [each for each in routine if story(run, each, *ESCALATION, "StepDecided")] == []


def test_dunning_says_everything_it_can_say(run):
    can = {each.__name__ for topic in dunning.worker.writes for each in topic.messages}
    assert can - {event["type"] for said in run[1].values() for event in said} == set()


def test_every_outcome_of_a_decision_occurs(run):
    decided = (event for said in run[1].values() for event in said)
    outcomes = {e["data"]["outcome"] for e in decided if e["type"] == "StepDecided"}

    assert outcomes == set(get_args(Verdict))


def test_everything_said_in_the_examples_has_words_of_its_own(run):
    events = [
        json.loads(line)
        for path in run[0].glob("*.jsonl")
        for line in path.read_bytes().splitlines()
    ]
    names = {event.get("type") for event in events} & jsonschema.messages().keys()
    types = {jsonschema.messages()[name] for name in names}
    types = {each for each in types if issubclass(each, ContractMessage)}

    without = {each.__name__ for each in types if tell.dispatch(each) is tell.dispatch(object)}
    assert (len(types) > 30, without) == (True, set())


@pytest.mark.parametrize("contract_id", [each.contract_id for each in STORIES])
def test_every_contract_can_be_explained(run, contract_id):
    result = duestream("explain", contract_id, "--out", run[0], columns=80)

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(f"{contract_id}, days in Europe/")
    assert "could not be read" not in result.stdout or contract_id == "C-703"
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert [line for line in result.stdout.splitlines() if line != line.rstrip()] == []


def test_the_script_makes_the_committed_events_byte_for_byte():
    assert make.events() == EVENTS.read_bytes()


def test_the_table_of_the_readme_is_the_one_of_the_script():
    text = (HERE / "README.md").read_text(encoding="utf-8")

    assert make.readme(text) == text


def test_every_contract_tells_a_story_of_its_own():
    told = Counter(each.contract_id for each in STORIES)

    assert (len(told), max(told.values())) == (82, 1)
