"""Each rule of usage stands with its vector or test in the document, and these are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TABLE = (ROOT / "docs/decisions/usage.md").read_text().partition("## Where is each rule proven?")[2]
ROWS = re.findall(r"^\| (U-\w+) \| (.+) \|$", TABLE, flags=re.MULTILINE)
# Of the numbers between them, U-20 to U-29 and U-41 to U-43 are rules of invoices.
NUMBERS = [*range(1, 5), *range(10, 18), *range(30, 35), 40, *range(50, 65)]


def test_no_rule_is_missing_or_listed_twice():
    assert sorted(name for name, _ in ROWS) == sorted([*(f"U-{n:02}" for n in NUMBERS), "U-60a"])


@pytest.mark.parametrize(("rule", "proofs"), ROWS)
def test_what_proves_a_rule_is_there(rule, proofs):
    files = [ROOT / each for each in re.findall(r"`(\w+/[\w/]+\.\w+)`", proofs)]
    source = "".join(each.read_text() for each in files)

    assert files, rule
    for name in re.findall(r"\btest_\w+(?![\w.])", re.sub(r"`[^`]+`", "", proofs)):
        assert f"def {name}" in source, rule
