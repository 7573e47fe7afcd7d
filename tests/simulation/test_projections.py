"""Worlds with a projection: its rows are what the log says, whatever happens meanwhile."""

from collections import Counter
from functools import cache
from typing import ClassVar

import pytest

from tests.simulation.faults import CRASH, Faults
from tests.simulation.projecting import one_of_each, projecting
from tests.simulation.world import simulate

_HANDFUL = 20
_SEED, _PARTS = 7, 4


class Calm(Faults):
    """Nothing hits anybody; notes what those who make rows pass."""

    passed: ClassVar[Counter] = Counter()

    def __init__(self, seed, trace):
        super().__init__(seed, trace)
        self.left = 0

    def strike(self, who, where, *, may_lose):
        super().strike(who, where, may_lose=may_lose)
        if who.startswith("receipts"):
            self.passed[where] += 1
            return self.hit(who, where)
        return None

    def hit(self, who, where):
        return None


class Once(Calm):
    """Kills whoever makes rows at one point, the *turn* that it comes by; all else is calm."""

    where, turn = "", 0

    def hit(self, who, where):
        if where != self.where or self.passed[where] != self.turn:
            return None
        self.note(CRASH, who, where)
        return CRASH


@cache
def passed():
    """Return what is passed in a calm world, and how often."""
    calm = type("Here", (Calm,), {"passed": Counter()})
    outcome = simulate(_SEED, stories=(one_of_each,), faults=calm)
    assert outcome.wrong == [], str(outcome)
    return calm.passed


def test_a_calm_world_passes_all_that_a_projection_does():
    statements = {where for where in passed() if where.startswith("sql")}

    assert {
        "sql create_table received__1",
        "sql insert received__1",
        "sql insert received__2 done",
        "sql insert seen__3",
        "sql insert positions__3 done",
        "sql update editions",
        "sql create view done",
        "sql drop table done",
        "sql commit",
        "sql committed",
    } <= statements


def crashes():
    """Yield each point, and by which turn of it: the first, the last, before positions each."""
    for where, times in sorted(passed().items()):
        is_boundary = where.startswith("sql insert positions__") and not where.endswith("done")
        for turn in range(1, times + 1) if is_boundary else sorted({1, times}):
            yield where, turn


@pytest.mark.parametrize("part", range(_PARTS))
def test_a_crash_at_each_statement_leaves_the_same_rows(part):
    for where, turn in list(crashes())[part::_PARTS]:
        here = type("Here", (Once,), {"where": where, "turn": turn, "passed": Counter()})
        outcome = simulate(_SEED, stories=(one_of_each,), faults=here)

        assert outcome.wrong == [], str(outcome)
        assert outcome.happened[f"crash: {where}"] == 1


@pytest.mark.parametrize("first", range(0, 60, _HANDFUL))
def test_whatever_happens_rows_are_what_the_log_says_and_readers_see_no_less(first):
    outcomes = [simulate(seed, stories=(projecting,)) for seed in range(first, first + _HANDFUL)]

    assert not (wrong := [str(each) for each in outcomes if each.wrong]), "\n\n".join(wrong)
