"""What clerks tell invoicing and usage to do."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from schemas.instructions import Instruction
from schemas.invoices import LinePeriod, Surcharges
from schemas.message import Message
from schemas.values import (
    CreditNoteId,
    Day,
    Id,
    Money,
    Name,
    Percent,
    PositiveMoney,
    Quantity,
    ReceivableId,
    Several,
    UnsignedMoney,
)


class Item(Message):
    """A line to come: its net amount, or a quantity and a price."""

    component_id: Name | None = None
    name: Name
    net: Money | None = None
    quantity: Quantity | None = None
    unit_price: Quantity | None = None
    price_base_quantity: Quantity | None = None
    vat_rate: Percent | None = None
    period: LinePeriod | None = None

    @model_validator(mode="after")
    def _has_an_amount(self) -> Self:
        priced = self.quantity is not None and self.unit_price is not None
        if (self.net is not None) == priced:
            raise ValueError("either net, or quantity and unit_price")
        return self


Items = Annotated[Several[Item], Field(min_length=1, max_length=1000)]


class AddItem(Instruction, Item):
    """Put a line on the next invoice."""


class OrderedDocument(Instruction):
    """A document made by instruction."""

    allowances: Surcharges = ()
    charges: Surcharges = ()
    payable_rounding: Money | None = None


class IssueInvoice(OrderedDocument):
    """Write an invoice now."""

    items: Items


class IssueCreditNote(OrderedDocument):
    """Write a credit note now."""

    invoice_id: Id[ReceivableId] | None = None
    items: Items


class CorrectInvoice(OrderedDocument):
    """Replace an invoice by one that is right."""

    invoice_id: Id[ReceivableId]
    items: Annotated[Several[Item], Field(max_length=1000)] = ()


class VoidInvoice(Instruction):
    """Declare an invoice void as a whole: it costs nothing, and is not billed again (R-84b)."""

    invoice_id: Id[ReceivableId]


class CancelCreditNote(Instruction):
    """Declare a credit note void: what it took off is owed again (R-84b)."""

    credit_note_id: Id[CreditNoteId]


class GrantDiscount(Instruction):
    """Take a percentage or an amount off coming invoices."""

    percent: Percent | None = None
    amount: PositiveMoney | None = None
    component_id: Name | None = None
    periods: int | None = Field(default=None, ge=1, le=1200)
    from_on: Day | None = None

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        if (self.percent is None) == (self.amount is None):
            raise ValueError("either percent or amount")
        return self


class GrantFreePeriod(Instruction):
    """Charge nothing for the coming periods."""

    periods: int = Field(ge=1, le=1200)
    component_id: Name | None = None


class GrantPrepaid(Instruction):
    """Give credit that usage draws down, or invoices after their tax (U-16, U-61)."""

    identity: ClassVar[tuple[str, ...]] = ("grant_id",)

    grant_id: Name
    money: PositiveMoney
    priority: int = Field(default=0, ge=-1000, le=1000)
    expires_on: Day | None = None
    promotional: bool = False
    # Only these components it may pay for.
    components: Annotated[Several[Name], Field(min_length=1, max_length=200)] | None = None
    when_empty: Literal["invoice", "hold"] = "invoice"
    low_at: UnsignedMoney | None = None
    # Usage draws what applies net, invoicing what applies gross, as a payment (U-61).
    applies: Literal["net", "gross"] = "net"

    @model_validator(mode="after")
    def _has_one_currency(self) -> Self:
        if self.low_at is not None and self.low_at.currency != self.money.currency:
            raise ValueError("low_at is in another currency")
        # Where usage is rated its tax is not known: what is left after it would be a guess.
        if self.applies == "gross" and self.when_empty == "hold":
            raise ValueError("a balance that applies gross holds nothing")
        return self


class BillInterim(Instruction):
    """Bill now what was used up to now."""

    what: Literal["usage", "all"] = "usage"
