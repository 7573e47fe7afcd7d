"""Payments, refunds, chargebacks and disputes, as sentences."""

from schemas.chargebacks import (
    ChargebackReceived,
    ChargebackReversed,
    DisputeClosed,
    DisputeOpened,
)
from schemas.payments import (
    PaymentFailed,
    PaymentPending,
    PaymentReassigned,
    PaymentReceived,
    RefundMade,
)
from services.cli.words.names import Names, listed, money
from services.cli.words.telling import tell


@tell.register
def _pending(message: PaymentPending, names: Names) -> str:
    return (
        f"Payment {message.payment_id} of {money(message.money)} is on its way "
        f"({message.method}, begun {message.initiated_on})."
    )


@tell.register
def _received(message: PaymentReceived, names: Names) -> str:
    meant = listed(names.receivable(each.invoice_id) for each in message.designated)
    purpose = f", meant for {meant}" if meant else ""
    source = message.moved_from
    moved = f", as a part of payment {source.payment_id} of {source.contract_id}" if source else ""
    return (
        f"Payment {message.payment_id} of {money(message.money)} "
        f"received on {message.received_on}{moved}{purpose}."
    )


@tell.register
def _reassigned(message: PaymentReassigned, names: Names) -> str:
    to = f"contract {message.to}" if message.to else "another contract"
    return f"{money(message.money)} of payment {message.payment_id} were meant for {to}."


@tell.register
def _failed(message: PaymentFailed, names: Names) -> str:
    return f"Payment {message.payment_id} failed on {message.failed_on}{_why(message.reason_code)}."


@tell.register
def _refund(message: RefundMade, names: Names) -> str:
    forced = ", although the credit is less" if message.forced else ""
    payment = f" of payment {message.payment_id}" if message.payment_id else ""
    return f"Refund of {money(message.money)}{payment} made on {message.made_on}{forced}."


@tell.register
def _charged_back(message: ChargebackReceived, names: Names) -> str:
    what = "Returned debit" if message.kind == "sepa_return" else "Card chargeback"
    fee = f", and the bank wants {money(message.fee)}" if message.fee else ""
    return (
        f"{what} {message.chargeback_id}{_why(message.reason_code)}: {money(message.money)} "
        f"of payment {message.payment_id} went back on {message.booked_on}{fee}."
    )


@tell.register
def _reversed(message: ChargebackReversed, names: Names) -> str:
    how_much = f" with {money(message.money)}" if message.money else ""
    return f"Chargeback {message.chargeback_id} is reversed on {message.booked_on}{how_much}."


@tell.register
def _opened(message: DisputeOpened, names: Names) -> str:
    return f"Chargeback {message.chargeback_id} is disputed{_why(message.stage)}."


@tell.register
def _closed(message: DisputeClosed, names: Names) -> str:
    outcome = f": {message.outcome}" if message.outcome else ""
    return f"The dispute about chargeback {message.chargeback_id} is over{outcome}."


def _why(code: str | None) -> str:
    return f" ({code})" if code else ""
