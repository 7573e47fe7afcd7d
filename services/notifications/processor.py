"""Notifications as a function: a correspondence and a message give one and what is to be said."""

from datetime import date
from typing import assert_never

from schemas.calendars import A_DAY
from schemas.context import Context
from schemas.contracts import (
    ContractChanged,
    ContractRegistered,
    CustomerChanged,
    InstrumentRegistered,
    InstrumentRemoved,
)
from schemas.days import DayBegan
from schemas.deliveries import DeliveryReturned
from schemas.drafts import DocumentMade, DocumentNotMade, HandedOver, NotHandedOver
from schemas.escalations import PaymentEscalationReset, PaymentProcessStatusChanged
from schemas.frozen import replace
from schemas.instructions import ResendDocument, SendStatement
from schemas.invoices import CreditNoteIssued, InvoiceIssued
from schemas.message import NotYet
from schemas.receivables import EntryPosted
from schemas.reminders import (
    NoticeCancelled,
    NoticeCreated,
    ReminderCancelled,
    ReminderCreated,
    ReminderReleased,
)
from schemas.terms import Terms
from services.notifications.messages import (
    contracts,
    copies,
    documents,
    instruments,
    outcomes,
    statements,
)
from services.notifications.model import Correspondence, Outcome
from services.notifications.ways import announcing
from services.notifications.ways.announcing import MerelyTold

Input = (
    ContractRegistered
    | ContractChanged
    | CustomerChanged
    | InstrumentRegistered
    | InstrumentRemoved
    | InvoiceIssued
    | CreditNoteIssued
    | ReminderCreated
    | ReminderReleased
    | ReminderCancelled
    | NoticeCreated
    | NoticeCancelled
    | PaymentEscalationReset
    | PaymentProcessStatusChanged
    | DeliveryReturned
    | ResendDocument
    | SendStatement
    | EntryPosted
    | DocumentMade
    | DocumentNotMade
    | HandedOver
    | NotHandedOver
    | DayBegan
    | MerelyTold
)


def process(correspondence: Correspondence, message: Input, context: Context) -> Outcome:
    """Apply *message*; whatever is said of a contract waits until it is registered."""
    if correspondence.customer is None and isinstance(message, DayBegan):
        return correspondence, ()
    if correspondence.customer is None and not isinstance(message, ContractRegistered):
        raise NotYet("contract")
    after, said = _apply(correspondence, message, context.terms)
    after = statements.hear_wish(correspondence, after, context.terms)
    after, expiring = instruments.watch(after, context.terms)
    said = *said, *expiring
    after, announced = announcing.announce(after, (message, *said), context.terms)
    wake_on = _wakes_on(after, context.terms)
    return replace(after, wake_on=wake_on), (*said, *announced)


def _apply(  # noqa: C901 - the match
    correspondence: Correspondence, message: Input, terms: Terms
) -> Outcome:
    match message:
        case ContractRegistered():
            return contracts.register(correspondence, message, terms)
        case ContractChanged():
            return contracts.change(correspondence, message, terms)
        case CustomerChanged():
            return contracts.change_customer(correspondence, message)
        case InstrumentRegistered():
            return instruments.register(correspondence, message, terms)
        case InstrumentRemoved():
            return instruments.remove(correspondence, message)
        case InvoiceIssued() | CreditNoteIssued():
            return documents.issue(correspondence, message, terms)
        case ReminderCreated():
            return documents.remind(correspondence, message, terms)
        case ReminderReleased():
            return documents.release(correspondence, message, terms)
        case ReminderCancelled():
            return documents.cancel(correspondence, message)
        case NoticeCreated():
            return documents.notify(correspondence, message, terms)
        case NoticeCancelled():
            return documents.cancel_notice(correspondence, message)
        case PaymentEscalationReset():
            return contracts.end_run(correspondence, message)
        case PaymentProcessStatusChanged():
            return contracts.switch(correspondence, message)
        case DeliveryReturned():
            return outcomes.come_back(correspondence, message, terms)
        case ResendDocument():
            return copies.resend(correspondence, message, terms)
        case SendStatement():
            return statements.order(correspondence, message, terms)
        case EntryPosted():
            return statements.note(correspondence, message)
        case DocumentMade():
            return outcomes.made(correspondence, message, terms)
        case DocumentNotMade():
            return outcomes.not_made(correspondence, message)
        case HandedOver():
            return outcomes.handed_over(correspondence, message, terms)
        case NotHandedOver():
            return outcomes.not_handed_over(correspondence, message, terms)
        case DayBegan():
            return _begin_day(correspondence, message, terms)
        case _ if isinstance(message, MerelyTold):
            return correspondence, ()
        case _:
            assert_never(message)


def _begin_day(correspondence: Correspondence, began: DayBegan, terms: Terms) -> Outcome:
    """Bring the customer to the day, and try what is left; a late day sends nothing (R-34)."""
    brought = contracts.bring_to(correspondence, began.day)
    # A wish that counts from today is for no month before it.
    correspondence = statements.hear_wish(correspondence, brought, terms)
    if began.late:
        return correspondence, ()
    correspondence, told = outcomes.go_on(correspondence, terms)
    correspondence, drawn = statements.draw(
        statements.begin_month(correspondence, began.day), terms
    )
    return correspondence, (*told, *drawn)


def _wakes_on(correspondence: Correspondence, terms: Terms) -> date | None:
    """Return the next day that can bring anything."""
    wishes = [*instruments.days(correspondence), *(c.from_on for c in correspondence.coming)]
    # What was due on a late day is made up for on the next.
    tomorrow = terms.today(correspondence.entity_id) + A_DAY
    wishes += [max(day, tomorrow) for day in statements.days(correspondence)]
    if correspondence.later:
        wishes.append(tomorrow)
    return min(wishes, default=None)
