"""Usage as it comes: counted, taken back, replaced, or kept for a set that is not complete.

| rule | says | here |
|------|------|------|
| U-04 | what cannot be right is dead-lettered with the reason | ``admitted`` |
| U-31 | after the close it makes a difference of the whole period, unless refused | ``_late`` |
| U-32 | what is older than the bound is too late | ``admitted`` |
| U-33 | a retraction waits for its original; a second one changes nothing | ``retract`` |
| U-54 | groups are bounded in number | ``_check_groups`` |
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction

from schemas.frozen import replace
from schemas.message import NotYet, Refused
from schemas.plans import Charge
from schemas.terms import Terms
from schemas.usage import Reference, Usage, UsageRecorded, UsageReplaced, UsageRetracted
from services.tariffs.events import stepped
from services.usage.metering.aggregation import carries
from services.usage.metering.counting import (
    UNPRICED,
    added,
    counting,
    groups_of,
    needs_events,
    shares_of,
    taken_off,
)
from services.usage.metering.reach import name_of
from services.usage.model import Backfill, Closed, Contract, KeptEvent, Sum, parts_of
from services.usage.timeline.life import oldest, period_of, plan_on

_GROUPS_MOST = 1000
_LONGEST = 31 * 24 * 60 * 60
# How far a meter's clock may be ahead of who says it.
_AHEAD = timedelta(minutes=5)
_UNSIGNED = re.compile(r"[0-9]{1,15}(\.[0-9]{1,12})?")


def record(contract: Contract, recorded: UsageRecorded | UsageReplaced, terms: Terms) -> Contract:
    """Count an event, or keep it for the backfill that it names."""
    event = event_of(contract, recorded, number=contract.taken + 1)
    event = admitted(contract, event, recorded, terms, sums=contract.sums)
    if event.backfill_id is None:
        contract = count(contract, event, terms)
    else:
        contract = _with_backfilled(contract, event)
    return contract.with_taken(event)


def retract(contract: Contract, retracted: UsageRetracted, terms: Terms) -> Contract:
    """Take back what was recorded; it waits for it (U-33)."""
    return take_back(contract, retracted.retracts, terms)


def replace_usage(contract: Contract, replaced: UsageReplaced, terms: Terms) -> Contract:
    """Take back what was recorded, and count what replaces it, or do neither."""
    event = event_of(contract, replaced, number=contract.taken + 1)
    admitted(contract, event, replaced, terms, sums=contract.sums)
    return record(take_back(contract, replaced.retracts, terms), replaced, terms)


def take_back(contract: Contract, reference: Reference, terms: Terms) -> Contract:
    """Return *contract* without the event that *reference* names; NotYet where it is unknown."""
    event = contract.event_named(name_of(reference.source, reference.id))
    if event is None:
        raise NotYet("usage")
    if event.retracted:
        return contract
    day = contract.agreement.day_of(event.occurred_at)
    if day < oldest(contract, terms):
        raise Refused("too_late", "what is to be taken back is older than usage may be")
    if event.backfill_id is None:
        contract = uncount(contract, event)
    return contract.with_event(replace(event, retracted=True))


def event_of(contract: Contract, usage: Usage, *, number: int) -> KeptEvent:
    """Return *usage* as the event of that *number* of the contract."""
    origin = usage.origin
    return KeptEvent(
        number=number,
        name=name_of(origin.source, origin.id),
        meter=usage.meter,
        quantity=usage.quantity,
        occurred_at=usage.occurred_at,
        properties=usage.properties,
        backfill_id=usage.backfill_id if isinstance(usage, UsageRecorded) else None,
    )


def admitted(
    contract: Contract, event: KeptEvent, usage: Usage, terms: Terms, *, sums: Mapping[str, Sum]
) -> KeptEvent:
    """Return *event* with what it adds to *sums*; refuse what cannot be right, or is too late."""
    said_at, day = usage.origin.said_at, contract.agreement.day_of(event.occurred_at)
    if said_at is not None and event.occurred_at > said_at + _AHEAD:
        raise Refused("invalid", "occurred_at: more than five minutes after it was said")
    if day < oldest(contract, terms):
        raise Refused("too_late", "occurred_at: longer ago than usage may be")
    counted = counting(contract, event, terms)
    if event.quantity.startswith("-") and not (counted and all(map(carries, counted))):
        raise Refused("invalid", "quantity: less than nothing; a retraction takes usage back")
    for charge in counted:
        _check_value(charge, event)
    plan = plan_on(contract, day, terms)
    if plan and plan.late_usage == "reject" and is_late(contract, day) and not event.backfill_id:
        raise Refused("too_late", "the period of it is closed")
    shared = shares_of(contract, event, counted, terms)
    _check_groups(shared, sums)
    return replace(event, shares=shared)


def is_late(contract: Contract, day: date) -> bool:
    """Say whether the period of *day* is closed."""
    return day < contract.open_from


def count(contract: Contract, event: KeptEvent, terms: Terms) -> Contract:
    """Return *contract* with *event* in the sums of its day."""
    day, more = contract.agreement.day_of(event.occurred_at), event.shares
    by_event = contract.by_event | needs_events(contract, event, terms)
    if not is_late(contract, day):
        return replace(contract, by_event=by_event, sums=added(contract.sums, more))
    return _late(replace(contract, by_event=by_event), day, more, terms)


def uncount(contract: Contract, event: KeptEvent) -> Contract:
    """Return *contract* without *event* in its sums."""
    day, less = contract.agreement.day_of(event.occurred_at), event.shares
    if not is_late(contract, day):
        return replace(contract, sums=taken_off(contract.sums, less))
    period = contract.closed_with(day)
    assert period is not None, "what was counted late stands in a closed period"
    closed = contract.period(period)
    contract = contract.with_period(replace(closed, sums=taken_off(closed.sums, less)))
    return _reopened(contract, period.from_on)


def _late(contract: Contract, day: date, more: dict[str, Sum], terms: Terms) -> Contract:
    period = contract.closed_with(day)
    if period is None:
        # Nothing was metered then, so that nothing was kept of it.
        period = period_of(contract, day, terms)
        closed = Closed(period=period, sums={}, charged={})
        known = sorted((*contract.closed, period))
        contract = replace(contract, closed=tuple(known))
    else:
        closed = contract.period(period)
    contract = contract.with_period(replace(closed, sums=added(closed.sums, more)))
    return _reopened(contract, period.from_on)


def _reopened(contract: Contract, from_on: date) -> Contract:
    return replace(contract, reopened=tuple(sorted({*contract.reopened, from_on})))


def _with_backfilled(contract: Contract, event: KeptEvent) -> Contract:
    """Keep *event* with its set, which does not count yet; it waits for it to be opened."""
    some = [each for each in contract.backfills if each.backfill_id == event.backfill_id]
    if not some:
        raise NotYet("backfill")
    day = contract.agreement.day_of(event.occurred_at)
    if some[0].meter != event.meter or day not in some[0].stretch:
        raise Refused("invalid", "the backfill is of another meter, or of other days")
    first = some[0].first or event.number
    wider: Backfill = replace(some[0], first=first, last=event.number)
    backfills = tuple(wider if each is some[0] else each for each in contract.backfills)
    return replace(contract, backfills=backfills)


def _check_value(charge: Charge, event: KeptEvent) -> None:
    if charge.split and stepped(charge.step, Fraction(event.quantity)) > _LONGEST:
        raise Refused("invalid", "quantity: an event that is cut by hours has at most 31 days")
    if charge.value is None or charge.aggregation == "unique_count":
        return
    if _UNSIGNED.fullmatch(event.properties.get(charge.value, "")) is None:
        raise Refused("invalid", "properties: the amount is missing, or is none")


def _check_groups(more: Mapping[str, Sum], sums: Mapping[str, Sum]) -> None:
    for key in more:
        if key in sums or len(sums) < _GROUPS_MOST:
            continue
        component_id, _, group = parts_of(key)
        if not group or component_id == UNPRICED:
            continue
        known = groups_of(sums, component_id)
        if group not in known and len(known) >= _GROUPS_MOST:
            raise Refused("too_many_groups", f"{_GROUPS_MOST:,} groups of a component are counted")
