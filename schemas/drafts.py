"""Drafts: documents that are to be made, what of, and what became of it and of hand-overs."""

from typing import Annotated, ClassVar

from pydantic import Field

from schemas.addresses import Customer
from schemas.deliveries import DocumentKind, Hash
from schemas.instants import Instant
from schemas.invoices import CreditNoteIssued, InvoiceIssued
from schemas.message import ContractMessage, Message
from schemas.outcomes import ActOutcome
from schemas.reminders import NoticeCreated, ReminderCreated
from schemas.statements import StatementDrawn
from schemas.templates import TemplatesPublished
from schemas.terms import LegalEntityPublished
from schemas.values import Count, Day, Name, Several


class CorrectedDocument(Message):
    """The invoice that a credit note is of; ``whole`` where nothing of it remains."""

    number: Name
    issued_on: Day
    whole: bool = False


class DocumentDrafted(ContractMessage):
    """A document is to be made, of all that is in here and of nothing else.

    Exactly one of the five is what the document says.
    """

    identity: ClassVar[tuple[str, ...]] = ("kind", "document_id", "attempt")

    kind: DocumentKind
    document_id: Name
    attempt: Count
    invoice: InvoiceIssued | None = None
    credit_note: CreditNoteIssued | None = None
    reminder: ReminderCreated | None = None
    notice: NoticeCreated | None = None
    statement: StatementDrawn | None = None
    legal_entity: LegalEntityPublished
    customer: Customer
    corrects: CorrectedDocument | None = None
    # Numbers of the invoices of which a copy comes with it.
    enclosed: Annotated[Several[Name], Field(max_length=300)] = ()
    # The letterhead and the texts that the legal entity has published for it by then.
    templates: Annotated[Several[TemplatesPublished], Field(max_length=2)] = ()


class DocumentMade(ActOutcome):
    """The document is stored under the SHA-256 of its bytes."""

    hash: Hash
    xml_hash: Hash | None = None
    template_version: Count | None = None
    letterhead_version: Count | None = None
    rule_set: Name | None = None


class DocumentNotMade(ActOutcome):
    """It cannot be made as it is; somebody has to look at it."""

    reason: Name


class HandedOver(ActOutcome):
    """It left us: the channel took it."""

    sent_at: Instant | None = None


class NotHandedOver(ActOutcome):
    """The channel did not take it, and never will; ``closes`` where the address is a wrong one.

    ``again`` where a person wants it handed over once more, the same way.
    """

    reason: Name
    closes: bool = False
    again: bool = False
    # Since when nothing is posted to the endpoint any more.
    disabled_at: Instant | None = None
