"""Reminders and the decisions behind them, as sentences."""

from collections.abc import Iterator
from datetime import date, timedelta

from schemas.decisions import StepDecided
from schemas.reminders import (
    NoticeCancelled,
    NoticeCreated,
    ReminderCancelled,
    ReminderCreated,
    ReminderReleased,
)
from services.cli.words.facts import facts
from services.cli.words.names import Names, capital
from services.cli.words.rulebook import rule
from services.cli.words.telling import tell


@tell.register
def _created(message: ReminderCreated, names: Names) -> str:
    says = names.language
    by = says.word("dispatch", message.dispatch) if message.dispatch != "default" else ""
    until = says.until(message.pay_until) if message.pay_until else ""
    return says.say(
        "reminder.created",
        level=message.level,
        by=says.part("reminder.by", dispatch=by),
        demanded=message.demanded,
        payable=says.part("reminder.payable", until=until),
        items=says.listed(_demanded(message, names)),
        draft=says.say("reminder.draft") if message.send == "manual" else "",
    )


def _demanded(message: ReminderCreated, names: Names) -> Iterator[str]:
    says = names.language
    for item in message.items:
        which = names.receivable(item.receivable_id)
        yield says.say("reminder.item", which=which, open=item.open)
    if left_out := message.items_left_out:
        yield says.say("reminder.left_out", count=left_out.count, open=left_out.open)
    extras = {
        "reminder.fees": message.fees,
        "reminder.interest": message.interest,
        "reminder.lump_sum": message.lump_sum,
    }
    for key, amount in extras.items():
        if amount:
            yield says.say(key, amount=amount)
    if missing := message.no_base_rate_from:
        yield says.say("reminder.no_base_rate", on=missing)


@tell.register
def _released(message: ReminderReleased, names: Names) -> str:
    which = capital(names.reminder(message.dunning_id))
    return names.language.say("reminder.released", which=which)


@tell.register
def _cancelled(message: ReminderCancelled, names: Names) -> str:
    says, which = names.language, capital(names.reminder(message.dunning_id))
    why = says.word("cancelled", message.reason)
    return says.say("reminder.cancelled", which=which, why=why)


@tell.register
def _noticed(message: NoticeCreated, names: Names) -> str:
    says, items = names.language, message.items
    which = says.listed(names.receivable(each.receivable_id) for each in items)
    if message.kind == "thanks":
        return says.say("reminder.thanks", which=which, money=message.money)
    due = items[0].due_on if items else message.created_on
    return says.say("reminder.before_due", which=which, due=due, money=message.money)


@tell.register
def _notice_cancelled(_message: NoticeCancelled, names: Names) -> str:
    return names.language.say("reminder.notice_cancelled")


@tell.register
def _decided(message: StepDecided, names: Names) -> str:
    says, policy = names.language, message.policy
    known = "; ".join([*_age(message, names), *facts(message, says)])
    by = ""
    if policy:
        version = str(policy.version)
        by = says.say("decision.policy", policy=policy.policy_id, version=version)
    return says.say(
        "decision.said",
        what=_what(message, names),
        became=_became(message, names),
        known=says.part("decision.known", known=known),
        rule=rule(message.rule, message.outcome, says),
        policy=by,
    )


def _what(message: StepDecided, names: Names) -> str:
    says = names.language
    if message.step is None:
        return says.say("decision.start")
    days = says.after_days(message.step.days_overdue)
    return says.say("decision.step", action=says.word("action", message.step.action), days=days)


def _became(message: StepDecided, names: Names) -> str:
    if message.step is not None and message.outcome == "below_threshold":
        return names.language.say("decision.waits_for_more")
    return names.language.word("outcome", message.outcome)


def _age(message: StepDecided, names: Names) -> Iterator[str]:
    if message.anchor is None or message.age_days is None:
        return
    says = names.language
    since = message.decided_on - timedelta(days=message.age_days)
    due = date.fromisoformat(str(message.facts.get("due_on", since)))
    what, open_ = names.receivable(message.anchor), message.facts.get("open")
    if open_:
        what = says.say("decision.open", which=what, open=says.money_text(open_))
    # A return, a deferral, or a debit that failed moved it.
    was_due = says.say("decision.was_due", due=due) if due != since else ""
    delay = message.delay_days
    less = says.say("decision.less", days=says.after_days(delay)) if delay else ""
    days = says.days(message.age_days)
    yield says.say("decision.age", what=what, days=days, since=since, was_due=was_due, less=less)
