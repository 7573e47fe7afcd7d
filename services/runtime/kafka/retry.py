"""Waiting for what is down: which errors pass by themselves, and how long to wait."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import structlog
from aiokafka.errors import KafkaError, ProducerFenced
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

T = TypeVar("T")

PASSING = (DBAPIError, PoolTimeout, KafkaError, OSError, TimeoutError)
# What was written was wrong, or somebody else took over: waiting mends neither.
_FINAL = (IntegrityError, DataError, ProducerFenced)
_FIRST_S = 0.1
_LONGEST_S = 5.0
_WORDS = 500

log = structlog.get_logger()


def passes(error: Exception) -> bool:
    """Say whether *error* is of a broker or database that is away, and neither ours nor final."""
    return isinstance(error, PASSING) and not isinstance(error, _FINAL)


def words_of(error: Exception) -> str:
    """Return the first line of what *error* says; Kafka's would begin with number and name."""
    told = error.args[0] if isinstance(error, KafkaError) and error.args else error
    return next(iter(str(told).splitlines()), "")


def pauses() -> Iterator[float]:
    """Yield how many seconds to wait before each further try."""
    pause_s = _FIRST_S
    while True:
        yield pause_s
        pause_s = min(pause_s * 2, _LONGEST_S)


class Patience:
    """How a process that waits for something says so, in its log and its health."""

    def __init__(self) -> None:
        self.trouble: dict[str, str] = {}

    async def insist(
        self,
        what: str,
        call: Callable[[], Awaitable[T]],
        *,
        also: tuple[type[Exception], ...] = (),
    ) -> T:
        """Return what *call* returns, tried again with growing pauses while it cannot be had.

        Waits for what passes, and for what somebody has to mend: *also*.
        """
        pause_s = pauses()
        while True:
            try:
                result = await call()
            except Exception as error:
                if not (passes(error) or isinstance(error, also)):
                    raise
                self.complain(what, error)
                await asyncio.sleep(next(pause_s))
            else:
                self.relax(what)
                return result

    def complain(self, what: str, error: Exception) -> None:
        """Say that *what* does not work."""
        self.trouble[what] = f"{type(error).__name__}: {words_of(error)[:_WORDS]}"
        log.warning("dependency.waiting", what=what, error=self.trouble[what])

    def relax(self, what: str) -> None:
        """Say that *what* works again, where it did not."""
        if self.trouble.pop(what, None):
            log.info("dependency.recovered", what=what)
