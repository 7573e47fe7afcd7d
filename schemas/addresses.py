"""Addresses and customers: who owes, and where mail reaches them."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from schemas.message import Message
from schemas.values import CustomerId, Day, Id, Name, Several

Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Email = Annotated[
    str, StringConstraints(max_length=254, pattern=r"^[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+$")
]


class Address(Message):
    """A postal address; a street may be missing where a post box or a place suffices."""

    name: Name
    company: Name | None = None
    street: Name | None = None
    postal_code: Name
    city: Name
    country: Country


class VatIdCheck(Message):
    """What a register such as VIES answered about a VAT id, and when (R-102)."""

    answer: Literal["valid", "unconfirmed", "invalid"]
    answer_id: Name | None = None
    checked_on: Day


class Customer(Message):
    """Who owes, and how documents reach them."""

    customer_id: Id[CustomerId]
    kind: Literal["consumer", "business"]
    name: Name
    language: Literal["de", "en", "fr"]
    address: Address
    billing_address: Address | None = None
    email: Email | None = None
    invoice_recipients: Several[Email] = Field(default=(), max_length=50)
    dispatch: Literal["email", "letter", "archive"] | None = None
    deliver_as: Literal["attachment", "link"] | None = None
    vat_id: Name | None = None
    vat_id_check: VatIdCheck | None = None
    tax: Literal["standard", "reverse_charge", "not_taxable"] = "standard"
    purchase_order: Name | None = None
