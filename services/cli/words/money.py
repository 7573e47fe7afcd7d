"""Payments, refunds, chargebacks and disputes, as sentences."""

from schemas.chargebacks import (
    ChargebackReceived,
    ChargebackReversed,
    DisputeClosed,
    DisputeOpened,
)
from schemas.payments import PaymentFailed, PaymentPending, PaymentReceived, RefundMade
from services.cli.words.names import Names
from services.cli.words.telling import tell


@tell.register
def _pending(message: PaymentPending, names: Names) -> str:
    says = names.language
    return says.say(
        "money.pending",
        payment=message.payment_id,
        money=message.money,
        method=says.word("method", message.method),
        on=message.initiated_on,
    )


@tell.register
def _received(message: PaymentReceived, names: Names) -> str:
    says = names.language
    meant = says.listed(names.receivable(each.invoice_id) for each in message.designated)
    return says.say(
        "money.received",
        payment=message.payment_id,
        money=message.money,
        on=message.received_on,
        meant=says.part("money.meant", meant=meant),
    )


@tell.register
def _failed(message: PaymentFailed, names: Names) -> str:
    why = _why(message.reason_code, names)
    return names.language.say(
        "money.failed", payment=message.payment_id, on=message.failed_on, why=why
    )


@tell.register
def _refund(message: RefundMade, names: Names) -> str:
    says = names.language
    return says.say(
        "money.refund",
        money=message.money,
        of=says.part("money.of_payment", payment=message.payment_id),
        on=message.made_on,
        forced=says.say("money.forced") if message.forced else "",
    )


@tell.register
def _charged_back(message: ChargebackReceived, names: Names) -> str:
    says = names.language
    return says.say(
        "money.charged_back",
        what=says.word("chargeback", message.kind),
        id=message.chargeback_id,
        why=_why(message.reason_code, names),
        money=message.money,
        payment=message.payment_id,
        on=message.booked_on,
        fee=says.part("money.fee", fee=message.fee),
    )


@tell.register
def _reversed(message: ChargebackReversed, names: Names) -> str:
    says = names.language
    how_much = says.part("money.with", money=message.money)
    return says.say(
        "money.reversed", id=message.chargeback_id, on=message.booked_on, how_much=how_much
    )


@tell.register
def _opened(message: DisputeOpened, names: Names) -> str:
    why = _why(message.stage, names)
    return names.language.say("money.disputed", id=message.chargeback_id, why=why)


@tell.register
def _closed(message: DisputeClosed, names: Names) -> str:
    says = names.language
    outcome = says.word("dispute", message.outcome) if message.outcome else ""
    over = says.part("money.outcome", outcome=outcome)
    return says.say("money.dispute_over", id=message.chargeback_id, outcome=over)


def _why(code: str | None, names: Names) -> str:
    return names.language.part("plain.reason", reason=code)
