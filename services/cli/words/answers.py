"""What dunning answers: entries of the ledger and escalations, as sentences."""

from schemas.escalations import (
    CollectionRequested,
    ContractEndRequested,
    ContractPauseRequested,
    ContractResumeRequested,
    EscalationExhausted,
    EscalationStarted,
    InstalmentsLapsed,
    PaymentEscalated,
    PaymentEscalationReset,
    PaymentProcessStatusChanged,
    PromiseBroken,
    PromiseKept,
)
from schemas.receivables import Assigned, EntryPosted, ReceivableReopened, ReceivableSettled
from services.cli.words.language import last_before
from services.cli.words.names import Names, capital
from services.cli.words.telling import tell

# What settled a receivable, where it was no money that came in.
SETTLED = {
    "credit": "ledger.settled_credit",
    "discount": "ledger.settled_discount",
    "receivable": "ledger.settled_receivable",
    "refund": "ledger.settled_receivable",
}


@tell.register
def _entry(message: EntryPosted, names: Names) -> str:
    says = names.language
    parts = says.listed(_assigned(each, names) for each in message.assigned)
    # A clerk assigned a payment anew: no money moved.
    if parts and not message.money.minor:
        return says.say("ledger.anew", parts=parts, balance=message.balance)
    lost = message.kind == "discount" and message.money.minor > 0
    return says.say(
        "ledger.booked",
        kind=says.word("entry", "discount_lost" if lost else message.kind),
        money=message.money,
        foreign=says.part("ledger.foreign", money=message.foreign),
        pays=says.part("ledger.pays", parts=parts),
        balance=message.balance,
    )


def _assigned(part: Assigned, names: Names) -> str:
    which, amount = names.receivable(part.receivable_id), names.language.written(part.amount)
    if amount.startswith("-"):
        return names.language.say("ledger.back", money=amount[1:], which=which)
    return names.language.say("ledger.on", money=amount, which=which)


@tell.register
def _settled(message: ReceivableSettled, names: Names) -> str:
    which = names.receivable(message.receivable_id)
    if message.written_off is not None:
        return names.language.say("ledger.written_off", which=which, money=message.written_off)
    return names.language.say(SETTLED.get(message.by, "ledger.settled"), which=capital(which))


@tell.register
def _reopened(message: ReceivableReopened, names: Names) -> str:
    which = capital(names.receivable(message.receivable_id))
    return names.language.say(
        "ledger.reopened", which=which, open=message.open, on=message.anchor_on
    )


@tell.register
def _started(message: EscalationStarted, names: Names) -> str:
    return names.language.say(
        "escalation.started",
        policy=message.policy.policy_id,
        version=str(message.policy.version),
        overdue=message.overdue,
        on=message.due_date,
    )


@tell.register
def _escalated(message: PaymentEscalated, names: Names) -> str:
    which, says = names.receivable(message.receivable_id), names.language
    return says.say("escalation.told", which=which, days=says.after_days(message.trigger_days))


@tell.register
def _reset(message: PaymentEscalationReset, names: Names) -> str:
    says = names.language
    return says.say("escalation.reset", why=says.word("reset", message.reason))


@tell.register
def _exhausted(message: EscalationExhausted, names: Names) -> str:
    says = names.language
    letter = says.part("escalation.letter", on=message.last_dispatched_on)
    disputed = says.part("escalation.disputed", disputed=message.disputed)
    return says.say(
        "escalation.exhausted", balance=message.balance, disputed=disputed, letter=letter
    )


@tell.register
def _kept(message: PromiseKept, names: Names) -> str:
    is_less = message.paid.minor < message.money.minor
    key = "escalation.kept_for_less" if is_less else "escalation.kept"
    return names.language.say(key, money=message.money, on=message.on, paid=message.paid)


@tell.register
def _broken(message: PromiseBroken, names: Names) -> str:
    return names.language.say(
        "escalation.broken",
        money=message.money,
        on=message.on,
        paid=message.paid,
        missing=message.missing,
    )


@tell.register
def _lapsed(message: InstalmentsLapsed, names: Names) -> str:
    return names.language.say(
        "escalation.lapsed", on=message.missed_on, missing=message.missing, owed=message.owed
    )


@tell.register
def _end(message: ContractEndRequested, names: Names) -> str:
    says = names.language
    when = says.word("end", message.when)
    if message.ends_on is None:
        return says.say("escalation.end_unknown", when=when)
    return says.say("escalation.end", last=last_before(message.ends_on), when=when)


@tell.register
def _pause(message: ContractPauseRequested, names: Names) -> str:
    return names.language.say("escalation.pause")


@tell.register
def _resume(message: ContractResumeRequested, names: Names) -> str:
    return names.language.say("escalation.resume")


@tell.register
def _status(message: PaymentProcessStatusChanged, names: Names) -> str:
    says = names.language
    key = "escalation.switched_on" if message.recurring_payment else "escalation.switched_off"
    return says.say(key, why=says.word("switched", message.reason))


@tell.register
def _collect(message: CollectionRequested, names: Names) -> str:
    which = names.language.listed(map(names.receivable, message.receivables))
    return names.language.say("escalation.collect", total=message.total, which=which)
