"""Lines of a document to be, each with its tax, and their sums."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from schemas.addresses import Customer
from schemas.invoices import LineKind
from schemas.plans import Charge
from schemas.terms import LegalEntityPublished
from services.invoicing.billed import BilledLine, Settles, Tax, Time
from services.invoicing.model import PendingItem
from services.invoicing.rules.prices import Priced
from services.invoicing.rules.tax import Supply, Treatment, treatment
from services.invoicing.rules.totals import Taxed, totals
from services.tariffs.periods import Period

_A_DAY = timedelta(days=1)


class DraftLine(NamedTuple):
    """What is sold to be put on a document; the tax is that of its last day."""

    name: str
    net: int
    supply: Supply
    kind: LineKind
    component_id: str | None = None
    quantity: str | None = None
    unit: str | None = None
    unit_price: str | None = None
    price_base: str | None = None
    priced: Priced | None = None
    period: Period | None = None
    time: Time | None = None
    is_surcharge: bool = False
    settles: Settles | None = None
    whole_until: date | None = None
    given: int = 0
    charge_id: str | None = None


class Sold(NamedTuple):
    """The lines of a document, their sums and the wording that the law asks for."""

    lines: tuple[BilledLine, ...]
    vat: tuple[Tax, ...]
    notes: tuple[str, ...]


def supply_of(charge: Charge) -> Supply:
    """Return how a component is supplied."""
    return Supply(charge.supply, charge.vat_rate, charge.exemption)


def draft_of(item: PendingItem) -> DraftLine:
    """Return the line that an item is to become."""
    return DraftLine(
        name=item.name,
        net=item.net,
        supply=item.supply,
        kind=_kind(item),
        component_id=item.component_id,
        quantity=item.quantity,
        unit=item.unit,
        unit_price=item.unit_price,
        price_base=item.price_base,
        period=item.period,
        whole_until=item.whole_until,
        charge_id=item.charge_id,
    )


def _kind(item: PendingItem) -> LineKind:
    if item.grant_id is not None:
        return "prepaid"
    return "usage" if item.is_usage else "item"


def sell(
    drafts: Sequence[DraftLine],
    *,
    customer: Customer,
    entity: LegalEntityPublished,
    today: date,
    step: int,
) -> Sold:
    """Return *drafts* as lines; what has no period is done *today*."""
    lines, treated = [], dict[tuple[str, str], Treatment]()
    for number, draft in enumerate(drafts, start=1):
        on = draft.period.until - _A_DAY if draft.period and draft.period.days else today
        if draft.time is not None and draft.period is not None:
            on = draft.time.completed_on or on
        how = treatment(draft.supply, customer=customer, entity=entity, on=on)
        treated.setdefault((how.category, how.rate), how)
        lines.append(_line(draft, how, number=number, today=today))
    sums = totals([Taxed(each.net, each.category, each.rate) for each in lines], step=step)
    vat = [
        Tax(
            rate=each.rate,
            category=each.category,
            net=each.net,
            tax=each.tax,
            exemption=treated[each.category, each.rate].exemption,
            exemption_code=treated[each.category, each.rate].exemption_code,
        )
        for each in sums.vat
    ]
    notes = dict.fromkeys(text for how in treated.values() for text in how.wording)
    return Sold(tuple(lines), tuple(vat), tuple(notes))


def _line(draft: DraftLine, how: Treatment, *, number: int, today: date) -> BilledLine:
    return BilledLine(
        line_id=str(number),
        name=draft.name,
        component_id=draft.component_id,
        quantity=draft.quantity,
        unit=draft.unit,
        unit_price=draft.unit_price,
        price_base=draft.price_base,
        priced=draft.priced,
        kind=draft.kind,
        supply=draft.supply,
        is_surcharge=draft.is_surcharge,
        net=draft.net,
        rate=how.rate,
        category=how.category,
        note=how.note,
        period=draft.period,
        time=draft.time,
        supplied_on=None if draft.period else today,
        settles=draft.settles,
        whole_until=draft.whole_until,
        given=draft.given,
        charge_id=draft.charge_id,
    )
