"""Billing is reconciliation: what should have been charged by today against what was.

Days that are due and that no line stands for become lines, one document for each day on which they
were to be billed; lines for days that are not served after all are credited, one credit note for
each invoice. It is the same after a message and after a day, on time and after an outage.

| rule | says | here |
|------|------|------|
| U-17 | rated usage that reaches a threshold is billed at once, once per crossing | ``reconcile`` |
| U-34 | a document per contract, billing date, purpose and revision | ``_bill_all`` |
| R-34 | a late day bills nothing; the next one makes up for it | ``reconcile`` |
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from schemas.frozen import replace
from schemas.terms import Terms
from schemas.values import derived_id
from services.invoicing.billing.drafts import drafts_of
from services.invoicing.documents import credits
from services.invoicing.documents.documents import Office
from services.invoicing.documents.issuing import give_back, issue
from services.invoicing.model import FOREVER, Contract, Item, Outcome
from services.invoicing.timeline import schedule, timeline
from services.invoicing.timeline.components import BookedComponent, delay_of
from services.invoicing.timeline.schedule import BillableStretch
from services.tariffs.periods import Period, enclosing


class Due(NamedTuple):
    """What is to be billed by its day, and the next day on which something will be."""

    pieces: dict[date, list[BillableStretch]]
    next_on: date | None
    # The start of the first billing period that is not wholly billed.
    open_from: date


def reconcile(contract: Contract, terms: Terms, *, cause: str) -> Outcome:
    """Credit what is not served, bill what is due, and say when to look again."""
    agreed = contract.agreement
    today = terms.today(agreed.legal_entity_id)
    if not contract.has_plan or not agreed.billing:
        return _waking(contract, None), ()
    if terms.is_late(agreed.legal_entity_id):
        return _waking(contract, today), ()
    if today == date.min:
        return _waking(contract, today), ()  # the first day looks at it
    planned = schedule.plan(contract, terms)
    office = Office.of(contract, terms)
    contract, office = _credit(contract, planned.standing, office, cause=cause)
    if _is_above_threshold(contract, terms):
        contract, office = bill_now(contract, office, only_usage=True)
    due = _due(contract, planned.charged, today)
    contract = _dating(contract, due, office)
    contract, office = _bill_all(contract, due, office)
    settled = _settled(contract, planned.standing, due, today)
    contract = replace(contract, settled_until=settled)
    return _waking(contract, due.next_on), office.said


def bill_now(contract: Contract, office: Office, *, only_usage: bool) -> tuple[Contract, Office]:
    """Bill rated usage now, or with it all items and what was served and not billed yet."""
    now = [each for each in contract.items if each.is_usage or not only_usage]
    pieces = [] if only_usage else _served(contract, office)
    drafts = drafts_of(contract, pieces, now, office)
    if not drafts:
        return contract, office
    contract = replace(contract, items=tuple(i for i in contract.items if i not in now))
    today, revision = office.today, contract.revision
    name = derived_id("invoice", contract.contract_id, today, "interim", revision)
    return issue(contract, name, drafts, office)


def _served(contract: Contract, office: Office) -> list[BillableStretch]:
    """Return what was served before today and is to be billed later."""
    planned = schedule.plan(contract, office.terms)
    found = []
    for each in planned.charged:
        for piece in schedule.pieces(contract, each):
            if piece.stretch.from_on >= office.today:
                break
            until = min(piece.stretch.until, office.today)
            if piece.bills_on > office.today and piece.component.is_by_days:
                found.append(piece._replace(stretch=Period(piece.stretch.from_on, until)))
    return found


def _is_above_threshold(contract: Contract, terms: Terms) -> bool:
    """Say whether the usage that is rated and not billed reaches the plan's threshold (U-17).

    What came late does not count: it is for the next invoice, whenever that is.
    """
    plan = timeline.plan_of(contract, terms)
    if plan is None or plan.threshold is None or not contract.agreement.threshold_billing:
        return False
    unbilled = sum(each.net for each in contract.items if each.is_usage and each.due_on)
    return unbilled >= plan.threshold.minor


def _credit(
    contract: Contract, standing: Iterable[BookedComponent], office: Office, *, cause: str
) -> tuple[Contract, Office]:
    for invoice, claims in credits.unserved(contract, standing):
        contract, office = give_back(contract, invoice, claims, office, cause=cause)
    return contract, office


def _due(contract: Contract, charged: Iterable[BookedComponent], today: date) -> Due:
    found, next_on, open_from = defaultdict[date, list[BillableStretch]](list), None, FOREVER
    for each in charged:
        for piece in schedule.pieces(contract, each):
            if not schedule.unbilled(contract, piece):
                continue
            if piece.bills_on > today:
                next_on = min(next_on or piece.bills_on, piece.bills_on)
                open_from = min(open_from, piece.whole.from_on)
                break
            found[piece.bills_on].append(piece)
    return Due(found, next_on, open_from)


def _bill_all(contract: Contract, due: Due, office: Office) -> tuple[Contract, Office]:
    """Issue a document for each day on which there was something to bill, the first one first."""
    dated = {day for each in contract.items if (day := each.due_on or each.waits_until)}
    for day in sorted({*due.pieces, *(day for day in dated if day <= office.today)}):
        now = [each for each in contract.items if each.due_on is None or each.due_on <= day]
        drafts = drafts_of(contract, due.pieces.get(day, []), now, office)
        contract = replace(contract, items=tuple(i for i in contract.items if i not in now))
        name = derived_id("invoice", contract.contract_id, day, "period", contract.revision)
        contract, office = issue(contract, name, drafts, office)
    return contract, office


def _dating(contract: Contract, due: Due, office: Office) -> Contract:
    """Say how long items wait for the next document at most, where nothing makes one.

    That is the end of the running period, or now where the contract is over.
    """
    if not contract.items or due.pieces or due.next_on is not None:
        return contract
    agreed, plan = contract.agreement, timeline.plan_of(contract, office.terms)
    on = office.today
    if plan is not None and on < agreed.life.until:
        until = enclosing(agreed.anchor_on, plan.billing_period, on).until
        on = min(until, agreed.life.until) + timedelta(days=delay_of(plan))
    return replace(contract, items=tuple(_waiting_until(on, each) for each in contract.items))


def _waiting_until(day: date, item: Item) -> Item:
    is_dated = item.due_on is not None or item.waits_until is not None
    return item if is_dated else replace(item, waits_until=day)


def _settled(
    contract: Contract, standing: Iterable[BookedComponent], due: Due, today: date
) -> date:
    """Return before which day all is billed, and no billing period is open."""
    running = [schedule.begins(contract, each, today) for each in standing if today in each.stretch]
    return max(contract.settled_until, min([today, due.open_from, *running]))


def _waking(contract: Contract, next_on: date | None) -> Contract:
    days = [each.effective_on for each in contract.coming if each.effective_on]
    if contract.agreement.billing:
        days += [day for each in contract.items if (day := each.due_on or each.waits_until)]
    days += [next_on] if next_on else []
    wake_on = min(days, default=None)
    return contract if contract.wake_on == wake_on else replace(contract, wake_on=wake_on)
