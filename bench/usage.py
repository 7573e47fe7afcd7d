"""A service shaped like usage, the hot path to come: many small events, few outputs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import ClassVar, get_args

from schemas import topics
from schemas.context import Context
from schemas.contracts import ContractRegistered
from schemas.days import DayBegan
from schemas.frozen import replace
from schemas.message import ContractMessage, NotYet
from schemas.topics import Topic
from schemas.values import ContractId, Day, LegalEntityId, Name, Quantity
from services.runtime.worker import Wake, Worker


class UsageRecorded(ContractMessage):
    """Something was used; *occurred_at* is an instant as its meter wrote it."""

    meter: Name
    quantity: Quantity
    occurred_at: Name


class UsageSummed(ContractMessage):
    """What was used of a meter before a day began."""

    identity: ClassVar[tuple[str, ...]] = ("meter", "day")

    meter: Name
    day: Day
    quantity: Quantity
    last: Name


@dataclass(frozen=True, slots=True)
class Meter:
    """What was used since the last day, and the event that came last."""

    quantity: Decimal
    last: str


@dataclass(frozen=True, slots=True)
class Meters:
    """What is kept of a contract."""

    contract_id: ContractId
    legal_entity_id: LegalEntityId | None = None
    used: Mapping[str, Meter] = field(default_factory=dict)


USAGE = Topic("usage", topics.OUTSIDE, (UsageRecorded,))
SUMS = Topic("sums", "usage", (UsageSummed,))
_FROM_THE_FIRST_DAY_ON = date(1970, 1, 1)
_NOTHING = Meter(Decimal(0), "")


Input = ContractRegistered | UsageRecorded | DayBegan


def process(
    meters: Meters, message: Input, _context: Context
) -> tuple[Meters, tuple[ContractMessage, ...]]:
    """Add up what was used; when a day begins, say it and begin anew."""
    match message:
        case UsageRecorded():
            if meters.legal_entity_id is None:
                raise NotYet("contract")
            quantity = meters.used.get(message.meter, _NOTHING).quantity + Decimal(message.quantity)
            used = {**meters.used, message.meter: Meter(quantity, message.occurred_at)}
            return Meters(meters.contract_id, meters.legal_entity_id, used), ()
        case DayBegan():
            return replace(meters, used={}), tuple(_summed(meters, message.day))
        case ContractRegistered():
            return replace(meters, legal_entity_id=message.legal_entity_id), ()


def _summed(meters: Meters, day: date) -> list[UsageSummed]:
    return [
        UsageSummed(
            contract_id=meters.contract_id,
            meter=name,
            day=day,
            quantity=str(meter.quantity),
            last=meter.last,
        )
        for name, meter in sorted(meters.used.items())
    ]


def wakes(meters: Meters) -> Wake:
    """Return when *meters* want to hear that a day began: the next, once something was used."""
    return Wake(meters.legal_entity_id, on=_FROM_THE_FIRST_DAY_ON if meters.used else None)


worker = Worker(
    name="usage",
    reads=(topics.DAYS, topics.CONTRACTS, USAGE),
    keeps=Meters,
    writes=(SUMS,),
    process=process,
    handles=frozenset(get_args(Input)),
    wakes=wakes,
    skips=frozenset(topics.CONTRACTS.messages) - {ContractRegistered},
    announces=Topic("usage.days", "usage", topics.DUNNING_DAYS.messages),
)
