"""The mass run over write-offs, from the store of a run to the next run."""

import json
from datetime import date
from shutil import copytree

import pytest

from schemas.contracts import ContractEnded
from schemas.envelope import Event
from tests.support.console import duestream
from tests.support.events import ACME, invoice, line, paid, policy, registered, webhook

# Each runs whole files: what make check has of runs is in test_run.py.
pytestmark = pytest.mark.files
AT = "2026-02-01T10:00:00+01:00"


def about(contract, message, time=AT, **more):
    said = line(message, time, name=f"{contract}-{type(message).__name__}")
    for old, new in {"C1": contract, **more}.items():
        said = said.replace(f'"{old}"'.encode(), f'"{new}"'.encode())
    return said


def debtor(contract, **more):
    return [
        about(contract, registered(), **more),
        about(contract, invoice("A", "119.00", date(2026, 2, 2)), **more),
    ]


def ended(contract):
    return about(contract, ContractEnded(contract_id="C1", ends_on=date(2026, 3, 1)))


EVENTS = [
    line(ACME, "2026-02-01T00:00:00+01:00", name="1"),
    line(policy(webhook(5)), "2026-02-01T00:00:00+01:00", name="2"),
    *debtor("C1"),
    ended("C1"),
    *debtor("C2", EUR="CHF"),
    ended("C2"),
    *debtor("C3"),
    *debtor("C4"),
    ended("C4"),
    about("C4", paid("p", "119.00", date(2026, 2, 5)), "2026-02-05T10:00:00+01:00"),
]


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """Two that owe and ended, one that goes on, and one that paid; the folder of it all."""
    folder = tmp_path_factory.mktemp("once")
    (folder / "events.jsonl").write_bytes(b"\n".join(EVENTS))
    run(folder, "out", "2026-04-30", "events.jsonl")
    return folder


@pytest.fixture
def ran(once, tmp_path):
    """A copy of that folder."""
    return copytree(once, tmp_path / "ran")


def run(folder, out, last, *names):
    files = [folder / name for name in names]
    result = duestream("run", *files, "--until", last, "--out", folder / out)
    assert result.exit_code == 0, result.stdout


def write_off(folder, *more, as_of="2026-04-30"):
    state = folder / "out" / "state" / "dunning.sqlite"
    return duestream("write-off", "--as-of", as_of, "--state", state, *more)


def said(folder, topic):
    path = folder / f"{topic}.jsonl"
    return [json.loads(each) for each in path.read_bytes().splitlines()]


def test_a_preview_says_what_goes_and_what_stays_and_why(ran):
    told = json.loads(write_off(ran, "--json").stdout)

    assert told == {
        "as_of": "2026-04-30",
        "executed": False,
        "books_come_to": "2026-04-30",
        "written_off": [
            {
                "contract_id": "C1",
                "open": {"amount": "119.00", "currency": "EUR"},
                "receivables": 1,
                "newest_overdue_days": 87,
            },
            {
                "contract_id": "C2",
                "open": {"amount": "119.00", "currency": "CHF"},
                "receivables": 1,
                "newest_overdue_days": 87,
            },
        ],
        "totals": {"CHF": "119.00", "EUR": "119.00"},
        "left": [
            {
                "contract_id": "C3",
                "open": {"amount": "119.00", "currency": "EUR"},
                "receivables": 1,
                "newest_overdue_days": 87,
                "reasons": [{"code": "no_end", "text": "the contract has no end"}],
            },
        ],
    }


@pytest.mark.parametrize(
    ("filters", "going"),
    [
        (["--currency", "CHF"], ["C2"]),
        (["--payment-method", "card"], []),
        (["--newest-overdue-days", "87"], ["C1", "C2"]),
        (["--newest-overdue-days", "88"], []),
        (["--ended-days", "60"], ["C1", "C2"]),
        (["--ended-days", "61"], []),
        (["--escalation-finished-days", "82"], ["C1", "C2"]),
        (["--escalation-finished-days", "83"], []),
        (["--exclude-suspended"], ["C1", "C2"]),
    ],
    ids=" ".join,
)
def test_filters_say_for_which_contracts_it_is(ran, filters, going):
    told = json.loads(write_off(ran, "--json", *filters).stdout)

    assert [each["contract_id"] for each in told["written_off"]] == going


