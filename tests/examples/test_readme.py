"""The README says what is so: its output is real, its commands and settings are all there are."""

import contextlib
import json
import re
from pathlib import Path

import pytest

from examples import make
from services.runtime.settings import Settings
from tests.support.console import commands, duestream

ROOT = Path(make.__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The folder of a run over the examples, and its summary."""
    out = tmp_path_factory.mktemp("readme") / "out"
    with contextlib.chdir(ROOT):
        files = tuple(f"examples/{name}.jsonl" for name in ("events", "billing", "usage"))
        result = duestream("run", *files, "--until", "2026-04-30", "--out", out)
    return out, [line.rstrip() for line in result.stdout.splitlines()]


def block(beginning):
    """The lines of the code block in the README that begins so, without the first."""
    blocks = re.findall(r"^```\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    return next(each for each in blocks if each.startswith(beginning)).splitlines()


def test_the_summary_of_the_tour_is_the_one_of_the_demo(demo):
    shown = [line for line in block("topic  ") if line]

    assert (len(shown) > 10, [line for line in shown if line not in demo[1]]) == (True, [])


@pytest.mark.parametrize(
    ("contract", "day"),
    [("B-707", "2026-03-02"), ("C-601", "2026-02-27"), ("C-109", "2026-02-02")],
    ids=str,
)
def test_the_stories_of_the_tour_are_what_explain_tells(demo, contract, day):
    asked, *told = block(f"$ duestream explain {contract}")

    assert asked == f"$ duestream explain {contract} --on {day} --out out"
    assert told == duestream(*asked.split()[2:-1], demo[0]).stdout.splitlines()


def test_the_documents_of_the_tour_are_those_on_the_topic(demo):
    lines = (demo[0] / "invoices.jsonl").read_bytes().splitlines()
    said = [each for each in map(json.loads, lines) if each["subject"] == "B-203"]
    events = [each for each in said if each["type"] in ("InvoiceIssued", "CreditNoteIssued")]
    said = [(e["data"]["issued_on"], e["type"], e["data"]["gross"]["amount"]) for e in events]

    assert ["\t".join(each) for each in said] == block("$ jq -r")[1:]


def test_the_plan_and_the_contract_of_the_readme_are_billed_as_it_says(tmp_path):
    plan, contract = map(json.loads, re.findall(r"^```json\n(.*?)^```", README, re.M | re.DOTALL))
    isar = next(json.loads(line) for line in make.billing().splitlines())
    events = [isar, event("PlanPublished", "office@1", plan)]
    events.append(event("ContractRegistered", contract["contract_id"], contract))
    path = tmp_path / "events.jsonl"
    path.write_text("\n".join(map(json.dumps, events)), encoding="utf-8")

    result = duestream("run", path, "--until", "2026-02-01", "--out", tmp_path / "out")

    lines = (tmp_path / "out" / "invoices.jsonl").read_bytes().splitlines()
    assert result.exit_code == 0, result.output
    assert [[net(each) for each in json.loads(line)["data"]["lines"]] for line in lines] == [
        ["seat 10.97 2026-01-15/2026-02-01"],
        ["seat 20.00 2026-02-01/2026-03-01", "help 8.23 2026-01-15/2026-02-01"],
    ]


def event(type_, subject, data):
    return {
        "specversion": "1.0",
        "id": subject,
        "source": "/shop",
        "type": type_,
        "time": "2026-01-15T09:00:00+01:00",
        "subject": subject,
        "data": data,
    }


def net(line):
    period = line["period"]
    return f"{line['component_id']} {line['net']['amount']} {period['from']}/{period['until']}"


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_every_command_is_in_the_table(command):
    assert re.search(rf"^\| `duestream {' '.join(command)}[ `]", README, re.MULTILINE)


def test_every_setting_is_in_the_table_with_its_default():
    rows = re.findall(r"^\| `(\w+)` \| (?:`(.*?)`|none) \|", README, re.MULTILINE)
    fields = Settings.model_fields.items()

    assert rows == [(name, written(field.default)) for name, field in fields]


def written(default):
    if isinstance(default, tuple):
        return ",".join(default)
    return "" if default is None else str(default)
