"""Which templates of a legal entity a document is made with: the letterhead, and its kind's texts.

| document | texts of kind |
|----------|---------------|
| invoice | ``invoice`` |
| credit note | ``cancellation`` where nothing of its invoice remains, else ``credit_note`` |
| statement | ``statement`` |
| notice | ``before_due`` or ``thanks`` |
| reminder | its step's template where there is such a one, else ``reminder_`` and its level |
"""

from schemas.invoices import CreditNoteIssued, InvoiceIssued
from schemas.reminders import NoticeCreated, ReminderCreated
from schemas.statements import StatementDrawn
from schemas.templates import LETTERHEAD, TemplatesPublished
from schemas.terms import Terms
from schemas.values import LegalEntityId
from services.notifications.rendering.documents.parties import Language
from services.notifications.rendering.texts import REMINDERS, reminder_kind


def of(
    terms: Terms,
    entity: LegalEntityId,
    content: InvoiceIssued | CreditNoteIssued | ReminderCreated | NoticeCreated | StatementDrawn,
    *,
    language: Language,
    is_whole: bool,
) -> tuple[TemplatesPublished, ...]:
    """Return what *entity* has published for a document in *language*, as of now.

    *is_whole* says of a credit note that nothing of its invoice remains.
    """
    own = {
        kind: each
        for (of_entity, of_language, kind), each in terms.templates.items()
        if (of_entity, of_language) == (entity, language)
    }
    match content:
        case InvoiceIssued():
            kind = "invoice"
        case CreditNoteIssued():
            kind = "cancellation" if is_whole else "credit_note"
        case StatementDrawn():
            kind = "statement"
        case NoticeCreated():
            kind = content.kind
        case ReminderCreated():
            known = {*own, *REMINDERS} - {LETTERHEAD}
            kind = reminder_kind(content.template, content.level, known=known)
    return tuple(own[each] for each in (LETTERHEAD, kind) if each in own)