def test_a_page_for_a_person_has_totals_by_currency_and_says_that_nothing_was_done(ran):
    page = write_off(ran).stdout

    assert "2 contracts with 119.00 CHF and 119.00 EUR would be written off, 1 left" in page
    assert "left for: 1 no_end" in page
    assert "nothing was done: --execute --by WHO gives the order" in page


def test_the_written_instructions_write_off_in_the_next_run(ran):
    result = write_off(ran, "--execute", "--by", "anna", "--write", ran / "orders.jsonl")
    run(ran, "next", "2026-04-30", "events.jsonl", "orders.jsonl")

    assert result.exit_code == 0
    [first, second] = [Event.from_line(each) for each in lines(ran / "orders.jsonl")]
    assert (first.subject, second.subject) == ("C1", "C2")
    assert first.time == "2026-04-30T23:59:59+02:00"
    assert json.loads(first.data) == {"contract_id": "C1", "by": "anna", "on": "2026-04-30"}
    booked = [each for each in said(ran / "next", "receivables") if each["type"] == "EntryPosted"]
    off = {e["subject"]: e["data"]["money"] for e in booked if e["data"]["kind"] == "write_off"}
    assert off == {
        "C1": {"amount": "-119.00", "currency": "EUR"},
        "C2": {"amount": "-119.00", "currency": "CHF"},
    }


def lines(path):
    return path.read_bytes().splitlines()


def test_the_same_order_said_again_changes_nothing(ran):
    write_off(ran, "--execute", "--by", "anna", "--write", ran / "orders.jsonl")
    write_off(ran, "--execute", "--by", "anna", "--write", ran / "again.jsonl")
    run(ran, "once", "2026-05-05", "events.jsonl", "orders.jsonl")
    run(ran, "twice", "2026-05-05", "events.jsonl", "orders.jsonl", "again.jsonl")

    assert (ran / "again.jsonl").read_bytes() == (ran / "orders.jsonl").read_bytes()
    assert said(ran / "twice", "receivables") == said(ran / "once", "receivables")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--execute"], "nobody orders it\nwhere  --by"),
        (["--execute", "--by", "a\nb"], "where  --by"),
        (["--execute", "--by", "anna"], "the store of an embedded run says nothing to Kafka"),
        (["--write", "x.jsonl"], "a preview writes nothing"),
        (["--currency", "eur"], "eur is no currency"),
        (["--ended-days", "-1"], "--ended-days"),
    ],
    ids=str,
)
def test_what_cannot_be_ordered_exits_with_1(ran, words, complaint):
    result = write_off(ran, *words)

    assert result.exit_code == 1
    assert complaint in result.stderr


def test_nothing_is_ordered_as_of_a_day_that_has_not_begun(ran):
    orders = ran / "orders.jsonl"
    words = ["--execute", "--by", "anna", "--write", orders]

    previewed = write_off(ran, as_of="2026-05-01")
    result = write_off(ran, *words, as_of="2026-05-01")

    assert "the store has come to 2026-04-30 only" in previewed.stdout
    assert result.exit_code == 1
    assert "the store has come to 2026-04-30 only\nwhere  --as-of" in result.stderr
    assert not orders.exists()


def test_an_existing_file_is_not_overwritten(ran):
    result = write_off(ran, "--execute", "--by", "anna", "--write", ran / "events.jsonl")

    assert result.exit_code == 1
    assert "the file is there already" in result.stderr
    assert (ran / "events.jsonl").read_bytes() == b"\n".join(EVENTS)


@pytest.mark.parametrize("content", [None, b"", b"no database"], ids=["none", "empty", "other"])
def test_a_file_without_books_exits_with_1(tmp_path, content):
    state = tmp_path / "dunning.sqlite"
    if content is not None:
        state.write_bytes(content)

    result = duestream("write-off", "--as-of", "2026-04-30", "--state", state)

    assert result.exit_code == 1
    assert "no store of dunning" in result.stderr
    assert f"where  {state}" in result.stderr
