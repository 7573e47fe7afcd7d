"""What people and scripts see of ``duestream run``."""

import json
from datetime import date

import pytest
import typer
from typer.testing import CliRunner

from schemas.envelope import Event
from services.cli import cli
from services.cli.commands.run import say_stopped
from services.runtime.stream.changes import Broken
from services.runtime.stream.record import Record
from tests.support.console import duestream
from tests.support.events import (
    ACME,
    charged_back,
    end_contract,
    invoice,
    line,
    paid,
    policy,
    registered,
    reminder,
)

AT = "2026-02-01T10:00:00+01:00"


def good(name="e"):
    return [
        line(ACME, "2026-02-01T00:00:00+01:00", name=f"{name}1"),
        line(policy(reminder(14)), "2026-02-01T00:00:00+01:00", name=f"{name}2"),
        line(registered(), AT, name=f"{name}3"),
        line(invoice("A", "50.00", date(2026, 2, 2)), AT, name=f"{name}4"),
    ]


def written(folder, *lines, name="events.jsonl"):
    path = folder / name
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def run(folder, events, *more):
    return duestream("run", events, "--until", "2026-02-20", "--out", folder / "out", *more)


def test_a_run_without_dead_letters_exits_with_0(tmp_path):
    result = run(tmp_path, written(tmp_path, *good()))

    assert result.exit_code == 0
    assert "4 events read, 0 duplicates without effect, 0 dead letters, 0 still waiting" in (
        result.stdout
    )
    assert "duestream explain C1 --out" in result.stdout
    assert (tmp_path / "out" / "reminders.jsonl").read_text().count("ReminderCreated") == 1


def test_a_run_with_dead_letters_exits_with_2_and_says_in_which_line_they_stand(tmp_path):
    first = written(tmp_path, *good(), name="a.jsonl")
    second = written(
        tmp_path, b"", b"rubbish", good("f")[3].replace(b"50.00", b"5"), name="b.jsonl"
    )

    result = run(tmp_path, first, second, "--json")

    told = json.loads(result.stdout)
    assert result.exit_code == 2
    assert told["dead_letters"]["by_reason"] == {"conflict": 1, "undecodable": 1}
    assert {each["reason"]: each["where"] for each in told["dead_letters"]["list"]} == {
        "undecodable": f"{second}:2",
        "conflict": f"{second}:3",
    }


def test_the_same_bad_line_twice_is_found_in_both_places(tmp_path):
    events = written(tmp_path, *good(), b"rubbish", b"rubbish")

    told = json.loads(run(tmp_path, events, "--json").stdout)

    places = [each["where"] for each in told["dead_letters"]["list"]]
    assert places == [f"{events}:5", f"{events}:6"]


def test_the_summary_says_what_still_waits_and_for_how_long(tmp_path):
    early = line(charged_back("b", "p", "5.00", date(2026, 2, 3)), "2026-02-03T10:00:00+01:00")
    events = written(tmp_path, *good(), early)

    told = json.loads(run(tmp_path, events, "--json").stdout)

    assert told["waiting"] == [
        {
            "contract_id": "C1",
            "type": "ChargebackReceived",
            "where": f"{events}:5",
            "until": "2026-03-05",
        }
    ]


def test_the_summary_counts_duplicates_and_what_lies_after_the_end(tmp_path):
    late = line(paid("p", "50.00", date(2026, 3, 1)), "2026-03-01T10:00:00+01:00")
    events = written(tmp_path, *good(), good()[3], late)

    told = json.loads(run(tmp_path, events, "--json").stdout)

    assert (told["read"], told["duplicates"], told["after_the_end"]) == (5, 1, 1)
    assert told["topics"]["reminders"] == 1


def test_a_run_without_a_legal_entity_says_that_no_day_began(tmp_path):
    result = run(tmp_path, written(tmp_path, good()[2]))

    assert "no LegalEntityPublished was read, so no day began" in result.stdout.replace("\n", " ")


