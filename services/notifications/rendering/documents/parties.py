"""Who says a document, and to whom."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Language = Literal["de", "en", "fr"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where e-invoices reach somebody: an address in a scheme of the EAS code list."""

    scheme: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Who sold or who owes, and where they are; ``attention`` is a person within the firm."""

    name: str
    attention: str | None = None
    street: str | None = None
    postal_code: str
    city: str
    country: str
    vat_id: str | None = None
    endpoint: Endpoint | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom a customer may ask (BG-6)."""

    name: str
    phone: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """What a firm's letters must say of it (§ 35a GmbHG, § 80 AktG)."""

    court: str
    number: str
    seat: str | None = None
    legal_form: str | None = None
    directors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """The legal entity that says the document."""

    legal_entity_id: str
    party: Party
    language: Language
    tax_number: str | None = None
    contact: Contact | None = None
    register: Register | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Who gets the document, and what they want to read on it."""

    customer_id: str
    party: Party
    language: Language
    is_business: bool = True
    # Where goods went, if that counts for their tax (BG-13).
    deliver_to: Party | None = None
    buyer_reference: str | None = None
    purchase_order: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What every document has: who says it, to whom, when, and in which currency."""

    document_id: str
    contract_id: str
    seller: Seller
    recipient: Recipient
    issued_on: date
    currency: str
    # A copy is marked as one, and moves nothing.
    is_copy: bool = False
