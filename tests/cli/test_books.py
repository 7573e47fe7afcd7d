"""The books of a run, as files and on the screen."""

import csv
import io
import json
import re
from datetime import date

import pytest

from schemas.instructions import WriteOff
from tests.support.bookkeeper import taxed
from tests.support.console import duestream
from tests.support.events import ACME, credit_note, invoice, line, paid, policy, registered, webhook

C1 = {"contract_id": "C1"}
FULL = ("S", "19", "100.00", "19.00")
FILES = [
    "EXTF_Buchungsstapel_acme_2026-01.csv",
    "EXTF_Buchungsstapel_acme_2026-02.csv",
    "EXTF_Buchungsstapel_acme_2026-03.csv",
    "aging.csv",
    "open-items.csv",
    "oss.csv",
    "postings.csv",
    "revenue.csv",
    "tax-corrections.csv",
    "tax.csv",
]


def events():
    """A year that begins: two invoices, a credit note, a payment known late, a write-off."""
    first = taxed(invoice("A", "1.00", date(2026, 2, 2), issued_on=date(2026, 1, 5)), FULL)
    second = taxed(invoice("B", "1.00", date(2026, 3, 2), issued_on=date(2026, 2, 2)), FULL)
    note = taxed(
        credit_note("G", "1.00", date(2026, 2, 10), invoice_id="B"), ("S", "19", "50.00", "9.50")
    )
    said = [
        ("01-05T00:00", ACME),
        ("01-05T00:00", policy(webhook(5))),
        ("01-05T10:00", registered(ends_on=date(2026, 3, 1))),
        ("01-05T11:00", first),
        ("02-02T10:00", second),
        ("02-10T10:00", note),
        ("02-20T10:00", paid("p", "119.00", date(2026, 2, 1))),
        ("03-10T10:00", WriteOff(**C1, on=date(2026, 3, 10))),
    ]
    return [
        line(message, f"2026-{at}:00+01:00", name=str(n)) for n, (at, message) in enumerate(said)
    ]


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """The folder of a run."""
    folder = tmp_path_factory.mktemp("books")
    (folder / "events.jsonl").write_bytes(b"\n".join(events()))
    duestream("run", folder / "events.jsonl", "--until", "2026-03-31", "--out", folder / "out")
    return folder / "out"


def made(out, into, *more, as_of="2026-03-31"):
    result = duestream("books", "--as-of", as_of, "--from", out, "--out", into, "--json", *more)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def table(path):
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


def test_the_books_are_files_named_by_subject(out, tmp_path):
    told = made(out, tmp_path)

    assert sorted(each.name for each in tmp_path.iterdir()) == FILES
    assert sorted(told["files"]) == FILES
    assert table(tmp_path / "open-items.csv") == [
        {
            "legal_entity_id": "acme",
            "contract_id": "C1",
            "kind": "invoice",
            "number": "R-B",
            "receivable_id": "B",
            "booked_on": "2026-02-02",
            "due_on": "2026-03-02",
            "days_overdue": "29",
            "amount": "119.00",
            "open": "0.00",
            "written_off": "59.50",
            "currency": "EUR",
        }
    ]


def test_the_summary_adds_up_what_the_files_hold(out, tmp_path):
    told = made(out, tmp_path)
    (books,) = told["books"]

    assert (books["balance"], books["written_off"]) == ("0.00", "59.50")
    assert books["years"] == {
        "2026": {
            "invoiced_net": "200.00",
            "invoiced_tax": "38.00",
            "credited_net": "50.00",
            "credited_tax": "9.50",
            "net": "150.00",
            "tax": "28.50",
            "given_up_net": "50.00",
            "given_up_tax": "9.50",
        }
    }
    assert books["vat"] == {
        "2026": {
            "net": "150.00",
            "tax": "28.50",
            "given_up_net": "50.00",
            "given_up_tax": "9.50",
            "tax_due": "19.00",
        }
    }
    assert (told["ledger_comes_to"], told["notes"]) == ("2026-03-31", [])


