"""Items that clerks name, as what is to be billed or credited."""

from schemas.frozen import replace
from schemas.invoices import Surcharge
from schemas.message import Refused
from schemas.orders import AddItem, Item, OrderedDocument
from schemas.terms import Terms
from schemas.values import Money
from services.invoicing.billing import ends
from services.invoicing.documents.supplies import DraftLine, draft_of, supply_of
from services.invoicing.model import Contract, Outcome, PendingItem
from services.invoicing.rules.tax import Supply
from services.invoicing.timeline.components import charge_of
from services.tariffs import pricing
from services.tariffs.periods import Period
from services.tariffs.rounding import rounded, step_of

# A document takes some more lines and rates, for what the plan has.
_MOST, _MOST_RATES = 4000, 20


def add(contract: Contract, added: AddItem, terms: Terms) -> Outcome:
    """Keep an item for the next invoice."""
    return expecting(contract, item_of(contract, added, terms)), ()


def expecting(contract: Contract, item: PendingItem) -> Contract:
    """Return *contract* with one more item to come; Refused where a document takes no more."""
    items = (*contract.items, item)
    if len(items) > _MOST or len({each.supply.vat_rate for each in items}) > _MOST_RATES:
        raise Refused("excess", "too many items, or rates of VAT, wait for the next invoice")
    return replace(contract, items=items)


def drafts_of(
    contract: Contract, order: OrderedDocument, items: tuple[Item, ...], terms: Terms
) -> list[DraftLine]:
    """Return the lines and surcharges of a document that was ordered."""
    rates = {each.vat_rate for each in items}
    rates |= {each.vat_rate for each in (*order.allowances, *order.charges)}
    if len(rates) > _MOST_RATES:
        raise Refused("excess", f"a document has no more than {_MOST_RATES} rates of VAT")
    drafts = [draft_of(item_of(contract, each, terms)) for each in items]
    drafts += [_surcharge(contract, each, -1) for each in order.allowances]
    return [*drafts, *(_surcharge(contract, each, 1) for each in order.charges)]


def item_of(contract: Contract, ordered: Item, terms: Terms) -> PendingItem:
    """Return the item that was ordered; its tax is that of its component, unless it has a rate."""
    charge = charge_of(ends.plan_of(contract, terms), ordered.component_id)
    supply = supply_of(charge) if charge else Supply()
    return PendingItem(
        component_id=ordered.component_id,
        name=ordered.name,
        net=_net(contract, ordered, terms),
        quantity=ordered.quantity,
        unit_price=ordered.unit_price if ordered.price_base_quantity is None else None,
        supply=supply._replace(vat_rate=ordered.vat_rate or supply.vat_rate),
        period=Period(ordered.period.from_, ordered.period.until) if ordered.period else None,
    )


def rounding_of(contract: Contract, order: OrderedDocument) -> int | None:
    """Return by how much what is to be paid is rounded (U-40)."""
    said = order.payable_rounding
    return None if said is None else amount_of(contract, said)


def amount_of(contract: Contract, money: Money) -> int:
    """Return *money* in the minor unit; Refused where it is of another currency."""
    if money.currency != contract.agreement.currency:
        raise Refused(
            "currency", f"{money.currency}, the contract has {contract.agreement.currency}"
        )
    return money.minor


def _net(contract: Contract, ordered: Item, terms: Terms) -> int:
    if ordered.net is not None:
        return amount_of(contract, ordered.net)
    agreed = contract.agreement
    exact = pricing.price(
        ordered.quantity or "0",
        ordered.unit_price or "0",
        currency=agreed.currency,
        base_quantity=ordered.price_base_quantity or "1",
    )
    entity = terms.entities[agreed.legal_entity_id]
    return rounded(exact, step=step_of(agreed.currency, entity.currency_decimals))


def _surcharge(contract: Contract, said: Surcharge, sign: int) -> DraftLine:
    return DraftLine(
        name=said.name,
        net=sign * amount_of(contract, said.net),
        supply=Supply(vat_rate=said.vat_rate),
        kind="item",
        is_surcharge=True,
    )
