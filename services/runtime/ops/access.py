"""What each process needs of Kafka: rights on topics, groups and transactional ids."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.topics import (
    CATALOGUE,
    DAYS,
    REDRIVES,
    SERVICES,
    TERMS,
    Topic,
    dead_letters_of,
    order_of,
    snapshots_of,
)
from services.runtime.projection import Projection
from services.runtime.worker import Worker

READS = ("Read", "Describe", "DescribeConfigs")
WRITES = ("Write", "Describe", "DescribeConfigs")
LOOKS = ("Describe", "DescribeConfigs")
CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Right:
    """What may be done with what has this name, or a name that begins like it (*is_prefix*)."""

    resource: str  # topic, group or transactionalId
    name: str
    operations: tuple[str, ...]
    is_prefix: bool = False


def groups_of(process: Worker[Any] | Projection) -> tuple[str, ...]:
    """Return the consumer groups of *process*: of its inputs, and of what it has published."""
    if isinstance(process, Projection):
        return (process.name,)
    return (process.name, f"{process.name}.outbox")


def rights_of(process: Worker[Any] | Projection) -> tuple[Right, ...]:
    """Return what the user of a service or projection must be allowed, and no more."""
    groups = [Right("group", name, ("Read", "Describe")) for name in groups_of(process)]
    if isinstance(process, Projection):
        return (*_topics({topic: READS for topic in process.reads}), *groups)
    own = order_of(process.name), snapshots_of(process.name)
    says = [*process.writes, process.announces, dead_letters_of(process.name), *own]
    says += [process.effects.outcomes] if process.effects else []
    return (
        *_topics(_together([*process.reads, *own], says)),
        *groups,
        Right("transactionalId", f"{process.name}-", ("Write", "Describe"), is_prefix=True),
    )


def rights_of_clock() -> tuple[Right, ...]:
    """Return what the user of the clock must be allowed.

    It reads again what it said itself, and which dead letters nobody has sent again.
    """
    letters = dead_letters_of(CLOCK)
    theirs = [*(dead_letters_of(name) for name in SERVICES), REDRIVES]
    done = [each for each in CATALOGUE if each.name in {f"{name}.days" for name in SERVICES}]
    looked_at = dict.fromkeys(CATALOGUE, LOOKS)
    used = _together([TERMS, DAYS, letters, *done, *theirs], [DAYS, letters])
    return (
        *_topics({**looked_at, **used}),
        Right("transactionalId", CLOCK, ("Write", "Describe")),
    )


def _together(reads: Iterable[Topic], writes: Iterable[Topic]) -> Mapping[Topic, tuple[str, ...]]:
    read, written = list(reads), list(writes)
    return {
        topic: ("Read",) * (topic in read) + (WRITES if topic in written else LOOKS)
        for topic in (*CATALOGUE, *written, *read)
        if topic in read or topic in written
    }


def _topics(rights: Mapping[Topic, tuple[str, ...]]) -> Iterator[Right]:
    return (Right("topic", topic.name, operations) for topic, operations in rights.items())
