"""Billing is reconciliation: what should have been charged by today against what was.

Days that are due and that no line stands for become lines, one document for each day on which they
were to be billed; lines for days that are not served after all are credited, one credit note for
each invoice. It is the same after a message and after a day, on time and after an outage.

| rule | says | here |
|------|------|------|
| U-17 | rated usage that reaches a threshold is billed at once, once per crossing | ``reconcile`` |
| U-34 | a document per contract, billing date, purpose and revision | ``_bill`` |
| U-20 | all pieces of a period at one price cost what one piece would have | ``_sale`` |
| R-34 | a late day bills nothing; the next one makes up for it | ``reconcile`` |
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from schemas.terms import Terms
from schemas.values import derived_id
from services.invoicing import credits, schedule, timeline
from services.invoicing.billed import Line, Time
from services.invoicing.documents import Office
from services.invoicing.issuing import give_back, issue, step
from services.invoicing.model import FOREVER, Contract, Outcome
from services.invoicing.periods import Period
from services.invoicing.proration import Part, charge
from services.invoicing.schedule import Piece
from services.invoicing.supplies import Sale, sale_of, supply_of
from services.invoicing.tariff import Booked


class Due(NamedTuple):
    """What is to be billed by its day, and the next day on which something will be."""

    pieces: dict[date, list[Piece]]
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
    planned = schedule.plan(contract, terms)
    office = Office.of(contract, terms)
    contract, office = _credit(contract, planned.standing, office, cause=cause)
    if _is_above_threshold(contract, terms):
        contract, office = bill_now(contract, office, only_usage=True)
    due = _due(contract, planned.charged, today)
    contract, office = _bill_all(contract, due, office)
    settled = _settled(contract, planned.standing, due, today)
    contract = replace(contract, settled_until=settled)
    return _waking(contract, due.next_on), office.said


def bill_now(contract: Contract, office: Office, *, only_usage: bool) -> tuple[Contract, Office]:
    """Bill rated usage now, or with it all items and what was served and not billed yet."""
    now = [each for each in contract.items if each.is_usage or not only_usage]
    pieces = [] if only_usage else _served(contract, office)
    sales = [*_sales(contract, pieces, office), *map(sale_of, now)]
    if not sales:
        return contract, office
    contract = replace(contract, items=tuple(i for i in contract.items if i not in now))
    today, revision = office.today, contract.revision
    name = derived_id("invoice", contract.contract_id, today, "interim", revision)
    return issue(contract, name, sales, office)


def _served(contract: Contract, office: Office) -> list[Piece]:
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
    contract: Contract, standing: Iterable[Booked], office: Office, *, cause: str
) -> tuple[Contract, Office]:
    for invoice, claims in credits.unserved(contract, standing):
        contract, office = give_back(contract, invoice, claims, office, cause=cause)
    return contract, office


def _due(contract: Contract, charged: Iterable[Booked], today: date) -> Due:
    found, next_on, open_from = defaultdict[date, list[Piece]](list), None, FOREVER
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
    days = {*due.pieces, *_items_due(contract, due, office.today)}
    for day in sorted(days):
        now = [each for each in contract.items if each.due_on is None or each.due_on <= day]
        sales = [*_sales(contract, due.pieces.get(day, []), office), *map(sale_of, now)]
        contract = replace(contract, items=tuple(i for i in contract.items if i not in now))
        name = derived_id("invoice", contract.contract_id, day, "period", contract.revision)
        contract, office = issue(contract, name, sales, office)
    return contract, office


def _items_due(contract: Contract, due: Due, today: date) -> set[date]:
    """Return when items are due: on their day, or now if no document comes that could take them."""
    dated = [each.due_on for each in contract.items if each.due_on is not None]
    if contract.items and not dated and not due.pieces and due.next_on is None:
        return {today}
    return {day for day in dated if day <= today}


def _sales(contract: Contract, pieces: Iterable[Piece], office: Office) -> list[Sale]:
    sales: list[Sale] = []
    for piece in sorted(pieces, key=lambda each: (each.component.slot, each.stretch)):
        for stretch in schedule.unbilled(contract, piece):
            sales.append(_sale(contract, piece._replace(stretch=stretch), sales, office))
    return sales


def _sale(contract: Contract, piece: Piece, sales: Sequence[Sale], office: Office) -> Sale:
    """Return what is still to be billed of a billing period at a price, with these days too."""
    component, stretch = piece.component, piece.stretch
    time = Time(
        slot=component.slot,
        price=component.price_name,
        whole=piece.whole,
        stretch=stretch,
        duration=component.duration,
        proration=component.proration,
    )
    before = [
        *(Part(line.left, t.days(t.standing)) for line, t in _lines(contract, time)),
        *(Part(s.net, s.time.days([s.time.stretch])) for s in sales
          if s.time and s.time.group == time.group),
    ]  # fmt: skip
    net = charge(
        component.price,
        served=sum(each.days for each in before) + time.days([stretch]),
        whole=time.days([piece.whole]),
        billed=sum(each.amount for each in before),
        step=step(contract, office),
    )
    # Credits that were rounded by themselves may have left more than these days cost (U-23).
    net = max(net, 0) if component.price > 0 else min(net, 0)
    is_whole = stretch == piece.whole and not component.is_discount
    return Sale(
        name=component.name,
        net=net,
        supply=supply_of(component.charge),
        kind=component.kind,
        component_id=component.charge.component_id,
        quantity=None if component.is_discount else component.quantity,
        unit_price=component.charge.unit_price if is_whole else None,
        period=None if component.is_once else stretch,
        time=time,
    )


def _lines(contract: Contract, time: Time) -> list[tuple[Line, Time]]:
    """Return the lines that count towards the same period and price."""
    found = (pair for invoice in contract.invoices for pair in invoice.times)
    return [(line, other) for line, other in found if other.group == time.group]


def _settled(contract: Contract, standing: Iterable[Booked], due: Due, today: date) -> date:
    """Return before which day all is billed, and no billing period is open."""
    running = [schedule.begins(contract, each, today) for each in standing if today in each.stretch]
    return max(contract.settled_until, min([today, due.open_from, *running]))


def _waking(contract: Contract, next_on: date | None) -> Contract:
    days = [each.effective_on for each in contract.coming if each.effective_on]
    days += [each.due_on for each in contract.items if each.due_on and contract.agreement.billing]
    days += [next_on] if next_on else []
    wake_on = min(days, default=None)
    return contract if contract.wake_on == wake_on else replace(contract, wake_on=wake_on)
