"""For how long a reader has been behind, by what was seen of the log and of its position."""

from services.runtime.stream.order import Place

# Of a reader that has been behind for very long only so much is remembered.
_MOST = 500


class Behind:
    """Remembers when each end of a partition's log was first seen, until it is reached.

    Nothing is asked of the records, whose times are their producers': a payment of last week that
    is brought in now is not late here.
    """

    def __init__(self) -> None:
        self._seen: dict[Place, list[tuple[float, int]]] = {}

    def note(self, place: Place, *, end: int, position: int, now_s: float) -> float:
        """Return for how many seconds a record has been seen in the log that is not applied."""
        seen = self._seen.setdefault(place, [])
        if end > (seen[-1][1] if seen else position):
            if len(seen) < _MOST:
                seen.append((now_s, end))
            else:
                # Rather too old than too young.
                seen[-1] = (seen[-1][0], end)
        while seen and seen[0][1] <= position:
            del seen[0]
        return now_s - seen[0][0] if seen else 0.0
