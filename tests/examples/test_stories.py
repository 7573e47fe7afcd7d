"""The examples do what their table promises."""

import json
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from examples import make
from examples.stories import STORIES
from schemas import jsonschema
from schemas.message import ContractMessage
from services.cli.words import tell
from tests.support.console import duestream

HERE = Path(make.__file__).parent
EVENTS = HERE / "events.jsonl"


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
        f"{data['step']['days_overdue']} {data['outcome']}" if "outcome" in data else None,
        f"level {data['level']} {data['demanded']['amount']}" if "level" in data else None,
        f"{data['kind']} {data['balance']['amount']}" if "entry_id" in data else None,
        f"{data['trigger_days']} {data['receivable_id']}" if "trigger_days" in data else None,
        data.get("reason"),
        data.get("ends_on"),
    ]
    return " ".join(part for part in parts if part)


ESCALATION = (
    "EscalationStarted",
    "PaymentEscalated",
    "ReminderCreated",
    "ReminderCancelled",
    "ReminderReleased",
    "ContractPauseRequested",
    "ContractEndRequested",
    "EscalationExhausted",
    "PaymentEscalationReset",
)
PROMISED = {
    "C-101": [],
    "C-102": [
        "01-20 EscalationStarted standard 1",
        "01-24 PaymentEscalated 5 C-102-1",
        "01-28 PaymentEscalationReset balance_cleared",
    ],
    "C-104": [
        "01-13 EscalationStarted standard 1",
        "01-17 PaymentEscalated 5 C-104-1",
        "01-26 ReminderCreated level 1 70.00",
        "02-05 PaymentEscalationReset balance_cleared",
    ],
    "C-107": [
        "02-06 EscalationStarted standard 1",
        "02-10 PaymentEscalated 5 C-107-1",
        "02-19 ReminderCreated level 1 39.00",
        "02-23 PaymentEscalationReset balance_cleared",
    ],
    "C-108": [
        "01-20 EscalationStarted standard 1",
        "01-24 PaymentEscalated 5 C-108-1",
        "02-03 PaymentEscalationReset balance_cleared",
    ],
    "C-202": [
        "01-21 EscalationStarted standard 1",
        "01-25 PaymentEscalated 5 C-202-1",
        "01-30 PaymentEscalationReset balance_cleared",
        "02-13 EscalationStarted standard 1",
        "02-17 PaymentEscalated 5 C-202-1",
        "02-25 PaymentEscalationReset balance_cleared",
    ],
    "C-303": [
        "01-13 EscalationStarted standard 1",
        "01-17 PaymentEscalated 5 C-303-1",
        "01-20 PaymentEscalationReset credit",
        "02-11 EscalationStarted standard 1",
        "02-11 PaymentEscalated 5 C-303-1",
        "02-11 ReminderCreated level 2 68.50",
        "02-23 PaymentEscalated 42 C-303-1",
        "02-27 PaymentEscalationReset balance_cleared",
    ],
    "C-402": [
        "01-06 EscalationStarted standard 1",
        "01-10 PaymentEscalated 5 C-402-1",
        "01-19 ReminderCreated level 1 147.00",
        "02-02 ReminderCreated level 2 149.50",
        "02-16 PaymentEscalated 42 C-402-1",
        "03-02 ContractEndRequested 2026-04-01",
        "03-02 EscalationExhausted",
    ],
    "C-408": [
        "01-13 EscalationStarted standard 1",
        "01-17 PaymentEscalated 5 C-408-1",
        "01-26 ReminderCreated level 1 20.00",
        "02-07 PaymentEscalated 5 C-408-2",
        "02-16 ReminderCreated level 1 21.00",
        "02-21 PaymentEscalated 5 C-408-3",
        "03-02 ReminderCreated level 1 22.00",
        "03-05 PaymentEscalationReset balance_cleared",
    ],
    "C-505": [],
    "C-506": [
        "01-13 EscalationStarted standard 1",
        "01-17 PaymentEscalated 5 C-506-1",
        "01-26 ReminderCreated level 1 5.00",
        "02-04 PaymentEscalationReset balance_cleared",
    ],
    "C-508": [
        "02-17 EscalationStarted standard 1",
        "02-21 PaymentEscalated 5 C-508-1",
        "03-02 ReminderCreated level 1 33.00",
        "03-12 PaymentEscalationReset balance_cleared",
        "03-31 EscalationStarted standard 2",
        "04-02 PaymentEscalated 3 C-508-2",
        "04-09 ReminderCreated level 1 34.00",
        "04-15 PaymentEscalationReset balance_cleared",
    ],
    "C-601": [
        "01-13 EscalationStarted business 1",
        "01-15 PaymentEscalated 3 C-601-1",
        "01-19 ReminderCreated level 1 1200.00",
        "02-02 ReminderCreated level 2 1200.00",
        "02-21 ContractPauseRequested",
        "03-05 PaymentEscalationReset balance_cleared",
    ],
    "C-602": [
        "01-13 EscalationStarted business 1",
        "01-15 PaymentEscalated 3 C-602-1",
        "01-19 ReminderCreated level 1 800.00",
        "02-02 ReminderCreated level 2 800.00",
        "02-05 ReminderCancelled amount",
        "02-06 ReminderCreated level 2 500.00",
        "02-19 PaymentEscalationReset balance_cleared",
    ],
    "C-803": [
        "02-18 EscalationStarted lisbon 1",
        "02-23 PaymentEscalationReset balance_cleared",
    ],
    "C-805": [
        "03-03 EscalationStarted lisbon 1",
        "03-09 ReminderCreated level 1 310.00",
        "03-23 ReminderCreated level 2 310.00",
        "04-06 PaymentEscalated 35 C-805-1",
        "04-06 EscalationExhausted",
    ],
}


