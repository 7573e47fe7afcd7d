"""A fifth service, added to a copy of the house: what it touches, and what notices its faults."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
APP = '''"""Referrals, declared: which contract came by whom."""

from dataclasses import dataclass, replace
from datetime import date

from schemas import topics
from schemas.context import Context
from schemas.contracts import ContractChanged, ContractRegistered
from schemas.days import DayBegan
from schemas.message import ContractMessage
from services.runtime.worker import Wake, Worker


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral:
    """When a contract began, of which legal entity."""

    contract_id: str
    legal_entity_id: str | None = None
    starts_on: date | None = None


def process(
    referral: Referral, message: ContractRegistered | DayBegan, _context: Context
) -> tuple[Referral, tuple[ContractMessage, ...]]:
    """Keep what is registered."""
    if isinstance(message, DayBegan):
        return replace(referral, starts_on=None), ()
    entity, starts_on = message.legal_entity_id, message.starts_on
    return replace(referral, legal_entity_id=entity, starts_on=starts_on), ()


worker = Worker(
    name="referrals",
    reads=(topics.DAYS, topics.CONTRACTS, topics.DUNNING_DAYS),
    keeps=Referral,
    writes=(),
    process=process,
    handles=frozenset({ContractRegistered, DayBegan}),
    skips=frozenset(topics.CONTRACTS.messages) - {ContractRegistered},
    wakes=lambda each: Wake(each.legal_entity_id, on=each.starts_on),
    announces=topics.REFERRALS_DAYS,
)
'''
DAYS_OF_IT = 'Topic("referrals.days", "referrals", (days.DayDone,), key="legal_entity_id")'


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """Return a copy in which the service has its folder, its lines, and its word in the README."""
    house = tmp_path_factory.mktemp("house")
    for name in ("duestream", "schemas", "services"):
        shutil.copytree(ROOT / name, house / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, house / name)
    folder = house / "services" / "referrals"
    folder.mkdir()
    (folder / "__init__.py").write_text('"""Referrals: who brought whom."""\n')
    (folder / "app.py").write_text(APP)
    imported, last_line = "from services.runtime.worker", "    NOTIFICATIONS_OUTCOMES,\n)"
    change(
        house / "services/registry.py",
        (imported, f"from services.referrals import app as referrals\n{imported}"),
        (
            "invoicing.worker, dunning.worker)\n",
            "invoicing.worker, dunning.worker, referrals.worker)\n",
        ),
    )
    change(
        house / "schemas/topics.py",
        ("\nCATALOGUE = (", f"REFERRALS_DAYS = {DAYS_OF_IT}\n\nCATALOGUE = ("),
        (last_line, last_line.replace(")", "    REFERRALS_DAYS,\n)")),
    )
    row = "| `services/dunning/`"
    change(house / "README.md", (row, f"| `services/referrals/` | referrals |\n{row}"))
    return house


def change(path, *changes):
    """Put another text in the place of each that stands there once."""
    text = path.read_text()
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text)


def lint(house):
    command = [str(Path(sys.executable).parent / "lint-imports")]
    return subprocess.run(command, cwd=house, capture_output=True, text=True, check=False)


def run(house, *words):
    command = [sys.executable, "-m", "duestream", *map(str, words)]
    return subprocess.run(command, cwd=house, capture_output=True, text=True, check=False)


def test_a_folder_that_the_contracts_do_not_name_fails_lint(house):
    assert "services.referrals" in lint(house).stdout


def test_named_in_the_contracts_it_passes_and_runs(house, tmp_path):
    layer = 'usage",\n    "runtime"'
    change(house / "pyproject.toml", (layer, f"referrals | {layer}"))
    linted = lint(house)
    assert (linted.returncode, "0 broken" in linted.stdout) == (0, True), linted.stdout

    events = ROOT / "examples" / "usage.jsonl"
    ran = run(house, "run", events, "--until", "2026-02-01", "--out", tmp_path / "out")

    assert (ran.returncode, ran.stderr) == (0, "")
    days = (tmp_path / "out" / "referrals.days.jsonl").read_text().splitlines()
    assert len(days) == len((tmp_path / "out" / "dunning.days.jsonl").read_text().splitlines())


def test_a_message_that_it_forgets_is_an_error_at_import(house):
    app = house / "services" / "referrals" / "app.py"
    fewer = APP.replace("frozenset(topics.CONTRACTS.messages)", "frozenset({ContractChanged})")
    app.write_text(fewer)
    try:
        listed = run(house, "worker", "--help")
    finally:
        app.write_text(APP)

    assert "neither handled nor skipped" in listed.stderr
    assert "CustomerChanged" in listed.stderr


def test_a_core_that_takes_hold_of_a_database_fails_lint(house):
    (house / "services" / "referrals" / "model.py").write_text('"""Rows."""\nimport sqlalchemy\n')

    linted = lint(house)

    assert linted.returncode != 0
    assert "services.referrals.model -> sqlalchemy" in linted.stdout


def test_where_it_does_not_wait_for_the_service_before_it_the_registry_refuses(house):
    app = house / "services" / "referrals" / "app.py"
    app.write_text(APP.replace(", topics.DUNNING_DAYS)", ")"))
    try:
        listed = run(house, "worker", "--help")
    finally:
        app.write_text(APP)

    assert "referrals: it does not read dunning.days" in listed.stderr
