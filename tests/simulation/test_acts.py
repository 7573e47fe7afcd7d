"""Worlds with acts: none before its intent, each intent ends once, no letter is sent twice."""

from collections import Counter

import pytest

from tests.simulation.acting import acting
from tests.simulation.world import simulate

_HANDFUL = 25


@pytest.mark.parametrize("first", range(0, 300, _HANDFUL))
def test_whatever_happens_an_act_follows_its_intent_and_ends_in_one_outcome(first):
    outcomes = [simulate(seed, stories=(acting,)) for seed in range(first, first + _HANDFUL)]

    assert not (wrong := [str(each) for each in outcomes if each.wrong]), "\n\n".join(wrong)


def test_processes_die_amid_acts_and_persons_are_asked_both_ways():
    happened = Counter()
    for seed in range(1_000, 1_060):
        happened.update(simulate(seed, stories=(acting,)).happened)

    assert {"asked: Sent", "asked: NotSent"} <= happened.keys()
    assert {"crash: act begun", "crash: act done"} <= happened.keys()
