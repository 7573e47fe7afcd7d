"""Documents that the customer is to be told: drafted as soon as they may be sent, once.

| told | when | rule |
|------|------|------|
| invoices and credit notes of ours | when they are issued | R-122 |
| reminders sent automatically | when they are created | R-50 |
| notices before the due date, thanks | when they are created, unless paid meanwhile | R-123 |
| reminders sent by hand | when dunning releases them, never on an instruction | R-55 |
"""

from schemas.frozen import replace
from schemas.invoices import CreditNoteIssued, InvoiceIssued
from schemas.message import NotYet
from schemas.reminders import (
    NoticeCancelled,
    NoticeCreated,
    ReminderCancelled,
    ReminderCreated,
    ReminderReleased,
)
from schemas.terms import Terms
from services.notifications.model import Correspondence, Mailing, Outcome, invoices_of, key_of
from services.notifications.ways import drafting, sending


def issue(
    correspondence: Correspondence, issued: InvoiceIssued | CreditNoteIssued, terms: Terms
) -> Outcome:
    """Draft an invoice or a credit note of ours; whoever else issued one has sent it (R-122)."""
    if not issued.is_ours:
        return correspondence, ()
    credited = issued.invoice_id if isinstance(issued, CreditNoteIssued) else None
    mailing = Mailing(
        kind="invoice" if isinstance(issued, InvoiceIssued) else "credit_note",
        document_id=_id_of(issued),
        number=issued.number,
        issued_on=issued.issued_on,
        amount=issued.payable.minor,
        prepaid=issued.prepaid_minor,
        stage="held",
        content=issued.model_dump_json(),
        items=(key_of("invoice", credited),) if credited else (),
    )
    return drafting.draft(correspondence, mailing, terms)


def remind(correspondence: Correspondence, created: ReminderCreated, terms: Terms) -> Outcome:
    """Draft a reminder, or hold it until it is released (R-50)."""
    mailing = Mailing(
        kind="reminder",
        document_id=created.dunning_id,
        issued_on=created.created_on,
        amount=created.demanded.minor,
        stage="held",
        content=created.model_dump_json(),
        process_id=created.payment_escalation_process_id,
        step_says=None if created.dispatch == "default" else created.dispatch,
        items=invoices_of(created),
    )
    if created.send == "manual":
        return correspondence.with_mailing(mailing), ()
    if not correspondence.stands(mailing):
        # The end of its run was heard first: it is not to be sent any more.
        return correspondence.with_mailing(mailing), sending.dropped(correspondence, mailing)
    return drafting.draft(correspondence, mailing, terms)


def notify(correspondence: Correspondence, created: NoticeCreated, terms: Terms) -> Outcome:
    """Draft a notice of dunning, which decides whether there is one (R-123)."""
    mailing = Mailing(
        kind=created.kind,
        document_id=created.notice_id,
        issued_on=created.created_on,
        amount=created.money.minor,
        stage="held",
        content=created.model_dump_json(),
    )
    return drafting.draft(correspondence, mailing, terms)


def release(correspondence: Correspondence, released: ReminderReleased, terms: Terms) -> Outcome:
    """Draft a reminder that was held, unless it was cancelled meanwhile (R-55)."""
    mailing = _reminder(correspondence, released.dunning_id)
    if mailing.stage != "held":
        return correspondence, ()
    if not correspondence.stands(mailing):
        return correspondence, sending.dropped(correspondence, mailing)
    return drafting.draft(correspondence, mailing, terms)


def cancel(correspondence: Correspondence, cancelled: ReminderCancelled) -> Outcome:
    """Send no more of a reminder; what has left us has left (R-55)."""
    mailing = replace(_reminder(correspondence, cancelled.dunning_id), is_cancelled=True)
    return correspondence.with_mailing(mailing), ()


def cancel_notice(correspondence: Correspondence, cancelled: NoticeCancelled) -> Outcome:
    """Send no more of word before the due date: it is paid."""
    mailing = correspondence.mailings.get(key_of("before_due", cancelled.notice_id))
    if mailing is None:
        raise NotYet("notice")
    return correspondence.with_mailing(replace(mailing, is_cancelled=True)), ()


def _id_of(issued: InvoiceIssued | CreditNoteIssued) -> str:
    return issued.invoice_id if isinstance(issued, InvoiceIssued) else issued.credit_note_id


def _reminder(correspondence: Correspondence, dunning_id: str) -> Mailing:
    mailing = correspondence.mailings.get(key_of("reminder", dunning_id))
    if mailing is None:
        raise NotYet("reminder")
    return mailing
