"""Worlds with acts: none before its intent, each intent ends once, no letter is sent twice."""

from collections import Counter

import pytest

from tests.simulation.acting import acting, one_of_each
from tests.simulation.faults import CRASH, Faults
from tests.simulation.world import simulate

_HANDFUL = 20


class Once(Faults):
    """Kills the worker at one point, the *turn* that it comes by; all else is calm."""

    where, turn = "", 0

    def __init__(self, seed, trace):
        super().__init__(seed, trace)
        self.left, self._turns = 0, 0

    def strike(self, who, where, *, may_lose):
        super().strike(who, where, may_lose=may_lose)
        if not who.startswith("letters") or where != self.where:
            return None
        self._turns += 1
        if self._turns != self.turn:
            return None
        self.note(CRASH, who, where)
        return CRASH


@pytest.mark.parametrize("first", range(0, 100, _HANDFUL))
def test_whatever_happens_an_act_follows_its_intent_and_ends_in_one_outcome(first):
    outcomes = [simulate(seed, stories=(acting,)) for seed in range(first, first + _HANDFUL)]

    assert not (wrong := [str(each) for each in outcomes if each.wrong]), "\n\n".join(wrong)


@pytest.mark.parametrize("turn", [1, 2, 3])
@pytest.mark.parametrize(
    "where",
    [
        "sql insert outbox done",  # the intent is written, not committed
        "sql committed",  # the intent is in the store; later, the outcome is taken
        "send deliveries",  # the intent is about to be published
        "kafka commit",
        "kafka committed",  # published; later, ActBegan or the outcome is on Kafka
        "act begun",
        "act about to happen",
        "act done",
        "send letters.outcomes",
        "sent letters.outcomes",
    ],
)
def test_a_crash_at_each_boundary_loses_no_act_and_repeats_no_letter(where, turn):
    here = type("Here", (Once,), {"where": where, "turn": turn})
    outcome = simulate(7, stories=(one_of_each,), faults=here)

    assert outcome.wrong == [], str(outcome)
    assert outcome.happened[f"crash: {where}"] == 1


def test_persons_are_asked_of_what_happened_and_of_what_did_not():
    happened = Counter()
    for seed in range(1_000, 1_030):
        happened.update(simulate(seed, stories=(acting,)).happened)

    assert {"asked: Sent", "asked: NotSent"} <= happened.keys()
