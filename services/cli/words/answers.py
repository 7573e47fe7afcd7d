"""What dunning answers: entries of the ledger and escalations, as sentences."""

from schemas.escalations import (
    CollectionRequested,
    ContractEndRequested,
    ContractPauseRequested,
    ContractResumeRequested,
    EscalationExhausted,
    EscalationStarted,
    PaymentEscalated,
    PaymentEscalationReset,
    PaymentProcessStatusChanged,
)
from schemas.receivables import EntryPosted, ReceivableReopened, ReceivableSettled
from services.cli.words.names import Names, capital, listed, money
from services.cli.words.telling import tell

RESETS = {
    "balance_cleared": "nothing is owed any more",
    "credit": "a credit cleared the balance",
    "write_off": "what was owed is written off",
    "manual": "a clerk ended it",
}


@tell.register
def _entry(message: EntryPosted, names: Names) -> str:
    parts = [f"{money(a.amount)} on {names.receivable(a.receivable_id)}" for a in message.assigned]
    pays = f", {listed(parts)}" if parts else ""
    kind = message.kind.replace("_", " ")
    foreign = f" ({money(message.foreign)} as said)" if message.foreign else ""
    booked = f"{kind} {money(message.money)}{foreign}{pays}"
    return f"Booked: {booked}. Balance {money(message.balance)}."


@tell.register
def _settled(message: ReceivableSettled, names: Names) -> str:
    return f"{capital(names.receivable(message.receivable_id))} is settled."


@tell.register
def _reopened(message: ReceivableReopened, names: Names) -> str:
    which, open_ = capital(names.receivable(message.receivable_id)), money(message.open)
    return f"{which} is open again with {open_}; its age counts from {message.anchor_on}."


@tell.register
def _started(message: EscalationStarted, names: Names) -> str:
    policy = f"{message.policy.policy_id} version {message.policy.version}"
    return (
        f"Escalation starts under policy {policy}: "
        f"{money(message.overdue)} overdue, the oldest due on {message.due_date}."
    )


@tell.register
def _escalated(message: PaymentEscalated, names: Names) -> str:
    which = names.receivable(message.receivable_id)
    return f"PaymentEscalated to other systems: {message.trigger_days} days, {which}."


@tell.register
def _reset(message: PaymentEscalationReset, names: Names) -> str:
    return f"Escalation reset: {RESETS[message.reason]} ({message.reason})."


@tell.register
def _exhausted(message: EscalationExhausted, names: Names) -> str:
    sent = message.last_dispatched_on
    letter = f"; the last letter left on {sent}" if sent else ""
    return f"Escalation exhausted: no step is left, {money(message.balance)} is owed{letter}."


@tell.register
def _end(message: ContractEndRequested, names: Names) -> str:
    when = f"on {message.ends_on}" if message.ends_on else "when invoicing knows the date"
    return f"The contract is to end {when} ({message.when.replace('_', ' ')})."


@tell.register
def _pause(message: ContractPauseRequested, names: Names) -> str:
    return "The contract is to be paused until the debt is paid."


@tell.register
def _resume(message: ContractResumeRequested, names: Names) -> str:
    return "The contract is to go on."


@tell.register
def _status(message: PaymentProcessStatusChanged, names: Names) -> str:
    state = "on" if message.recurring_payment else "off"
    return f"Recurring payment is switched {state} ({message.reason.replace('_', ' ')})."


@tell.register
def _collect(message: CollectionRequested, names: Names) -> str:
    which = listed(map(names.receivable, message.receivables))
    return f"{money(message.total)} is to be collected now, for {which}."
