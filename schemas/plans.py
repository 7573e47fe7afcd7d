"""Price plans: what is billed, how often and at which price; immutable per version."""

from decimal import Decimal
from itertools import pairwise
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from schemas.message import Message
from schemas.metering import Alert, Band, EventStep, Filters, PriceListOf, uncovered
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
    Several,
    Text,
    UnsignedMoney,
    UnsignedQuantity,
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
# These need each event; all others need no more than a quantity.
BY_EVENT = ("percentage", "dynamic")
Bill = Literal["in_advance", "in_arrears"]
Aggregation = Literal["count", "sum", "min", "max", "last", "unique_count", "weighted_sum"]
# Those to which each event adds its own.
ADDED_UP = ("count", "sum")
# What only a metered charge can say.
_METERED = (
    *("connect_fee", "minimum_per_event", "maximum_per_event", "charge_unanswered", "filters"),
    *("group_by", "value", "bands", "split", "price_list", "minimum", "maximum"),
)


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
    tiers: Several[Tier] | None = Field(default=None, max_length=100)
    flat_at_zero: bool | None = None
    package_size: Quantity | None = None
    price_base_quantity: Quantity | None = None
    free_units: Quantity | None = None
    persistent: bool = False
    quantity_rounding: Name | None = None
    percentage: Percentage | None = None
    meter: Name | None = None
    aggregation: Aggregation | None = None
    step: Quantity | EventStep | None = None
    connect_fee: UnsignedQuantity | None = None
    minimum_per_event: UnsignedQuantity | None = None
    maximum_per_event: UnsignedQuantity | None = None
    # Without it an event of quantity 0 costs nothing (U-50).
    charge_unanswered: bool = False
    # Which events it counts, by their properties, and what it counts apart (U-54).
    filters: Filters | None = None
    group_by: Several[Name] | None = Field(default=None, max_length=10)
    # The property that holds the amount, where that is not the quantity.
    value: Name | None = None
    bands: Several[Band] | None = Field(default=None, min_length=1, max_length=100)
    # An event is cut at the bounds of bands, and not priced by its start (U-52).
    split: bool = False
    price_list: PriceListOf | None = None
    # What a period of it costs at least and at most (U-53).
    minimum: UnsignedMoney | None = None
    maximum: UnsignedMoney | None = None
    unit: Name | None = None
    vat_rate: Percent | None = None
    # Why the component bears no VAT by law (§ 4 UStG), as its invoices say it.
    exemption: Text | None = None
    supply: Literal["goods", "services"] = "services"
    # An option is booked only where its quantity is said; it may be billed in a rhythm of its own
    # and be given up with a notice of its own.
    optional: bool = False
    bill: Bill | None = None
    billing_period: Duration | None = None
    notice: Duration | None = None

    @model_validator(mode="after")
    def _says_what_zero_costs(self) -> Self:
        """A flat part of the first tier must say whether nothing used costs it (U-11)."""
        first = self.tiers[0] if self.tiers else None
        if first is not None and first.flat is not None and self.flat_at_zero is None:
            raise ValueError("flat_at_zero must be said where the first tier has a flat part")
        return self

    @model_validator(mode="after")
    def _can_be_priced(self) -> Self:
        by_event = self.bands or self.price_list
        if self.model in ("flat", "per_unit", "package") and not (self.unit_price or by_event):
            raise ValueError(f"a {self.model} charge needs a unit_price")
        if self.model in ("graduated", "volume", "bucket", "capacity"):
            self._check_tiers(self.tiers or ())
        if self.model == "percentage" and self.percentage is None:
            raise ValueError("a percentage charge needs its percentage")
        sizes = [self.price_base_quantity, self.package_size]
        if self.model == "package" and self.package_size is None:
            raise ValueError("a package charge needs a package_size")
        if any(size is not None and Decimal(size) <= 0 for size in sizes):
            raise ValueError("package_size and price_base_quantity must be more than nothing")
        return self

    @model_validator(mode="after")
    def _can_be_metered(self) -> Self:
        self._check_events()
        if (self.bands or self.price_list) and self.model != "per_unit":
            raise ValueError("bands and price lists are prices of a unit: per_unit")
        if self.bands and self.price_list:
            raise ValueError("either bands or a price_list")
        if self.split and not self.bands:
            raise ValueError("only bands can split an event")
        for gap in uncovered(self.bands or ()) if self.bands else ():
            raise ValueError(f"bands must cover each minute once: {gap}")
        if self.minimum and self.maximum and self.minimum.minor > self.maximum.minor:
            raise ValueError("minimum is more than maximum")
        return self

    def _check_events(self) -> None:
        """Each event has one step of some length, and bounds only where it adds an amount."""
        parts = [self.step.first, self.step.next] if isinstance(self.step, EventStep) else []
        parts += [self.step] if isinstance(self.step, str) else []
        if any(Decimal(part) <= 0 for part in parts):
            raise ValueError("a step must be more than nothing")
        twice = self.percentage and (
            (self.minimum_per_event and self.percentage.minimum_per_event)
            or (self.maximum_per_event and self.percentage.maximum_per_event)
        )
        if twice:
            raise ValueError("a bound per event is said twice, here and under percentage")
        bounds = self.minimum_per_event, self.maximum_per_event
        by_event = any(bounds) or self.bands or self.price_list or self.model in BY_EVENT
        if by_event and self.aggregation not in (None, *ADDED_UP):
            raise ValueError(f"a {self.aggregation} is not the sum of its events")
        if all(bounds) and Decimal(bounds[0] or 0) > Decimal(bounds[1] or 0):
            raise ValueError("minimum_per_event is more than maximum_per_event")

    def _check_tiers(self, tiers: tuple[Tier, ...]) -> None:
        """Tiers cover all quantities once; an interval that is priced as a whole has a price."""
        if not tiers or tiers[-1].up_to is not None:
            raise ValueError(f"a {self.model} charge needs tiers, the last without up_to")
        bounds = [Decimal(0), *(Decimal(each.up_to or 0) for each in tiers[:-1])]
        if any(one >= next_ for one, next_ in pairwise(bounds)):
            raise ValueError("tiers must be in order of up_to, and only the last is without")
        if self.model in ("bucket", "capacity") and any(each.flat is None for each in tiers):
            raise ValueError(f"each tier of a {self.model} charge needs its flat price")


