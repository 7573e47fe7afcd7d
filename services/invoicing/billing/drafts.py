"""What days of a component cost, given what was billed of their period before.

| rule | says | here |
|------|------|------|
| U-15 | a period costs no less than its minimum and no more than its maximum | ``_commitment`` |
| U-20 | all pieces of a period at one price cost what one piece would have | ``_price`` |
"""

from collections.abc import Iterable, Sequence

from schemas.plans import Charge
from services.invoicing.billed import Line, Time
from services.invoicing.documents.documents import Office
from services.invoicing.documents.issuing import step
from services.invoicing.documents.supplies import DraftLine, draft_of, supply_of
from services.invoicing.model import Contract, Item
from services.invoicing.timeline.schedule import BillableStretch, unbilled
from services.tariffs.periods import Period
from services.tariffs.pricing import excess, true_up
from services.tariffs.proration import Part, charge

# What counts towards the minimum and the maximum of a period.
_COUNTING = ("recurring", "discount", "usage")


def drafts_of(
    contract: Contract, pieces: Iterable[BillableStretch], items: Iterable[Item], office: Office
) -> list[DraftLine]:
    """Return the lines of a document; what depends on the others comes last."""
    cut = [
        piece._replace(stretch=stretch) for piece in pieces for stretch in unbilled(contract, piece)
    ]
    drafts: list[DraftLine] = []
    for piece in (each for each in cut if each.component.kind != "commitment"):
        drafts.append(_draft(contract, piece, drafts, office))
    drafts += map(draft_of, items)
    for piece in (each for each in cut if each.component.kind == "commitment"):
        drafts.append(_draft(contract, piece, drafts, office))
    return drafts


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
    )
    cost = _commitment if component.kind == "commitment" else _price
    is_priced = component.kind in ("recurring", "one_time")
    return DraftLine(
        name=component.name,
        net=cost(contract, piece, time, drafts, office),
        supply=supply_of(component.charge),
        kind=component.kind,
        component_id=component.charge.component_id,
        quantity=component.quantity if is_priced else None,
        unit_price=_unit_price(component.charge) if is_priced and stretch == piece.whole else None,
        period=None if component.is_once else stretch,
        time=time,
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


def _commitment(
    contract: Contract,
    piece: BillableStretch,
    time: Time,
    drafts: Sequence[DraftLine],
    office: Office,
) -> int:
    """Return by how much the period is to be lifted or lowered; a part of it by its days."""
    before = _billed(contract, time, drafts)
    bound = charge(
        piece.component.price,
        served=before.days + time.days([time.stretch]),
        whole=time.days([time.whole]),
        step=step(contract, office),
    )
    others = _others(contract, time.whole, drafts)
    if piece.component.charge.component_id == "minimum":
        return true_up(others, minimum=bound) - before.amount
    return -excess(others, maximum=bound) - before.amount


def _billed(contract: Contract, time: Time, drafts: Sequence[DraftLine]) -> Part:
    """Return what stands of the same period at the same price, and for how many days."""
    parts = [
        Part(line.left, other.days(other.standing))
        for line, other in _lines(contract)
        if other.group == time.group
    ]
    parts += [
        Part(draft.net, draft.time.days([draft.time.stretch]))
        for draft in drafts
        if draft.time is not None and draft.time.group == time.group
    ]
    return Part(sum(each.amount for each in parts), sum(each.days for each in parts))


def _others(contract: Contract, whole: Period, drafts: Sequence[DraftLine]) -> int:
    """Return what else was billed of the days of *whole*, or is being billed now."""
    lines = [line for invoice in contract.invoices for line in invoice.lines]
    nets = [line.left for line in lines if _counts(line, whole)]
    return sum(nets) + sum(draft.net for draft in drafts if _counts(draft, whole))


def _counts(each: Line | DraftLine, whole: Period) -> bool:
    if each.kind not in _COUNTING or each.period is None:
        return False
    return whole.from_on <= each.period.from_on and each.period.until <= whole.until


def _lines(contract: Contract) -> Iterable[tuple[Line, Time]]:
    return (pair for invoice in contract.invoices for pair in invoice.times)
