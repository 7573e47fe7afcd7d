"""What was used, what became of it, and what prepaid balances paid, as sentences."""

from schemas.charges import (
    PrepaidDrawn,
    PrepaidExpired,
    PrepaidLow,
    UsageAlert,
    UsageUnpriced,
)
from schemas.invoices import Period
from schemas.usage import (
    Usage,
    UsageBackfillClosed,
    UsageBackfillOpened,
    UsageBackfillReverted,
    UsageRecorded,
    UsageReplaced,
    UsageRetracted,
)
from schemas.values import Money
from services.cli.words.names import Names, last_before, money, money_text, span, until
from services.cli.words.telling import tell


@tell.register
def _recorded(message: UsageRecorded, names: Names) -> str:
    part = f", as part of backfill {message.backfill_id}" if message.backfill_id else ""
    return f"{_what(message)} was recorded{part}."


@tell.register
def _retracted(message: UsageRetracted, names: Names) -> str:
    meant = message.retracts
    return f"Usage {meant.id} of {meant.source} is taken back."


@tell.register
def _replaced(message: UsageReplaced, names: Names) -> str:
    meant = message.retracts
    return f"Usage {meant.id} of {meant.source} is replaced: {_what(message)} was recorded."


@tell.register
def _opened(message: UsageBackfillOpened, names: Names) -> str:
    instead = ", instead of what was recorded" if message.replaces else ""
    return (
        f"Backfill {message.backfill_id} brings in {message.meter} for "
        f"{span(message.from_, message.until)}{instead}; nothing of it counts before it is closed."
    )


@tell.register
def _closed(message: UsageBackfillClosed, names: Names) -> str:
    return f"Backfill {message.backfill_id} is complete, and counts from now on."


@tell.register
def _reverted(message: UsageBackfillReverted, names: Names) -> str:
    return f"Backfill {message.backfill_id} is dropped: nothing of it counts."


@tell.register
def _unpriced(message: UsageUnpriced, names: Names) -> str:
    return (
        f"{message.quantity} of meter {message.meter} in {message.events} events "
        f"{_during(message.period)} has no price: no component of the plan counts it."
    )


@tell.register
def _alert(message: UsageAlert, names: Names) -> str:
    what = message.component_id or "all that was used"
    if message.mark.net is None:
        return (
            f"{what.capitalize()} has come to {message.reached}: {message.mark.quantity} is told."
        )
    currency = message.mark.net.currency
    reached = money_text(f"{message.reached} {currency}")
    return f"{what.capitalize()} has come to {reached}: {money(message.mark.net)} is told."


@tell.register
def _low(message: PrepaidLow, names: Names) -> str:
    left, mark = money(message.left), money(message.low_at)
    return f"Prepaid balance {message.grant_id} is low: {left} is left, {mark} is told."


@tell.register
def _expired(message: PrepaidExpired, names: Names) -> str:
    lost = money(message.expired)
    last = last_before(message.expired_on)
    return f"Prepaid balance {message.grant_id} could be used {until(last)}: {lost} is lost."


@tell.register
def _drawn(message: PrepaidDrawn, names: Names) -> str:
    left = f"{money(message.left)} is left"
    if message.drawn.minor < 0:
        back = Money.of(-message.drawn.minor, message.drawn.currency)
        return f"Prepaid balance {message.grant_id} gets {money(back)} back; {left}."
    return f"Prepaid balance {message.grant_id} paid {money(message.drawn)} of a charge; {left}."


def _what(message: Usage) -> str:
    """Return meter, quantity and time, with the properties that prices may ask for."""
    at = message.occurred_at.isoformat(sep=" ", timespec="minutes")
    said = ", ".join(f"{name} {value}" for name, value in sorted(message.properties.items()))
    return f"{message.quantity} of meter {message.meter} at {at}{f' ({said})' if said else ''}"


def _during(period: Period) -> str:
    return f"for {span(period.from_, period.until)}"
