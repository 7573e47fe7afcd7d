"""The lines of a period: what each component and group comes to, rounded once.

| rule | says | here |
|------|------|------|
| U-15 | a minimum is known at the end; bounds are by days of a part | ``lines`` |
| U-40 | an amount is rounded once, as a line | ``_line`` |
| U-53 | the maximum, then the minimum of a component | ``_bounds`` |
| U-62 | tiers are parts of the net, which was rounded once | ``_tiers`` |
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from math import lcm
from typing import NamedTuple

from schemas.charges import TierUsed
from schemas.terms import Terms
from schemas.values import Money
from services.tariffs import pricing
from services.tariffs.cumulative import is_additive, is_priced_by_event
from services.tariffs.events import NOTHING
from services.tariffs.periods import Period
from services.tariffs.proration import days_of
from services.tariffs.rounding import minor_units, rounded, split, step_of
from services.usage.model import Charged, Contract
from services.usage.rating.rating import SEPARATOR, Rated, Used, level_key, rate
from services.usage.timeline.life import plan_on, rated

# The largest quantity that a message can say.
_MOST_SAID = Fraction(10**15 - 1)
# What a component's bounds add or take off stands beside its groups.
_BOUNDS = ("", "bounds")


class RatedLine(NamedTuple):
    """What a component and group come to in a period, in the minor unit; ``key`` names both."""

    key: str
    component_id: str
    group: dict[str, str] | None
    quantity: Fraction
    net: int
    unit: str | None = None
    bounds: int = 0
    tiers: tuple[TierUsed, ...] = ()


def prefix_of(period: Period) -> str:
    """Return how the keys of all lines of *period* begin."""
    return level_key(period.from_on.isoformat(), ("",))


def charged_in(charged: Mapping[str, Charged], period: Period) -> dict[str, Charged]:
    """Return what was charged of days of *period*, also of one that began on another day."""
    return {
        key: each
        for key, each in charged.items()
        if date.fromisoformat(key.partition(SEPARATOR)[0]) in period
    }


def lines(
    contract: Contract, period: Period, used: Used, terms: Terms, *, is_final: bool = True
) -> tuple[list[RatedLine], dict[str, Fraction]]:
    """Return the lines of *period*, and the levels at its end.

    Without *is_final* no minimum is in it: it is known at the end only (U-15).
    """
    found, levels = list[RatedLine](), dict(used.opening)
    by_component: dict[str, list[Rated]] = {}
    for each in rate(contract, period, used, terms):
        by_component.setdefault(each.charge.component_id, []).append(each)
        levels[level_key(each.charge.component_id, each.group)] = each.closing
    for some in by_component.values():
        own = [_line(contract, each, period, terms) for each in some]
        off = _bounds(contract, some, own, period, terms, is_final=is_final)
        found += _with_bounds(own, off, period)
    return found, {key: level for key, level in levels.items() if level}


def _line(contract: Contract, each: Rated, period: Period, terms: Terms) -> RatedLine:
    units, charge = minor_units(contract.agreement.currency), each.charge
    net = rounded(each.cost * units, step=(step := _step(contract, terms)))
    named = zip(charge.group_by or (), each.group, strict=True)
    return RatedLine(
        key=prefix_of(period) + level_key(charge.component_id, each.group),
        component_id=charge.component_id,
        group={name: value for name, value in named if value} if charge.group_by else None,
        quantity=each.quantity,
        net=net,
        unit=charge.unit,
        tiers=_tiers(contract, each, net, step=step) if each.is_plain else (),
    )


def _step(contract: Contract, terms: Terms) -> int:
    entity = terms.entities[contract.agreement.legal_entity_id]
    return step_of(contract.agreement.currency, entity.currency_decimals)


def _bounds(
    contract: Contract, some: list[Rated], own: list[RatedLine], period: Period, terms: Terms,
    *, is_final: bool,
) -> int:  # fmt: skip
    """Return what the bounds of a component add to its *own* lines, or take off."""
    charge, net = some[-1].charge, sum(each.net for each in own)
    total = net
    if charge.maximum is not None:
        total = min(total, _part(contract, charge.maximum.minor, period, terms))
    if charge.minimum is not None and is_final:
        total = max(total, _part(contract, charge.minimum.minor, period, terms))
    return total - net


def _with_bounds(own: list[RatedLine], off: int, period: Period) -> list[RatedLine]:
    """Return *own* lines with *off*: in the only one, or beside several groups."""
    if not off:
        return own
    if len(own) == 1 and own[0].group is None:
        return [own[0]._replace(net=own[0].net + off, bounds=off)]
    component_id = own[0].component_id
    key = prefix_of(period) + level_key(component_id, _BOUNDS)
    return [*own, RatedLine(key, component_id, None, NOTHING, off, bounds=off)]


def _part(contract: Contract, bound: int, period: Period, terms: Terms) -> int:
    """Return the part of *bound* that the rated days of *period* have (U-15)."""
    plan = plan_on(contract, period.from_on, terms) or plan_on(
        contract, contract.agreement.starts_on, terms
    )
    assert plan is not None, "only what has a plan is rated"
    served, whole = (
        sum(
            days_of(each, period, duration=plan.billing_period, proration=plan.proration)
            for each in some
        )
        for some in (rated(contract, period), [period])
    )
    return rounded(Fraction(bound * served, whole), step=_step(contract, terms))


def _tiers(contract: Contract, each: Rated, net: int, *, step: int) -> tuple[TierUsed, ...]:
    """Return the tiers that the quantity enters, with their shares of *net* (U-42, U-62)."""
    if each.charge.model not in ("graduated", "volume", "bucket") or not each.cost:
        return ()
    if is_priced_by_event(each.charge) or not is_additive(each.charge):
        return ()
    some = [s for s in pricing.shares(each.charge, each.quantity) if s.cost or s.units]
    if sum((share.cost for share in some), NOTHING) != each.cost:
        return ()  # a connection fee is in none of them
    scale = lcm(*(share.cost.denominator for share in some))
    nets = split(net, [int(share.cost * scale) for share in some], step=step)
    currency = contract.agreement.currency
    return tuple(
        TierUsed(
            up_to=None if share.up_to is None else text(share.up_to),
            quantity=text(share.units),
            unit_price=text(share.unit_price),
            net_unrounded=text(share.cost, places=24),
            net=Money.of(part, currency),
        )
        for share, part in zip(some, nets, strict=True)
    )


def text(value: Fraction, *, places: int = 12) -> str:
    """Return *value* as a decimal, of at most *places* where it has more.

    A message has room for fifteen digits before the point. What is more stops nobody: it is said as
    the most that can be said, and money is counted from *value* itself.
    """
    value = max(-_MOST_SAID, min(_MOST_SAID, value))
    with localcontext() as context:
        context.prec = 60
        exact = Decimal(value.numerator) / Decimal(value.denominator)
        plain = f"{exact.quantize(Decimal(1).scaleb(-places)):f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain
