"""Acts upon the world, declared: what is intended, how it is done, what if nobody knows."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from schemas.message import ContractMessage
from schemas.outcomes import ActOutcome
from schemas.topics import Topic


@dataclass(frozen=True, slots=True)
class Intent:
    """What is to be done: a message that the service said, the event id that it has for ever.

    ``id`` is what a provider is called with (R-56); ``attempt`` counts from 1, and the first of
    them began at ``first_at``, where the runtime has a clock.
    """

    id: str
    message: Any
    attempt: int
    first_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One kind of act: of which intents, how it is done, and how often at once.

    ``act`` returns an outcome that names the intent's id. It raises ``PutOff`` where surely nothing
    happened: it is tried again when that says, or after ``gap``, then twice that, up to
    ``longest_gap``. Whatever else it raises, and a crash or ``longest`` over it, leaves unknown
    whether it happened; then an act is done ``again`` under the same id, or never: it waits until a
    person is asked.

    An intent's event id must name the attempt it is (R-56): said again, it would be done again.
    Acts of one contract are done one after the other; another kind of act waits for none of them.
    """

    name: str
    intent: type[ContractMessage]
    act: Callable[[Intent], Awaitable[ActOutcome]]
    unknown: Literal["again", "ask"]
    # Which intents of this type: a channel, say. The first effect that takes one has it.
    takes: Callable[[Any], bool] = lambda _intent: True
    # In one worker, over all its partitions.
    at_once: int = 8
    longest: timedelta = timedelta(minutes=5)
    gap: timedelta = timedelta(seconds=1)
    longest_gap: timedelta = timedelta(minutes=15)

    def gap_after(self, attempt: int) -> timedelta:
        """Return how long to wait between *attempt* and the next."""
        doublings = min(attempt - 1, 30)  # more would overflow, and are beyond any longest gap
        return min(self.gap * (1 << doublings), self.longest_gap)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """All acts of a service, and the topic on which it hears what became of them."""

    outcomes: Topic
    effects: tuple[Effect, ...]

    def of(self, message: ContractMessage) -> Effect | None:
        """Return the effect that *message* is an intent of."""
        return next(
            (each for each in self.effects if type(message) is each.intent and each.takes(message)),
            None,
        )

    def named(self, name: str) -> Effect | None:
        """Return the effect of this name."""
        return next((each for each in self.effects if each.name == name), None)
