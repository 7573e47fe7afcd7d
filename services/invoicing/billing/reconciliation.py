"""Billing is reconciliation: what should have been charged by today against what was.

Days that are due and that no line stands for become lines, one document for each day on which they
were to be billed, and one for all that a message makes due; lines for days that are not served
after all are credited, in one credit note. It is the same after a message and after a day, on time
and after an outage.

| rule | says | here |
|------|------|------|
| U-17 | rated usage that reaches a threshold is billed at once, once per crossing | ``reconcile`` |
| U-25 | what depends on a period's lines follows them, in the same document | ``_and_settled`` |
| U-27 | all that one cause credits or bills is one document | ``_credit``, ``_bill_all`` |
| U-31 | usage that was billed and is corrected may be billed anew | ``rebilling.rebill`` |
| U-34 | a document per contract, billing date, purpose and revision | ``_bill_all`` |
| R-34 | a late day bills nothing; the next one makes up for it | ``reconcile`` |
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from schemas.calendars import A_DAY
from schemas.context import Context
from schemas.frozen import replace
from schemas.terms import Terms
from schemas.values import derived_id
from services.invoicing.billing import endings, settling
from services.invoicing.billing.drafts import drafts_of
from services.invoicing.billing.rebilling import rebill
from services.invoicing.documents import credits
from services.invoicing.documents.documents import Office
from services.invoicing.documents.issuing import give_back, issue, step, take_off
from services.invoicing.documents.supplies import DraftLine
from services.invoicing.model import FOREVER, Contract, Outcome, PendingItem
from services.invoicing.timeline import schedule, timeline
from services.invoicing.timeline.bounds import Settlement
from services.invoicing.timeline.components import BookedComponent, delay_of
from services.invoicing.timeline.schedule import BillableStretch
from services.tariffs.periods import Period, enclosing


class Due(NamedTuple):
    """What is to be billed by its day, and the next day on which something will be."""

    pieces: dict[date, list[BillableStretch]]
    settlements: list[Settlement]
    next_on: date | None
    # The start of the first billing period that is not wholly billed.
    open_from: date
    # All that is due by this day is due for one cause.
    merged_on: date

    def days(self, contract: Contract, today: date) -> list[date]:
        """Return the days for which there is a document to be, the first one first."""
        dated = {each.due_on or each.waits_until for each in contract.items}
        dated |= {each.settles_on for each in self.settlements}
        due = {max(day, self.merged_on) for day in dated if day and day <= today}
        return sorted({*self.pieces, *due})


def reconcile(contract: Contract, context: Context, *, cause: str) -> Outcome:
    """Credit what is not served, bill what is due, and say when to look again."""
    agreed, terms = contract.agreement, context.terms
    today = terms.today(agreed.legal_entity_id)
    if not contract.has_plan or not agreed.billing:
        return _waking(contract, None), ()
    if terms.is_late(agreed.legal_entity_id):
        return _waking(contract, today), ()
    if today == date.min:
        return _waking(contract, today), ()  # the first day looks at it
    planned = schedule.plan(contract, terms)
    office = Office.of(contract, context)
    contract, office = _credit(contract, planned, office, cause=cause)
    contract, office = rebill(contract, office)
    if _is_above_threshold(contract, terms):
        contract, office = bill_now(contract, office, only_usage=True, purpose="threshold")
    due = _due(contract, planned.charged, office)
    contract = _dating(contract, due, office)
    contract, office = _bill_all(contract, due, office)
    settled = _settled(contract, planned.standing, due, today)
    contract = replace(contract, settled_until=settled)
    contract, office = endings.tell(contract, office)
    ending = endings.ending(contract, terms, today)
    days = [day for day in (due.next_on, ending and ending.told_on) if day]
    return _waking(contract, min(days, default=None)), office.said


def bill_now(
    contract: Contract, office: Office, *, only_usage: bool, purpose: str = "interim"
) -> tuple[Contract, Office]:
    """Bill rated usage now, or with it all items and what was served and not billed yet.

    What is ordered and what a threshold makes due have names apart: one message may follow the
    other before anything else is said (U-34).
    """
    if not only_usage:
        # On a late day nothing was credited yet that is not served any more.
        planned = schedule.plan(contract, office.terms)
        contract, office = _credit(contract, planned, office, cause="change")
    now = [each for each in contract.items if each.is_usage or not only_usage]
    pieces = [] if only_usage else _served(contract, office)
    drafts = drafts_of(contract, pieces, now, office)
    if not drafts:
        return contract, office
    contract = replace(contract, items=tuple(i for i in contract.items if i not in now))
    today, revision = office.today, contract.revision
    name = derived_id("invoice", contract.contract_id, today, purpose, revision)
    settled = settling.periods(contract, office)
    return issue(contract, name, _and_settled(contract, drafts, settled, today, office), office)


def _and_settled(
    contract: Contract,
    drafts: list[DraftLine],
    settled: Iterable[Settlement],
    day: date,
    office: Office,
) -> list[DraftLine]:
    """Return *drafts*, and what of the periods that are known by *day* is different with them."""
    known = [each for each in settled if each.settles_on <= day]
    return settling.with_them(contract, drafts, known, office)


def _served(contract: Contract, office: Office) -> list[BillableStretch]:
    """Return what was served before today and is to be billed later."""
    planned = schedule.plan(contract, office.terms)
    found = []
    for each in planned.charged:
        for piece in schedule.pieces(contract, each):
            if piece.stretch.from_on >= office.today:
                break
            until = min(piece.stretch.until, office.today)
            if piece.bills_on > office.today and not piece.component.in_advance:
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
    contract: Contract, planned: schedule.Plan, office: Office, *, cause: str
) -> tuple[Contract, Office]:
    """Credit what is not served, and with it what depends on it where nothing is billed now."""
    claimed = credits.unserved(contract, planned.standing, office.entity)
    contract, credited = take_off(contract, claimed, office)
    due = _due(contract, planned.charged, office)
    if not due.pieces and not any(_is_due(each, office.today) for each in contract.items):
        after, more = _take_off_settled(contract, due, office)
        # What would be less than nothing is no credit: it is billed.
        if sum(each.net + each.tax for each in (*credited, *more)) > 0:
            contract, credited = after, [*credited, *more]
    return give_back(contract, credited, office, cause=cause)


def _take_off_settled(
    contract: Contract, due: Due, office: Office
) -> tuple[Contract, list[credits.Credited]]:
    known = [each for each in due.settlements if each.settles_on <= office.today]
    too_much = settling.claims(contract, known, step=step(contract, office))
    claimed = [
        (each, too_much[each.invoice_id])
        for each in contract.invoices
        if each.invoice_id in too_much
    ]
    return take_off(contract, claimed, office)


def _is_due(item: PendingItem, today: date) -> bool:
    day = item.due_on or item.waits_until
    return day is not None and day <= today


def _due(contract: Contract, charged: Iterable[BookedComponent], office: Office) -> Due:
    found, next_on, open_from = defaultdict[date, list[BillableStretch]](list), None, FOREVER
    merged_on = office.today if contract.told_on in (None, date.min) else contract.told_on
    for each in charged:
        for piece in schedule.pieces(contract, each):
            if not schedule.unbilled(contract, piece):
                continue
            if piece.bills_on > office.today:
                next_on = min(next_on or piece.bills_on, piece.bills_on)
                open_from = min(open_from, piece.whole.from_on)
                break
            found[max(piece.bills_on, merged_on)].append(piece)
    settled = settling.periods(contract, office)
    for period in (each for each in settled if each.settles_on > office.today):
        next_on = min(next_on or period.settles_on, period.settles_on)
        open_from = min(open_from, period.whole.from_on)
    return Due(found, settled, next_on, open_from, merged_on)


def _bill_all(contract: Contract, due: Due, office: Office) -> tuple[Contract, Office]:
    """Issue a document for each day on which there was something to bill, the first one first."""
    for day in due.days(contract, office.today):
        if not _has_cause(contract, due, day, office):
            continue
        now = [each for each in contract.items if each.due_on is None or each.due_on <= day]
        drafts = drafts_of(contract, due.pieces.get(day, []), now, office)
        drafts = _and_settled(contract, drafts, due.settlements, day, office)
        contract = replace(contract, items=tuple(i for i in contract.items if i not in now))
        name = derived_id("invoice", contract.contract_id, day, "period", contract.revision)
        contract, office = issue(contract, name, drafts, office)
    return contract, office


def _has_cause(contract: Contract, due: Due, day: date, office: Office) -> bool:
    """Say whether something is to be billed that does not wait for another document."""
    dated = [each.due_on or each.waits_until for each in contract.items]
    if day in due.pieces or any(each <= day for each in dated if each):
        return True
    return bool(_and_settled(contract, [], due.settlements, day, office))


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


def _waiting_until(day: date, item: PendingItem) -> PendingItem:
    is_dated = item.due_on is not None or item.waits_until is not None
    return item if is_dated else replace(item, waits_until=day)


def _settled(
    contract: Contract, standing: Iterable[BookedComponent], due: Due, today: date
) -> date:
    """Return before which day all is billed, and no billing period is open."""
    running = [schedule.begins(contract, each, today) for each in standing if today in each.stretch]
    # What its period costs is found anew with the document that usage comes to stand on.
    last = contract.agreement.life.until - A_DAY
    usage = [each for each in contract.items if each.is_usage]
    usage += [each for rebill in contract.rebills for each in rebill.difference]
    waiting = [min(each.period.from_on, last) for each in usage if each.period]
    return max(contract.settled_until, min([today, due.open_from, *running, *waiting]))


def _waking(contract: Contract, next_on: date | None) -> Contract:
    days = [each.effective_on for each in contract.coming if each.effective_on]
    if contract.agreement.billing:
        days += [day for each in contract.items if (day := each.due_on or each.waits_until)]
        days += [each.on for each in contract.rebills]
    days += [next_on] if next_on else []
    wake_on = min(days, default=None)
    return contract if contract.wake_on == wake_on else replace(contract, wake_on=wake_on)
