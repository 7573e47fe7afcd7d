"""How usage stands and what became of it, as the command line shows it, on the examples."""

import json
from pathlib import Path

import pytest

from examples import make
from tests.support.console import duestream

EXAMPLES = Path(make.__file__).parent / "usage.jsonl"


def ran(folder, until):
    result = duestream("run", EXAMPLES, "--until", until, "--out", folder)
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture(scope="module")
def january(tmp_path_factory):
    """The examples of usage, run to 21 January."""
    return ran(tmp_path_factory.mktemp("january") / "out", "2026-01-21")


def usage(out, *words):
    return duestream("usage", *words, "--from", out)


def test_a_running_period_is_told_with_its_tiers_and_its_price(january):
    # 1,000 at 0.01 and 500 at 0.002.
    assert usage(january, "U-104").stdout.splitlines() == [
        "U-104, as of 2026-01-21",
        "",
        "from 2026-01-01 until and including 2026-01-31, closes on 2026-02-02",
        "what                       used  net EUR",
        "data                   1,500 MB    11.00",
        "  up to 1,000 at 0.01     1,000    10.00",
        "  beyond at 0.002           500     1.00",
        "so far                             11.00",
        "",
        "not charged yet: 11.00 EUR",
        "as it would be charged now; a minimum is known at the end only",
    ]


def test_what_a_threshold_billed_already_is_told_beside_it(january):
    lines = usage(january, "U-107").stdout.splitlines()

    # 690 texts at 0.09, of which 590 were billed on 12 January.
    assert lines[4:] == [
        "texts    700    62.10",
        "so far          62.10",
        "53.10 EUR of it is charged already",
        "",
        "not charged yet: 9.00 EUR",
        "billed at once from 50.00 EUR on",
        "as it would be charged now; a minimum is known at the end only",
    ]


def test_a_balance_is_told_with_what_it_would_have_left_in_german_too(january):
    told = usage(january, "U-109", "--language", "de").stdout

    assert (
        "Guthaben U-109-5: 5,00 EUR von 5,00 EUR sind übrig; 0,95 EUR, würde jetzt alles berechnet"
        in told
    )


def test_show_is_the_command_that_a_contract_alone_stands_for(january):
    assert usage(january, "show", "U-104").stdout == usage(january, "U-104").stdout


def test_json_has_the_same_for_scripts(january):
    told = json.loads(usage(january, "U-109", "--json").stdout)

    (period,) = told["periods"]
    lines = [(each["component_id"], each["quantity"], each["net"]) for each in period["lines"]]
    assert ("texts", "55", {"amount": "4.05", "currency": "EUR"}) in lines
    assert (period["from"], period["until"], period["closes_on"]) == (
        "2026-01-01",
        "2026-02-01",
        "2026-02-02",
    )
    assert told["unbilled"] == {"amount": "4.05", "currency": "EUR"}
    assert [(e["left"]["amount"], e["left_then"]["amount"]) for e in told["prepaid"]] == [
        ("5.00", "0.95")
    ]


@pytest.mark.parametrize(
    ("words", "what", "do"),
    [
        (["U-999"], "usage keeps no contract U-999", "name one of its contracts"),
        (["U-104", "--from", "nowhere"], "there is no store of usage", "make a run first"),
    ],
)
def test_what_cannot_be_told_says_why_and_what_to_do(january, words, what, do):
    result = duestream("usage", "--from", january, *words)

    assert result.exit_code == 1
    assert what in " ".join(result.stderr.split())
    assert do in result.stderr


def test_the_stores_of_workers_are_read_where_kafka_is_asked_for(january):
    told = duestream("usage", "U-104", "--kafka", DUESTREAM_STATE_DIR=str(january / "state"))

    assert "not charged yet: 11.00 EUR" in told.stdout
