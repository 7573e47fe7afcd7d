"""How far a partition is read, applied and published: what a lag display may show."""

from collections import deque
from collections.abc import Mapping

Positions = Mapping[str, int]

# Under load commits outrun the publisher; a few steps of the way are enough for a display.
_STEPS = 50


class Progress:
    """Remembers which positions are reached once the outbox is published up to a seq."""

    def __init__(self) -> None:
        self._steps: dict[int, deque[tuple[tuple[int, int], Positions]]] = {}
        self._reached: dict[int, Positions] = {}

    def note(self, partition: int, seq: int, positions: Positions, *, number: int = -1) -> None:
        """Say that *positions* are applied, and their outputs stand in the outbox up to *seq*.

        Their order stands in the records up to *number*.
        """
        steps = self._steps.setdefault(partition, deque(maxlen=_STEPS))
        if steps and steps[-1][0] == (seq, number):
            steps.pop()
        steps.append(((seq, number), positions))

    def reached(self, partition: int, published: int, *, said: int = -1) -> Positions:
        """Return the positions up to which all is said.

        The outbox is *published* so far, and so are the order records up to the one that was *said*
        last: who knows that a record is applied may rely on its place in the order.
        """
        steps = self._steps.get(partition, deque())
        while steps and steps[0][0][0] <= published and steps[0][0][1] <= said:
            self._reached[partition] = steps.popleft()[1]
        return self._reached.get(partition, {})
