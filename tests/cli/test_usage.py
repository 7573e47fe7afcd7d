"""How usage stands and what became of it, as the command line shows it, on the examples."""

import json
from pathlib import Path

import pytest

from examples import make
from tests.support.console import duestream

# Each runs whole files: what make check has of runs is in test_run.py.
pytestmark = pytest.mark.files
EXAMPLES = Path(make.__file__).parent / "usage.jsonl"


def ran(folder, until):
    result = duestream("run", EXAMPLES, "--until", until, "--out", folder)
    assert result.exit_code == 0, result.output
    return folder


def spoiled(line, **data):
    """Return *line* with other data, or other attributes of its envelope."""
    event = json.loads(line)
    for name in event.keys() & data.keys():
        event[name] = data.pop(name)
    event["data"] |= data
    return json.dumps(event).encode()


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    """A run to 20 February over the examples with lines that went wrong, and the file of them."""
    folder = tmp_path_factory.mktemp("faulty")
    lines = EXAMPLES.read_bytes().splitlines()
    data = next(each for each in lines if b'"quantity":"1500"' in each)
    taken_back = next(each for each in lines if b"UsageRetracted" in each)
    said = "2026-02-10T10:00:00+01:00"
    lines += [
        data,
        spoiled(data, quantity="1501"),
        spoiled(data, id="old", time=said, occurred_at="2025-06-01T12:00:00+02:00"),
        spoiled(data, id="less", quantity="-5"),
        spoiled(taken_back, id="r", time=said, retracts={"source": "/meters", "id": "coming"}),
        spoiled(data, id="mystery", type="UsageGuessed"),
        b"no JSON",
    ]
    file = folder / "events.jsonl"
    file.write_bytes(b"\n".join(lines))
    run = duestream("run", file, "--until", "2026-02-20", "--out", folder / "out")
    assert run.exit_code == 2, run.output
    return file, folder / "out"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The examples of usage, run to the end."""
    return ran(tmp_path_factory.mktemp("whole") / "out", "2026-04-30")


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


def fates_of(file, out):
    return json.loads(usage(out, "fate", file, "--json").stdout)


def test_each_event_of_a_file_has_a_fate_and_the_counts_add_up_to_its_lines(whole):
    told = fates_of(EXAMPLES, whole)

    # Of 39 lines of usage 3 take back or close and open a set; 3 events are taken back, one has
    # no price, one came behind the end of its contract.
    assert told["counts"] == {
        "applied": 3,
        "counted": 31,
        "other": 60,
        "retracted": 3,
        "unpriced": 1,
        "unrated": 1,
    }
    lines = EXAMPLES.read_bytes().splitlines()
    assert sum(told["counts"].values()) == len(told["lines"]) == len(lines)


def test_what_counts_stands_with_its_tiers_on_the_document_that_has_it(whole):
    found = fates_of(EXAMPLES, whole)["lines"]
    places = [
        [one["quantity"], *(tier["up_to"] for tier in one["tiers"]), one["document"]]
        for each in found
        if each["contract_id"] == "U-104" and "counts_for" in each
        for one in each["counts_for"]
    ]

    # Both are of January; the second came in February, and stands on March's invoice.
    (first, second) = places
    assert first[:3] == ["1500", "1000", None]
    assert second[:2] == ["500", None]
    assert [first[-1], second[-1]] == [document(whole, "U-104", on) for on in ("02-02", "03-02")]


def document(out, contract, on):
    """Return the number of the invoice of a contract of that day of 2026."""
    lines = map(json.loads, (out / "invoices.jsonl").read_bytes().splitlines())
    (number,) = (
        each["data"]["number"]
        for each in lines
        if each["subject"] == contract and each["data"].get("issued_on") == f"2026-{on}"
    )
    return number


def test_the_quantities_of_a_component_add_up_to_its_line_on_the_invoice(whole):
    found = [each for each in fates_of(EXAMPLES, whole)["lines"] if "counts_for" in each]
    of_calls = [
        int(one["quantity"])
        for each in found
        if each["contract_id"] == "U-101"
        for one in each["counts_for"]
    ]

    # 1, 60, 61 and 125 seconds by 60 and 10.
    assert of_calls == [60, 60, 70, 130]
    lines = map(json.loads, (whole / "charges.jsonl").read_bytes().splitlines())
    charged = [
        e["data"]["quantity"] for e in lines if e["subject"] == "U-101" and "net" in e["data"]
    ]
    assert charged == ["320"]


def test_what_did_not_count_says_why(faulty):
    file, out = faulty

    told = usage(out, "fate", file)

    assert told.exit_code == 2
    last = [line.partition("  ")[2] for line in told.stdout.splitlines()[-8:-1]]
    assert last == [
        "U-104 u-meters-0011  duplicate",
        "U-104 u-meters-0011  conflict: said before with other content",
        "U-104 old  too late: occurred_at: longer ago than usage may be",
        "U-104 less  refused: invalid: quantity: less than nothing; a retraction takes usage back",
        "U-105 r  waiting",
        "U-104 mystery  refused: unknown_type: UsageGuessed",
        "  refused: undecodable: not JSON",
    ]


def test_what_never_came_is_told_so(january, tmp_path):
    line = next(each for each in EXAMPLES.read_bytes().splitlines() if b"UsageRecorded" in each)
    (tmp_path / "other.jsonl").write_bytes(spoiled(line, id="never sent"))

    told = usage(january, "fate", tmp_path / "other.jsonl")

    assert (told.exit_code, told.stdout.splitlines()[-1]) == (0, "lines: 1 (1 not on the topic)")


def test_a_file_that_cannot_be_read_says_so(january):
    result = usage(january, "fate", "nowhere.jsonl")

    assert (result.exit_code, "the events cannot be read" in result.stderr) == (1, True)


def test_a_set_that_is_open_is_told_with_what_closing_it_would_change(tmp_path_factory):
    out = ran(tmp_path_factory.mktemp("set") / "out", "2026-02-10")
    invoice = document(out, "U-106", "02-02")

    # 40 of 50 texts at 0.09 were billed; the set has 50 instead of 20, so that 70 of 80 are.
    assert usage(out, "backfill", "U-106-B1").stdout.splitlines() == [
        "U-106: open, texts from 2026-01-10 until and including 2026-01-19, instead of what was "
        "recorded (events: 1); nothing of it counts yet. Closed now, it would change:",
        "  texts from 2026-01-01 until and including 2026-01-31: 30 and 2.70 EUR more, a "
        f"correction of {invoice}",
        "in all 2.70 EUR net",
    ]
    (told,) = json.loads(usage(out, "backfill", "U-106-B1", "--json").stdout)
    assert (told["state"], told["replaces"], told["events"]) == ("open", True, 1)
    assert [(each["net"]["amount"], each["document"]) for each in told["changes"]] == [
        ("2.70", invoice)
    ]


def test_a_set_that_is_closed_says_when(whole):
    assert usage(whole, "backfill", "U-106-B1").stdout.splitlines() == [
        "U-106: closed, said at 2026-02-11 08:00+01:00"
    ]


def test_a_set_that_nobody_opened_is_told_so(january):
    result = usage(january, "backfill", "B-0")

    assert (result.exit_code, "no set of usage is called B-0" in result.stderr) == (1, True)
