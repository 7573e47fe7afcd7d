"""What is said of a topic: its name, its writers, its messages and its settings."""

from typing import NamedTuple

from schemas.message import Message

OUTSIDE = "outside"


class Topic(NamedTuple):
    """A line of the catalogue; its place there is its rank where two records tie.

    Without *partitions* a topic has as many as all others. Nothing is compacted, and nothing
    expires unless *retention_days* says so: money must be provable for years (R-101), and a
    replay starts at the first record.
    """

    name: str
    writer: str
    messages: tuple[type[Message], ...]
    key: str = "contract_id"
    partitions: int | None = None
    # Others may write it too: an ERP that invoices, a meter that rates, a print shop.
    or_outside: bool = False
    retention_days: int | None = None

    @property
    def writers(self) -> tuple[str, ...]:
        """Who may write it: one of ours, or those outside, or both."""
        return (self.writer, OUTSIDE) if self.or_outside else (self.writer,)

    @property
    def configs(self) -> dict[str, str]:
        """The topic's settings, as Kafka calls them."""
        days = self.retention_days
        retention_ms = -1 if days is None else days * 86_400_000
        return {
            "cleanup.policy": "delete",
            "retention.ms": str(retention_ms),
            # A file of tomorrow's events is no mistake: a record keeps the time it was said at.
            "message.timestamp.after.max.ms": str(2**63 - 1),
        }

    def message(self, type_: str) -> type[Message] | None:
        """Return the class that *type_* names on this topic."""
        return next((each for each in self.messages if each.__name__ == type_), None)
