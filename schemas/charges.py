"""Charges: priced usage, as the usage service reports it, to be put on invoices."""

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from schemas.invoices import LinePeriod
from schemas.message import ContractMessage, Message
from schemas.metering import Alert
from schemas.prepaid import Drawn
from schemas.usage import Properties
from schemas.values import Count, Day, Money, Name, PositiveMoney, Quantity, Several, UnsignedMoney

Unrounded = Annotated[str, StringConstraints(pattern=r"^-?[0-9]{1,15}(\.[0-9]{1,24})?$")]


class TierUsed(Message):
    """What of a quantity fell into a tier, and what it costs there."""

    up_to: Quantity | None = None
    quantity: Quantity
    net_unrounded: Unrounded
    unit_price: Quantity | None = None
    # Its share of the charge's net, which was rounded once (U-62).
    net: Money | None = None


class WholeCharge(Message):
    """All of a charge as it is now, for whoever bills it anew."""

    quantity: Quantity
    net: Money
    tiers: Annotated[Several[TierUsed], Field(max_length=100)] = ()
    bounds: Money | None = None
    prepaid: Annotated[Several[Drawn], Field(max_length=100)] = ()


class UsageCharged(ContractMessage):
    """A component's usage of a period, rated; ``late`` where it came after the period's close.

    ``net`` is what is to be billed: without what ``prepaid`` balances paid.

    Where it was charged in parts, each says what it adds. ``cut`` counts the usage of the contract
    that was taken by then: with it the charge can be computed again.
    """

    identity: ClassVar[tuple[str, ...]] = ("charge_id",)

    charge_id: Name
    component_id: Name
    period: LinePeriod
    quantity: Quantity
    net_unrounded: Unrounded | None = None
    net: Money
    tiers: Annotated[Several[TierUsed], Field(max_length=100)] = ()
    late: bool = False
    # What is late is to stand on the invoice of its period, which is cancelled and made anew.
    rebill: bool = False
    # The last of what a clerk wants to be billed now: all of it goes onto one invoice.
    interim: bool = False
    group: Properties | None = None
    unit: Name | None = None
    cut: Count | None = None
    # What of it a minimum or a maximum of the component added or took off (U-53).
    bounds: Money | None = None
    prepaid: Annotated[Several[Drawn], Field(max_length=100)] = ()
    # What is not charged until a balance pays it (``when_empty``, U-61).
    held: Money | None = None


class UsageCorrected(ContractMessage):
    """What a period costs more or less than was charged: one net delta (U-31).

    ``rebill`` asks to cancel the invoice and to write a new one, instead of a line on the next.
    """

    identity: ClassVar[tuple[str, ...]] = ("correction_id",)

    correction_id: Name
    charge_id: Name
    component_id: Name
    period: LinePeriod
    net: Money
    quantity: Quantity | None = None
    group: Properties | None = None
    rebill: bool = False
    whole: WholeCharge | None = None
    prepaid: Annotated[Several[Drawn], Field(max_length=100)] = ()
    cut: Count | None = None
    # What is not charged until a balance pays it (``when_empty``, U-61).
    held: Money | None = None


class PeriodClosed(ContractMessage):
    """All usage of the period is charged; its invoice need not wait any longer (U-30).

    Where it is closed with a day, ``closed_on`` says which: whoever bills hears it before that
    day begins there.
    """

    identity: ClassVar[tuple[str, ...]] = ("period",)

    period: LinePeriod
    closed_on: Day | None = None
    cut: Count | None = None


class UsageUnpriced(ContractMessage):
    """Usage of a meter that no component of the contract prices is kept (U-55)."""

    identity: ClassVar[tuple[str, ...]] = ("meter", "period")

    meter: Name
    period: LinePeriod
    events: Count
    quantity: Unrounded


class UsageAlert(ContractMessage):
    """A mark was reached, for the first time in the period (U-56)."""

    identity: ClassVar[tuple[str, ...]] = ("mark", "period")

    component_id: Name | None = None
    mark: Alert
    reached: Unrounded
    period: LinePeriod

    def business_key(self) -> tuple[str, ...]:
        """Return what makes two alerts the same one."""
        return self.mark.model_dump_json(exclude_none=True), str(self.period)


class PrepaidLow(ContractMessage):
    """A prepaid balance has fallen to its mark (U-16)."""

    identity: ClassVar[tuple[str, ...]] = ("grant_id",)

    grant_id: Name
    low_at: Money
    left: UnsignedMoney


class PrepaidExpired(ContractMessage):
    """What was left of a prepaid balance is lost (U-16)."""

    identity: ClassVar[tuple[str, ...]] = ("grant_id",)

    grant_id: Name
    expired: PositiveMoney
    expired_on: Day


class PrepaidDrawn(ContractMessage):
    """A prepaid balance paid some of a charge; less than nothing where it got it back.

    Where it applies gross it paid some of a document, as invoicing says (``PrepaidApplied``).
    """

    identity: ClassVar[tuple[str, ...]] = ("grant_id", "charge_id")

    grant_id: Name
    charge_id: Name
    document_id: Name | None = None
    drawn: Money
    left: UnsignedMoney