def test_an_earlier_day_as_it_was_known_and_as_it_is_known_now(out, tmp_path):
    as_known = made(out, tmp_path, "--known-on", "2026-02-19", as_of="2026-02-15")
    now = made(out, tmp_path, as_of="2026-02-15")

    assert as_known["books"][0]["balance"] == "178.50"
    assert as_known["books"][0]["aging"]["1-30"] == "119.00"
    # By then the payment of the 1st had come: all that is open is the rest of B, not due yet.
    assert now["books"][0]["balance"] == "59.50"
    assert now["books"][0]["aging"]["not_due"] == "59.50"


def test_what_an_earlier_call_left_goes_and_nothing_else(out, tmp_path):
    made(out, tmp_path)
    (tmp_path / "mine.txt").write_text("mine")
    made(out, tmp_path, as_of="2026-01-31")

    left = {each.name for each in tmp_path.iterdir()}
    assert left == {*FILES, "mine.txt"} - set(FILES[1:3])


def test_two_calls_write_the_same_bytes(out, tmp_path):
    made(out, tmp_path / "one")
    made(out, tmp_path / "two")

    one, two = ({p.name: p.read_bytes() for p in (tmp_path / n).iterdir()} for n in ("one", "two"))
    assert one == two


def test_a_person_reads_what_is_open_what_was_invoiced_and_what_is_taxed(out, tmp_path):
    result = duestream("books", "--as-of", "2026-04-15", "--from", out, "--out", tmp_path)

    assert re.search(r"^written off +59\.50 EUR$", result.stdout, re.MULTILINE)
    invoiced, vat = re.findall(r"^  S 19 % +(.*)$", result.stdout, re.MULTILINE)
    assert re.split(" {2,}", invoiced) == ["150.00 EUR", "28.50 EUR", "9.50 EUR"]
    assert re.split(" {2,}", vat) == ["150.00 EUR", "28.50 EUR", "9.50 EUR", "19.00 EUR"]
    assert "note  the ledger has come to 2026-03-31 only" in result.stdout
    assert "every total is that of the ledger" in result.stdout


def test_skr04_or_a_chart_of_ones_own_takes_other_accounts(out, tmp_path):
    made(out, tmp_path, "--chart", "SKR04")
    accounts = {row["account"] for row in table(tmp_path / "postings.csv")}
    assert accounts == {"1210", "4400", "3806", "1460", "6936"}

    own = tmp_path / "own.toml"
    own.write_text(
        'name = "own"\nreceivables = "1000"\nmoney = "2000"\ndamages = "3000"\n[otherwise]\n'
        'revenue = "4000"\ntax = "5000"\nloss = "6000"\nrecovered = "7000"\n'
    )
    made(out, tmp_path, "--chart", own)
    accounts = {row["account"] for row in table(tmp_path / "postings.csv")}
    assert accounts == {"1000", "4000", "5000", "2000", "6000"}


@pytest.mark.parametrize(
    ("words", "what", "do"),
    [
        (["--from", "nowhere"], "there is no ledger", "make a run first: duestream run"),
        (["--chart", "skr99"], "the chart cannot be read: no such file", "choose skr03, skr04"),
        (["--entity", "other"], "no ledger is of other", "choose one of acme"),
        (["--as-of", "yesterday"], "does not match", None),
    ],
)
def test_what_cannot_be_made_says_why_and_what_to_do(out, tmp_path, words, what, do):
    asked = ["--as-of", "2026-03-31", "--from", out, "--out", tmp_path / "b", *words]
    result = duestream("books", *asked)

    assert result.exit_code == 1
    assert what in result.stderr
    assert do is None or do in result.stderr
    assert not (tmp_path / "b").exists()


