"""Price plans: what is billed, how often and at which price; immutable per version."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from schemas.message import Message
from schemas.values import (
    Amount,
    Count,
    Currency,
    Id,
    LegalEntityId,
    Money,
    Name,
    Percent,
    PlanId,
    Quantity,
)

# ISO 8601, of whole weeks, days, months or years.
Duration = Annotated[str, StringConstraints(pattern=r"^P[1-9][0-9]{0,2}[DWMY]$")]
Model = Literal[
    "flat",
    "per_unit",
    "graduated",
    "volume",
    "bucket",
    "package",
    "percentage",
    "dynamic",
    "capacity",
]
Aggregation = Literal["count", "sum", "min", "max", "last", "unique_count", "weighted_sum"]


class Tier(Message):
    """A price up to and including ``up_to`` units; the last tier has no end."""

    up_to: Quantity | None = None
    unit_price: Quantity | None = None
    flat: Amount | None = None


class Percentage(Message):
    """A share of an amount, with what each event costs at least and at most."""

    rate: Percent
    per_event: Amount | None = None
    free_events: Count | None = None
    free_amount: Amount | None = None
    minimum_per_event: Amount | None = None
    maximum_per_event: Amount | None = None


class Charge(Message):
    """One component of a plan."""

    component_id: Name
    name: Name
    model: Model
    unit_price: Quantity | None = None
    tiers: tuple[Tier, ...] | None = Field(default=None, max_length=100)
    flat_at_zero: bool | None = None
    package_size: Quantity | None = None
    price_base_quantity: Quantity | None = None
    free_units: Quantity | None = None
    persistent: bool = False
    quantity_rounding: Name | None = None
    percentage: Percentage | None = None
    meter: Name | None = None
    aggregation: Aggregation | None = None
    step: Quantity | None = None
    vat_rate: Percent | None = None

    @model_validator(mode="after")
    def _says_what_zero_costs(self) -> Self:
        """A flat part of the first tier must say whether nothing used costs it (U-11)."""
        first = self.tiers[0] if self.tiers else None
        if first is not None and first.flat is not None and self.flat_at_zero is None:
            raise ValueError("flat_at_zero must be said where the first tier has a flat part")
        return self


Charges = Annotated[tuple[Charge, ...], Field(max_length=200)]


class PlanPublished(Message):
    """A price plan of a legal entity."""

    identity: ClassVar[tuple[str, ...]] = ("plan_id", "version")

    plan_id: Id[PlanId]
    version: Annotated[int, Field(ge=1, le=2**31 - 1)]
    legal_entity_id: Id[LegalEntityId]
    currency: Currency
    billing_period: Duration
    bill: Literal["in_advance", "in_arrears"]
    proration: Literal["actual", "fixed_30"] = "actual"
    threshold: Money | None = None
    recurring: Charges = ()
    metered: Charges = ()
    one_time: Charges = ()
    minimum: Money | None = None
    maximum: Money | None = None
    billing_delay_hours: Annotated[int, Field(ge=0, le=168)] | None = None
