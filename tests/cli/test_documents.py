"""All documents of a customer, as one folder (R-124)."""

import hashlib
import json

import pytest

from tests.cli.test_run import AT, good, line, run, written
from tests.support.console import duestream
from tests.support.events import customer, registered


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run of one contract of K1, which is reminded by letter, and one of K2."""
    folder = tmp_path_factory.mktemp("told")
    other = registered(contract_id="C2", customer=customer(customer_id="K2"))
    result = run(folder, written(folder, *good(), line(other, AT, name="other")), "--documents")
    assert result.exit_code == 0
    return folder


def export(folder, name, to):
    return duestream("documents", "export", name, "--from", folder / "out", "--to", to)


def test_all_documents_of_a_customer_are_written_with_how_they_left(folder, tmp_path):
    result = export(folder, "K1", tmp_path / "K1")

    [listed] = json.loads((tmp_path / "K1" / "manifest.json").read_text())
    [file] = listed["files"]
    content = (tmp_path / "K1" / file).read_bytes()
    assert (result.exit_code, listed["contract_id"], listed["kind"]) == (0, "C1", "reminder")
    assert listed["dispatched"] == [{"channel": "letter", "on": "2026-02-16"}]
    assert (content[:5], hashlib.sha256(content).hexdigest()) == (b"%PDF-", listed["hash"])
    assert {each.name for each in (tmp_path / "K1").iterdir()} == {file, "manifest.json"}


def test_exported_again_it_is_the_same(folder, tmp_path):
    for name in ("a", "b"):
        export(folder, "K1", tmp_path / name)

    first, second = ({f.name: f.read_bytes() for f in (tmp_path / n).iterdir()} for n in "ab")
    assert first == second


def test_who_was_told_nothing_has_an_empty_manifest(folder, tmp_path):
    result = export(folder, "K2", tmp_path / "K2")

    assert (result.exit_code, (tmp_path / "K2" / "manifest.json").read_text()) == (0, "[]\n")


def test_an_unknown_customer_is_said(folder, tmp_path):
    result = export(folder, "K", tmp_path / "K")

    assert (result.exit_code, (tmp_path / "K").exists()) == (1, False)
    assert "no contract is of a customer 'K'" in result.stderr


def test_a_damaged_document_is_said_and_there_is_no_manifest(folder, tmp_path):
    [stored] = (folder / "out" / "documents").glob("*.pdf")
    content = stored.read_bytes()
    stored.write_bytes(content + b"\n")
    result = export(folder, "K1", tmp_path / "K1")
    stored.write_bytes(content)

    assert result.exit_code == 1
    assert "a document is missing or damaged" in result.stderr
    assert not (tmp_path / "K1" / "manifest.json").exists()
