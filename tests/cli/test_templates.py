"""Templates are tried at the command line as notifications will try them."""

import json

import pytest

from tests.notifications.test_templates import letterhead, template
from tests.support.console import duestream
from tests.support.events import line

AT = "2026-01-03T09:00:00+01:00"


@pytest.fixture
def check(tmp_path):
    def checked(*lines, **more):
        file = tmp_path / "templates.jsonl"
        file.write_bytes(b"\n".join(lines))
        return duestream("templates", "check", file, *more.get("words", ()), columns=300)

    return checked


def test_those_that_render_are_named(check):
    result = check(line(template(title="Bitte"), AT), b"", line(letterhead(claim="x"), AT))

    assert result.exit_code == 0
    assert [each.partition(".jsonl:")[2] for each in result.stdout.splitlines()] == [
        "1  acme@1@de@reminder_1  renders",
        "3  acme@1@de@letterhead  renders",
    ]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (line(template(titel="x"), AT), "reminder_1.titel: there is no such text"),
        (line(template(title="x"), AT).replace(b"acme@1", b"acme@2"), "subject is not acme@1"),
        (line(template(title="x"), AT).replace(b'"de"', b'"it"'), "language: "),
        (b"{", ""),
    ],
)
def test_one_that_would_be_dead_lettered_is_said_with_its_line(check, wrong, why):
    result = check(line(template(title="Bitte"), AT), wrong, words=["--json"])

    [good, bad] = json.loads(result.stdout)
    assert (result.exit_code, good["faults"], bad["line"]) == (1, [], 2)
    assert [each[: len(why)] for each in bad["faults"]] == [why]


def test_a_file_without_any_is_no_success(check):
    assert check().exit_code == 1
    assert duestream("templates", "check", "/nowhere.jsonl").exit_code == 1
