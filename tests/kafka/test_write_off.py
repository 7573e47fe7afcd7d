"""The order to write off, on its way to a real Kafka."""

import contextlib
import json
import sqlite3
from datetime import date

import pytest

from schemas.contracts import ContractEnded
from tests.support import workers
from tests.support.console import duestream
from tests.support.events import ACME, invoice, line, registered

AT = "2026-02-01T10:00:00+01:00"
# C6 goes to partition 1 by its key; the store has it on 0, as after a producer that chose itself.
KEPT = {"C1": 1, "C4": 0, "C6": 0}


def events():
    yield line(ACME, "2026-02-01T00:00:00+01:00", name="1")
    for name in KEPT:
        for message in (
            registered(),
            invoice("A", "119.00", date(2026, 2, 2)),
            ContractEnded(contract_id="C1", ends_on=date(2026, 2, 3)),
        ):
            said = line(message, AT, name=f"{name}-{type(message).__name__}")
            yield said.replace(b'"C1"', f'"{name}"'.encode())


@pytest.fixture(scope="module")
def told(kafka, tmp_path_factory):
    """A broker with all topics, and the store that an embedded run left of two partitions."""
    folder = tmp_path_factory.mktemp("books")
    (folder / "events.jsonl").write_bytes(b"\n".join(events()))
    words = ["--until", "2026-02-10", "--out", folder, "--partitions", 2]
    assert duestream("run", folder / "events.jsonl", *words).exit_code == 0
    with contextlib.closing(sqlite3.connect(folder / "state" / "dunning.sqlite")) as books, books:
        books.execute("update state set partition = 0 where contract_id = 'C6'")
    told = workers.settings(kafka, folder, partitions=2)
    with pytest.MonkeyPatch.context() as environment:
        for name, value in workers.environment(told).items():
            environment.setenv(name, value)
        assert duestream("topics", "apply").exit_code == 0
        yield told


def test_a_preview_of_the_configured_books_sends_nothing(told):
    result = duestream("write-off", "--as-of", "2026-02-10", "--json")

    going = [each["contract_id"] for each in json.loads(result.stdout)["written_off"]]
    assert going == ["C1", "C4", "C6"]
    assert workers.read(told, "instructions") == []


def test_each_contract_gets_its_order_where_it_is_kept_under_the_same_id_each_time(told):
    for _ in range(2):
        words = ["--execute", "--by", "anna", "--reason", "irrecoverable"]
        result = duestream("write-off", "--as-of", "2026-02-10", *words)
        assert result.exit_code == 0, result.stderr

    assert "3 contracts with 357.00 EUR written off, 0 left" in result.stdout
    said = workers.read(told, "instructions")
    assert {each.event.subject: each.partition for each in said} == KEPT
    assert len({each.event.id for each in said}) == 3
    assert len(said) == 6
    assert json.loads(said[0].event.data) == {
        "contract_id": said[0].event.subject,
        "by": "anna",
        "reason": "irrecoverable",
        "on": "2026-02-10",
    }
