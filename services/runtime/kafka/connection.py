"""A connection that several open together: whoever gives up waiting takes it from nobody."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Connection(Generic[T]):
    """What *opens* returns, opened once for all who ask; given up when nobody waits for it."""

    def __init__(self, opens: Callable[[], Awaitable[T]]) -> None:
        self._opens = opens
        self._opening: asyncio.Future[T] | None = None
        self._waiting = 0

    async def opened(self) -> T:
        """Return the connection; raise what opening it raised, to all who waited."""
        if self._opening is None:
            self._opening = asyncio.ensure_future(self._opens())
        opening = self._opening
        self._waiting += 1
        try:
            return await asyncio.shield(opening)
        finally:
            self._waiting -= 1
            is_given_up = not self._waiting and not opening.done()
            if is_given_up:
                opening.cancel()
            if self._opening is opening and (is_given_up or _has_failed(opening)):
                self._opening = None

    def taken(self) -> T | None:
        """Return the connection where it is open, to be closed: the next who asks opens anew."""
        opening, self._opening = self._opening, None
        is_open = opening is not None and opening.done() and not _has_failed(opening)
        return opening.result() if opening is not None and is_open else None


def _has_failed(opening: "asyncio.Future[T]") -> bool:
    return opening.done() and (opening.cancelled() or opening.exception() is not None)
