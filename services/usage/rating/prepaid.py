"""Prepaid balances: what of a charge they pay, and what they get back (U-16, U-61).

| what | is |
|------|----|
| the order | priority, promotional before paid, earliest expiry, then the order of the grants |
| a charge | is paid as far as balances reach that may pay for its component |
| less of a charge | is money first; what balances paid goes back to them, the last drawn first |
| an expired balance | pays nothing and gets nothing back |
| a balance that holds | lets nothing be charged of its components that no balance pays |
"""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from schemas.charges import PrepaidDrawn
from schemas.frozen import replace
from schemas.prepaid import Drawn
from schemas.values import Money
from services.usage.granted import Grant
from services.usage.model import FOREVER, Charged, Contract

# A charge names no more balances; what others would have paid is money.
_MOST = 100


class Payment(NamedTuple):
    """What balances pay of a difference, less than nothing where they get it back.

    ``held`` is what nobody pays for now: it is not charged until a balance does.
    """

    contract: Contract
    drawn: Mapping[str, int]
    held: int = 0

    @property
    def amount(self) -> int:
        """All that was drawn."""
        return sum(self.drawn.values())

    def named(self) -> tuple[Drawn, ...]:
        """Return it as a message says it."""
        currency = self.contract.agreement.currency
        return tuple(
            Drawn(grant_id=name, money=Money.of(amount, currency))
            for name, amount in self.drawn.items()
        )

    def told(self, charge_id: str) -> tuple[PrepaidDrawn, ...]:
        """Return a message for each balance that moved."""
        currency, grants = self.contract.agreement.currency, self.contract.grants
        left = {each.grant_id: each.left for each in grants}
        return tuple(
            PrepaidDrawn(
                contract_id=self.contract.contract_id,
                grant_id=name,
                charge_id=charge_id,
                drawn=Money.of(amount, currency),
                left=Money.of(left[name], currency),
            )
            for name, amount in self.drawn.items()
        )


def pay(
    contract: Contract, component_id: str, net: int, *, before: Charged | None, today: date
) -> Payment:
    """Return what balances pay of *net* more of a component, or get back where it is less."""
    if net > 0:
        paid = _draw(contract, component_id, net, today=today)
        is_held = any(each.holds and each.is_for(component_id) for each in contract.grants)
        return paid._replace(held=net - paid.amount) if is_held else paid
    return _give_back(contract, -net, before=before, today=today)


def in_order(contract: Contract, component_id: str, *, today: date) -> list[Grant]:
    """Return the balances that may pay for a component today, in their order."""
    some = [
        each
        for each in contract.grants
        if each.left
        and not each.applies_gross
        and today < (each.expires_on or FOREVER)
        and each.is_for(component_id)
    ]
    return sorted(
        some, key=lambda e: (e.priority, not e.promotional, e.expires_on or FOREVER, e.number)
    )


def _draw(contract: Contract, component_id: str, net: int, *, today: date) -> Payment:
    drawn = dict[str, int]()
    for grant in in_order(contract, component_id, today=today)[:_MOST]:
        part = min(net, grant.left)
        if part:
            drawn[grant.grant_id] = part
            net -= part
    return Payment(_moved(contract, drawn), drawn)


def _give_back(contract: Contract, less: int, *, before: Charged | None, today: date) -> Payment:
    known = before.prepaid if before else {}
    money = (before.net if before else 0) - sum(known.values())
    rest, back = max(0, less - max(0, money)), dict[str, int]()
    alive = {e.grant_id for e in contract.grants if today < (e.expires_on or FOREVER)}
    for name, paid in list(reversed(known.items()))[:_MOST]:
        part = min(rest, paid)
        if part and name in alive:
            back[name] = -part
        rest -= part
    return Payment(_moved(contract, back), back)


def _moved(contract: Contract, drawn: Mapping[str, int]) -> Contract:
    grants = tuple(
        replace(each, left=each.left - drawn.get(each.grant_id, 0)) for each in contract.grants
    )
    return replace(contract, grants=grants) if drawn else contract
