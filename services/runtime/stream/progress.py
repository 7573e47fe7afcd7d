"""How far a partition is read, applied and published: what a lag display may show."""

from collections import deque
from collections.abc import Mapping

Positions = Mapping[str, int]

# Under load commits outrun the publisher; a few steps of the way are enough for a display.
_STEPS = 50


class Progress:
    """Remembers which positions are reached once the outbox is published up to a seq."""

    def __init__(self) -> None:
        self._steps: dict[int, deque[tuple[int, Positions]]] = {}
        self._reached: dict[int, Positions] = {}

    def note(self, partition: int, seq: int, positions: Positions) -> None:
        """Say that *positions* are applied, and their outputs stand in the outbox up to *seq*."""
        steps = self._steps.setdefault(partition, deque(maxlen=_STEPS))
        if steps and steps[-1][0] == seq:
            steps.pop()
        steps.append((seq, positions))

    def reached(self, partition: int, published: int) -> Positions:
        """Return the positions up to which all is said, where the outbox is *published* so far."""
        steps = self._steps.get(partition, deque())
        while steps and steps[0][0] <= published:
            self._reached[partition] = steps.popleft()[1]
        return self._reached.get(partition, {})
