"""The acceptance cases of usage, from meter reading to invoice, written from the rules alone."""

from pathlib import Path

import pytest

from tests.vectors.comparison import differences
from tests.vectors.outputs import Output
from tests.vectors.shorthand import Case, read_case
from tests.vectors.test_vectors import run_all

CASES = [read_case(path) for path in sorted(Path(__file__).parent.glob("*.json"))]


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Output:
    return run_all(CASES, tmp_path_factory.mktemp("usage"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_gives_what_the_rules_say(case: Case, output: Output) -> None:
    assert output.exit_code in (0, 2), output.screen
    found = differences(case, output)
    if found:
        told = [f"{case.name}: {case.text['title']}", f"  why: {case.text['why']}", *found]
        pytest.fail("\n".join(told), pytrace=False)
