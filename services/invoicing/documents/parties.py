"""Who sold and who bought, as documents say it as of their issue (R-105)."""

from schemas.addresses import Buyer, Customer, Seller
from schemas.terms import LegalEntityPublished
from services.invoicing.billed import Parties


def parties(customer: Customer, entity: LegalEntityPublished) -> Parties:
    """Return both as they are now."""
    return Parties(seller=_seller(entity), buyer=_buyer(customer))


def _seller(entity: LegalEntityPublished) -> Seller:
    return Seller(
        name=entity.name,
        address=entity.address,
        country=entity.country,
        tax_number=entity.tax_number,
        vat_id=entity.vat_id,
        small_business=entity.small_business,
        iban=entity.iban,
        bic=entity.bic,
        creditor_id=entity.creditor_id,
        contact=entity.contact,
        electronic_address=entity.electronic_address,
    )


def _buyer(customer: Customer) -> Buyer:
    return Buyer(
        customer_id=customer.customer_id,
        kind=customer.kind,
        name=customer.name,
        language=customer.language,
        address=customer.billing_address or customer.address,
        vat_id=customer.vat_id,
        tax=customer.tax,
        purchase_order=customer.purchase_order,
        einvoice=customer.einvoice,
    )
