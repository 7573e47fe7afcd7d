"""A base rate that is missing, or soon will be, is said in the summary of a run (R-93b)."""

import json
from datetime import date

import pytest

from tests.support.console import duestream
from tests.support.events import ACME, invoice, line, policy, registered, reminder

# Each runs whole files: what make check has of runs is in test_run.py.
pytestmark = pytest.mark.files
SOON = (
    "acme: base rates are loaded until and including 2026-06-30, the next is needed from "
    "2026-07-01 on; publish it in base_rates of the legal entity"
)
GONE = (
    "acme: no base rate is loaded from 2026-07-01 on; publish it in base_rates of the legal entity"
)


def cautions(folder, until, *, interest=True, **entity):
    """Return what a run through *until* says: 1,000.00 due on 1 June, a letter after 49 days."""
    start = "2026-05-20T00:00:00+02:00"
    events = [
        line(ACME.model_copy(update=entity), start, name="1"),
        line(policy(reminder(49), interest=interest), start, name="2"),
        line(registered(due_date_is_agreed=True), start, name="3"),
        line(invoice("A", "1000.00", date(2026, 6, 1), issued_on=date(2026, 5, 20)), start,
             name="4"),
    ]  # fmt: skip
    (folder / "events.jsonl").write_bytes(b"\n".join(events))
    asked = ("run", folder / "events.jsonl", "--until", until, "--out", folder / "out")
    told = json.loads(duestream(*asked, "--json").stdout)
    shown = duestream(*asked, columns=250).stdout
    assert all(f"note  {each}" in shown for each in told["cautions"])
    return told["cautions"]


@pytest.mark.parametrize(
    ("until", "said"),
    [
        # 31 days ahead of 1 July are 31 May; the last day that has a rate is 30 June.
        ("2026-05-30", []),
        ("2026-05-31", [SOON]),
        ("2026-06-30", [SOON]),
        ("2026-07-01", [GONE]),
    ],
)
def test_the_end_of_what_is_loaded_is_said_a_month_ahead(tmp_path, until, said):
    assert cautions(tmp_path, until) == said


def test_letters_that_left_without_interest_are_counted_with_their_contracts(tmp_path):
    assert cautions(tmp_path, "2026-07-20") == [
        "letters without interest from 2026-07-01 on, for no base rate is loaded: 1 (C1); "
        "publish it in base_rates of the legal entity",
        GONE,
    ]


def test_contracts_whose_letters_are_held_are_counted(tmp_path):
    assert cautions(tmp_path, "2026-07-22", missing_base_rate="hold") == [
        "contracts whose letters were held, for no base rate is loaded: 1 (C1); "
        "publish it in base_rates of the legal entity",
        GONE,
    ]


def test_a_rate_that_is_published_and_a_policy_without_interest_say_nothing(tmp_path):
    known = {"base_rates": {date(2026, 7, 1): "1.27"}}

    assert cautions(tmp_path, "2026-07-20", **known) == []
    assert cautions(tmp_path, "2026-07-20", interest=False) == []
