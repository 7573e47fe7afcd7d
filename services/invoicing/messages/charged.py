"""What rated usage is on a document: lines that a customer can follow, and that add up.

| rule | says | here |
|------|------|------|
| U-54 | what is counted apart is named apart | ``_named`` |
| U-62 | tiers are lines of their own, their shares of the net were rounded once | ``_tiers`` |
| U-53 | what a bound of the component adds or takes off is a line beside | ``_bound`` |
| U-16, U-53 | what a balance paid comes off behind minimum, maximum and discounts | ``_paid`` |
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from schemas.charges import TierUsed, UsageCharged, WholeCharge
from schemas.frozen import replace
from schemas.plans import Charge
from schemas.prepaid import Drawn
from schemas.values import Money
from services.invoicing.messages.items import amount_of
from services.invoicing.model import Contract, PendingItem
from services.invoicing.rules.wording import Language, Texts
from services.tariffs.pricing import free_units

# A document takes no more lines (``schemas.invoices.Lines``); what would be too much is one line.
_MOST_TIERS = 1000
_LONGEST_NAME = 200
_UP_TO: Texts = {"de": "bis {up_to}", "en": "up to {up_to}", "fr": "jusqu'à {up_to}"}
_ABOVE: Texts = {"de": "über {above}", "en": "above {above}", "fr": "au-delà de {above}"}
_MINIMUM: Texts = {"de": "Mindestbetrag", "en": "minimum", "fr": "minimum"}
_MAXIMUM: Texts = {"de": "Höchstbetrag", "en": "maximum", "fr": "maximum"}
_PAID: Texts = {
    "de": "aus Guthaben {grant}",
    "en": "paid from credit {grant}",
    "fr": "payé par le crédit {grant}",
}


class Cost(NamedTuple):
    """What is said of a charge; ``net`` is without what balances paid."""

    net: Money
    quantity: str | None
    group: Mapping[str, str] | None = None
    tiers: Sequence[TierUsed] = ()
    bounds: Money | None = None
    prepaid: Sequence[Drawn] = ()

    @classmethod
    def of(cls, said: UsageCharged | WholeCharge, *, group: Mapping[str, str] | None) -> "Cost":
        """Return all that a charge of *group* costs."""
        return cls(said.net, said.quantity, group, said.tiers, said.bounds, said.prepaid)


def lines_of(
    contract: Contract, like: PendingItem, cost: Cost, *, charge: Charge | None
) -> list[PendingItem]:
    """Return *cost* as lines like *like*, which together are its net amount.

    Money is of the contract's currency, or Refused. Tiers that do not make up the rest, or are too
    many, are one line.
    """
    language = contract.agreement.customer.language
    drawn = {each.grant_id: amount_of(contract, each.money) for each in cost.prepaid}
    bound = 0 if cost.bounds is None else amount_of(contract, cost.bounds)
    used = amount_of(contract, cost.net) + sum(drawn.values()) - bound
    like = replace(like, name=_named(like.name, *(cost.group or {}).values()))
    found = list(_tiers(contract, like, cost.tiers, charge))
    if not found or sum(each.net for each in found) != used:
        found = [_priced(replace(like, net=used, quantity=cost.quantity), charge)]
    if bound:
        found = [each for each in found if each.net or Fraction(each.quantity or 0)]
        found.append(_bound(like, bound, language))
    return [*found, *_paid(like, drawn, language)]


def _named(*parts: str) -> str:
    """Return the name of a line; values of properties may be as long as names themselves."""
    name = ", ".join(parts)
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1].rstrip() + "…"


def _priced(item: PendingItem, charge: Charge | None) -> PendingItem:
    """Return *item* with the price of a unit, where the component has just one."""
    if charge is None:
        return item
    item = replace(item, unit=charge.unit)
    if charge.model != "per_unit" or charge.unit_price is None or free_units(charge):
        return item
    return replace(item, unit_price=charge.unit_price, price_base=charge.price_base_quantity)


def _tiers(
    contract: Contract, like: PendingItem, tiers: Sequence[TierUsed], charge: Charge | None
) -> Iterator[PendingItem]:
    language = contract.agreement.customer.language
    if len(contract.items) + len(tiers) > _MOST_TIERS or any(each.net is None for each in tiers):
        return
    for each in tiers:
        assert each.net is not None, "only tiers with their share of the net"
        item = replace(
            like,
            name=_named(like.name, _span(each, charge, language)),
            net=amount_of(contract, each.net),
            quantity=each.quantity,
            unit_price=each.unit_price,
        )
        yield replace(item, unit=charge.unit if charge else None)


def _span(tier: TierUsed, charge: Charge | None, language: Language) -> str:
    """Return which units are in a tier; the last one says above which bound it begins."""
    if tier.up_to is not None:
        return _UP_TO[language].format(up_to=_number(tier.up_to, language))
    known = [each.up_to for each in (charge.tiers if charge else None) or () if each.up_to]
    if not known:
        return tier.quantity
    return _ABOVE[language].format(above=_number(known[-1], language))


def _number(text: str, language: Language) -> str:
    return text if language == "en" else text.replace(".", ",")


def _bound(like: PendingItem, bound: int, language: Language) -> PendingItem:
    said = _MINIMUM if bound > 0 else _MAXIMUM
    return replace(like, name=_named(like.name, said[language]), net=bound)


def _paid(like: PendingItem, drawn: Mapping[str, int], language: Language) -> Iterator[PendingItem]:
    for grant_id, amount in drawn.items():
        name = _named(like.name, _PAID[language].format(grant=grant_id))
        yield replace(like, name=name, net=-amount, grant_id=grant_id)
