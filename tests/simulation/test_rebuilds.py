"""Rebuilds, stopped anywhere and begun again: what was published stays, all counts once."""

import pytest

from tests.simulation.rebuilding import RebuildingWorld
from tests.simulation.world import simulate

_HANDFUL = 10


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(first, marks=[pytest.mark.long] if first >= 20 else [])
        for first in range(0, 50, _HANDFUL)
    ],
)
def test_a_store_that_is_rebuilt_is_what_it_was(first):
    outcomes = (simulate(seed, world=RebuildingWorld) for seed in range(first, first + _HANDFUL))

    assert [str(outcome) for outcome in outcomes if outcome.wrong] == []
