"""What is said of whole periods: at their close, when something is late, and in between.

| rule | says | here |
|------|------|------|
| U-17 | at the threshold what is not billed is charged at once | ``watch`` |
| U-30 | a period closes some time after its end | ``begin_day`` |
| U-31, U-57 | the whole of a closed period is rated again, and the difference said | ``_correct`` |
| U-55 | what no component prices is told once per meter and period | ``unpriced`` |
| U-56 | each mark is told once per period | ``_alerts`` |
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from schemas.calendars import A_DAY
from schemas.charges import PeriodClosed, PrepaidDrawn, UsageAlert, UsageCharged, UsageUnpriced
from schemas.days import DayBegan
from schemas.frozen import replace
from schemas.message import ContractMessage
from schemas.plans import PlanPublished
from schemas.terms import Terms
from services.tariffs.periods import Period
from services.usage.messages import balances
from services.usage.metering.counting import UNPRICED, added, groups_of, of_days
from services.usage.model import FOREVER, Charged, Closed, Contract, Outcome, Sum, parts_of
from services.usage.rating.charging import corrected, differences, said, said_period
from services.usage.rating.lines import RatedLine, charged_in, lines, text
from services.usage.rating.marks import marks, suffix_of
from services.usage.rating.running import rate_again, so_far, used_in
from services.usage.timeline.life import (
    closes_on,
    is_metered,
    is_rated,
    period_of,
    phases,
    plan_on,
    today_of,
)

# No plan lets usage come later than this.
_KEPT = timedelta(days=401)


def begin_day(contract: Contract, began: DayBegan, terms: Terms) -> Outcome:
    """Say what changed of closed periods, then close those whose time has come."""
    contract, said_before = _correct(contract, terms)
    found = list[ContractMessage](said_before)
    if any(balances.expires(each, began.day) for each in contract.grants):
        contract, more = _expire(contract, began.day, terms)
        found += more
    while (coming := _coming(contract, terms)) and closes_on(contract, coming, terms) <= began.day:
        contract, more = _close(contract, coming, terms)
        found += more
    if any(isinstance(each, PrepaidDrawn) and each.drawn.minor < 0 for each in found):
        contract = balances.with_held_again(contract)
    kept = tuple(each for each in contract.closed if each.until > began.day - _KEPT)
    held = tuple(each.from_on for each in kept if each.from_on in contract.held)
    return replace(contract, closed=kept, held=held), tuple(found)


def wakes_on(contract: Contract, terms: Terms) -> date | None:
    """Return on which day something is to be said."""
    if contract.reopened:
        return today_of(contract, terms) + A_DAY
    days = [each.expires_on for each in contract.grants if each.left and each.expires_on]
    days += [each.effective_on for each in contract.coming if each.effective_on]
    coming = _coming(contract, terms)
    if coming is not None and _has_something(contract, coming, terms):
        days.append(closes_on(contract, coming, terms))
    return min(days, default=None)


def speaks(contract: Contract, terms: Terms) -> bool:
    """Say whether an event may have to be answered at once: it cannot be absorbed with others."""
    agreed = contract.agreement
    if any(e.low_at is not None and not (e.told_low or e.applies_gross) for e in contract.grants):
        return True
    for stretch, plan in phases(contract, terms):
        must = plan.alerts or (plan.threshold and agreed.threshold_billing)
        if must and stretch.until > contract.open_from:
            return True
    return False


def watch(contract: Contract, terms: Terms) -> Outcome:
    """Tell the marks that were reached, and charge what has come to the threshold."""
    if not contract.speaks:
        return contract, ()
    found, messages = so_far(contract, terms), list[ContractMessage]()
    unbilled = balances.chargeable(contract, found, today=today_of(contract, terms))
    for period, some in found:
        contract, alerts = _alerts(contract, period, some, terms)
        messages += alerts
    contract, low = balances.low(contract, found, today=today_of(contract, terms))
    messages += low
    plan = plan_on(contract, today_of(contract, terms), terms)
    if plan and _is_reached(contract, plan, unbilled):
        for period, some in found:
            contract, more = _say(contract, period, some, today=today_of(contract, terms))
            messages += more
    return contract, tuple(messages)


def interim(contract: Contract, terms: Terms) -> Outcome:
    """Charge now what was used up to now; the last charge says that all is to be billed."""
    messages = list[ContractMessage]()
    for period, some in so_far(contract, terms):
        contract, more = _say(contract, period, some, today=today_of(contract, terms))
        messages += more
    last = next((n for n, m in enumerate(messages[::-1]) if isinstance(m, UsageCharged)), None)
    if last is not None:
        at = len(messages) - 1 - last
        messages[at] = messages[at].model_copy(update={"interim": True})
    return contract, tuple(messages)


def _say(
    contract: Contract, period: Period, some: list[RatedLine], *, today: date
) -> tuple[Contract, tuple[ContractMessage, ...]]:
    """Charge what *some* lines of an open period come to, and was not charged yet."""
    own = charged_in(contract.charged, period)
    contract, known, messages = said(contract, period, some, own, today=today)
    return replace(contract, charged=contract.charged | known), messages


def _expire(contract: Contract, day: date, terms: Terms) -> Outcome:
    """Let balances pay what was used while they held, and say what is lost of them."""
    yesterday = day - A_DAY
    messages = list[ContractMessage]()
    over = (each for each in contract.grants if balances.expires(each, day))
    may_pay = any(not each.applies_gross for each in over)
    for period, some in so_far(contract, terms) if may_pay else ():
        contract, more = _say(contract, period, some, today=yesterday)
        messages += more
    contract, expired = balances.expire(contract, day)
    return contract, (*messages, *expired)


def _coming(contract: Contract, terms: Terms) -> Period | None:
    """Return the next period to close; there is none behind the contract's end."""
    life = contract.agreement.life
    day = max(contract.open_from, life.from_on)
    return period_of(contract, day, terms) if day < life.until else None


