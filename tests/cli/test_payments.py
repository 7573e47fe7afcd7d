"""``duestream payments move``: from the store of a run to the next run."""

import json
from datetime import date
from shutil import copytree

import pytest

from schemas.envelope import Event
from schemas.values import derived_id
from tests.support.console import duestream
from tests.support.events import (
    ACME,
    charged_back,
    invoice,
    line,
    paid,
    policy,
    registered,
    webhook,
)

# Each runs whole files: what make check has of runs is in test_run.py.
pytestmark = pytest.mark.files
AT = "2026-02-01T10:00:00+01:00"
PAID = "2026-02-10T10:00:00+01:00"


def about(contract, message, time=AT):
    said = line(message, time, name=f"{contract}-{type(message).__name__}")
    return said.replace(b'"C1"', f'"{contract}"'.encode())


# One transfer of 150.00 was meant for 119.00 of C1 and 31.00 of C2; all of it came under C1.
EVENTS = [
    line(ACME, "2026-02-01T00:00:00+01:00", name="1"),
    line(policy(webhook(40)), "2026-02-01T00:00:00+01:00", name="2"),
    *(about(each, registered()) for each in ("C1", "C2")),
    about("C3", registered(currency="CHF")),
    about("C1", invoice("A", "119.00", date(2026, 2, 2))),
    about("C2", invoice("B", "31.00", date(2026, 2, 2))),
    about("C1", paid("p", "150.00", date(2026, 2, 9)), PAID),
    about("C2", paid("q", "1.00", date(2026, 2, 9)), PAID),
]


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """The folder of a run in which one contract got the money of two; nobody changes it."""
    folder = tmp_path_factory.mktemp("once")
    (folder / "events.jsonl").write_bytes(b"\n".join(EVENTS))
    run(folder, "out", "events.jsonl")
    return folder


@pytest.fixture
def ran(once, tmp_path):
    """A copy of that folder."""
    return copytree(once, tmp_path / "ran")


def run(folder, out, *names, exit_code=0):
    files = [folder / name for name in names]
    result = duestream("run", *files, "--until", "2026-02-20", "--out", folder / out)
    assert result.exit_code == exit_code, result.stdout


def move(folder, *more, money=("EUR", "30.00"), to="C2", payment="p"):
    state = folder / "out" / "state" / "dunning.sqlite"
    words = ["--from", "C1", "--to", to, "--money", *money, "--state", state, *more]
    return duestream("payments", "move", payment, *words)


def said(folder, topic):
    return [json.loads(each) for each in (folder / f"{topic}.jsonl").read_bytes().splitlines()]


def balances(folder):
    entries = [each for each in said(folder, "receivables") if each["type"] == "EntryPosted"]
    return {each["subject"]: each["data"]["balance"]["amount"] for each in entries}


MOVED = derived_id("moved payment", "C1", "p", "C2", "3000 EUR", "1")


def test_a_dry_run_says_what_becomes_of_both_and_does_nothing(ran):
    result = move(ran, "--dry-run", "--json")

    assert json.loads(result.stdout) == {
        "payment_id": "p",
        "from": "C1",
        "to": "C2",
        "money": {"amount": "30.00", "currency": "EUR"},
        "received_on": "2026-02-09",
        "moved_payment_id": MOVED,
        "balances": {
            "C1": {"before": "-31.00", "after": "-1.00"},
            "C2": {"before": "30.00", "after": "0.00"},
        },
        "sent": False,
    }
    page = move(ran, "--dry-run").stdout
    assert "30.00 EUR of payment p, received on 2026-02-09" in page
    assert "off C1: balance -31.00 EUR, then -1.00 EUR" in page
    assert "on  C2: balance 30.00 EUR, then 0.00 EUR" in page
    assert "nothing was done" in page


def test_both_halves_are_written_and_the_next_run_has_moved_it(ran):
    result = move(ran, "--yes", "--write", ran / "halves.jsonl")
    run(ran, "next", "events.jsonl", "halves.jsonl")

    assert result.exit_code == 0, result.stderr
    first, second = map(Event.from_line, (ran / "halves.jsonl").read_bytes().splitlines())
    assert (first.subject, first.type, first.time) == (
        "C1",
        "PaymentReassigned",
        "2026-02-20T23:59:59+01:00",
    )
    assert json.loads(second.data) == {
        "contract_id": "C2",
        "payment_id": MOVED,
        "money": {"amount": "30.00", "currency": "EUR"},
        "received_on": "2026-02-09",
        "designated": [],
        "moved_from": {"contract_id": "C1", "payment_id": "p"},
    }
    assert balances(ran / "out") == {"C1": "-31.00", "C2": "30.00"}
    assert balances(ran / "next") == {"C1": "-1.00", "C2": "0.00"}