Charges = Annotated[Several[Charge], Field(max_length=200)]


class PlanPublished(Message):
    """A price plan of a legal entity."""

    identity: ClassVar[tuple[str, ...]] = ("plan_id", "version")

    plan_id: Id[PlanId]
    version: Annotated[int, Field(ge=1, le=2**31 - 1)]
    legal_entity_id: Id[LegalEntityId]
    currency: Currency
    billing_period: Duration
    bill: Bill
    proration: Literal["actual", "fixed_30"] = "actual"
    threshold: Money | None = None
    recurring: Charges = ()
    metered: Charges = ()
    one_time: Charges = ()
    minimum: Money | None = None
    maximum: Money | None = None
    billing_delay_hours: Annotated[int, Field(ge=0, le=168)] | None = None
    # A period that is billed in advance is billed so many days before it begins (U-26).
    bill_days_before: Annotated[int, Field(ge=0, le=180)] | None = None
    # So many days before a period ends, whoever meters is asked for the rest (``PeriodEnding``).
    period_ending_days: Annotated[int, Field(ge=1, le=30)] | None = None
    minimum_term: Duration | None = None
    notice: Duration | None = None
    alerts: Several[Alert] = Field(default=(), max_length=100)
    # What becomes of usage that comes after the close of its period, and until when (U-31, U-32).
    late_usage: Literal["next_invoice", "credit_rebill", "reject"] = "next_invoice"
    late_days: Annotated[int, Field(ge=1, le=400)] | None = None

    @model_validator(mode="after")
    def _can_be_billed(self) -> Self:
        ids = [each.component_id for each in (*self.recurring, *self.metered, *self.one_time)]
        if len(set(ids)) < len(ids):
            raise ValueError("a component stands in the plan twice")
        if any(each.model in BY_EVENT for each in (*self.recurring, *self.one_time)):
            raise ValueError("what is priced by event must be metered")
        for each in (*self.recurring, *self.one_time):
            for name in (name for name in _METERED if getattr(each, name)):
                raise ValueError(f"{each.component_id}: {name} belongs to metered charges")
        self._check_metered(set(ids))
        amounts = [each for each in (self.threshold, self.minimum, self.maximum) if each]
        if any(each.currency != self.currency or each.minor < 0 for each in amounts):
            raise ValueError(f"threshold, minimum and maximum are {self.currency}, not negative")
        return self

    def _check_metered(self, ids: set[str]) -> None:
        """Metered charges are counted by the plan's periods, in its currency."""
        amounts = [each.net for each in self.alerts if each.net is not None]
        for each in self.metered:
            amounts += [bound for bound in (each.minimum, each.maximum) if bound]
            if each.billing_period not in (None, self.billing_period):
                raise ValueError(f"{each.component_id}: usage is billed in the plan's rhythm")
        if any(each.currency != self.currency for each in amounts):
            raise ValueError(f"alerts, minimum and maximum are in {self.currency}")
        if any(each.component_id not in {None, *ids} for each in self.alerts):
            raise ValueError("an alert is for a component that the plan has not")
