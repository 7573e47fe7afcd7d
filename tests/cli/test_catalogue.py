"""The commands that tell what there is: topics, schemas, and the help of all."""

import json
import subprocess
import sys

import pytest

from tests.support.console import commands, duestream


def test_topics_are_listed_with_their_writers_and_messages():
    lines = json.loads(duestream("topics", "list", "--json").stdout)

    by_name = {each["name"]: each for each in lines}
    assert by_name["payments"]["writer"] == "outside"
    assert "PaymentReceived" in by_name["payments"]["messages"]
    assert by_name["reminders"]["writers"] == ["dunning"]
    assert by_name["charges"]["writers"] == ["usage", "outside"]  # F5: another meter may rate


def test_the_table_of_topics_names_every_topic():
    lines = json.loads(duestream("topics", "list", "--json").stdout)
    table = duestream("topics", "list").stdout

    assert [each["name"] for each in lines if each["name"] not in table] == []


def test_only_what_a_command_needs_is_imported():
    """All commands together take two seconds to import; the catalogue needs no broker's client."""
    listed = "import sys; sys.argv[1:] = ['topics', 'list']; from services.cli import cli"
    needless = "sorted({'aiokafka', 'sqlalchemy'} & {*sys.modules})"
    ran = f"{listed}\ntry: cli()\nfinally: print({needless})"
    done = subprocess.run([sys.executable, "-c", ran], capture_output=True, text=True, check=False)

    assert (done.stdout.splitlines()[-1], done.returncode) == ("[]", 0)


def test_schemas_are_written_with_an_asyncapi_document(tmp_path):
    result = duestream("schemas", "--out", tmp_path / "schemas")

    names = {path.name for path in (tmp_path / "schemas").iterdir()}
    assert {"PaymentReceived.json", "ReminderCreated.json", "asyncapi.json", "messages.md"} <= names
    assert "access.md" in names
    many = len(names) - 3
    where = tmp_path / "schemas"
    assert result.stdout == f"{many} schemas, asyncapi.json, messages.md and access.md in {where}\n"


def test_schemas_leave_other_files_of_the_folder_alone(tmp_path):
    (tmp_path / "package.json").write_text("{}")

    duestream("schemas", "--out", tmp_path)

    assert (tmp_path / "package.json").read_text() == "{}"


def test_schemas_that_cannot_be_written_say_where(tmp_path):
    (tmp_path / "taken").write_text("")

    result = duestream("schemas", "--out", tmp_path / "taken")

    assert (result.exit_code, "where" in result.stderr, "taken" in result.stderr) == (1, True, True)
    assert result.stderr.startswith("error  the schemas cannot be written: file exists")


def test_no_command_is_left_out_where_all_are_looked_at():
    assert {("explain",), ("topics", "list"), ("dead-letters", "redrive")} <= set(commands())


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_every_command_has_help_with_an_example(command):
    result = duestream(*command, "--help")

    example = next(line for line in result.stdout.splitlines() if "Example: " in line)
    assert result.exit_code == 0
    assert f"duestream {' '.join(command)}" in example
