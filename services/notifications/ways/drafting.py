"""Drafts: all that a document is made of, as it stands when it is drafted."""

from schemas.deliveries import StoredDocument
from schemas.drafts import CorrectedDocument, DocumentDrafted
from schemas.frozen import replace
from schemas.invoices import CreditNoteIssued, InvoiceIssued
from schemas.reminders import NoticeCreated, ReminderCreated
from schemas.statements import StatementDrawn
from schemas.terms import Terms
from services.notifications.model import Correspondence, Mailing, OpenAct, Outcome
from services.notifications.rendering.documents.parties import Language
from services.notifications.ways import templates

Content = InvoiceIssued | CreditNoteIssued | ReminderCreated | NoticeCreated | StatementDrawn
_TYPES: dict[str, type[Content]] = {
    "invoice": InvoiceIssued,
    "credit_note": CreditNoteIssued,
    "reminder": ReminderCreated,
    "before_due": NoticeCreated,
    "thanks": NoticeCreated,
    "statement": StatementDrawn,
}


def draft(correspondence: Correspondence, mailing: Mailing, terms: Terms) -> Outcome:
    """Intend that *mailing* is made, with word of the invoices of which copies come with it."""
    enclosed = _unsent(correspondence, mailing)
    mailing = replace(
        mailing,
        stage="drafted",
        attempt=mailing.attempt + 1,
        enclosed=tuple(each.key for each in enclosed),
    )
    content = _content(mailing)
    corrected = _corrected(correspondence, content)
    drafted = DocumentDrafted(
        contract_id=correspondence.contract_id,
        kind=mailing.kind,
        document_id=mailing.document_id,
        attempt=mailing.attempt,
        legal_entity=terms.entities[correspondence.entity_id],
        customer=correspondence.addressee,
        corrects=corrected,
        enclosed=tuple(each.number for each in enclosed if each.number),
        invoice=content if isinstance(content, InvoiceIssued) else None,
        credit_note=content if isinstance(content, CreditNoteIssued) else None,
        reminder=content if isinstance(content, ReminderCreated) else None,
        notice=content if isinstance(content, NoticeCreated) else None,
        statement=content if isinstance(content, StatementDrawn) else None,
        templates=templates.of(
            terms,
            correspondence.entity_id,
            content,
            language=_language(correspondence, content),
            is_whole=corrected is not None and corrected.whole,
        ),
    )
    act = OpenAct(key=mailing.key)
    return correspondence.with_mailing(mailing).with_act(drafted.derived_id(), act), (drafted,)


def _language(correspondence: Correspondence, content: Content) -> Language:
    """Return the language of a document: that of its customer as of its issue (R-105)."""
    if not isinstance(content, InvoiceIssued | CreditNoteIssued):
        return correspondence.addressee.language
    bought = content.customer
    return bought.language if bought is not None else correspondence.addressee.language


def _content(mailing: Mailing) -> Content:
    assert mailing.content is not None, "what is made is not made again"
    return _TYPES[mailing.kind].model_validate_json(mailing.content)


def stored(mailing: Mailing, hash_: str, **more: object) -> StoredDocument:
    """Return what every delivery says of the document that was made."""
    return StoredDocument.model_validate(
        {"kind": mailing.kind, "id": mailing.document_id, "number": mailing.number, "hash": hash_}
        | more
    )


def _unsent(correspondence: Correspondence, mailing: Mailing) -> list[Mailing]:
    """Return the invoices that *mailing* is about and that nobody has sent (R-122)."""
    if mailing.kind != "reminder":
        return []
    held = [each for key in mailing.items if (each := correspondence.mailings.get(key))]
    return [each for each in held if not each.was_sent and each.stage in ("drafted", "made")]


def _corrected(correspondence: Correspondence, content: Content) -> CorrectedDocument | None:
    """Return the invoice that a credit note is of, where it is one of ours."""
    if not isinstance(content, CreditNoteIssued) or content.invoice_id is None:
        return None
    of = correspondence.mailings.get(f"invoice/{content.invoice_id}")
    if of is None or of.number is None:
        return None
    whole = (of.amount, of.prepaid) == (content.payable.minor, content.prepaid_minor)
    return CorrectedDocument(number=of.number, issued_on=of.issued_on, whole=whole)
