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
    PromiseBroken,
    PromiseKept,
)
from schemas.receivables import Assigned, EntryPosted, ReceivableReopened, ReceivableSettled
from services.cli.words.names import Names, capital, days, listed, money
from services.cli.words.telling import tell

RESETS = {
    "balance_cleared": "nothing is owed any more",
    "credit": "a credit cleared the balance",
    "write_off": "what was owed is written off",
    "manual": "a clerk ended it",
}
# Why recurring payment is switched: the class of a bank's code, or who switched it on.
SWITCHED = {
    "insufficient_funds": "the account had too little",
    "instrument_dead": "the card or mandate cannot be used any more",
    "disputed_by_debtor": "the payer took the money back",
    "duplicate": "the bank says that it was collected twice",
    "not_allowed": "the bank does not allow it",
    "regulatory": "the bank's rules forbid it",
    "data_wrong": "what was sent to the bank is wrong",
    "manual": "a person has to look at the bank's reason",
    "no_reason_code": "the bank gave no reason",
    "new_payment_data": "there is new payment data",
    "switched_on": "somebody switched it on",
}


@tell.register
def _entry(message: EntryPosted, names: Names) -> str:
    parts = [_assigned(each, names) for each in message.assigned]
    pays = f", {listed(parts)}" if parts else ""
    kind = message.kind.replace("_", " ")
    foreign = f" ({money(message.foreign)} as said)" if message.foreign else ""
    booked = f"Booked: {kind} {money(message.money)}{foreign}{pays}"
    # A clerk assigned a payment anew: no money moved.
    if parts and not message.money.minor:
        booked = f"Assigned anew: {listed(parts)}"
    return f"{booked}. Balance {money(message.balance)}."


def _assigned(part: Assigned, names: Names) -> str:
    which, amount = names.receivable(part.receivable_id), money(part.amount)
    if amount.startswith("-"):
        return f"{amount[1:]} taken back from {which}"
    return f"{amount} on {which}"


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
    step = days(message.trigger_days)
    return f"Other systems are told that {which} has reached {step} (PaymentEscalated)."


@tell.register
def _reset(message: PaymentEscalationReset, names: Names) -> str:
    return f"Escalation reset: {RESETS[message.reason]} ({message.reason})."


@tell.register
def _exhausted(message: EscalationExhausted, names: Names) -> str:
    sent = message.last_dispatched_on
    letter = f"; the last letter left on {sent}" if sent else ""
    disputed = f", {money(message.disputed)} of it disputed" if message.disputed else ""
    owed = f"{money(message.balance)} is owed{disputed}"
    return f"Escalation exhausted: no step is left, {owed}{letter}."


@tell.register
def _kept(message: PromiseKept, names: Names) -> str:
    promised = f"The promise of {money(message.money)} by {message.on} is kept"
    if message.paid.minor < message.money.minor:
        promised += ", for nothing is owed any more of what it was for"
    return f"{promised}: {money(message.paid)} came."


@tell.register
def _broken(message: PromiseBroken, names: Names) -> str:
    promised = f"The promise of {money(message.money)} by {message.on} is broken"
    came = f"{money(message.paid)} came, {money(message.missing)} did not"
    return f"{promised}: {came}. The escalation goes on."


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
    why = f"{SWITCHED.get(message.reason, 'it was said so')} ({message.reason})"
    return f"Recurring payment is switched {state}: {why}."


@tell.register
def _collect(message: CollectionRequested, names: Names) -> str:
    which = listed(map(names.receivable, message.receivables))
    return f"{money(message.total)} is to be collected now, for {which}."
