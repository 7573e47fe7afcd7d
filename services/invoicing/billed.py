"""What was billed: invoices, their lines, and what of them was credited."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, NamedTuple

from schemas.addresses import Buyer, Seller
from schemas.frozen import replace
from schemas.invoices import LineKind
from services.invoicing.rules.prices import Priced
from services.invoicing.rules.tax import Supply
from services.invoicing.rules.totals import Subtotal
from services.tariffs.periods import Period, without
from services.tariffs.proration import NOTHING, Part, Proration, days_of


class Settles(NamedTuple):
    """What an amount that depends on others is (its slot), and of which billing period (U-25)."""

    slot: str
    whole: Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """Which days of which billing period a line is for, and at what price (its name)."""

    slot: str
    price: str
    whole: Period
    stretch: Period
    duration: str
    proration: Proration = "actual"
    # From where the months of the period are counted, else from its start (U-29).
    anchor_on: date | None = None
    # The last day of the service, whose rate of VAT it has; ``stretch`` may be a part of it.
    completed_on: date | None = None
    credited: tuple[Period, ...] = ()

    @property
    def standing(self) -> list[Period]:
        """The days that are billed and not credited."""
        return without(self.stretch, self.credited)

    def days(self, stretches: Iterable[Period]) -> int:
        """Return how many days *stretches* count of the billing period (U-20)."""
        return sum(
            days_of(
                each,
                self.whole,
                duration=self.duration,
                proration=self.proration,
                anchor=self.anchor_on,
            )
            for each in stretches
        )

    @property
    def group(self) -> tuple[str, str, Period]:
        """Lines of one group add up to what the whole period costs at that price."""
        return self.slot, self.price, self.whole


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledLine:
    """A line of a document, with what was credited of it; a discount is negative."""

    line_id: str
    name: str
    component_id: str | None = None
    quantity: str | None = None
    unit: str | None = None
    unit_price: str | None = None
    price_base: str | None = None
    # How quantity and price make the amount, where it is not by those.
    priced: Priced | None = None
    kind: LineKind
    supply: Supply
    # An allowance or a charge on the whole document.
    is_surcharge: bool = False
    net: int
    rate: str
    category: str
    note: str | None = None
    # What is printed; ``time`` is what is counted.
    period: Period | None = None
    time: Time | None = None
    settles: Settles | None = None
    # Until when the billing period reaches that usage is of.
    whole_until: date | None = None
    # The day of what has no period.
    supplied_on: date | None = None
    # The line of the original that this one credits, and its invoice.
    refers_to: str | None = None
    of_invoice: str | None = None
    credited: Part = NOTHING
    # What of the credit was a gift: it costs less, and it still counts as what it was sold for.
    given: int = 0
    # The charge of usage that it is of.
    charge_id: str | None = None

    def __post_init__(self) -> None:
        assert 0 <= self.credited.amount * self.sign <= abs(self.net), "credited more than billed"

    @property
    def sign(self) -> int:
        return -1 if self.net < 0 else 1

    @property
    def left(self) -> int:
        """What of its net amount is not credited."""
        return self.net - self.credited.amount

    @property
    def sold(self) -> int:
        """What was sold for it, whatever of it was given away."""
        return self.left + self.given

    @property
    def tax(self) -> tuple[str, str]:
        """The name of the sum it is in."""
        return self.rate, self.category


@dataclass(frozen=True, slots=True, kw_only=True)
class Tax:
    """The net amounts of one rate and category with their tax, and what was credited of both."""

    rate: str
    category: str
    net: int
    tax: int
    exemption: str | None = None
    exemption_code: str | None = None
    credited_net: int = 0
    credited_tax: int = 0
    # Something was credited of it that is off no line.
    unlisted: bool = False

    @property
    def name(self) -> tuple[str, str]:
        return self.rate, self.category

    @property
    def left(self) -> int:
        """What of the net amount is not credited."""
        return self.net - self.credited_net

    @property
    def original(self) -> Subtotal:
        return Subtotal(self.category, self.rate, self.net, self.tax)

    @property
    def taken(self) -> Subtotal:
        """What was credited of it."""
        return Subtotal(self.category, self.rate, self.credited_net, self.credited_tax)

    def less(self, credit: "Tax") -> "Tax":
        """Return what is left when the sums of *credit* are taken off."""
        return replace(
            self,
            credited_net=self.credited_net + credit.net,
            credited_tax=self.credited_tax + credit.tax,
        )


class Parties(NamedTuple):
    """Who sold and who bought, as of the issue."""

    seller: Seller
    buyer: Buyer

    @property
    def key(self) -> tuple[str | None, ...]:
        """What tells them from others, wherever they live by now."""
        seller, buyer = self.seller, self.buyer
        return seller.name, seller.vat_id, buyer.customer_id, buyer.name, buyer.vat_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """An invoice that was filed away, and until when that and all that were before it reach."""

    invoice_id: str
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """What was billed at once; lines that are all zero are not said, and count all the same.

    ``behind`` is what was filed away before it.
    """

    invoice_id: str
    ordinal: int
    # As what it was said, if at all.
    said_as: Literal["invoice", "credit_note"] | None
    issued_on: date
    lines: tuple[BilledLine, ...]
    vat: tuple[Tax, ...] = ()
    notes: tuple[str, ...] = ()
    parties: Parties | None = None
    # What prepaid balances paid of it and did not get back, in their order (U-61).
    drawn: dict[str, int] = field(default_factory=dict)
    # How many credit notes of it there were: part of their names.
    credit_notes: int = 0
    was_filed: bool = False
    behind: Filed | None = None

    @property
    def times(self) -> list[tuple[BilledLine, Time]]:
        """The lines that are for a stretch of days, with it."""
        return [(line, line.time) for line in self.lines if line.time is not None]

    @property
    def reaches_until(self) -> date:
        """The end of the last billing period it has a part of, or usage of."""
        days = [time.whole.until for _, time in self.times]
        days += [line.period.until for line in self.lines if line.kind == "usage" and line.period]
        days += [line.whole_until for line in self.lines if line.whole_until]
        days += [line.settles.whole.until for line in self.lines if line.settles]
        return max(days, default=date.min)

    def line(self, line_id: str) -> BilledLine:
        """Return the line of that name."""
        return next(each for each in self.lines if each.line_id == line_id)

    def with_line(self, line: BilledLine) -> "Invoice":
        """Return the invoice with *line* in its place."""
        lines = tuple(line if each.line_id == line.line_id else each for each in self.lines)
        return replace(self, lines=lines)
