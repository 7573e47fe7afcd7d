"""Seeds in handfuls, for the tests: two files of them, so that each core gets one."""

from tests.simulation.world import simulate

_HANDFUL = 50


def handfuls(first, until):
    """Return the first seed of each handful."""
    return range(first, until, _HANDFUL)


def broken(first):
    """Return what went wrong in the worlds of a handful, each with its seed and its last lines."""
    outcomes = (simulate(seed) for seed in range(first, first + _HANDFUL))
    return [str(outcome) for outcome in outcomes if outcome.wrong]
