"""What a service counts over the states of all its contracts, declared."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Generic, NamedTuple, TypeVar

from schemas.values import LegalEntityId

S = TypeVar("S")


class Since(NamedTuple):
    """From which day of which legal entity a figure counts: time alone makes it count."""

    day: date
    entity: LegalEntityId


class Figure(NamedTuple):
    """One number among the figures: of a declared *name*, and of what of it."""

    name: str
    of: str
    since: Since | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures(Generic[S]):
    """What each state adds to which figure; the runtime sums it in the transaction of a change.

    ``told`` says of each name the text and the label under which it is told. Whenever ``adds``
    comes to add something else, ``version`` is raised: all states are then counted anew.
    """

    version: int
    told: Mapping[str, tuple[str, str]]
    adds: Callable[[S], Mapping[Figure, int]]
