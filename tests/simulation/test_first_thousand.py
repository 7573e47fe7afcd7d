"""Of the first thousand worlds: whatever happens in them, what is said stays right."""

import pytest

from tests.simulation.seeds import broken, handfuls


@pytest.mark.parametrize("first", handfuls(0))
def test_whatever_happens_every_input_counts_once_and_every_output_stands_once(first):
    assert not (wrong := broken(first)), "\n\n".join(wrong)
