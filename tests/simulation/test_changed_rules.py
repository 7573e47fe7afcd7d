"""Rules that change, and stores that are lost behind that: no order is followed across a change."""

import pytest

from tests.simulation.changing import ChangingWorld
from tests.simulation.world import simulate

_HANDFUL = 20


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(first, marks=[pytest.mark.long] if first >= 20 else [])
        for first in range(0, 60, _HANDFUL)
    ],
)
def test_a_service_with_other_rules_comes_back_from_its_snapshots(first):
    outcomes = (simulate(seed, world=ChangingWorld) for seed in range(first, first + _HANDFUL))

    assert [str(outcome) for outcome in outcomes if outcome.wrong] == []
