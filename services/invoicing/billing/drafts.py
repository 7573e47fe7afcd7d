"""What days of a component cost, given what was billed of their period before.

| rule | says | here |
|------|------|------|
| U-20 | all pieces of a period at one price cost what one piece would have | ``_price`` |
| U-24 | a part is taxed as the whole piece of the service that it is of | ``_draft`` |
"""

from collections.abc import Iterable, Sequence

from schemas.plans import Charge
from services.invoicing.billed import BilledLine, Time
from services.invoicing.documents.documents import Office
from services.invoicing.documents.issuing import step
from services.invoicing.documents.supplies import DraftLine, draft_of, supply_of
from services.invoicing.model import Contract, PendingItem
from services.invoicing.rules.prices import Priced, by_days
from services.invoicing.timeline.schedule import BillableStretch, unbilled
from services.tariffs.proration import Part, charge


def drafts_of(
    contract: Contract,
    pieces: Iterable[BillableStretch],
    items: Iterable[PendingItem],
    office: Office,
) -> list[DraftLine]:
    """Return the lines of a document that depend on no others."""
    drafts: list[DraftLine] = []
    for piece in pieces:
        for stretch in unbilled(contract, piece):
            drafts.append(_draft(contract, piece._replace(stretch=stretch), drafts, office))
    return [*drafts, *map(draft_of, items)]


def _draft(
    contract: Contract, piece: BillableStretch, drafts: Sequence[DraftLine], office: Office
) -> DraftLine:
    component, stretch = piece.component, piece.stretch
    time = Time(
        slot=component.slot,
        price=component.price_name,
        whole=piece.whole,
        stretch=stretch,
        duration=component.duration,
        proration=component.proration,
        anchor_on=contract.agreement.anchor_on,
        completed_on=piece.completed_on,
    )
    is_priced = component.kind in ("recurring", "one_time")
    net = _price(contract, piece, time, drafts, office)
    return DraftLine(
        name=component.name,
        net=net,
        supply=supply_of(component.charge),
        kind=component.kind,
        component_id=component.charge.component_id,
        quantity=component.quantity if is_priced else None,
        unit_price=_unit_price(component.charge) if is_priced and stretch == piece.whole else None,
        priced=None if stretch == piece.whole else _by_days(contract, piece, time, net),
        period=None if component.is_once else stretch,
        time=time,
    )


def _by_days(contract: Contract, piece: BillableStretch, time: Time, net: int) -> Priced | None:
    """Return the days of a part at the price of the whole period."""
    return by_days(
        net,
        time.days([time.stretch]),
        price=piece.component.price,
        whole=time.days([time.whole]),
        currency=contract.agreement.currency,
    )


def _unit_price(charge: Charge) -> str | None:
    """Return the price that times the quantity is the net amount (BT-146), where there is one."""
    is_other = charge.price_base_quantity or charge.free_units or charge.quantity_rounding
    return charge.unit_price if charge.model in ("flat", "per_unit") and not is_other else None


def _price(
    contract: Contract,
    piece: BillableStretch,
    time: Time,
    drafts: Sequence[DraftLine],
    office: Office,
) -> int:
    """Return what is still to be billed of a period at a price, with these days too."""
    before = _billed(contract, time, drafts)
    price = piece.component.price
    net = charge(
        price,
        served=before.days + time.days([time.stretch]),
        whole=time.days([time.whole]),
        billed=before.amount,
        step=step(contract, office),
    )
    # Credits that were rounded by themselves may have left more than these days cost (U-23).
    return max(net, 0) if price > 0 else min(net, 0)


def _billed(contract: Contract, time: Time, drafts: Sequence[DraftLine]) -> Part:
    """Return what was sold of the same period at the same price, and for how many days.

    What was given away of it stays so: the next part makes no good for it.
    """
    parts = [
        Part(line.sold, other.days(other.standing))
        for line, other in _lines(contract)
        if other.group == time.group
    ]
    parts += [
        Part(draft.net, draft.time.days([draft.time.stretch]))
        for draft in drafts
        if draft.time is not None and draft.time.group == time.group
    ]
    return Part(sum(each.amount for each in parts), sum(each.days for each in parts))


def _lines(contract: Contract) -> Iterable[tuple[BilledLine, Time]]:
    return (pair for invoice in contract.invoices for pair in invoice.times)
