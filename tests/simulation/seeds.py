"""Seeds in handfuls, for the tests: two files of them, so that each core gets one."""

import pytest

from tests.simulation.world import simulate

_HANDFUL = 50
# Of each file; `make test-long` tries as many again and half of them, `make simulate` any number.
_EACH_TIME = 100
_LONG = 150


def handfuls(first):
    """Return the first seed of each handful; those behind the first ones are long."""
    return [
        pytest.param(seed, marks=[pytest.mark.long] if seed - first >= _EACH_TIME else [])
        for seed in range(first, first + _EACH_TIME + _LONG, _HANDFUL)
    ]


def broken(first):
    """Return what went wrong in the worlds of a handful, each with its seed and its last lines."""
    outcomes = (simulate(seed) for seed in range(first, first + _HANDFUL))
    return [str(outcome) for outcome in outcomes if outcome.wrong]
