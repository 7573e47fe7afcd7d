"""What clerks instruct dunning to do, as sentences."""

from schemas.instructions import (
    AssignCredit,
    AssignPayment,
    ClaimDamages,
    DeferReceivable,
    DispatchReminder,
    HoldEscalation,
    InstalmentsAgreed,
    InvoiceDisputed,
    InvoiceDisputeSettled,
    PromiseRecorded,
    ReleaseEscalation,
    ResendDocument,
    ResetEscalation,
    ReverseWriteOff,
    SendStatement,
    SwitchEscalation,
    WriteOff,
)
from services.cli.words.language import last_before
from services.cli.words.names import Names, because
from services.cli.words.telling import tell


@tell.register
def _reset(message: ResetEscalation, names: Names) -> str:
    return names.language.say("desk.reset", reason=because(message, names))


@tell.register
def _switch(message: SwitchEscalation, names: Names) -> str:
    key = "desk.switch_on" if message.on else "desk.switch_off"
    return names.language.say(key, reason=because(message, names))


@tell.register
def _hold(message: HoldEscalation, names: Names) -> str:
    says, reason = names.language, because(message, names)
    if message.until is None:
        return says.say("desk.hold_for_good", reason=reason)
    return says.say("desk.hold", until=says.until(last_before(message.until)), reason=reason)


@tell.register
def _release(message: ReleaseEscalation, names: Names) -> str:
    return names.language.say("desk.release", reason=because(message, names))


@tell.register
def _dispatch(message: DispatchReminder, names: Names) -> str:
    which = names.reminder(message.dunning_id)
    if message.by_us:
        return names.language.say("desk.send", which=which)
    return names.language.say("desk.sent", which=which, on=message.dispatched_on)


@tell.register
def _defer(message: DeferReceivable, names: Names) -> str:
    says, which = names.language, names.receivable(message.invoice_id)
    until = says.until(message.until)
    return says.say("desk.defer", which=which, until=until, reason=because(message, names))


@tell.register
def _dispute(message: InvoiceDisputed, names: Names) -> str:
    says, which = names.language, names.receivable(message.invoice_id)
    part = says.part("desk.dispute_part", money=message.money)
    reason = because(message, names)
    why = message.reason_code
    return says.say("desk.dispute", which=which, part=part, why=why, reason=reason)


@tell.register
def _settle(message: InvoiceDisputeSettled, names: Names) -> str:
    which, reason = names.receivable(message.invoice_id), because(message, names)
    return names.language.say("desk.settle", which=which, reason=reason)


@tell.register
def _promise(message: PromiseRecorded, names: Names) -> str:
    says = names.language
    which = says.listed(map(names.receivable, message.receivables))
    return says.say(
        "desk.promise",
        money=message.money,
        part=says.part("desk.promise_part", which=which),
        on=message.on,
        reason=because(message, names),
    )


@tell.register
def _agree(message: InstalmentsAgreed, names: Names) -> str:
    says = names.language
    plan = (says.say("desk.instalment", money=each.money, on=each.on) for each in message.plan)
    which = says.listed(map(names.receivable, message.receivables))
    return says.say(
        "desk.agree",
        part=says.part("desk.agree_part", which=which),
        plan=says.listed(plan),
        days=says.days(message.lapses_after_days),
        reason=because(message, names),
    )


@tell.register
def _assign(message: AssignPayment, names: Names) -> str:
    says = names.language
    which = says.listed(names.receivable(each.invoice_id) for each in message.designated)
    reason = because(message, names)
    return says.say("desk.assign", payment=message.payment_id, which=which, reason=reason)


@tell.register
def _assign_credit(message: AssignCredit, names: Names) -> str:
    says, reason = names.language, because(message, names)
    which = says.listed(names.receivable(each.invoice_id) for each in message.designated)
    if message.credit_note_id is None:
        return says.say("desk.assign_left", which=which, reason=reason)
    return says.say("desk.assign_note", note=message.credit_note_id, which=which, reason=reason)


@tell.register
def _claim(message: ClaimDamages, names: Names) -> str:
    says, reason = names.language, because(message, names)
    which = says.listed(map(names.receivable, message.invoices))
    of = says.part("desk.claim_of", which=which)
    kinds = [key for key in ("interest", "lump_sum") if getattr(message, key)]
    what = says.listed(says.word("entry", each) for each in kinds)
    return says.say("desk.claim", what=what, of=of, reason=reason)


@tell.register
def _write_off(message: WriteOff, names: Names) -> str:
    return names.language.say("desk.write_off", on=message.on, reason=because(message, names))


@tell.register
def _reverse(message: ReverseWriteOff, names: Names) -> str:
    return names.language.say("desk.reverse", on=message.on, reason=because(message, names))


@tell.register
def _resend(message: ResendDocument, names: Names) -> str:
    says, reason = names.language, because(message, names)
    if message.to is not None:
        return says.say("desk.resend_to", id=message.document_id, to=message.to, reason=reason)
    way = f" {says.word('way', message.channel)}" if message.channel else ""
    return says.say("desk.resend", id=message.document_id, way=way, reason=reason)


@tell.register
def _statement(message: SendStatement, names: Names) -> str:
    reason = because(message, names)
    return names.language.say("desk.statement", on=message.as_of, reason=reason)
