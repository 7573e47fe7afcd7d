"""What a message is processed in: the terms, and what is counted on its partition."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from schemas.frozen import replace
from schemas.terms import Terms


@dataclass(frozen=True, slots=True)
class Context:
    """The third argument of each ``process``, as it stands on one partition.

    ``counters`` say of each range of document numbers which was given last there; ``partition``
    is None where there is but one, so that its numbers need not say it (R-100).
    """

    terms: Terms = field(default_factory=Terms)
    counters: Mapping[str, int] = field(default_factory=dict)
    partition: int | None = None

    def counting(self, number_range: str, ordinal: int) -> "Context":
        """Return this context after *ordinal* was given of *number_range*, the next of it."""
        assert ordinal == self.counters.get(number_range, 0) + 1, "R-100: a range has no hole"
        return replace(self, counters={**self.counters, number_range: ordinal})
