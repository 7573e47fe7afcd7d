"""The README says what is so: its output is real, its commands and settings are all there are."""

import contextlib
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
        result = duestream("run", "examples/events.jsonl", "--until", "2026-04-30", "--out", out)
    return out, [line.rstrip() for line in result.stdout.splitlines()]


def block(beginning):
    """The lines of the code block in the README that begins so, without the first."""
    blocks = re.findall(r"^```\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    return next(each for each in blocks if each.startswith(beginning)).splitlines()


def test_the_summary_of_the_tour_is_the_one_of_the_demo(demo):
    shown = [line for line in block("topic  ") if line]

    assert (len(shown) > 10, [line for line in shown if line not in demo[1]]) == (True, [])


@pytest.mark.parametrize(
    ("contract", "day"), [("C-601", "2026-02-21"), ("C-109", "2026-02-02")], ids=str
)
def test_the_stories_of_the_tour_are_what_explain_tells(demo, contract, day):
    asked, *told = block(f"$ duestream explain {contract}")

    assert asked == f"$ duestream explain {contract} --on {day} --out out"
    assert told == duestream(*asked.split()[2:-1], demo[0]).stdout.splitlines()


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
