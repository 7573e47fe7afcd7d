"""From a draft to what stands in its document; who sold and who bought are those of the issue."""

from decimal import Decimal
from typing import NamedTuple

from schemas.addresses import Buyer, Customer, ElectronicAddress, Seller
from schemas.addresses import Contact as SaidContact
from schemas.drafts import DocumentDrafted
from schemas.invoices import CreditNoteIssued, InvoiceIssued
from schemas.terms import LegalEntityPublished
from services.notifications.rendering.documents import Document
from services.notifications.rendering.documents.parties import Contact, Endpoint
from services.notifications.rendering.documents.payments import EarlyPayment
from services.notifications.rendering.documents.vouchers import Reference
from services.notifications.rendering.einvoice.choice import chosen
from services.notifications.rendering.einvoice.rule_sets import Format
from services.notifications.rendering.sources import letters, vouchers
from services.notifications.rendering.sources.parties import Particulars, Parties, Wishes, parties


class Wanted(NamedTuple):
    """A document and its e-invoice; ``is_asked`` where the customer wants one."""

    document: Document
    format: Format | None
    is_asked: bool


def wanted(draft: DocumentDrafted) -> Wanted:
    """Return what is to be rendered of *draft*."""
    match draft.invoice or draft.credit_note:
        case InvoiceIssued() as said:
            early = [EarlyPayment(Decimal(p.percent), p.days) for p in said.early_payment]
            who = _parties(draft, said)
            document: Document = vouchers.invoice(said, parties=who, early_payments=early)
            return _as_asked(draft, document, said)
        case CreditNoteIssued() as said:
            of = draft.corrects
            document = vouchers.credit_note(
                said,
                parties=_parties(draft, said),
                corrects=Reference(of.number, of.issued_on) if of else None,
                whole=of is not None and of.whole,
            )
            return _as_asked(draft, document, said)
    if draft.notice is not None:
        notice = letters.notice(draft.notice, parties=_parties(draft, None))
        return Wanted(notice, None, is_asked=False)
    if draft.statement is not None:
        drawn = letters.statement(
            draft.statement, contract_id=draft.contract_id, parties=_parties(draft, None)
        )
        return Wanted(drawn, None, is_asked=False)
    assert draft.reminder is not None, "a draft is of one of five messages"
    reminder = letters.reminder(
        draft.reminder, parties=_parties(draft, None), enclosed=draft.enclosed
    )
    return Wanted(reminder, None, is_asked=False)


def customer_of(draft: DocumentDrafted) -> Customer:
    """Return who a document is for, as of its issue where it says so (R-105)."""
    said = draft.invoice or draft.credit_note
    bought = said.customer if said else None
    return draft.customer if bought is None else _bought(draft.customer, bought)


def _as_asked(
    draft: DocumentDrafted, document: Document, said: InvoiceIssued | CreditNoteIssued
) -> Wanted:
    asked = customer_of(draft).einvoice
    format_ = chosen(
        asked.format if asked else None,
        buyer_reference=asked.buyer_reference if asked else None,
        currency=said.gross.currency,
    )
    return Wanted(document, format_, is_asked=asked is not None)


def _parties(draft: DocumentDrafted, said: InvoiceIssued | CreditNoteIssued | None) -> Parties:
    entity = draft.legal_entity
    if said is not None and said.seller is not None:
        entity = _sold(entity, said.seller)
    customer = customer_of(draft)
    return parties(
        entity,
        customer,
        particulars=Particulars(
            contact=_contact(entity.contact),
            endpoint=_endpoint(entity.electronic_address),
            tax_number=entity.tax_number,
        ),
        wishes=_wishes(customer),
    )


def _sold(entity: LegalEntityPublished, seller: Seller) -> LegalEntityPublished:
    """Return *entity* as it was when the document was issued."""
    as_of = {name: getattr(seller, name) for name in Seller.model_fields}
    return entity.model_copy(update=as_of)


def _bought(customer: Customer, buyer: Buyer) -> Customer:
    """Return *customer* as they were when the document was issued."""
    as_of = {name: getattr(buyer, name) for name in Buyer.model_fields if name != "address"}
    return customer.model_copy(update=as_of | {"billing_address": buyer.address})


def _contact(said: SaidContact | None) -> Contact | None:
    if said is None or said.phone is None or said.email is None:
        return None
    return Contact(name=said.name, phone=said.phone, email=said.email)


def _wishes(customer: Customer) -> Wishes:
    asked = customer.einvoice
    if asked is None:
        return Wishes()
    return Wishes(
        buyer_reference=asked.buyer_reference, endpoint=_endpoint(asked.electronic_address)
    )


def _endpoint(said: ElectronicAddress | None) -> Endpoint | None:
    return Endpoint(scheme=said.scheme, address=said.id) if said else None
