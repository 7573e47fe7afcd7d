"""What our services answered, as sentences: entries, reminders, escalations and decisions."""

from datetime import timedelta

from schemas.decisions import StepDecided
from schemas.escalations import (
    ContractEndRequested,
    ContractPauseRequested,
    EscalationExhausted,
    EscalationStarted,
    PaymentEscalated,
    PaymentEscalationReset,
    PaymentProcessStatusChanged,
)
from schemas.receivables import EntryPosted, ReceivableReopened, ReceivableSettled
from schemas.reminders import ReminderCancelled, ReminderCreated, ReminderReleased
from services.cli.names import Names, listed, money
from services.cli.rulebook import rule
from services.cli.sentences import tell

# Who imports this knows the sentences of both sides.
__all__ = ["tell"]

RESETS = {
    "balance_cleared": "nothing is owed any more",
    "credit": "a credit cleared the balance",
    "write_off": "what was owed is written off",
    "manual": "a clerk ended it",
}
OUTCOMES = {
    "fired": "fires",
    "superseded": "is skipped for a higher one of the same day",
    "held": "is held",
    "suspended": "is suspended",
    "below_threshold": "does not start",
    "guarded": "waits for the notice the customer must have",
    "no_op": "has nothing to do",
}
ACTIONS = {
    "webhook": "webhook",
    "reminder": "reminder",
    "pause_contract": "pause of the contract",
    "end_contract": "end of the contract",
}


@tell.register
def _entry(message: EntryPosted, names: Names) -> str:
    parts = [f"{money(a.amount)} on {names.receivable(a.receivable_id)}" for a in message.assigned]
    pays = f", {listed(parts)}" if parts else ""
    kind = message.kind.replace("_", " ")
    return f"Booked: {kind} {money(message.money)}{pays}. Balance {money(message.balance)}."


@tell.register
def _settled(message: ReceivableSettled, names: Names) -> str:
    return f"{_capital(names.receivable(message.receivable_id))} is settled."


@tell.register
def _reopened(message: ReceivableReopened, names: Names) -> str:
    which = _capital(names.receivable(message.receivable_id))
    open_ = money(message.open)
    return f"{which} is open again with {open_}; its age counts from {message.anchor_on}."


@tell.register
def _started(message: EscalationStarted, names: Names) -> str:
    policy = f"{message.policy.policy_id} version {message.policy.version}"
    return (
        f"Escalation starts under policy {policy}: "
        f"{money(message.overdue)} overdue, the oldest since {message.due_date}."
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
def _status(message: PaymentProcessStatusChanged, names: Names) -> str:
    state = "on" if message.recurring_payment else "off"
    return f"Recurring payment is switched {state} ({message.reason.replace('_', ' ')})."


@tell.register
def _created(message: ReminderCreated, names: Names) -> str:
    items = [f"{names.receivable(i.receivable_id)} {money(i.open)}" for i in message.items]
    fees = f", with {money(message.fees)} of fees" if message.fees else ""
    how = "" if message.dispatch == "default" else f" by {message.dispatch}"
    draft = " It is a draft until a clerk sends it." if message.send == "manual" else ""
    return (
        f"Reminder level {message.level}{how} demands {money(message.demanded)}{fees}: "
        f"{listed(items)}.{draft}"
    )


@tell.register
def _released(message: ReminderReleased, names: Names) -> str:
    return f"{_capital(names.reminder(message.dunning_id))} may be sent."


@tell.register
def _cancelled(message: ReminderCancelled, names: Names) -> str:
    which = _capital(names.reminder(message.dunning_id))
    return f"{which} must not be sent any more ({message.reason})."


@tell.register
def _decided(message: StepDecided, names: Names) -> str:
    what = "The escalation"
    if message.action is not None:
        what = f"The {ACTIONS[message.action]} at {_days(message.trigger_days or 0)}"
    since = message.decided_on - timedelta(days=message.age_days)
    age = f"{names.receivable(message.anchor)} is {_days(message.age_days)} overdue since {since}"
    if message.delay_days:
        age += f", less {_days(message.delay_days)} that a letter was not sent"
    policy = f"policy {message.policy.policy_id} version {message.policy.version}"
    return f"{what} {OUTCOMES[message.outcome]}: {age} ({policy}). {rule(message.rule)}."


def _days(count: int) -> str:
    return f"{count} day" if count == 1 else f"{count} days"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