def _has_something(contract: Contract, period: Period, terms: Terms) -> bool:
    metered = is_metered(contract, Period(period.from_on, FOREVER), terms)
    return metered or bool(contract.sums)


def _close(contract: Contract, period: Period, terms: Terms) -> Outcome:
    contract = _with_strays_filed(contract, period, terms)
    own = of_days(contract.sums, *period)
    charged = charged_in(contract.charged, period)
    some, levels = lines(contract, period, used_in(contract, period), terms)
    contract, charged, charges = said(
        contract, period, some, charged, today=today_of(contract, terms)
    )
    without_price = unpriced(contract, period, own)
    closes: tuple[PeriodClosed, ...] = ()
    if is_metered(contract, period, terms):
        named = said_period(contract, period)
        closed = PeriodClosed(
            contract_id=contract.contract_id,
            period=named,
            closed_on=today_of(contract, terms),
            cut=contract.taken,
        )
        closes = (closed,)
    if own or charged or closes:
        kept = Closed(period=period, sums=own, charged=charged, opening=contract.levels)
        contract = contract.with_period(kept)
        contract = replace(contract, closed=(*contract.closed, period))
        contract = _noting_held(contract, period, some, charged)
    return replace(
        contract,
        sums=of_days(contract.sums, period.until, FOREVER),
        charged={k: c for k, c in contract.charged.items() if k not in charged},
        told=tuple(each for each in contract.told if not each.endswith(suffix_of(period))),
        levels=levels,
        open_from=period.until,
    ), (*charges, *without_price, *closes)


def _with_strays_filed(contract: Contract, period: Period, terms: Terms) -> Contract:
    """Return *contract* with what was used before all its periods in closed ones of their own."""
    strays = of_days(contract.sums, date.min, period.from_on)
    for day in sorted({parts_of(key)[1] for key in strays}):
        if contract.closed_with(day) is None:
            before = period_of(contract, day, terms)
            before = Period(before.from_on, min(before.until, period.from_on))
            sums = of_days(strays, *before)
            contract = contract.with_period(Closed(period=before, sums=sums, charged={}))
            contract = replace(contract, closed=tuple(sorted((*contract.closed, before))))
    return replace(contract, sums=of_days(contract.sums, period.from_on, FOREVER))


def _correct(contract: Contract, terms: Terms) -> Outcome:
    """Say how closed periods differ from what was charged; levels go on from each to the next."""
    if not contract.reopened:
        return contract, ()
    messages = list[ContractMessage]()
    again, levels = rate_again(contract, terms)
    for closed, some in again:
        period = closed.period
        plan = plan_on(contract, period.from_on, terms)
        rebill = plan is not None and plan.late_usage == "credit_rebill"
        contract, charged, more = corrected(
            contract, period, some, closed.charged, rebill=rebill, today=today_of(contract, terms)
        )
        contract = contract.with_period(replace(closed, charged=charged))
        contract = _noting_held(contract, period, some, charged)
        messages += more
    return replace(contract, reopened=(), levels=levels), tuple(messages)


def _noting_held(
    contract: Contract, period: Period, some: list[RatedLine], charged: Mapping[str, Charged]
) -> Contract:
    """Return *contract* with whether something of a closed period is held: what still differs."""
    others = {each for each in contract.held if each != period.from_on}
    own = {period.from_on} if any(True for _ in differences(some, charged)) else set[date]()
    held = tuple(sorted(others | own))
    return contract if held == contract.held else replace(contract, held=held)


def _is_reached(contract: Contract, plan: PlanPublished, unbilled: int) -> bool:
    is_on = contract.agreement.threshold_billing
    return is_on and plan.threshold is not None and 0 < plan.threshold.minor <= unbilled


def _alerts(
    contract: Contract, period: Period, some: list[RatedLine], terms: Terms
) -> tuple[Contract, list[UsageAlert]]:
    messages = list[UsageAlert]()
    for mark in marks(contract, period, some, terms):
        if mark.is_reached and mark.name not in contract.told:
            contract = replace(contract, told=(*contract.told, mark.name))
            messages.append(
                UsageAlert(
                    contract_id=contract.contract_id,
                    component_id=mark.alert.component_id,
                    mark=mark.alert,
                    reached=text(mark.reached, places=24),
                    period=said_period(contract, period),
                )
            )
    return contract, messages


def unpriced(contract: Contract, period: Period, sums: dict[str, Sum]) -> Iterator[UsageUnpriced]:
    """Yield what no component prices, each meter once (U-55)."""
    for group in sorted(groups_of(sums, UNPRICED)):
        some = dict[str, Sum]()
        for key, each in sums.items():
            component, day, own = parts_of(key)
            if (component, own) == (UNPRICED, group) and is_rated(contract, day):
                some = added(some, {"all": each})
        if some:
            yield UsageUnpriced(
                contract_id=contract.contract_id,
                meter=group[0],
                period=said_period(contract, period),
                events=some["all"].events,
                quantity=text(some["all"].units),
            )