def test_a_ledger_that_does_not_add_up_writes_nothing_and_exits_with_3(out, tmp_path):
    for path in out.glob("*.jsonl"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    ledger = tmp_path / "receivables.jsonl"
    entries = ledger.read_bytes().splitlines(keepends=True)
    ledger.write_bytes(b"".join(entries[1:]))

    result = duestream(
        "books", "--as-of", "2026-03-31", "--from", tmp_path, "--out", tmp_path / "b"
    )

    assert result.exit_code == 3
    assert "differs  contract C1, entry 2: it is the 1. entry that is there" in result.stderr
    assert not (tmp_path / "b").exists()


def test_a_line_that_is_none_is_named(out, tmp_path):
    for path in out.glob("*.jsonl"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    with (tmp_path / "invoices.jsonl").open("ab") as file:
        file.write(b"not an event\n")

    result = duestream(
        "books", "--as-of", "2026-03-31", "--from", tmp_path, "--out", tmp_path / "b"
    )

    assert result.exit_code == 1
    assert "invoices.jsonl:4" in result.stderr


def test_a_folder_that_cannot_be_written_is_named(out, tmp_path):
    (tmp_path / "file").write_text("")
    result = duestream("books", "--as-of", "2026-03-31", "--from", out, "--out", tmp_path / "file")

    assert result.exit_code == 1
    assert "the books cannot be written" in result.stderr


def closed(out, into, until, *more):
    return duestream(
        "books", "close", "--until", until, "--from", out, "--out", into, "--json", *more
    )


def test_r107_a_handed_over_month_does_not_change_and_what_comes_late_stands_in_the_next(
    out, tmp_path
):
    january, february = (closed(out, tmp_path, f"2026-{day}") for day in ("02-10", "03-31"))

    # The payment of 1 February is booked on that day: it was known when 10 February was closed.
    first, second = json.loads(january.stdout), json.loads(february.stdout)
    assert (first["number"], first["entries"], second["number"], second["entries"]) == (1, 4, 2, 1)
    assert (first["of_closed_days"], second["of_closed_days"]) == (0, 0)
    assert [row["entry"] for row in table(tmp_path / "0002" / "sent.csv")] == ["5"]
    assert table(tmp_path / "0002" / "sent.csv")[0]["amount"] == "-59.50"
    assert sorted(each.name for each in (tmp_path / "0002").iterdir()) == [
        "EXTF_Buchungsstapel_acme_2026-03.csv",
        "hand-over.json",
        "postings.csv",
        "sent.csv",
    ]


def test_r107_a_closed_day_is_not_closed_again_nor_one_that_is_not_over(out, tmp_path):
    assert closed(out, tmp_path, "2026-02-10").exit_code == 0

    again, ahead = closed(out, tmp_path, "2026-02-10"), closed(out, tmp_path, "2026-04-30")
    other = closed(out, tmp_path, "2026-03-31", "--entity", "acme")

    assert (again.exit_code, ahead.exit_code, other.exit_code) == (1, 1, 1)
    assert "the books are closed up to 2026-02-10" in again.stderr
    assert "the ledger has come to 2026-03-31 only" in ahead.stderr
    assert "hand-over 1 is of all entities" in other.stderr
    assert [each.name for each in tmp_path.iterdir()] == ["0001"]


def test_r107_what_was_sent_is_guarded_against_changes(out, tmp_path):
    assert closed(out, tmp_path, "2026-02-10").exit_code == 0
    sent = tmp_path / "0001" / "sent.csv"
    sent.write_bytes(sent.read_bytes().replace(b"119.00", b"118.00"))

    result = closed(out, tmp_path, "2026-03-31")

    assert result.exit_code == 1
    assert "what was sent is not what was listed" in result.stderr


def test_the_books_without_a_day_say_what_to_do():
    result = duestream("books", "--json")

    assert (result.exit_code, "duestream books --as-of" in result.stderr) == (1, True)
    assert "Example: duestream books --as-of" in duestream("books", "--help").stdout
