"""Rated usage, as it is put on invoices: with its period, in between, or after it was closed.

| rule | says | here |
|------|------|------|
| U-30 | an invoice waits for its usage, until the period is closed or some time over | ``close`` |
| U-31 | what comes late stands on the next invoice, with its own period | ``charge``, ``correct`` |
| U-31 | or that of its period is cancelled and made anew | ``_rebilling`` |
"""

from datetime import date, timedelta

from schemas.calendars import A_DAY
from schemas.charges import PeriodClosed, UsageCharged, UsageCorrected, WholeCharge
from schemas.context import Context
from schemas.frozen import replace
from schemas.invoices import LinePeriod
from schemas.orders import BillInterim
from schemas.plans import Charge
from schemas.terms import Terms
from services.invoicing.billing import ends, reconciliation
from services.invoicing.documents.documents import Office
from services.invoicing.documents.supplies import supply_of
from services.invoicing.messages.charged import Cost, lines_of
from services.invoicing.messages.items import expecting
from services.invoicing.model import Contract, Outcome, PendingItem, Rebill
from services.invoicing.rules.tax import Supply
from services.invoicing.timeline.components import charge_of, delay_of
from services.tariffs.periods import Period, enclosing


def charge(contract: Contract, charged: UsageCharged, context: Context) -> Outcome:
    """Keep rated usage for the invoice of its period; above a threshold it is billed at once."""
    terms = context.terms
    until = _closes_on(contract, Period(charged.period.from_, charged.period.until), terms)
    is_open = contract.closed_until is None or contract.closed_until < until
    delay = delay_of(ends.plan_of(contract, terms)) if is_open else 0
    due_on = None if charged.late else until + timedelta(days=delay)
    like = _item(contract, charged.component_id, charged.period, charged.charge_id, terms)
    cost = Cost.of(charged, group=charged.group)
    if charged.late and charged.rebill:
        return _rebilling(contract, like, cost, None, terms), ()
    contract = _expecting(contract, replace(like, due_on=due_on), cost, terms)
    return _bill_usage(contract, context) if charged.interim else (contract, ())


def correct(contract: Contract, corrected: UsageCorrected, terms: Terms) -> Outcome:
    """Put the difference on the next invoice, or let the invoice of it be made anew."""
    like = _item(contract, corrected.component_id, corrected.period, corrected.charge_id, terms)
    cost = Cost(
        corrected.net,
        corrected.quantity,
        group=corrected.group,
        prepaid=corrected.prepaid,
    )
    if corrected.rebill:
        return _rebilling(contract, like, cost, corrected.whole, terms), ()
    return _expecting(contract, like, cost, terms), ()


def close(contract: Contract, closed: PeriodClosed, terms: Terms) -> Contract:
    """Let the invoices of the period wait no longer, or until the day it was closed with begins."""
    today = terms.today(contract.agreement.legal_entity_id)
    if closed.closed_on is not None and closed.closed_on > today:
        # That day bills it: to bill it now would date the document a day too early.
        return contract
    until = max(closed.period.until, contract.closed_until or closed.period.until)
    items = tuple(_closed(each, contract, closed.period.until, terms) for each in contract.items)
    return replace(contract, items=items, closed_until=until)


def interim(contract: Contract, ordered: BillInterim, context: Context) -> Outcome:
    """Bill now the usage that is rated, or with it all that was served and not billed yet."""
    ends.plan_of(contract, context.terms)
    office = Office.of(contract, context)
    contract, office = reconciliation.bill_now(contract, office, only_usage=ordered.what == "usage")
    return contract, office.said


def _bill_usage(contract: Contract, context: Context) -> Outcome:
    """Bill all usage that is rated: a clerk asked for it, and usage has said the last of it."""
    office = Office.of(contract, context)
    contract, office = reconciliation.bill_now(contract, office, only_usage=True)
    return contract, office.said


def _expecting(contract: Contract, like: PendingItem, cost: Cost, terms: Terms) -> Contract:
    """Return *contract* with the lines of a charge to come."""
    charge = _charge_of(contract, like.component_id, terms)
    for each in lines_of(contract, like, cost, charge=charge):
        contract = expecting(contract, each)
    return contract


def _rebilling(
    contract: Contract, like: PendingItem, cost: Cost, whole: WholeCharge | None, terms: Terms
) -> Contract:
    """Return *contract* with a charge to be billed anew, together with all that this day brings."""
    charge = _charge_of(contract, like.component_id, terms)
    all_of_it: list[PendingItem] = []
    if whole is not None:
        now = Cost.of(whole, group=cost.group)
        all_of_it = lines_of(contract, like, now, charge=charge)
    new = Rebill(
        on=terms.today(contract.agreement.legal_entity_id) + A_DAY,
        charge_id=like.charge_id or "",
        difference=tuple(lines_of(contract, like, cost, charge=charge)),
        whole=tuple(all_of_it),
    )
    return replace(contract, rebills=(*contract.rebills, new))


def _charge_of(contract: Contract, component_id: str | None, terms: Terms) -> Charge | None:
    return charge_of(ends.plan_of(contract, terms), component_id)


def _item(
    contract: Contract, component_id: str, period: LinePeriod, charge_id: str, terms: Terms
) -> PendingItem:
    component = _charge_of(contract, component_id, terms)
    stretch = Period(period.from_, period.until)
    return PendingItem(
        component_id=component_id,
        name=component.name if component else component_id,
        net=0,
        supply=supply_of(component) if component else Supply(),
        period=stretch,
        is_usage=True,
        whole_until=_whole(contract, stretch, terms).until,
        charge_id=charge_id,
    )


def _closed(item: PendingItem, contract: Contract, until: date, terms: Terms) -> PendingItem:
    """Return *item* due at the end of its billing period, where that is closed by now."""
    if item.due_on is None or item.period is None or not item.is_usage:
        return item
    ends_on = _closes_on(contract, item.period, terms)
    return replace(item, due_on=ends_on) if ends_on <= until else item


def _closes_on(contract: Contract, period: Period, terms: Terms) -> date:
    """Return when the billing period ends in which usage was; it may be rated in parts (U-30)."""
    return min(_whole(contract, period, terms).until, contract.agreement.life.until)


def _whole(contract: Contract, period: Period, terms: Terms) -> Period:
    last = max(period.from_on, period.until - A_DAY)
    duration = ends.plan_of(contract, terms).billing_period
    return enclosing(contract.agreement.anchor_on, duration, last)
