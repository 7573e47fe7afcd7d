"""Stores that are lost in the middle of everything: what was published stays, all counts once."""

import pytest

from tests.simulation.losing import LosingWorld
from tests.simulation.world import simulate

_HANDFUL = 25


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(first, marks=[pytest.mark.long] if first >= 50 else [])
        for first in range(0, 100, _HANDFUL)
    ],
)
def test_a_service_whose_store_is_lost_comes_back_by_itself(first):
    outcomes = (simulate(seed, world=LosingWorld) for seed in range(first, first + _HANDFUL))

    assert [str(outcome) for outcome in outcomes if outcome.wrong] == []
