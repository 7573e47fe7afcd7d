"""What every declaration has to say: what becomes of each message of the topics that it reads."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet

from schemas.message import Message

Messages = AbstractSet[type[Message]]


def faults(read: Messages, *, handles: Messages, skips: Messages, foreign: str) -> Iterator[str]:
    """Yield which messages are left out, named twice, or *foreign* to what is read."""
    yield from named(
        {
            "neither handled nor skipped": read - handles - skips,
            "handled and skipped": handles & skips,
            foreign: (handles | skips) - read,
        }
    )


def named(found: Mapping[str, Messages]) -> Iterator[str]:
    """Yield a line for each kind of fault of which there are messages."""
    for what, messages in found.items():
        if messages:
            yield f"{', '.join(sorted(each.__name__ for each in messages))}: {what}"
