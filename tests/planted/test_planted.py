"""Every planted bug can still be planted, and a sample of them is caught."""

import pytest

from tests.planted.bugs import BUGS
from tests.planted.planting import ROOT, Suite, copy_tree, look_for, planted

SAMPLE = (
    "nobody is fenced",
    "the published offset is not in the transaction",
    "a gap is not refused",
)


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_what_is_to_be_changed_stands_there_once(bug):
    assert [change.file for change in bug.changes if not change.is_possible(ROOT)] == []


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_who_is_to_catch_it_is_there(bug):
    name = bug.caught_by.name if isinstance(bug.caught_by, Suite) else "tests/simulation"
    assert (ROOT / name).exists()


@pytest.mark.parametrize("name", SAMPLE)
def test_a_planted_bug_is_caught(tmp_path, name):
    [bug] = [each for each in BUGS if each.name == name]
    tree = copy_tree(tmp_path)
    with planted(bug, tree):
        assert look_for(bug, tree).caught


def test_names_tell_bugs_apart():
    assert len({bug.name for bug in BUGS}) == len(BUGS) >= 25
