"""Copies of stores: each of one moment, checked, and never written over."""

import sqlite3
from contextlib import closing

import pytest

from services.runtime.store.backup import NotCopied, back_up
from tests.support.console import duestream


def store(folder, name="dunning", *, rows=3):
    """Make a store of so many rows; return its connection, on which a worker is at work."""
    folder.mkdir(exist_ok=True)
    connection = sqlite3.connect(folder / f"{name}.sqlite", isolation_level=None)
    connection.execute("pragma journal_mode=wal")
    connection.execute("create table state (contract text primary key, content text)")
    for number in range(rows):
        connection.execute("insert into state values (?, ?)", (f"C{number}", "x" * 5_000))
    return connection


def rows_of(file):
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute("select contract from state order by contract").fetchall()


def backup(tmp_path, *, to="copy", **environment):
    told = {"DUESTREAM_STATE_DIR": str(tmp_path / "state")} | environment
    return duestream("backup", tmp_path / to, **told)


def test_each_store_is_copied_as_of_one_moment_while_a_worker_writes(tmp_path):
    with closing(store(tmp_path / "state")) as worker, closing(store(tmp_path / "state", "usage")):
        worker.execute("begin immediate")
        worker.execute("insert into state values ('C9', 'not committed')")
        done = backup(tmp_path)
        worker.execute("commit")

    assert done.exit_code == 0, done.stderr
    assert [line.split(",")[0] for line in done.stdout.splitlines()] == [
        "copied usage.sqlite",
        "copied dunning.sqlite",
    ]
    assert rows_of(tmp_path / "copy/dunning.sqlite") == [("C0",), ("C1",), ("C2",)]
    assert sorted(each.name for each in (tmp_path / "copy").iterdir()) == [
        "dunning.sqlite",
        "usage.sqlite",
    ]


def test_a_store_on_which_nobody_works_is_copied_too(tmp_path):
    store(tmp_path / "state").close()

    assert backup(tmp_path).exit_code == 0
    assert rows_of(tmp_path / "copy/dunning.sqlite") == [("C0",), ("C1",), ("C2",)]


def test_a_copy_is_never_written_over(tmp_path):
    store(tmp_path / "state").close()
    assert backup(tmp_path).exit_code == 0

    again = backup(tmp_path)

    assert again.exit_code == 1
    assert "this is there already" in again.stderr


@pytest.mark.parametrize("page", [0, 2, 4])
def test_of_a_store_that_is_damaged_there_is_no_copy(tmp_path, page):
    store(tmp_path / "state", rows=20).close()
    with (tmp_path / "state/dunning.sqlite").open("r+b") as file:
        file.seek(page * 4096)
        file.write(b"\xff" * 4096)

    done = backup(tmp_path)

    assert done.exit_code == 1
    assert "the store is damaged: " in done.stderr
    assert not (tmp_path / "copy/dunning.sqlite").exists()


def test_a_target_that_cannot_be_opened_is_no_damage_of_the_store(tmp_path):
    store(tmp_path / "state").close()

    with pytest.raises(NotCopied, match="unable to open"):
        back_up(tmp_path / "state/dunning.sqlite", tmp_path / "nowhere/dunning.sqlite")


def test_what_no_replay_makes_again_is_named(tmp_path):
    store(tmp_path / "state").close()

    done = backup(tmp_path, DUESTREAM_DOCUMENTS_DIR="/kept/documents")

    assert done.stdout.splitlines()[-1] == "keep the documents, too: /kept/documents"


def test_where_there_is_no_store_it_says_so(tmp_path):
    done = backup(tmp_path)

    assert (done.exit_code, (tmp_path / "copy").exists()) == (1, False)
    assert "there is no store" in done.stderr


def test_a_store_in_postgresql_is_copied_with_its_own_tools(tmp_path):
    done = backup(tmp_path, DUESTREAM_DATABASE="postgresql+asyncpg://duestream@127.0.0.1/books")

    assert done.exit_code == 1
    assert "pg_basebackup" in done.stderr
