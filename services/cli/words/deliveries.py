"""What became of reminders and invoices on their way, as sentences."""

from schemas.deliveries import (
    Bounced,
    Delivery,
    DeliveryIntended,
    Dispatched,
    DispatchFailed,
    InstrumentExpired,
    InstrumentExpiring,
)
from services.cli.words.names import Names, capital
from services.cli.words.telling import tell

WAYS = {
    "email": "by e-mail",
    "letter": "by letter",
    "webhook": "by webhook",
    "archive": "into the archive",
}


@tell.register
def _intended(message: DeliveryIntended, names: Names) -> str:
    return f"{_what(message, names)} is about to be sent {WAYS[message.channel]}."


@tell.register
def _dispatched(message: Dispatched, names: Names) -> str:
    return f"{_what(message, names)} was sent {WAYS[message.channel]} on {message.dispatched_on}."


@tell.register
def _failed(message: DispatchFailed, names: Names) -> str:
    then = f"it goes {WAYS[message.fallback]}" if message.fallback else "it is not sent at all"
    why = message.reason.replace("_", " ")
    return f"{_what(message, names)} cannot be sent {WAYS[message.channel]} ({why}); {then}."


@tell.register
def _bounced(message: Bounced, names: Names) -> str:
    why = f" ({message.reason.replace('_', ' ')})" if message.reason else ""
    return f"{_what(message, names)} came back{why}."


@tell.register
def _expiring(message: InstrumentExpiring, names: Names) -> str:
    return f"Payment data {message.instrument_id} will be invalid from {message.expires_on}."


@tell.register
def _expired(message: InstrumentExpired, names: Names) -> str:
    return f"Payment data {message.instrument_id} is invalid from {message.expires_on}."


def _what(message: Delivery, names: Names) -> str:
    if message.dunning_id:
        return capital(names.reminder(message.dunning_id))
    if message.invoice_id:
        return capital(names.receivable(message.invoice_id))
    return f"Delivery {message.delivery_id}"
