"""Charges: priced usage, as the usage service reports it, to be put on invoices."""

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from schemas.invoices import Period
from schemas.message import ContractMessage, Message
from schemas.values import Money, Name, Quantity, Several

Unrounded = Annotated[str, StringConstraints(pattern=r"^-?[0-9]{1,15}(\.[0-9]{1,24})?$")]


class TierUsed(Message):
    """What of a quantity fell into a tier, and what it costs there."""

    up_to: Quantity | None = None
    quantity: Quantity
    net_unrounded: Unrounded


class UsageCharged(ContractMessage):
    """A component's usage of a period, rated; ``late`` where it came after the period's close."""

    identity: ClassVar[tuple[str, ...]] = ("charge_id",)

    charge_id: Name
    component_id: Name
    period: Period
    quantity: Quantity
    net_unrounded: Unrounded | None = None
    net: Money
    tiers: Annotated[Several[TierUsed], Field(max_length=100)] = ()
    late: bool = False


class UsageCorrected(ContractMessage):
    """What a period costs more or less than was charged: one net delta (U-31)."""

    identity: ClassVar[tuple[str, ...]] = ("correction_id",)

    correction_id: Name
    charge_id: Name
    component_id: Name
    period: Period
    net: Money


class PeriodClosed(ContractMessage):
    """All usage of the period is charged; its invoice need not wait any longer (U-30)."""

    identity: ClassVar[tuple[str, ...]] = ("period",)

    period: Period