@pytest.mark.parametrize("contract_id", PROMISED)
def test_the_escalation_is_the_promised_one(run, contract_id):
    assert story(run, contract_id, *ESCALATION) == PROMISED[contract_id]


LEDGERS = {
    "C-105": [
        "01-12 EntryPosted receivable 60.00",
        "01-22 EntryPosted payment 0.00",
        "01-23 EntryPosted payment -60.00",
        "02-02 EntryPosted receivable -25.00",
    ],
    "C-206": [
        "01-12 EntryPosted receivable 58.00",
        "02-04 EntryPosted payment 0.00",
        "02-04 EntryPosted chargeback 58.00",
        "02-20 EntryPosted payment 0.00",
    ],
    "C-308": [
        "01-01 EntryPosted receivable 130.00",
        "03-10 EntryPosted write_off 0.00",
        "04-15 EntryPosted write_off_reversal 40.00",
        "04-15 EntryPosted payment 0.00",
    ],
    "C-702": ["01-05 EntryPosted receivable 27.00", "01-16 EntryPosted payment 0.00"],
}


@pytest.mark.parametrize("contract_id", LEDGERS)
def test_the_ledger_is_the_promised_one(run, contract_id):
    assert story(run, contract_id, "EntryPosted") == LEDGERS[contract_id]


def test_a_switched_off_contract_gets_one_letter_for_all_that_was_missed(run):
    assert story(run, "C-503", "StepDecided")[:3] == [
        "02-21 StepDecided standard 1 5 fired",
        "02-21 StepDecided standard 1 14 superseded",
        "02-21 StepDecided standard 1 28 fired",
    ]


def test_an_ended_contract_is_not_ended_again(run):
    assert story(run, "C-401", "StepDecided")[-1] == "03-02 StepDecided standard 1 56 no_op"


def test_bad_input_is_put_aside_and_one_fact_still_waits(run):
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


def test_the_script_makes_the_committed_events_byte_for_byte():
    assert make.events() == EVENTS.read_bytes()


def test_the_table_of_the_readme_is_the_one_of_the_script():
    text = (HERE / "README.md").read_text(encoding="utf-8")

    assert make.readme(text) == text


def test_every_contract_tells_a_story_of_its_own():
    told = Counter(each.contract_id for each in STORIES)

    assert (len(told), max(told.values())) == (75, 1)
