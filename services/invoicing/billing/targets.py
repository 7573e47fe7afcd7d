"""What a period should cost beside its prices: its minimum, its maximum, discounts of usage.

| rule | says | here |
|------|------|------|
| U-15, U-53 | the maximum first, then the minimum, then discounts | ``targets`` |
| U-15 | the tax is that of the lines it is for, in proportion to them | ``_shared`` |
| U-53 | what a maximum takes off is off each component, before its discounts | ``_by_component`` |
| U-42 | an amount off all is first off what has a price, the rest off usage | ``_part_off`` |
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from fractions import Fraction
from typing import NamedTuple

from schemas.invoices import LineKind
from services.invoicing.billed import BilledLine, Settles, Time
from services.invoicing.documents.supplies import DraftLine
from services.invoicing.model import Contract, Discount
from services.invoicing.rules.tax import Supply
from services.invoicing.timeline.bounds import Settlement
from services.invoicing.timeline.components import ONCE, discount_slot, slot_of
from services.tariffs.periods import Period, overlap
from services.tariffs.pricing import excess, true_up
from services.tariffs.rounding import rounded, split

_A_DAY = timedelta(days=1)
_NOTHING = Fraction(0)
_NAMES = {
    "de": ("Mindestbetrag", "Höchstbetrag"),
    "en": ("Minimum", "Maximum"),
    "fr": ("Minimum", "Maximum"),
}


class Target(NamedTuple):
    """What depends on others, or a difference of it, as a line is to say it."""

    settles: Settles
    component_id: str | None
    name: str
    kind: LineKind
    period: Period
    supply: Supply
    amount: int


class _Sale(NamedTuple):
    """A line of the period that counts; ``of`` is the component where it is usage."""

    of: str | None
    supply: Supply
    net: int
    period: Period


def targets(
    contract: Contract, each: Settlement, others: Sequence[DraftLine], *, step: int
) -> Iterator[Target]:
    sales = list(_sales(contract, each, others))
    total = sum(sale.net for sale in sales)
    least, most = _NAMES[contract.agreement.customer.language]
    over = under = 0
    if each.maximum is not None:
        over = excess(total, maximum=rounded(each.maximum, step=step))
    if each.minimum:
        under = true_up(total - over, minimum=rounded(each.minimum, step=step))
    highest = list(_shared("maximum", most, -over, each, sales))
    lowest = list(_shared("minimum", least, under, each, sales))
    yield from (*highest, *lowest)
    usage = [sale for sale in sales if sale.of is not None]
    usage += [part for bound in highest for part in _by_component(bound, each, sales)]
    usage += [_Sale(None, bound.supply, bound.amount, each.charged) for bound in lowest]
    left = defaultdict[tuple[str | None, Supply], Fraction](Fraction)
    for sale in usage:
        left[sale.of, sale.supply] += sale.net
    for discount in each.discounts:
        some = [s for s in usage if discount.component_id in (None, s.of)]
        booked = _priced_off(contract, each, discount, others)
        yield from _discounted(discount, some, left, each=each, booked=booked, step=step)


def _shared(
    name: str, said: str, amount: int, each: Settlement, sales: Iterable[_Sale]
) -> Iterator[Target]:
    """Yield *amount* by how the lines of the period are supplied; usually all are alike."""
    weights = defaultdict[Supply, int](int)
    for sale in sales:
        weights[sale.supply] += sale.net
    positive = {supply: net for supply, net in weights.items() if net > 0} or {Supply(): 1}
    order = sorted(positive, key=str)
    for supply, part in zip(order, split(amount, [positive[s] for s in order]), strict=True):
        if part:
            slot = slot_of(name, each.duration)
            about = Settles(slot, each.whole)
            yield Target(about, name, said, "commitment", each.charged, supply, part)


def _by_component(bound: Target, each: Settlement, sales: Iterable[_Sale]) -> Iterator[_Sale]:
    """Yield what a maximum takes off each component: its discounts are off the rest only (U-53)."""
    weights = defaultdict[str | None, int](int)
    for sale in sales:
        if sale.supply == bound.supply:
            weights[sale.of] += sale.net
    positive = {of: net for of, net in weights.items() if net > 0} or {None: 1}
    order = sorted(positive, key=str)
    parts = split(bound.amount, [positive[of] for of in order])
    for of, part in zip(order, parts, strict=True):
        yield _Sale(of, bound.supply, part, each.charged)


def _discounted(
    discount: Discount,
    some: Iterable[_Sale],
    left: dict[tuple[str | None, Supply], Fraction],
    *,
    each: Settlement,
    booked: int,
    step: int,
) -> Iterator[Target]:
    """Yield what *discount* is off usage and bounds, by supply; never more than is *left*."""
    within = defaultdict[tuple[str | None, Supply], Fraction](Fraction)
    for sale in some:
        within[sale.of, sale.supply] += sale.net * _share(sale.period, discount.stretch)
    part = _part_off(discount, sum(within.values(), _NOTHING), each, booked)
    off = defaultdict[Supply, Fraction](Fraction)
    for key, sold in within.items():
        # What a maximum takes off costs nothing, so that no discount is off it either (U-53).
        less = _towards_nothing(sold * part, left[key])
        left[key] -= less
        off[key[1]] += less
    slot = slot_of("usage", each.duration, f"discount {discount.number}")
    for supply in sorted(off, key=str):
        if amount := rounded(off[supply], step=step):
            yield Target(Settles(slot, each.whole), discount.component_id, discount.name,
                         "discount", each.charged, supply, -amount)  # fmt: skip


def _towards_nothing(wanted: Fraction, left: Fraction) -> Fraction:
    """Return what of *wanted* is off *left*: no more than brings it to nothing, of either sign."""
    if left < 0:
        return min(_NOTHING, max(wanted, left))
    return max(_NOTHING, min(wanted, left))


def _part_off(discount: Discount, total: Fraction, each: Settlement, booked: int) -> Fraction:
    """Return which part of *total* the discount takes: a percentage, or what is left of an amount.

    *booked* is what an amount has taken off the prices of the period.
    """
    if discount.percent is not None:
        return Fraction(discount.percent) / 100
    if total <= 0:
        return _NOTHING
    days = overlap(discount.stretch, each.held)
    amount = Fraction(discount.amount * (days.days if days else 0), each.whole.days)
    return min(Fraction(1), max(_NOTHING, amount - booked) / total)


def _share(period: Period, stretch: Period) -> Fraction:
    """Return which part of *period* lies in *stretch*."""
    both = overlap(period, stretch)
    return Fraction(both.days, period.days) if both else _NOTHING


def _priced_off(
    contract: Contract, each: Settlement, discount: Discount, others: Sequence[DraftLine]
) -> int:
    """Return what the discount has taken off what has a price in the period."""
    found = 0
    for time, net in _timed(contract, others):
        is_of = discount_slot(time.slot.split("\x1f")[0], discount) == time.slot
        if is_of and _is_within(time, each):
            found -= net
    return found


def _sales(contract: Contract, each: Settlement, others: Sequence[DraftLine]) -> Iterator[_Sale]:
    """Yield what was billed of the period, or is being billed: at its price, gifts included."""
    lines: list[tuple[BilledLine | DraftLine, int]] = [
        (line, line.sold) for invoice in contract.invoices for line in invoice.lines
    ]
    lines += [(draft, draft.net + draft.given) for draft in others]
    for line, net in lines:
        if line.kind == "usage" and line.period is not None:
            life = contract.agreement.life
            last = min(max(line.period.from_on, line.period.until - _A_DAY), life.until - _A_DAY)
            if max(last, life.from_on) in each.held:
                yield _Sale(line.component_id or "", line.supply, net, line.period)
        elif line.kind in ("recurring", "item") and line.time and _is_within(line.time, each):
            yield _Sale(None, line.supply, net, line.time.stretch)


def _timed(contract: Contract, others: Iterable[DraftLine]) -> Iterator[tuple[Time, int]]:
    for invoice in contract.invoices:
        yield from ((time, line.sold) for line, time in invoice.times)
    yield from ((draft.time, draft.net) for draft in others if draft.time is not None)


def _is_within(time: Time, each: Settlement) -> bool:
    """Say whether the time is of the period; what has a longer rhythm of its own never is."""
    if time.duration == ONCE or time.stretch.from_on not in each.held:
        return False
    inside = each.whole.from_on <= time.whole.from_on and time.whole.until <= each.whole.until
    return inside or (time.duration == each.duration and time.stretch.until <= each.whole.until)
