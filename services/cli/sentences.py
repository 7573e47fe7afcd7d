"""What outside systems and clerks said, as sentences."""

from functools import singledispatch

from schemas.chargebacks import ChargebackReceived
from schemas.contracts import ContractEnded, ContractRegistered
from schemas.instructions import DispatchReminder, ResetEscalation, SwitchEscalation
from schemas.invoices import CreditNoteIssued, InvoiceIssued
from schemas.message import ContractMessage
from schemas.payments import PaymentFailed, PaymentPending, PaymentReceived
from services.cli.names import Names, listed, money, spaced

PAID = {
    "on_account": "on account",
    "direct_debit": "by direct debit",
    "card": "by card",
}


@singledispatch
def tell(message: ContractMessage, names: Names) -> str:
    """Return *message* as a sentence; one without words of its own is told field by field."""
    fields = message.model_dump(mode="json", exclude_none=True, by_alias=True)
    del fields["contract_id"]
    said = ", ".join(f"{name.replace('_', ' ')} {_plain(each)}" for name, each in fields.items())
    return (
        f"{spaced(type(message).__name__)}: {said}."
        if said
        else f"{spaced(type(message).__name__)}."
    )


@tell.register
def _registered(message: ContractRegistered, names: Names) -> str:
    who = f"{message.customer.name} ({message.customer.kind})"
    return f"Contract registered for {who}, in {message.currency}, {PAID[message.payment_method]}."


@tell.register
def _ended(message: ContractEnded, names: Names) -> str:
    by = f", by {message.cause}" if message.cause else ""
    return f"The contract ends on {message.ends_on}{by}."


@tell.register
def _invoice(message: InvoiceIssued, names: Names) -> str:
    return f"Invoice {message.number} over {money(message.gross)}, due {message.due_on}."


@tell.register
def _credit_note(message: CreditNoteIssued, names: Names) -> str:
    about = f" for {names.receivable(message.invoice_id)}" if message.invoice_id else ""
    return f"Credit note {message.number} over {money(message.gross)}{about} ({message.cause})."


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
    why = f" ({message.reason_code})" if message.reason_code else ""
    return f"Payment {message.payment_id} failed on {message.failed_on}{why}."


@tell.register
def _charged_back(message: ChargebackReceived, names: Names) -> str:
    what = "Returned debit" if message.kind == "sepa_return" else "Card chargeback"
    why = f" ({message.reason_code})" if message.reason_code else ""
    fee = f", and the bank wants {money(message.fee)}" if message.fee else ""
    return (
        f"{what} {message.chargeback_id}{why}: {money(message.money)} "
        f"of payment {message.payment_id} went back on {message.booked_on}{fee}."
    )


@tell.register
def _reset(message: ResetEscalation, names: Names) -> str:
    return "A clerk asks to end the running escalation."


@tell.register
def _switch(message: SwitchEscalation, names: Names) -> str:
    return f"The escalation of the contract is switched {'on' if message.on else 'off'}."


@tell.register
def _dispatch(message: DispatchReminder, names: Names) -> str:
    which = names.reminder(message.dunning_id)
    if message.by_us:
        return f"A clerk releases {which} for sending."
    return f"A clerk sent {which} by hand on {message.dispatched_on}."


def _plain(value: object) -> str:
    match value:
        case {"amount": str() as amount, "currency": str() as currency}:
            return f"{amount} {currency}"
        case dict():
            return "; ".join(f"{name} {_plain(each)}" for name, each in value.items())
        case list():
            return ", ".join(map(_plain, value)) or "none"
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value)
