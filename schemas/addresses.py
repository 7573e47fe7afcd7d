"""Addresses and customers: who owes, and where mail reaches them."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints
from stdnum.eu import vat
from stdnum.exceptions import ValidationError
from stdnum.util import clean

from schemas.message import Message
from schemas.values import CustomerId, Day, Id, Name, Several

Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Email = Annotated[
    str, StringConstraints(max_length=254, pattern=r"^[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+$")
]


def _compacted(vat_id: str) -> str:
    """Return a VAT id as one compares it: ``NL 0044.95.445.B01`` is NL004495445B01 (R-105)."""
    try:
        return str(vat.compact(vat_id))
    except ValidationError:
        return clean(vat_id, " -./").strip().upper() or vat_id


VatId = Annotated[Name, AfterValidator(_compacted)]


class ElectronicAddress(Message):
    """Where electronic invoices reach somebody: an id of a scheme (EAS, BT-34 and BT-49)."""

    scheme: Name
    id: Name


class EInvoice(Message):
    """Which electronic invoice a customer wants, and what must stand in it."""

    format: Literal["zugferd", "xrechnung_cii", "xrechnung_ubl", "peppol_bis", "none"]
    buyer_reference: Name | None = None
    electronic_address: ElectronicAddress | None = None


class Contact(Message):
    """Whom to ask (BG-6)."""

    name: Name
    phone: Name | None = None
    email: Email | None = None


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
    vat_id: VatId | None = None
    vat_id_check: VatIdCheck | None = None
    tax: Literal["standard", "reverse_charge", "not_taxable"] = "standard"
    purchase_order: Name | None = None
    einvoice: EInvoice | None = None
    # A statement of account each month.
    statements: Literal["monthly"] | None = None


class Seller(Message):
    """Who sold, as of the issue of a document (R-105)."""

    name: Name
    address: Address
    country: Country
    tax_number: Name | None = None
    vat_id: VatId | None = None
    small_business: bool = False
    iban: Name | None = None
    bic: Name | None = None
    creditor_id: Name | None = None
    contact: Contact | None = None
    electronic_address: ElectronicAddress | None = None


class Buyer(Message):
    """Who bought, as of the issue of a document (R-105)."""

    customer_id: Id[CustomerId]
    kind: Literal["consumer", "business"]
    name: Name
    language: Literal["de", "en", "fr"]
    # Where the document goes: the billing address, where there is one.
    address: Address
    vat_id: VatId | None = None
    tax: Literal["standard", "reverse_charge", "not_taxable"] = "standard"
    purchase_order: Name | None = None
    einvoice: EInvoice | None = None
