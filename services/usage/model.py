"""What usage keeps of a contract.

An event by itself is kept once, as a piece of its own (``KeptEvent``), numbered in the order in
which usage was taken, and found again by that number or by the name of its envelope. The
contract holds sums of each component, local day and group: they grow with days, not with events.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import PlainSerializer

from schemas.contracts import Cause
from schemas.ends import Ends
from schemas.frozen import frozen, replace
from schemas.message import ContractMessage
from schemas.values import ContractId, LegalEntityId, PlanId
from services.tariffs.bands import Place
from services.tariffs.events import Use
from services.tariffs.periods import Period
from services.usage.granted import Grant

# The end of what has no end.
FOREVER = date.max
_SEPARATOR = "\x1f"
# A set of texts has another order in every process; the store is to have the same bytes.
Names = Annotated[frozenset[str], PlainSerializer(sorted, return_type=list[str])]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What was agreed, as far as it counts for usage."""

    legal_entity_id: LegalEntityId
    currency: str
    # Where its days are days: as the legal entity said when the contract was registered.
    zone: str
    country: str
    subdivision: str | None = None
    starts_on: date
    ends: Ends = field(default_factory=Ends)
    # When what is metered ends, where that is before the contract does (U-28).
    metered_ends: Ends = field(default_factory=Ends)
    # From where all billing periods are counted (U-21).
    anchor_on: date
    # Others have billed what was before.
    billed_until: date | None = None
    trial_until: date | None = None
    threshold_billing: bool = True

    @property
    def life(self) -> Period:
        """All days of the contract; none where it was annulled from the start."""
        until = FOREVER if self.ends.on is None else self.ends.on
        return Period(self.starts_on, max(self.starts_on, until))

    @property
    def place(self) -> Place:
        """Whose days and holidays count."""
        return Place(ZoneInfo(self.zone), self.country, self.subdivision)

    def day_of(self, instant: datetime) -> date:
        """Return the local day of *instant*."""
        return instant.astimezone(ZoneInfo(self.zone)).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """From ``from_on`` another plan holds, in a pinned version."""

    from_on: date
    plan: tuple[PlanId, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """The contract rests: what is used is kept, and not rated (R-65)."""

    since: date
    until: date | None = None
    by: Cause

    @property
    def stretch(self) -> Period:
        return Period(self.since, FOREVER if self.until is None else self.until)


@frozen()
class Sum:
    """What events added up to, and between which numbers they stand."""

    events: int
    units: Fraction
    amount: Fraction
    first: int
    last: int

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(
            self.events + other.events,
            self.units + other.units,
            self.amount + other.amount,
            min(self.first, other.first),
            max(self.last, other.last),
        )

    def less(self, other: "Sum") -> "Sum":
        """Return the sum without *other*, which was in it."""
        return replace(
            self,
            events=self.events - other.events,
            units=self.units - other.units,
            amount=self.amount - other.amount,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptEvent:
    """A recorded event; ``number`` counts the contract's usage in the order it was taken."""

    number: int
    name: str
    meter: str
    quantity: str
    occurred_at: datetime
    properties: dict[str, str]
    retracted: bool = False
    backfill_id: str | None = None
    # What it added to the sums: what a retraction takes off, whatever was published since.
    shares: dict[str, Sum] = field(default_factory=dict)

    @property
    def use(self) -> Use:
        """What tariffs price."""
        return Use(self.occurred_at, self.name, self.quantity, self.properties)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """Which number the event of a name has."""

    points_to: int


Sums = Mapping[str, Sum]


def key_of(component_id: str, day: date, group: tuple[str, ...] = ()) -> str:
    """Return the key of a sum; names hold no control characters, so that no two are alike."""
    return _SEPARATOR.join((component_id, day.isoformat(), *group))


def parts_of(key: str) -> tuple[str, date, tuple[str, ...]]:
    """Return component, day and group of the key of a sum."""
    component_id, day, *group = key.split(_SEPARATOR)
    return component_id, date.fromisoformat(day), tuple(group)


@dataclass(frozen=True, slots=True, kw_only=True)
class Charged:
    """What was charged so far of a component and group in a period."""

    charge_id: str
    component_id: str
    group: dict[str, str] | None = None
    # All of it, and what prepaid balances paid of it.
    net: int
    quantity: Fraction
    prepaid: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """A period that is closed: its sums, and what was charged of it."""

    period: Period
    sums: dict[str, Sum]
    charged: dict[str, Charged]
    # Levels at its begin, of what carries on from one period into the next.
    opening: dict[str, Fraction] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backfill:
    """A set of usage that does not count yet (U-59)."""

    backfill_id: str
    meter: str
    stretch: Period
    replaces: bool
    # The numbers of its events, the last one and how many there are.
    first: int | None = None
    last: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """A contract's timeline, and the sums of what it used and was not charged finally."""

    contract_id: ContractId
    agreed: Agreement | None = None
    # In the order of the days from which they count.
    changes: tuple[Change, ...] = ()
    pauses: tuple[Pause, ...] = ()
    # Of all days behind the last close; what is before it stands in closed periods.
    sums: dict[str, Sum] = field(default_factory=dict)
    # What interim charges took, by component, group and period.
    charged: dict[str, Charged] = field(default_factory=dict)
    # How many of the contract's usage messages were taken: the cut of what is said (U-03).
    taken: int = 0
    # How many charges were said: part of their names.
    charges: int = 0
    closed: tuple[Period, ...] = ()
    # The day from which on usage is open; before it, it is late.
    open_from: date = date.min
    # Components whose price needs each event.
    by_event: Names = frozenset()
    # Closed periods of which something changed since, by their first day.
    reopened: tuple[date, ...] = ()
    # What was told once, by mark and period.
    told: tuple[str, ...] = ()
    grants: tuple[Grant, ...] = ()
    # Closed periods of which something waits for a balance that pays it, by their first days.
    held: tuple[date, ...] = ()
    backfills: tuple[Backfill, ...] = ()
    wake_on: date | None = None
    # Levels at the last close, of what carries on.
    levels: dict[str, Fraction] = field(default_factory=dict)
    # Something must be said at the very event: a threshold, an alert, a prepaid balance.
    speaks: bool = False
    # Pieces at hand while a message is worked on, and which of them are to be filed anew.
    events: dict[int, KeptEvent] = field(default_factory=dict)
    pointers: dict[str, int] = field(default_factory=dict)
    periods: dict[str, Closed] = field(default_factory=dict)
    touched: frozenset[str] = frozenset()

    @property
    def agreement(self) -> Agreement:
        """What was agreed; what gets here has it, for all else waits for the registration."""
        assert self.agreed is not None, "only a registered contract gets here"
        return self.agreed

    def closed_with(self, day: date) -> Period | None:
        """Return the closed period that *day* is in."""
        return next((each for each in reversed(self.closed) if day in each), None)

    def event_named(self, name: str) -> KeptEvent | None:
        """Return the event of that name, where it is at hand."""
        number = self.pointers.get(name)
        return None if number is None else self.events.get(number)

    def with_event(self, event: KeptEvent) -> "Contract":
        """Return the contract with *event* to be filed."""
        events = {**self.events, event.number: event}
        return replace(self, events=events, touched=self.touched | {f"use/{event.number}"})

    def with_taken(self, event: KeptEvent) -> "Contract":
        """Return the contract with *event*, the last it took, to be filed and found by its name."""
        touched = self.touched | {f"use/{event.number}", f"name/{event.name}"}
        events = {**self.events, event.number: event}
        pointers = {**self.pointers, event.name: event.number}
        return replace(self, taken=event.number, events=events, pointers=pointers, touched=touched)

    def with_period(self, closed: Closed) -> "Contract":
        """Return the contract with *closed* to be filed."""
        name = closed.period.from_on.isoformat()
        periods = {**self.periods, name: closed}
        return replace(self, periods=periods, touched=self.touched | {f"period/{name}"})

    def period(self, period: Period) -> Closed:
        """Return what is kept of a closed period, which is at hand."""
        return self.periods[period.from_on.isoformat()]


Outcome = tuple[Contract, tuple[ContractMessage, ...]]
