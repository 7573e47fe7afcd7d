"""A contract's documents to come, as the command line shows them."""

import json

import pytest

from tests.runtime.ops.test_forecast import run
from tests.support.console import duestream
from tests.support.events import line, registered

T = "2026-03-05T10:00:00+01:00"


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """A run to 10 March with three contracts: one with a plan, one without, one of nobody yet."""
    others = [
        line(registered(), T, name="other").replace(b'"C1"', b'"C2"'),
        line(registered(legal_entity_id="nobody"), T, name="early").replace(b'"C1"', b'"C3"'),
    ]
    return run(tmp_path_factory.mktemp("preview") / "out", "2026-03-10", *others, year="1")


def preview(out, *words, contract="C1", until="2026-05-31"):
    return duestream("preview", contract, "--until", until, "--from", out, *words)


def test_documents_to_come_are_told_with_their_lines_and_without_numbers(out):
    result = preview(out, until="2026-04-30")

    assert result.stdout.splitlines() == [
        "C1, from 2026-03-10 until and including 2026-04-30",
        "",
        "issued      what for                           net EUR  tax EUR  gross EUR",
        "2026-04-01  invoice, due 2026-04-15              55.49    10.54      66.03",
        "              Base, 2026-04-01 to 2026-04-30     30.00                    ",
        "              After, 2026-03-01 to 2026-03-31     9.95                    ",
        "              Seats, 2026-04-01 to 2026-04-30    15.54                    ",
        "",
        "as it stands: usage, orders and changes that come are not in it; nothing was done",
    ]


def test_an_end_is_told_with_its_day_its_credit_and_the_final_invoice(out):
    result = preview(out, "--end", "2026-03-16")
    lines = result.stdout.splitlines()

    assert lines[1] == "it ends at the end of 2026-03-15"
    # Of the year on January's invoice 291 of 365 days; of the base and two seats on March's 16 of
    # 31; what is billed in arrears has 15 of 31.
    assert [" ".join(each.split()) for each in lines if each.startswith("2026-")] == [
        "2026-03-10 credit note, end -119.17 -22.65 -141.82",
        "2026-03-16 invoice, due 2026-03-30 4.81 0.91 5.72",
    ]


def test_json_has_the_same_for_scripts(out):
    told = json.loads(preview(out, "--json", "--end", "2026-03-16").stdout)

    assert (told["from"], told["until"], told["ends_on"]) == (
        "2026-03-10",
        "2026-05-31",
        "2026-03-16",
    )
    assert [(each["type"], each["gross"]["amount"]) for each in told["documents"]] == [
        ("CreditNoteIssued", "141.82"),
        ("InvoiceIssued", "5.72"),
    ]
    assert not any("number" in each for each in told["documents"])


def test_where_nothing_is_to_come_it_says_so(out):
    assert "no document is to come" in preview(out, until="2026-03-31").stdout


@pytest.mark.parametrize(
    ("words", "what", "do"),
    [
        (["--contract", "C9"], "invoicing keeps no contract C9", "name one of its contracts"),
        (["--contract", "C2"], "C2 has no plan: somebody else invoices it", "with a plan"),
        (["--contract", "C3"], "C3 is not registered: what was said of it waits", "explain"),
        (["--until", "2026-03-09"], "2026-03-10 has begun already", "from 2026-03-10 on"),
        (["--when", "next_allowed"], "next_allowed is no date", "--end DATE"),
        (["--from", "nowhere"], "there is no store of invoicing", "make a run first"),
        (["--end", "3999-01-01"], "less than or equal to 2999-12-31", "--help"),
    ],
)
def test_what_cannot_be_foreseen_says_why_and_what_to_do(out, words, what, do):
    contract = words[1] if words[0] == "--contract" else "C1"
    result = preview(out, *(words if words[0] != "--contract" else []), contract=contract)

    assert result.exit_code == 1
    assert what in " ".join(result.stderr.split())
    assert do in result.stderr


def test_the_stores_of_workers_are_read_where_kafka_is_asked_for(out):
    result = preview(out, "--kafka", until="2026-04-30", contract="C1")
    assert (result.exit_code, "there is no store of invoicing" in result.stderr) == (1, True)

    told = duestream(
        "preview", "C1", "--until", "2026-04-30", "--kafka", DUESTREAM_STATE_DIR=str(out / "state")
    )
    assert "2026-04-01  invoice, due 2026-04-15" in told.stdout
