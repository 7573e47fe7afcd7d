"""The order of a file in time: its events, and the days that begin between them."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Generic, NamedTuple, TypeVar

from schemas.envelope import Event
from services.runtime.clock.clock import Clock

T = TypeVar("T")

_FOREVER = datetime.max.replace(tzinfo=UTC)


class FedDay(NamedTuple):
    """A day that begins; *event* is what the clock says of it."""

    event: Event


class Feed(Generic[T]):
    """Yields the items of a file in the order of their time, and each day before what it holds.

    It asks the clock anew at every step: whoever takes an item that is terms lets the clock hear
    them, before he asks for the next.
    """

    def __init__(self, clock: Clock, *, until: date, instant: Callable[[T], datetime]) -> None:
        self._clock, self._until, self._instant = clock, until, instant
        self.taken = 0
        # What was said when the last day had ended for all, and so was left out.
        self.after_the_end = 0

    def of(self, items: Iterable[T]) -> Iterator[T | FedDay]:
        """Yield all there is, up to the end of the last day."""
        for item in sorted(items, key=self._instant):
            instant = self._instant(item)
            yield from self._days(instant)
            end = self._clock.ends(self._until)
            if end is not None and instant >= end:
                self.after_the_end += 1
                continue
            self.taken += 1
            yield item
        yield from self._days(_FOREVER)

    def _days(self, instant: datetime) -> Iterator[FedDay]:
        return map(FedDay, self._clock.until(instant, last=self._until))
