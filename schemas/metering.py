"""What a metered charge may say beside its price: steps, bands of time, lists, alerts (3.7)."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from schemas.message import Message
from schemas.values import Money, Name, Quantity, Several, UnsignedQuantity

Clock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Weekday = Annotated[int, Field(ge=1, le=7)]
Filters = Annotated[
    dict[Name, Annotated[Several[Name], Field(min_length=1, max_length=1000)]],
    Field(max_length=20),
]
_DAY = 24 * 60


class EventStep(Message):
    """What the quantity of each event is rounded up to: at first, and from then on (U-50)."""

    first: UnsignedQuantity
    next: UnsignedQuantity


class PriceListOf(Message):
    """The list that prices each event, and the property that it looks up there (U-51)."""

    price_list_id: Name
    property: Name


class Band(Message):
    """A price for some hours of some weekdays, local time; it may pass midnight (U-52).

    What passes midnight belongs to the weekday, and to the holiday, on which it began. ``until``
    is exclusive; the same as ``from`` means the whole day.
    """

    weekdays: Annotated[Several[Weekday], Field(min_length=1, max_length=7)]
    from_: Clock = Field(validation_alias="from", serialization_alias="from")
    until: Clock
    holidays: Literal["only", "never", "as_weekday"] = "as_weekday"
    unit_price: UnsignedQuantity

    @property
    def begins(self) -> int:
        """The minute of the day at which it begins."""
        return _minute(self.from_)

    @property
    def ends(self) -> int:
        """The minute at which it ends, counted from the day on which it began."""
        ends = _minute(self.until)
        return ends if ends > self.begins else ends + _DAY

    def is_of(self, weekday: int, *, is_holiday: bool) -> bool:
        """Say whether it begins on a day that is *weekday*, 1 for Monday."""
        fits = {"only": is_holiday, "never": not is_holiday, "as_weekday": True}
        return weekday in self.weekdays and fits[self.holidays]

    def holds(self, minute: int) -> bool:
        """Say whether *minute*, counted from the day on which it begins, is in it."""
        return self.begins <= minute < self.ends


class Alert(Message):
    """A mark of which is told once a period: a component's quantity, or a net amount (U-56)."""

    component_id: Name | None = None
    quantity: Quantity | None = None
    net: Money | None = None

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        if (self.quantity is None) == (self.net is None):
            raise ValueError("either quantity or net")
        if self.quantity is not None and self.component_id is None:
            raise ValueError("a quantity is one of a component")
        return self


def uncovered(bands: Iterable[Band]) -> Iterator[str]:
    """Yield which minutes are in no band, or in several; all kinds of days are asked for."""
    known = list(bands)
    for weekday in range(1, 8):
        for today in (False, True):
            for before in (False, True):
                yield from _gaps(known, weekday, today=today, before=before)


def _gaps(bands: list[Band], weekday: int, *, today: bool, before: bool) -> Iterator[str]:
    ours = [b for b in bands if b.is_of(weekday, is_holiday=today)]
    theirs = [b for b in bands if b.is_of((weekday - 2) % 7 + 1, is_holiday=before)]
    stretches = [(b.begins, min(b.ends, _DAY)) for b in ours]
    stretches += [(0, b.ends - _DAY) for b in theirs if b.ends > _DAY]
    edges = sorted({0, _DAY, *(edge for each in stretches for edge in each)})
    for start, _ in pairwise(edges):
        count = sum(begins <= start < ends for begins, ends in stretches)
        if count != 1:
            yield f"day {weekday} at {start // 60:02d}:{start % 60:02d} is in {count} bands"


def _minute(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])
