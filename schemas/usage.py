"""Usage: what meters count, as it is recorded, taken back, replaced, or brought in later."""

from datetime import datetime
from typing import Annotated, ClassVar, NamedTuple, Self

from pydantic import Field, PrivateAttr, model_validator

from schemas.instants import Instant
from schemas.message import ContractMessage, Envelope, Message
from schemas.values import Day, Name, Quantity

Properties = Annotated[dict[Name, Name], Field(max_length=50)]


class Origin(NamedTuple):
    """Who recorded it under which id, and when it was said: what a retraction names."""

    source: str = ""
    id: str = ""
    said_at: datetime | None = None


# What no envelope was noted of.
_NOBODY = Origin()


class Reference(Message):
    """The event that is meant, by the source and id of its envelope."""

    source: Name
    id: Name


class _Said(ContractMessage):
    """A message of which the envelope counts."""

    # No Origin as a default: each message would get a deep copy of it, which took half of the time
    # of its decoding.
    _origin: Origin | None = PrivateAttr(None)

    @property
    def origin(self) -> Origin:
        """Who said it, under which id, and when."""
        return self._origin or _NOBODY

    def said_by(self, envelope: Envelope) -> Self:
        """Note where it came from."""
        self._origin = Origin(envelope.source, envelope.id, envelope.instant)
        return self


class Usage(_Said):
    """A quantity that a meter counted at an instant, with what filters and groups ask for."""

    meter: Name
    quantity: Quantity
    occurred_at: Instant
    properties: Properties = Field(default_factory=dict)


class UsageRecorded(Usage):
    """Something was used; its id must come from the fact, and not from the attempt (U-02)."""

    backfill_id: Name | None = None


class UsageRetracted(ContractMessage):
    """What was recorded is not so after all (U-33); the original stays on the log."""

    retracts: Reference


class UsageReplaced(Usage):
    """What was recorded is not so, but thus: both at once (U-33)."""

    retracts: Reference


class _Backfill(ContractMessage):
    """A message about a set of usage that is brought in later (U-59)."""

    identity: ClassVar[tuple[str, ...]] = ("backfill_id",)

    backfill_id: Name


class UsageBackfillOpened(_Backfill):
    """Usage of a meter over some days comes as a set; ``replaces`` what was recorded of them."""

    meter: Name
    from_: Day = Field(validation_alias="from", serialization_alias="from")
    until: Day
    replaces: bool = False

    @model_validator(mode="after")
    def _has_a_day(self) -> Self:
        if self.until <= self.from_:
            raise ValueError("a backfill has at least one day")
        return self


class UsageBackfillClosed(_Backfill):
    """The set is complete, and counts from now on, at once."""


class UsageBackfillReverted(_Backfill):
    """The set is dropped: nothing of it counts."""
