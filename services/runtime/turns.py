"""Long work on one thread, of which the rest of the process has its turns."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

T = TypeVar("T")

# Steps without a turn for others: some hundredths of a second.
_AT_ONCE = 50


async def in_turns(
    items: Iterable[T], step: Callable[[T], Awaitable[None]], *, is_over: Callable[[], bool]
) -> bool:
    """Do *step* with each of *items*; say False where it *is_over* before the last of them.

    Heartbeats go on meanwhile, and whoever is told to leave is not kept by what is at hand.
    """
    for number, item in enumerate(items, 1):
        if is_over():
            return False
        await step(item)
        if number % _AT_ONCE == 0:
            await asyncio.sleep(0)
    return True
