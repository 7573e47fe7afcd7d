"""Of the second thousand worlds; and that a seed is a world."""

import os
import subprocess
import sys

import pytest

from tests.simulation.seeds import broken, handfuls
from tests.simulation.world import simulate

SHOW = "from tests.simulation.world import simulate; print(simulate({}, whole=True))"


@pytest.mark.parametrize("first", handfuls(1000))
def test_whatever_happens_every_input_counts_once_and_every_output_stands_once(first):
    assert not (wrong := broken(first)), "\n\n".join(wrong)


@pytest.mark.parametrize("seed", [5, 8, 9])
def test_a_seed_is_the_same_world_in_every_process(seed):
    traces = {shown(seed, hashed) for hashed in ("1", "2")}

    assert len(traces) == 1
    assert len(traces.pop().splitlines()) > 200


def shown(seed, hashed):
    """Return the whole trace of *seed* by a process that hashes texts in its own way."""
    told = {**os.environ, "PYTHONHASHSEED": hashed}
    command = [sys.executable, "-c", SHOW.format(seed)]
    return subprocess.run(command, env=told, capture_output=True, text=True, check=True).stdout


def test_every_kind_of_fault_happens():
    kinds = {"crash", "freeze", "lose", "away", "again", "stale", "shake", "outside"}
    transactions = {"outside: transaction aborted", "outside: transaction committed"}
    missing = kinds | transactions | {"outside: again", "outside: delay"}
    happened = set()
    for seed in range(2_000, 2_060):
        happened |= simulate(seed).happened.keys()
        missing -= happened | {name.split(":")[0] for name in happened}
        if not missing:
            break

    assert missing == set()
    assert {name.split(":")[0] for name in happened} == kinds
