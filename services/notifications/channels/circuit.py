"""The circuit of an endpoint: one that fails is asked less often, and in the end no more."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.notifications.channels.outcome import Later, Outcome, Refused, Sent, Unknown

# So many failures, one after the other, before it is asked less often.
PATIENCE = 5
FIRST_REST = timedelta(minutes=1)
LONGEST_REST = timedelta(hours=1)
DEAD_AFTER = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class Circuit:
    """Since when everything failed, how often, and when it was last tried; closed is all well."""

    failing_since: datetime | None = None
    failures: int = 0
    tried_at: datetime | None = None


def after(circuit: Circuit, outcome: Outcome, *, at: datetime) -> Circuit:
    """Return the circuit after *outcome*; whoever takes one event, takes all again.

    What is refused for good says that somebody is there. A name that leads to where we do not go,
    or no answer, is a failure like any other.
    """
    match outcome:
        case Sent() | Refused():
            return Circuit()
        case Later() | Unknown():
            since = circuit.failing_since or at
            return Circuit(since, circuit.failures + 1, at)


def rests_until(circuit: Circuit) -> datetime | None:
    """Return before when the endpoint is not asked; none where it may be asked at once.

    When the rest is over, one event is tried, and on its outcome all others wait.
    """
    beyond = circuit.failures - PATIENCE
    if beyond < 0 or circuit.tried_at is None:
        return None
    # More doublings than these are beyond any longest rest.
    return circuit.tried_at + min(FIRST_REST * (1 << min(beyond, 20)), LONGEST_REST)


def is_dead(circuit: Circuit, *, at: datetime) -> bool:
    """Say whether everything failed for five days, so that a person has to look at it.

    Only what was tried counts: an endpoint to which nothing was to be sent is not dead, so the
    last attempt must be five days after the first that failed.
    """
    since, tried = circuit.failing_since, circuit.tried_at
    return since is not None and tried is not None and min(tried, at) - since >= DEAD_AFTER
