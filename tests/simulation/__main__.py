"""Any number of worlds, on all cores, with what happened in them.

python -m tests.simulation --seeds 20000 --from 0
"""

import argparse
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

from tests.simulation.world import simulate

_AT_ONCE = 20


def some(seeds):
    """Return how the worlds of *seeds* came out: those that went wrong, and what happened."""
    outcomes = [simulate(seed) for seed in seeds]
    happened, points = Counter(), sum(outcome.points for outcome in outcomes)
    for outcome in outcomes:
        happened.update(outcome.happened)
    return [str(outcome) for outcome in outcomes if outcome.wrong], happened, points


def many(first, count):
    """Simulate *count* worlds; print what went wrong, then a table of all that happened."""
    wrong, happened, points, began = 0, Counter(), 0, time.monotonic()
    seeds = range(first, first + count)
    handfuls = [seeds[n : n + _AT_ONCE] for n in range(0, count, _AT_ONCE)]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for bad, events, effects in pool.map(some, handfuls):
            wrong += len(bad)
            happened.update(events)
            points += effects
            print(*bad, sep="\n\n", end="\n\n" if bad else "", flush=True)
    kinds = Counter()
    for name, number in happened.items():
        kinds[name if name.startswith("outside") else name.split(":")[0]] += number
    print("By kind, then by place:")
    for name, number in [*kinds.most_common(), *happened.most_common()]:
        print(f"{number:8}  {name}")
    print(f"{count} worlds, {points} effects, {time.monotonic() - began:.0f} s: {wrong} went wrong")
    return wrong


def first_wrong(first, count):
    """Simulate up to the first world that goes wrong, and print that one."""
    for seed in range(first, first + count):
        outcome = simulate(seed)
        if outcome.wrong:
            print(outcome)
            return 1
    return 0


def one(seed):
    """Simulate one world, and print each effect of it."""
    outcome = simulate(seed, whole=True)
    print(outcome)
    return len(outcome.wrong)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=2000)
    parser.add_argument("--from", type=int, default=0, dest="first")
    parser.add_argument("-t", "--trace", action="store_true", help="of one seed, each effect")
    parser.add_argument("--stop", action="store_true", help="at the first that goes wrong")
    asked = parser.parse_args()
    if asked.trace:
        return one(asked.first)
    return (first_wrong if asked.stop else many)(asked.first, asked.seeds)


if __name__ == "__main__":
    sys.exit(min(main(), 1))