def test_the_same_move_said_again_changes_nothing(ran):
    move(ran, "--yes", "--write", ran / "halves.jsonl")
    move(ran, "--yes", "--write", ran / "again.jsonl")
    run(ran, "once", "events.jsonl", "halves.jsonl")
    run(ran, "twice", "events.jsonl", "halves.jsonl", "again.jsonl")

    assert (ran / "again.jsonl").read_bytes() == (ran / "halves.jsonl").read_bytes()
    assert said(ran / "twice", "receivables") == said(ran / "once", "receivables")


def test_as_much_once_more_needs_another_number(ran):
    move(ran, "--yes", "--write", ran / "halves.jsonl")
    run(ran, "out2", "events.jsonl", "halves.jsonl")
    state = ran / "out2" / "state" / "dunning.sqlite"
    words = ["p", "--from", "C1", "--to", "C2", "--money", "EUR", "30.00", "--state", state]

    again = duestream("payments", "move", *words, "--dry-run")
    second = duestream("payments", "move", *words, "--number", "2", "--dry-run")

    assert again.exit_code == 1
    assert "it was moved before" in again.stderr
    assert "C1: balance -1.00 EUR, then 29.00 EUR" in second.stdout


def test_what_is_settled_and_filed_away_can_be_moved_too(ran):
    events = [each for each in EVENTS if b'"119.00"' not in each]
    events += [about("C1", invoice("A", "150.00", date(2026, 2, 2)))]
    (ran / "events.jsonl").write_bytes(b"\n".join(events))
    run(ran, "out", "events.jsonl")

    assert "C1: balance 0.00 EUR, then 30.00 EUR" in move(ran, "--dry-run").stdout


def test_what_the_other_half_names_is_paid_there(ran):
    move(ran, "--yes", "--invoice", "B", "--write", ran / "halves.jsonl")

    _, received = map(Event.from_line, (ran / "halves.jsonl").read_bytes().splitlines())
    assert json.loads(received.data)["designated"] == [{"invoice_id": "B"}]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ({"money": ("EUR", "150.01")}, "0.01 EUR too much"),
        ({"money": ("CHF", "1.00")}, "currency: the contract is in EUR"),
        ({"to": "C3"}, "currency: the contract is in CHF\nwhere  --to"),
        ({"to": "C1"}, "it goes to the contract that has it\nwhere  --to"),
        ({"to": "C9"}, "dunning knows no contract C9\nwhere  --to"),
        ({"payment": "q"}, "C1 has no payment q\nwhere  PAYMENT"),
        ({"money": ("EUR", "0.00")}, "the amount must be more than nothing\nwhere  --money"),
        ({"money": ("EUR", "1.001")}, "where  --money"),
    ],
    ids=str,
)
def test_what_cannot_be_moved_is_said_and_nothing_is_sent(ran, words, complaint):
    halves = ran / "halves.jsonl"
    result = move(ran, "--yes", "--write", halves, **words)

    assert result.exit_code == 1
    assert complaint in result.stderr
    assert not halves.exists()


def test_what_the_bank_took_back_meanwhile_is_not_moved(ran):
    back = charged_back("b", "p", "140.00", date(2026, 2, 10))
    (ran / "events.jsonl").write_bytes(
        b"\n".join([*EVENTS, about("C1", back, PAID[:11] + "11:00:00+01:00")])
    )
    run(ran, "out", "events.jsonl")

    assert "10.00 EUR are left of payment p over 150.00 EUR" in move(ran, "--dry-run").stderr


def test_without_a_yes_nothing_is_moved(ran):
    halves = ran / "halves.jsonl"

    assert move(ran, "--write", halves).exit_code == 1
    assert not halves.exists()


def test_the_store_of_a_run_says_nothing_to_kafka(ran):
    result = move(ran, "--yes")

    assert result.exit_code == 1
    assert "the store of an embedded run says nothing to Kafka" in result.stderr
