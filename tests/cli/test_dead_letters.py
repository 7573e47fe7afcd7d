"""What was dead-lettered, as people and scripts see it in the files of a run."""

import base64
import json
from datetime import date

import pytest

from services.cli.views.plain import plain, plain_lines
from tests.support.console import duestream
from tests.support.events import ACME, invoice, line, paid, registered

AT = "2026-02-01T10:00:00+01:00"
# The second half of a window title, a colour, and a text that shows from right to left.
HOSTILE = "\x9b31m\u202egnp.exe"
CHF = line(paid("x", "1.00", date(2026, 2, 2)), AT, name="5").replace(b"EUR", b"CHF")
RUBBISH = b'rubbish \x1b]0;owned\x07 \xff\xfe "quoted"'
UNKNOWN = line(paid("y", "1.00", date(2026, 2, 2)), AT, name="6").replace(
    b'"PaymentReceived"', json.dumps(HOSTILE).encode()
)


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """A run that met a line that is no JSON, a type that nobody knows, and a wrong currency."""
    folder = tmp_path_factory.mktemp("letters")
    events = [
        line(ACME, "2026-02-01T00:00:00+01:00", name="1"),
        line(registered(), AT, name="2"),
        line(invoice("A", "50.00", date(2026, 2, 2)), AT, name="3"),
        line(paid("q", "1.00", date(2026, 2, 2)), AT, name="4"),
        CHF,
        RUBBISH,
        UNKNOWN,
    ]
    (folder / "events.jsonl").write_bytes(b"\n".join(events))
    words = ["--until", "2026-02-05", "--out", folder / "out"]
    assert duestream("run", folder / "events.jsonl", *words).exit_code == 2
    return folder / "out"


def letters(command, *more):
    return json.loads(duestream("dead-letters", command, *more, "--json").stdout)


def test_all_that_was_dead_lettered_is_listed_by_the_place_it_came_from(out):
    listed = letters("list", "--out", out)

    assert [(each["place"], each["dead_lettered_by"], each["reason"]) for each in listed] == [
        ("input/0/0", "input", "undecodable"),
        ("input/0/1", "input", "unknown_type"),
        ("payments/0/1", "dunning", "currency"),
    ]
    assert listed[2] == {
        "place": "payments/0/1",
        "dead_lettered_by": "dunning",
        "dead_letter": "dunning.dead-letters/0/0",
        "time": AT,
        "dead_lettered_at": None,
        "reason": "currency",
        "detail": listed[2]["detail"],
        "contract": "C1",
        "redriven": False,
        "redrive_of": None,
    }
    assert listed[0]["time"] is None


def test_a_service_is_listed_alone(out):
    listed = letters("list", "--out", out, "--service", "dunning")

    assert [each["place"] for each in listed] == ["payments/0/1"]


def test_a_page_for_a_person_counts_what_is_left_by_reason(out):
    page = duestream("dead-letters", "list", "--out", out).stdout

    assert "3 dead letters, 0 redriven; left: 1 currency, 1 undecodable, 1 unknown_type" in page


def test_a_run_without_dead_letters_lists_none(tmp_path):
    page = duestream("dead-letters", "list", "--out", tmp_path).stdout

    assert page == "0 dead letters, 0 redriven\n"


def test_a_record_is_shown_byte_for_byte_as_json(out):
    shown = letters("show", "input/0/0", "--out", out)

    assert base64.b64decode(shown["value"]) == RUBBISH
    assert (shown["key"], shown["headers"]) == (None, [])


@pytest.mark.parametrize("command", [("list",), ("show", "input/0/0"), ("show", "input/0/1")])
def test_no_page_lets_anything_through_that_steers_a_terminal(out, command):
    page = duestream("dead-letters", *command, "--out", out).stdout

    assert [each for each in page if not each.isprintable() and each != "\n"] == []


def test_what_does_not_print_is_shown_as_its_escape(out):
    rubbish = duestream("dead-letters", "show", "input/0/0", "--out", out).stdout
    unknown = duestream("dead-letters", "show", "input/0/1", "--out", out).stdout

    assert 'rubbish \\x1b]0;owned\\x07 \\xff\\xfe "quoted"' in rubbish
    assert "value of 30 bytes" in rubbish
    assert "reason       unknown_type: \\x9b31m\\u202egnp.exe" in unknown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Köln, 5 €", "Köln, 5 €"),
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("a\tb\r\n", "a\\tb\\r\\n"),
        ("\x7f\x80\x9f", "\\x7f\\x80\\x9f"),
        ("\u202e\u2066\u200b\ufeff", "\\u202e\\u2066\\u200b\\ufeff"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_only_what_prints_by_itself_goes_to_the_terminal(text, shown):
    assert plain(text) == shown


def test_lines_stay_lines_and_bytes_that_are_no_text_are_escapes():
    assert plain_lines(b"a\nb\xff\x00\n") == ["a", "b\\xff\\x00", ""]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["show", "payments/0/9"], "nothing from there among 3 dead letters"),
        (["show", "\x1b[31m"], "where  \\x1b[31m"),
        (["list", "--service", "billing"], "billing has no dead letters"),
        (
            ["list", "--service", "billing"],
            "choose clock, usage, invoicing, dunning, notifications, input",
        ),
    ],
    ids=str,
)
def test_what_is_not_there_exits_with_1(out, words, complaint):
    result = duestream("dead-letters", *words, "--out", out)

    assert result.exit_code == 1
    assert complaint in result.stderr


@pytest.mark.parametrize("words", [[], ["payments/0/1", "--reason", "currency"]], ids=str)
def test_a_redrive_is_told_either_places_or_a_reason(words):
    result = duestream("dead-letters", "redrive", *words)

    assert result.exit_code == 1
    assert "say which: PLACE... or --reason" in result.stderr


def test_a_folder_that_is_not_there_exits_with_1(tmp_path):
    result = duestream("dead-letters", "list", "--out", tmp_path / "none")

    assert result.exit_code == 1
    assert "there is no run to read" in result.stderr


def test_without_a_broker_a_list_says_so(monkeypatch):
    monkeypatch.setenv("DUESTREAM_KAFKA", "127.0.0.1:1")

    result = duestream("dead-letters", "list")

    assert result.exit_code == 1
    assert "no broker answers" in result.stderr
    assert "where  127.0.0.1:1" in result.stderr
