"""What a set of usage would change if it was closed now, in money, period by period (U-59)."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import NamedTuple

from schemas.frozen import replace
from schemas.orders import BillInterim
from schemas.terms import Terms
from schemas.usage import UsageBackfillClosed
from services.tariffs.periods import Period
from services.usage import archive
from services.usage.messages.backfills import close_set
from services.usage.model import Backfill, Charged, Contract
from services.usage.rating.lines import RatedLine
from services.usage.rating.running import rate_again, rate_running, used_periods

_NOTHING = Fraction(0)


class EffectOfSet(NamedTuple):
    """By how much a component and group of a period would cost more, in the minor unit, or less.

    ``charged`` is what was charged of it, where the period is closed.
    """

    period: Period
    component_id: str
    group: Mapping[str, str]
    quantity: Fraction
    net: int
    is_closed: bool
    charged: Charged | None = None


class _Found(NamedTuple):
    period: Period
    line: RatedLine
    is_closed: bool
    charged: Charged | None


def pieces_for(contract: Contract, backfill: Backfill) -> frozenset[str]:
    """Return which pieces are needed; ask again after each recall.

    Levels go on, so that the closed periods behind the set are rated again, too.
    """
    behind = {
        f"period/{each.from_on}"
        for each in contract.closed
        if each.until > backfill.stretch.from_on
        and each.from_on.isoformat() not in contract.periods
    }
    asked = BillInterim(contract_id=contract.contract_id)
    closing = archive.wanted(contract, _closed(contract, backfill))
    return closing | archive.wanted(contract, asked) | behind


def effects(contract: Contract, backfill: Backfill, terms: Terms) -> list[EffectOfSet]:
    """Return what closing *backfill* would change; nothing of what is late already is in it."""
    after = close_set(contract, _closed(contract, backfill), terms)
    before = replace(contract, reopened=after.reopened)
    was = {each.line.key: each for each in _rated(before, terms)}
    will = {each.line.key: each for each in _rated(after, terms)}
    found = (_effect(was.get(key), will.get(key)) for key in sorted({*was, *will}))
    return [each for each in found if each.net or each.quantity]


def _closed(contract: Contract, backfill: Backfill) -> UsageBackfillClosed:
    return UsageBackfillClosed(contract_id=contract.contract_id, backfill_id=backfill.backfill_id)


def _rated(contract: Contract, terms: Terms) -> Iterator[_Found]:
    again, levels = rate_again(contract, terms)
    for closed, some in again:
        for line in some:
            yield _Found(closed.period, line, True, closed.charged.get(line.key))
    running = replace(contract, levels=levels)
    for period, some in rate_running(running, used_periods(running, terms), terms):
        for line in some:
            yield _Found(period, line, False, None)


def _effect(was: _Found | None, will: _Found | None) -> EffectOfSet:
    known = will or was
    assert known is not None, "one of both has the line"
    return EffectOfSet(
        period=known.period,
        component_id=known.line.component_id,
        group=known.line.group or {},
        quantity=(will.line.quantity if will else _NOTHING)
        - (was.line.quantity if was else _NOTHING),
        net=(will.line.net if will else 0) - (was.line.net if was else 0),
        is_closed=known.is_closed,
        charged=known.charged,
    )
