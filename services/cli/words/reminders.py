"""Reminders and the decisions behind them, as sentences."""

from datetime import timedelta

from schemas.decisions import StepDecided
from schemas.reminders import ReminderCancelled, ReminderCreated, ReminderReleased
from services.cli.words.names import Names, capital, days, listed, money
from services.cli.words.rulebook import rule
from services.cli.words.telling import tell

OUTCOMES = {
    "fired": "fires",
    "superseded": "is skipped for a higher one of the same day",
    "held": "is held",
    "suspended": "is suspended",
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


@tell.register
def _created(message: ReminderCreated, names: Names) -> str:
    items = [f"{names.receivable(i.receivable_id)} {money(i.open)}" for i in message.items]
    extras = {
        "of fees": message.fees,
        "of interest": message.interest,
        "as the lump sum": message.lump_sum,
    }
    items += [f"{money(amount)} {what}" for what, amount in extras.items() if amount]
    how = "" if message.dispatch == "default" else f" by {message.dispatch}"
    until = f" until {message.pay_until}" if message.pay_until else ""
    draft = " It is a draft until a clerk sends it." if message.send == "manual" else ""
    level, demanded = f"Reminder level {message.level}{how}", money(message.demanded)
    return f"{level} demands {demanded}{until}: {listed(items)}.{draft}"


@tell.register
def _released(message: ReminderReleased, names: Names) -> str:
    return f"{capital(names.reminder(message.dunning_id))} may be sent."


@tell.register
def _cancelled(message: ReminderCancelled, names: Names) -> str:
    which, why = capital(names.reminder(message.dunning_id)), message.reason.replace("_", " ")
    return f"{which} must not be sent any more ({why})."


@tell.register
def _decided(message: StepDecided, names: Names) -> str:
    what = "The escalation"
    if message.step is not None:
        step = message.step
        what = f"The {ACTIONS[step.action]} at {days(step.days_overdue)}"
    said = f"{what} {OUTCOMES[message.outcome]}{_age(message, names)}"
    if message.policy is not None:
        said += f" (policy {message.policy.policy_id} version {message.policy.version})"
    facts = [f"{name.replace('_', ' ')} {_plain(each)}" for name, each in message.facts.items()]
    known = f" Facts: {', '.join(facts)}." if facts else ""
    return f"{said}. {rule(message.rule)}.{known}"


def _age(message: StepDecided, names: Names) -> str:
    if message.anchor is None or message.age_days is None:
        return ""
    since = message.decided_on - timedelta(days=message.age_days)
    age = f": {names.receivable(message.anchor)} is {days(message.age_days)} overdue since {since}"
    if message.delay_days:
        age += f", less {days(message.delay_days)} that a letter was not sent"
    return age


def _plain(fact: str | int | bool) -> str:
    if isinstance(fact, bool):
        return "yes" if fact else "no"
    return str(fact)