def test_a_missing_file_exits_with_1_and_says_what_where_and_what_to_do(tmp_path):
    result = run(tmp_path, tmp_path / "none.jsonl")

    assert result.exit_code == 1
    assert result.stderr == (
        "error  the events cannot be read: no such file or directory\n"
        f"where  {tmp_path / 'none.jsonl'}\n"
        "do     name files of CloudEvents, one JSON object a line\n"
    )


def test_a_wrong_date_exits_with_1_because_2_means_dead_letters(tmp_path):
    events = written(tmp_path, *good())

    assert duestream("run", events, "--until", "soon").exit_code == 1
    assert duestream("run", events).exit_code == 1


def test_a_run_never_overwrites_its_own_input(tmp_path):
    (tmp_path / "out").mkdir()
    events = written(tmp_path / "out", *good(), name="payments.jsonl")

    result = run(tmp_path, events)

    assert result.exit_code == 1
    assert "the run would overwrite a file that it has to read" in result.stderr
    assert events.read_bytes().count(b"\n") == 4


def test_a_run_removes_what_the_last_one_left_and_nothing_else(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "chargebacks.jsonl").write_text("from the last run\n")
    (out / "notes.jsonl").write_text("mine\n")

    run(tmp_path, written(tmp_path, *good()))

    assert not (out / "chargebacks.jsonl").exists()
    assert (out / "notes.jsonl").read_text() == "mine\n"


def test_a_run_with_documents_leaves_mails_and_letters_and_the_next_one_removes_only_those(
    tmp_path,
):
    out = tmp_path / "out"
    for kind in ("documents", "letters"):
        (out / kind).mkdir(parents=True)
        (out / kind / "mine.pdf").write_text("mine\n")
    events = written(tmp_path, *good())

    first = run(tmp_path, events, "--documents")
    left = [*(out / "letters").iterdir()]
    second = run(tmp_path, events)

    # Nobody says a mailbox, so that the reminder of 16 February goes by letter.
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert sorted(each.name[:10] for each in left) == ["2026-02-16", "mine.pdf"]
    assert [each.name for each in (out / "letters").iterdir()] == ["mine.pdf"]
    assert [each.name for each in (out / "documents").iterdir()] == ["mine.pdf"]
    assert not (out / "notifications.days.jsonl").exists()


def test_a_folder_that_cannot_be_written_exits_with_1(tmp_path):
    (tmp_path / "out").write_text("a file\n")

    result = run(tmp_path, written(tmp_path, *good()))

    assert result.exit_code == 1
    assert result.stderr.startswith("error  the output cannot be written")


def test_a_broken_invariant_exits_with_1_and_names_the_record(capsys):
    broken = Broken(
        Record("payments", 0, 7, Event.from_line(good()[3])), AssertionError("I1: the balance")
    )

    with pytest.raises(typer.Exit) as ended:
        say_stopped(broken)

    assert ended.value.exit_code == 1
    assert capsys.readouterr().err.splitlines()[:2] == [
        "error  a service had to stop: AssertionError('I1: the balance')",
        "where  topic/partition/offset payments/0/7",
    ]


def test_a_run_notes_a_policy_whose_end_comes_before_its_notice_and_takes_it(tmp_path):
    lines = good()
    hasty = policy(reminder(14), end_contract(20), policy_id="hasty")
    lines.insert(2, line(hasty, "2026-02-01T00:00:00+01:00"))
    events = written(tmp_path, *lines)

    shown, told = run(tmp_path, events), run(tmp_path, events, "--json")

    caution = (
        "hasty@1: end_contract at 20 days is 6 days after the reminder before it and waits for the "
        "14 of notice"
    )
    assert shown.exit_code == 0
    assert "note  hasty@1: end_contract at 20 days" in shown.stdout
    assert json.loads(told.stdout)["cautions"] == [caution]


def test_a_run_reads_standard_input_and_names_it(tmp_path):
    words = ["run", "-", "--until", "2026-02-20", "--out", str(tmp_path / "out"), "--json"]

    result = CliRunner().invoke(cli, words, input=b"\n".join([*good(), b"rubbish"]))

    told = json.loads(result.stdout)
    assert result.exit_code == 2
    assert [each["where"] for each in told["dead_letters"]["list"]] == ["standard input:5"]
