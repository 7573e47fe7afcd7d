"""Order records: which inputs each commit of a partition took, each bound to the one before it."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, NamedTuple

from services.runtime.stream.record import Packed

_DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRecord:
    """A commit of a partition, the *number*-th; *before* is the digest of the one before it.

    *store* is the id of the store that took the inputs, *first* the seq of the commit's first
    output, *rules* the number of the rules that said them. *inputs* are runs as compact writes
    them; *day* is the offset of a day that begins and is not worked off in this commit. *strays*
    says on which other partition the contracts of some records are kept, by their places.
    """

    number: int
    before: str
    store: str
    first: int
    rules: int
    inputs: str = "[]"
    day: int | None = None
    strays: Mapping[str, int] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Return the record as it stands on its topic; always the same for the same content."""
        said: dict[str, Any] = {
            "number": self.number,
            "before": self.before,
            "store": self.store,
            "first": self.first,
            "rules": self.rules,
            "inputs": json.loads(self.inputs),
        }
        if self.day is not None:
            said["day"] = self.day
        if self.strays:
            said["strays"] = dict(sorted(self.strays.items()))
        return json.dumps(said, separators=(",", ":"))

    @property
    def digest(self) -> str:
        """Return what the next record carries of this one."""
        return blake2b(self.text.encode(), digest_size=_DIGEST_BYTES).hexdigest()

    @classmethod
    def of(cls, text: str | bytes) -> "OrderRecord":
        """Return the record that *text* holds."""
        said = json.loads(text)
        inputs = json.dumps(said.pop("inputs"), separators=(",", ":"))
        return cls(inputs=inputs, **said)


class OrderEnd(NamedTuple):
    """What the end of an order topic says: the last record, and the last output published."""

    number: int = -1
    until: int = -1


def pack_orders(orders: Sequence[OrderRecord], *, number: int, until: int) -> list[Packed]:
    """Return the order records of a Kafka transaction that publishes *until* this output.

    Where there is none, a mark says so much; *number* is the last that stood there before.
    """
    said = [(each.number, each.text.encode()) for each in orders] or [(number, b"")]
    return [Packed(None, value, _headers(n, until), None) for n, value in said]


def _headers(number: int, until: int) -> tuple[tuple[str, bytes | None], ...]:
    return (("number", str(number).encode()), ("until", str(until).encode()))


def order_end(packed: Packed) -> OrderEnd:
    """Return what the last record of an order topic says of all that stands there."""
    said = {name: int(value or b"-1") for name, value in packed.headers}
    return OrderEnd(said["number"], said["until"])


def order_in(packed: Packed) -> OrderRecord | None:
    """Return the order record that *packed* holds; None for a mark."""
    return OrderRecord.of(packed.value) if packed.value else None


# Hears of order records, by partition.
TakesOrders = Callable[[Mapping[int, OrderRecord]], None]


def nobody_asks(_records: Mapping[int, OrderRecord]) -> None:
    """Tell nobody: the order stands in the store alone."""
