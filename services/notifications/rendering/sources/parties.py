"""Seller and recipient of a document, from the legal entity and the customer as of its issue.

R-105: both are to be taken from the message that issued the document as soon as it says them.
"""

from dataclasses import dataclass, replace
from datetime import date

from stdnum.eu import vat
from stdnum.exceptions import ValidationError

from schemas.addresses import Address, Customer
from schemas.terms import LegalEntityPublished
from services.notifications.rendering.documents.parties import (
    Contact,
    Endpoint,
    Party,
    Recipient,
    Register,
    Seller,
)
from services.notifications.rendering.documents.payments import Transfer


@dataclass(frozen=True, slots=True, kw_only=True)
class Particulars:
    """What a legal entity's documents say of it beside ``LegalEntityPublished``."""

    contact: Contact | None = None
    endpoint: Endpoint | None = None
    register: Register | None = None
    tax_number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a customer asks of e-invoices beside ``Customer``."""

    buyer_reference: str | None = None
    endpoint: Endpoint | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Who says a document to whom, and the account on which the seller is paid."""

    seller: Seller
    recipient: Recipient
    iban: str | None = None
    bic: str | None = None
    creditor_id: str | None = None

    def transfer(self, amount: int, *, due_on: date | None, reference: str) -> Transfer:
        """Return how *amount* is paid by transfer to the seller."""
        return Transfer(
            amount=amount,
            due_on=due_on,
            payee=self.seller.party.name,
            iban=self.iban,
            bic=self.bic,
            reference=reference,
        )


def parties(
    entity: LegalEntityPublished,
    customer: Customer,
    *,
    particulars: Particulars = Particulars(),
    wishes: Wishes = Wishes(),
) -> Parties:
    """Return seller and recipient of what *entity* says to *customer*."""
    return Parties(
        seller=_seller(entity, particulars),
        recipient=_recipient(customer, wishes),
        iban=_compact(entity.iban),
        bic=_compact(entity.bic),
        creditor_id=_compact(entity.creditor_id),
    )


def _seller(entity: LegalEntityPublished, particulars: Particulars) -> Seller:
    party = Party(
        name=entity.name,
        street=entity.address.street,
        postal_code=entity.address.postal_code,
        city=entity.address.city,
        country=entity.address.country,
        vat_id=_vat_id(entity.vat_id),
        endpoint=particulars.endpoint or _mailbox(particulars.contact),
    )
    return Seller(
        legal_entity_id=entity.legal_entity_id,
        party=party,
        language=entity.language,
        tax_number=particulars.tax_number,
        contact=particulars.contact,
        register=particulars.register,
    )


def _recipient(customer: Customer, wishes: Wishes) -> Recipient:
    billed = _party(customer.billing_address or customer.address)
    mail = Endpoint(scheme="EM", address=customer.email) if customer.email else None
    return Recipient(
        customer_id=customer.customer_id,
        party=replace(billed, vat_id=_vat_id(customer.vat_id), endpoint=wishes.endpoint or mail),
        language=customer.language,
        is_business=customer.kind == "business",
        deliver_to=_party(customer.address),
        buyer_reference=wishes.buyer_reference,
        purchase_order=customer.purchase_order,
    )


def _party(address: Address) -> Party:
    """A firm is who is billed; the name beside it is a person there."""
    return Party(
        name=address.company or address.name,
        attention=address.name if address.company not in (None, address.name) else None,
        street=address.street,
        postal_code=address.postal_code,
        city=address.city,
        country=address.country,
    )


def _mailbox(contact: Contact | None) -> Endpoint | None:
    return Endpoint(scheme="EM", address=contact.email) if contact else None


def _vat_id(said: str | None) -> str | None:
    """Return a VAT id without what is not part of it; one that is none stands as it was said."""
    if said is None:
        return None
    try:
        return str(vat.compact(said))
    except ValidationError:
        return _compact(said)


def _compact(said: str | None) -> str | None:
    return "".join(said.split()).upper() if said else None
