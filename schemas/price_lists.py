"""Price lists: prices by the first digits of a number, immutable per version (U-51)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, ClassVar, Self

from pydantic import Field, StringConstraints, model_validator

from schemas.frozen import replace
from schemas.message import Message
from schemas.metering import EventStep
from schemas.values import Day, Id, LegalEntityId, Name, Several, UnsignedQuantity

# A list of 5,000 entries fits into a record of Kafka's default size.
_MOST = 5_000
_PARTS = 1_000
Part = Annotated[int, Field(ge=1, le=_PARTS)]
Prefix = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,30}$")]


class PrefixPrice(Message):
    """What numbers that begin with ``prefix`` cost."""

    prefix: Prefix
    unit_price: UnsignedQuantity
    connect_fee: UnsignedQuantity | None = None
    step: UnsignedQuantity | EventStep | None = None


class PriceListPublished(Message):
    """A part of a price list; the list counts when all its parts are there.

    Without ``valid_from`` it counts from the day on which it was said.
    """

    identity: ClassVar[tuple[str, ...]] = ("price_list_id", "version", "part")

    price_list_id: Name
    version: Annotated[int, Field(ge=1, le=2**31 - 1)]
    legal_entity_id: Id[LegalEntityId]
    part: Part
    parts: Part
    valid_from: Day | None = None
    entries: Several[PrefixPrice] = Field(min_length=1, max_length=_MOST)

    @model_validator(mode="after")
    def _has_each_prefix_once(self) -> Self:
        if self.part > self.parts:
            raise ValueError("a list has no more parts than it says")
        if len({each.prefix for each in self.entries}) < len(self.entries):
            raise ValueError("a prefix stands in the list twice")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceList:
    """A version of a list, as far as its parts were said."""

    legal_entity_id: LegalEntityId
    version: int
    parts: int
    said: frozenset[int] = frozenset()
    valid_from: date
    entries: Mapping[str, PrefixPrice] = field(default_factory=dict)
    # Parts that contradict one another, or say a prefix twice, make no list.
    is_wrong: bool = False

    @property
    def counts(self) -> bool:
        """Whether all of it is there."""
        return len(self.said) == self.parts and not self.is_wrong

    def including(self, part: PriceListPublished, *, valid_from: date) -> "PriceList":
        """Return the list with another *part*; *valid_from* is for one that does not say it."""
        wrong = (
            part.parts != self.parts
            or part.legal_entity_id != self.legal_entity_id
            or any(each.prefix in self.entries for each in part.entries)
        )
        return replace(
            self,
            said=self.said | {part.part},
            valid_from=max(self.valid_from, part.valid_from or valid_from),
            entries={**self.entries, **{each.prefix: each for each in part.entries}},
            is_wrong=self.is_wrong or wrong,
        )

    def entry(self, number: str) -> PrefixPrice | None:
        """Return the entry of the longest prefix of *number*, None where there is none."""
        for length in range(len(number), 0, -1):
            if found := self.entries.get(number[:length]):
                return found
        return None


Lists = Mapping[tuple[str, int], PriceList]


def including(lists: Lists, part: PriceListPublished, *, today: date) -> Lists:
    """Return *lists*, by id and version, with a *part* that was said *today*."""
    key = part.price_list_id, part.version
    known = lists.get(key) or PriceList(
        legal_entity_id=part.legal_entity_id,
        version=part.version,
        parts=part.parts,
        valid_from=date.min,
    )
    return {**lists, key: known.including(part, valid_from=today)}


def valid(lists: Lists, price_list_id: str, day: date) -> PriceList | None:
    """Return the version of a list that counts on *day*: the last that began by then (U-51)."""
    some = [each for (name, _), each in lists.items() if name == price_list_id]
    counting = [each for each in some if each.counts and each.valid_from <= day]
    return max(counting, key=lambda each: (each.valid_from, each.version), default=None)
