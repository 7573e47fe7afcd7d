"""The examples of usage do what their table promises, from the meter to the reset."""

import json
from collections import defaultdict
from pathlib import Path

import pytest

from examples import make
from tests.examples.test_billing import document
from tests.examples.usage_promises import BILLED, ESCALATED, TOLD
from tests.support.console import duestream

EVENTS = Path(make.__file__).parent / "usage.jsonl"


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """What the services said of each contract, in the order of their topics."""
    out = tmp_path_factory.mktemp("usage") / "out"
    result = duestream("run", EVENTS, "--until", "2026-04-30", "--out", out, "--json")
    assert result.exit_code == 0, result.output
    found = defaultdict(list)
    for topic in ("charges", "invoices", "reminders", "escalations"):
        for line in (out / f"{topic}.jsonl").read_bytes().splitlines():
            event = json.loads(line)
            found[event["subject"]].append(event)
    return found


def test_every_contract_has_its_promise():
    assert sorted(BILLED) == [each.contract_id for each in make.stories_of("U")]


@pytest.mark.parametrize("contract_id", BILLED)
def test_the_documents_are_the_promised_ones(said, contract_id):
    documents = [e["data"] for e in said[contract_id] if "gross" in e["data"]]

    assert [document(each) for each in documents] == BILLED[contract_id]


def test_marks_and_what_has_no_price_are_told(said):
    kinds = ("PrepaidLow", "PrepaidDrawn", "UsageUnpriced")
    told = [e for events in said.values() for e in events if e["type"] in kinds]

    assert sorted(f"{e['time'][:10]} {e['subject']} {e['type']}" for e in told) == TOLD


def test_who_pays_late_is_reminded_and_left_alone_again(said):
    kinds = ("ReminderCreated", "PaymentEscalationReset")
    told = [e for e in said["U-110"] if e["type"] in kinds]

    assert sorted(f"{e['time'][:10]} {e['type']}" for e in told) == ESCALATED


def test_the_committed_file_is_what_the_stories_tell():
    assert EVENTS.read_bytes() == make.metered()
