"""Seeds in handfuls, for the tests: two files of them, so that each core gets one."""

import pytest

from tests.simulation.world import simulate

_HANDFUL = 50
# Of each file; the others are tried by make test-long.
_EACH_TIME = 150


def handfuls(first, until):
    """Return the first seed of each handful; those behind the first ones are long."""
    return [
        pytest.param(seed, marks=[pytest.mark.long] if seed - first >= _EACH_TIME else [])
        for seed in range(first, until, _HANDFUL)
    ]


def broken(first):
    """Return what went wrong in the worlds of a handful, each with its seed and its last lines."""
    outcomes = (simulate(seed) for seed in range(first, first + _HANDFUL))
    return [str(outcome) for outcome in outcomes if outcome.wrong]
