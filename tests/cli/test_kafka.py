"""What the commands for Kafka say where there is none, or where they are told nonsense."""

import pytest

from tests.support.console import duestream
from tests.support.servers import free_port


@pytest.mark.parametrize(
    "command",
    [("topics", "apply"), ("dead-letters", "list"), ("explain", "C1", "--kafka")],
    ids=" ".join,
)
def test_where_no_broker_answers_three_lines_say_what_where_and_what_to_do(command):
    result = duestream(*command, DUESTREAM_KAFKA=f"127.0.0.1:{free_port()}")

    assert result.exit_code == 1
    assert [line[:7] for line in result.stderr.splitlines()] == ["error  ", "where  ", "do     "]
    assert "no broker answers" in result.stderr
    assert "make kafka" in result.stderr


def test_unencrypted_traffic_beyond_this_machine_must_be_asked_for():
    result = duestream("topics", "apply", DUESTREAM_KAFKA="kafka.example.org:9092")

    assert result.exit_code == 1
    assert result.stderr.startswith("error  kafka: kafka.example.org:9092 is not this machine")
    assert "or allow_plaintext to true" in result.stderr


def test_a_wrong_setting_is_named_as_one_sets_it():
    result = duestream("worker", "dunning", DUESTREAM_PORT="many")

    assert result.exit_code == 1
    assert "where  DUESTREAM_PORT, or port in duestream.toml" in result.stderr


def test_a_misspelt_setting_is_refused_and_the_nearest_is_named():
    result = duestream("topics", "apply", DUESTREAM_DATABSE="postgresql+asyncpg://127.0.0.1/books")

    assert result.exit_code == 1
    assert "there is no such setting; database is one" in result.stderr
    assert "where  DUESTREAM_DATABSE, or databse in duestream.toml" in result.stderr


def test_a_worker_that_may_not_write_its_books_says_where(tmp_path):
    (tmp_path / "taken").write_text("")
    result = duestream("worker", "dunning", DUESTREAM_STATE_DIR=str(tmp_path / "taken"))

    assert result.exit_code == 1
    assert result.stderr.startswith("error  no store can be kept: file exists")
    assert "DUESTREAM_STATE_DIR" in result.stderr


def test_a_service_that_is_not_there_names_those_that_are():
    result = duestream("worker", "billing")

    assert (result.exit_code, "choose usage, invoicing, dunning" in result.stderr) == (1, True)


def test_a_service_that_is_not_deployed_is_not_started(monkeypatch):
    monkeypatch.setenv("DUESTREAM_SERVICES", "dunning")

    result = duestream("worker", "invoicing")

    assert (result.exit_code, "add it: dunning,invoicing" in result.stderr) == (1, True)


def test_a_last_day_is_needed_to_publish_in_step(tmp_path):
    result = duestream("publish", tmp_path / "events.jsonl", "--in-step")

    assert (result.exit_code, "--until" in result.stderr) == (1, True)


def test_notifications_say_which_setting_they_lack(monkeypatch, tmp_path):
    monkeypatch.setenv("DUESTREAM_SERVICES", "notifications")
    monkeypatch.setenv("DUESTREAM_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("DUESTREAM_DOCUMENTS_DIR", str(tmp_path / "documents"))

    result = duestream("worker", "notifications")

    assert (result.exit_code, "where  DUESTREAM_SMTP" in result.stderr) == (1, True)
