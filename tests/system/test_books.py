"""The books over the traffic of storms: duplicates, early facts, bad ones, two services."""

import json
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.bookkeeping.books import books
from services.bookkeeping.checks import check
from services.cli.plumbing import heard
from tests.support.bookkeeper import SKR03
from tests.support.console import duestream
from tests.support.traffic import BEGIN, traffic

DAYS = 40
LAST = BEGIN + timedelta(DAYS)
BERLIN = ZoneInfo("Europe/Berlin")
FOR_EVER = date(2999, 12, 31)


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """The folder of a run."""
    folder = tmp_path_factory.mktemp("traffic")
    lines = [said for _, said in sorted(traffic(60, DAYS, seed=9, plans=True))]
    (folder / "events.jsonl").write_bytes(b"\n".join(lines))
    ran = ("run", folder / "events.jsonl", "--until", LAST, "--out", folder / "out")
    assert duestream(*ran).exit_code == 2
    return folder / "out"


def balances(out, day):
    """What the ledger says itself: the balance after each contract's last entry by that day."""
    said = {}
    for line in (out / "receivables.jsonl").read_bytes().splitlines():
        event = json.loads(line)
        known_on = datetime.fromisoformat(event["time"]).astimezone(BERLIN).date()
        if event["type"] == "EntryPosted" and known_on <= day:
            said[event["subject"]] = event["data"]["balance"]["amount"]
    return {name: text for name, text in said.items() if text != "0.00"}


def test_open_items_of_each_day_are_the_balances_after_the_last_entry_of_that_day(out):
    facts = heard.in_folder(out).facts
    for days in range(0, DAYS + 1, 4):
        day = BEGIN + timedelta(days)
        found = books(facts, SKR03, as_of=FOR_EVER, known_on=day)
        check(found)
        owed = {}
        for item in found.open_items:
            owed[item.contract_id] = owed.get(item.contract_id, 0) + item.open
        assert {name: text(cents) for name, cents in owed.items() if cents} == balances(out, day)

    assert len(balances(out, LAST)) > 30, "there is something to compare"


def test_the_books_of_each_day_of_booking_are_whole(out):
    facts = heard.in_folder(out).facts
    kinds = set()
    for days in range(0, DAYS + 30, 7):
        found = books(facts, SKR03, as_of=BEGIN + timedelta(days))
        check(found)
        kinds |= {each.entry.posted.kind for each in found.entries}

    assert kinds >= {"receivable", "credit", "payment", "refund", "chargeback", "fee", "write_off"}


def text(cents):
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02}"
