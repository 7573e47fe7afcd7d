"""Reminders and the decisions behind them, as sentences."""

from collections.abc import Iterator
from datetime import timedelta

from schemas.decisions import StepDecided
from schemas.reminders import ReminderCancelled, ReminderCreated, ReminderReleased
from services.cli.words.facts import facts
from services.cli.words.names import Names, capital, days, listed, money, money_text, until
from services.cli.words.rulebook import rule
from services.cli.words.telling import tell

OUTCOMES = {
    "fired": "fires",
    "superseded": "is skipped for a higher one",
    "held": "is held",
    "suspended": "does not fire",
    "below_threshold": "does not start",
    "guarded": "waits for the notice that the customer must have",
    "no_op": "has nothing to do",
}
ACTIONS = {
    "webhook": "webhook",
    "reminder": "reminder",
    "pause_contract": "pause of the contract",
    "end_contract": "end of the contract",
}
CANCELLED = {
    "amount": "what it demands has changed",
    "reset": "the escalation has ended",
}


@tell.register
def _created(message: ReminderCreated, names: Names) -> str:
    items = [f"{names.receivable(i.receivable_id)} {money(i.open)}" for i in message.items]
    if left_out := message.items_left_out:
        items.append(f"{left_out.count} more with {money(left_out.open)}")
    extras = {
        "of fees": message.fees,
        "of interest": message.interest,
        "as the lump sum": message.lump_sum,
    }
    items += [f"{money(amount)} {what}" for what, amount in extras.items() if amount]
    if missing := message.no_base_rate_from:
        items.append(f"no interest from {missing} on, for the base rate is not loaded")
    how = "" if message.dispatch == "default" else f" by {message.dispatch}"
    payable = f" {until(message.pay_until)}" if message.pay_until else ""
    draft = " It is a draft until a clerk sends it." if message.send == "manual" else ""
    level, demanded = f"Reminder level {message.level}{how}", money(message.demanded)
    return f"{level} demands {demanded}{payable}: {listed(items)}.{draft}"


@tell.register
def _released(message: ReminderReleased, names: Names) -> str:
    return f"{capital(names.reminder(message.dunning_id))} may be sent."


@tell.register
def _cancelled(message: ReminderCancelled, names: Names) -> str:
    which, why = capital(names.reminder(message.dunning_id)), message.reason
    return f"{which} must not be sent any more: {CANCELLED.get(why, 'it was said so')} ({why})."


@tell.register
def _decided(message: StepDecided, names: Names) -> str:
    what = "The escalation"
    if message.step is not None:
        step = message.step
        what = f"The {ACTIONS[step.action]} at {days(step.days_overdue)}"
    became = OUTCOMES[message.outcome]
    if message.step is not None and message.outcome == "below_threshold":
        became = "waits until more is overdue"
    known = "; ".join([*_age(message, names), *facts(message)])
    said = f"{what} {became}{f': {known}' if known else ''}"
    policy = message.policy
    by = f" (policy {policy.policy_id} version {policy.version})" if policy else ""
    return f"{said}. {rule(message.rule, message.outcome)}{by}."


def _age(message: StepDecided, names: Names) -> Iterator[str]:
    if message.anchor is None or message.age_days is None:
        return
    since = message.decided_on - timedelta(days=message.age_days)
    open_, due = message.facts.get("open"), message.facts.get("due_on", str(since))
    what = names.receivable(message.anchor) + (f" with {money_text(open_)} open" if open_ else "")
    age = f"{what} is {days(message.age_days)} overdue since {since}"
    # A return, a deferral, or a debit that failed moved it.
    if due != str(since):
        age += f" (it was due on {due})"
    if message.delay_days:
        age += f", less {days(message.delay_days)} that a letter was not sent"
    yield age
