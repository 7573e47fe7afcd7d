"""Invoices, payments, chargebacks and disputes, as sentences."""

from schemas.chargebacks import (
    ChargebackReceived,
    ChargebackReversed,
    DisputeClosed,
    DisputeOpened,
)
from schemas.invoices import (
    ContractEndFixed,
    CreditNoteCancelled,
    CreditNoteIssued,
    InvoiceCorrected,
    InvoiceIssued,
    PeriodEnding,
)
from schemas.payments import PaymentFailed, PaymentPending, PaymentReceived, RefundMade
from services.cli.words.names import Names, capital, listed, money
from services.cli.words.telling import tell


@tell.register
def _invoice(message: InvoiceIssued, names: Names) -> str:
    period = f" for {message.period.from_} to {message.period.until}" if message.period else ""
    return f"Invoice {message.number} over {money(message.gross)}{period}, due {message.due_on}."


@tell.register
def _credit_note(message: CreditNoteIssued, names: Names) -> str:
    about = f" for {names.receivable(message.invoice_id)}" if message.invoice_id else ""
    return f"Credit note {message.number} over {money(message.gross)}{about} ({message.cause})."


@tell.register
def _cancelled(message: CreditNoteCancelled, names: Names) -> str:
    return f"Credit note {message.credit_note_id} is cancelled on {message.cancelled_on}."


@tell.register
def _corrected(message: InvoiceCorrected, names: Names) -> str:
    by = f" by {names.receivable(message.replaced_by)}" if message.replaced_by else ""
    which = capital(names.receivable(message.invoice_id))
    return f"{which} was replaced{by} on {message.corrected_on}."


@tell.register
def _period(message: PeriodEnding, names: Names) -> str:
    return f"A billing period ends on {message.ends_on}."


@tell.register
def _end(message: ContractEndFixed, names: Names) -> str:
    return f"The end that we asked for has its date: {message.ends_on}."


@tell.register
def _pending(message: PaymentPending, names: Names) -> str:
    return (
        f"Payment {message.payment_id} of {money(message.money)} is on its way "
        f"({message.method}, begun {message.initiated_on})."
    )


@tell.register
def _received(message: PaymentReceived, names: Names) -> str:
    meant = listed(names.receivable(each.invoice_id) for each in message.designated)
    purpose = f", meant for {meant}" if meant else ""
    return (
        f"Payment {message.payment_id} of {money(message.money)} "
        f"received on {message.received_on}{purpose}."
    )


@tell.register
def _failed(message: PaymentFailed, names: Names) -> str:
    return f"Payment {message.payment_id} failed on {message.failed_on}{_why(message.reason_code)}."


@tell.register
def _refund(message: RefundMade, names: Names) -> str:
    forced = ", although the credit is less" if message.forced else ""
    payment = f" of payment {message.payment_id}" if message.payment_id else ""
    return f"Refund of {money(message.money)}{payment} made on {message.made_on}{forced}."


@tell.register
def _charged_back(message: ChargebackReceived, names: Names) -> str:
    what = "Returned debit" if message.kind == "sepa_return" else "Card chargeback"
    fee = f", and the bank wants {money(message.fee)}" if message.fee else ""
    return (
        f"{what} {message.chargeback_id}{_why(message.reason_code)}: {money(message.money)} "
        f"of payment {message.payment_id} went back on {message.booked_on}{fee}."
    )


@tell.register
def _reversed(message: ChargebackReversed, names: Names) -> str:
    how_much = f" with {money(message.money)}" if message.money else ""
    return f"Chargeback {message.chargeback_id} is reversed on {message.booked_on}{how_much}."


@tell.register
def _opened(message: DisputeOpened, names: Names) -> str:
    return f"Chargeback {message.chargeback_id} is disputed{_why(message.stage)}."


@tell.register
def _closed(message: DisputeClosed, names: Names) -> str:
    outcome = f": {message.outcome}" if message.outcome else ""
    return f"The dispute about chargeback {message.chargeback_id} is over{outcome}."


def _why(code: str | None) -> str:
    return f" ({code})" if code else ""
