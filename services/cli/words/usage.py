"""What was used, what it costs, what became of it, and what prepaid balances paid, as sentences."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from schemas.charges import (
    PeriodClosed,
    PrepaidDrawn,
    PrepaidExpired,
    PrepaidLow,
    TierUsed,
    UsageAlert,
    UsageCharged,
    UsageCorrected,
    UsageUnpriced,
)
from schemas.invoices import LinePeriod
from schemas.prepaid import Drawn, PrepaidApplied
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
from services.cli.words.language import Language, last_before
from services.cli.words.names import Names, capital
from services.cli.words.telling import tell


@tell.register
def _charged(message: UsageCharged, names: Names) -> str:
    says = names.language
    return says.say(
        "usage.charged",
        quantity=Decimal(message.quantity),
        component=f"{message.component_id}{_group(message.group, says)}",
        span=_during(message.period, says),
        net=message.net,
        tiers=says.part("usage.tiers", tiers=_tiers(message.tiers, says)),
        bounds=says.part("usage.bounds", bounds=message.bounds),
        prepaid=_prepaid(message.prepaid, says),
        held=says.part("usage.held", money=message.held),
        late=says.say("usage.late") if message.late else "",
    )


@tell.register
def _corrected(message: UsageCorrected, names: Names) -> str:
    says = names.language
    return says.say(
        "usage.corrected",
        component=f"{message.component_id}{_group(message.group, says)}",
        span=_during(message.period, says),
        net=message.net,
        prepaid=_prepaid(message.prepaid, says),
        held=says.part("usage.held", money=message.held),
        charge=message.charge_id,
    )


@tell.register
def _period_closed(message: PeriodClosed, names: Names) -> str:
    says = names.language
    return says.say("usage.closed", span=_during(message.period, says))


@tell.register
def _recorded(message: UsageRecorded, names: Names) -> str:
    says = names.language
    part = says.part("usage.part", backfill=message.backfill_id)
    return says.say("usage.recorded", what=_what(message, says), part=part)


@tell.register
def _retracted(message: UsageRetracted, names: Names) -> str:
    meant = message.retracts
    return names.language.say("usage.retracted", id=meant.id, source=meant.source)


@tell.register
def _replaced(message: UsageReplaced, names: Names) -> str:
    says, meant = names.language, message.retracts
    what = _what(message, says)
    return says.say("usage.replaced", id=meant.id, source=meant.source, what=what)


@tell.register
def _opened(message: UsageBackfillOpened, names: Names) -> str:
    says = names.language
    return says.say(
        "usage.opened",
        backfill=message.backfill_id,
        meter=message.meter,
        span=says.span(message.from_, message.until),
        instead=says.say("usage.instead") if message.replaces else "",
    )


@tell.register
def _closed(message: UsageBackfillClosed, names: Names) -> str:
    return names.language.say("usage.backfill_closed", backfill=message.backfill_id)


@tell.register
def _reverted(message: UsageBackfillReverted, names: Names) -> str:
    return names.language.say("usage.reverted", backfill=message.backfill_id)


@tell.register
def _unpriced(message: UsageUnpriced, names: Names) -> str:
    says = names.language
    return says.say(
        "usage.unpriced",
        quantity=Decimal(message.quantity),
        meter=message.meter,
        events=message.events,
        span=_during(message.period, says),
    )


@tell.register
def _alert(message: UsageAlert, names: Names) -> str:
    says, mark = names.language, message.mark
    what = capital(message.component_id or says.say("usage.all"))
    if mark.net is not None:
        reached = says.money_text(f"{message.reached} {mark.net.currency}")
        return says.say("usage.alert", what=what, reached=reached, mark=mark.net)
    reached_units, told = Decimal(message.reached), Decimal(mark.quantity or 0)
    return says.say("usage.alert", what=what, reached=reached_units, mark=told)


@tell.register
def _low(message: PrepaidLow, names: Names) -> str:
    return names.language.say(
        "usage.low", grant=message.grant_id, left=message.left, mark=message.low_at
    )


@tell.register
def _expired(message: PrepaidExpired, names: Names) -> str:
    says = names.language
    until = says.until(last_before(message.expired_on))
    return says.say("usage.expired", grant=message.grant_id, until=until, lost=message.expired)


@tell.register
def _drawn(message: PrepaidDrawn, names: Names) -> str:
    says, grant, left = names.language, message.grant_id, message.left
    if message.drawn.minor < 0:
        back = Money.of(-message.drawn.minor, message.drawn.currency)
        return says.say("usage.given_back", grant=grant, back=back, left=left)
    return says.say("usage.drawn", grant=grant, drawn=message.drawn, left=left)


@tell.register
def _applied(message: PrepaidApplied, names: Names) -> str:
    says, grant, left = names.language, message.grant_id, message.left
    if message.applied.minor < 0:
        back = Money.of(-message.applied.minor, message.applied.currency)
        return says.say("usage.put_back", grant=grant, back=back, left=left)
    return says.say("usage.paid", grant=grant, drawn=message.applied, left=left)


def _what(message: Usage, says: Language) -> str:
    """Return meter, quantity and time, with the properties that prices may ask for."""
    said = ", ".join(f"{name} {value}" for name, value in sorted(message.properties.items()))
    return says.say(
        "usage.what",
        quantity=Decimal(message.quantity),
        meter=message.meter,
        at=message.occurred_at,
        properties=says.part("usage.properties", said=said),
    )


def _group(group: Mapping[str, str] | None, says: Language) -> str:
    """Return what a group is of, in brackets."""
    said = ", ".join(f"{name} {value}" for name, value in sorted((group or {}).items()))
    return says.part("usage.properties", said=said)


def _tiers(tiers: Sequence[TierUsed], says: Language) -> str:
    """Return what lies in each tier and what of the net that is; one alone is the whole."""
    told = (
        says.say("usage.tier", quantity=Decimal(each.quantity), net=each.net)
        for each in tiers
        if each.net is not None
    )
    return says.listed(told) if len(tiers) > 1 else ""


def _prepaid(drawn: Sequence[Drawn], says: Language) -> str:
    """Return what prepaid balances paid beside the net, or got back."""
    if not drawn:
        return ""
    total = sum(each.money.minor for each in drawn)
    return says.say("usage.prepaid", money=Money.of(total, drawn[0].money.currency))


def _during(period: LinePeriod, says: Language) -> str:
    return says.span(period.from_, period.until)
