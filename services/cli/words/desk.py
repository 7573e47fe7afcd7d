"""What clerks instruct dunning to do, as sentences."""

from schemas.instructions import (
    AssignPayment,
    DeferReceivable,
    DispatchReminder,
    HoldEscalation,
    InvoiceDisputed,
    InvoiceDisputeSettled,
    PromiseRecorded,
    ReleaseEscalation,
    ResetEscalation,
    ReverseWriteOff,
    SwitchEscalation,
    WriteOff,
)
from services.cli.words.names import Names, because, listed, money
from services.cli.words.telling import tell


@tell.register
def _reset(message: ResetEscalation, names: Names) -> str:
    return f"A clerk ends the running escalation{because(message)}."


@tell.register
def _switch(message: SwitchEscalation, names: Names) -> str:
    state = "on" if message.on else "off"
    return f"A clerk switches the escalation of the contract {state}{because(message)}."


@tell.register
def _hold(message: HoldEscalation, names: Names) -> str:
    until = f"until {message.until}" if message.until else "until further notice"
    return f"A clerk holds the escalation {until}{because(message)}."


@tell.register
def _release(message: ReleaseEscalation, names: Names) -> str:
    return f"A clerk releases the escalation{because(message)}."


@tell.register
def _dispatch(message: DispatchReminder, names: Names) -> str:
    which = names.reminder(message.dunning_id)
    if message.by_us:
        return f"A clerk lets us send {which}."
    return f"A clerk sent {which} by hand on {message.dispatched_on}."


@tell.register
def _defer(message: DeferReceivable, names: Names) -> str:
    which = names.receivable(message.invoice_id)
    return f"A clerk gives time for {which} until {message.until}{because(message)}."


@tell.register
def _dispute(message: InvoiceDisputed, names: Names) -> str:
    which = names.receivable(message.invoice_id)
    what = f"{money(message.money)} of {which}" if message.money else which
    why = f"{message.reason_code}{because(message)}"
    return f"The customer disputes {what}: {why}. That is not demanded until it is settled."


@tell.register
def _settle(message: InvoiceDisputeSettled, names: Names) -> str:
    which = names.receivable(message.invoice_id)
    return f"The dispute of {which} is settled{because(message)}: what is open is demanded again."


@tell.register
def _promise(message: PromiseRecorded, names: Names) -> str:
    what = "what is owed" if message.all else listed(map(names.receivable, message.receivables))
    promised = f"The customer promises {money(message.money)} on {what}"
    return f"{promised} by {message.on}{because(message)}. No step fires until then."


@tell.register
def _assign(message: AssignPayment, names: Names) -> str:
    which = listed(names.receivable(each.invoice_id) for each in message.designated)
    return f"A clerk lets payment {message.payment_id} pay {which}{because(message)}."


@tell.register
def _write_off(message: WriteOff, names: Names) -> str:
    return f"A clerk writes off what is open on {message.on}{because(message)}."


@tell.register
def _reverse(message: ReverseWriteOff, names: Names) -> str:
    return f"A clerk takes the write-off back on {message.on}{because(message)}."
