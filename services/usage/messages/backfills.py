"""Usage that is brought in later as a set: nothing of it counts before it is closed (U-59)."""

from collections.abc import Iterator

from schemas.frozen import replace
from schemas.message import NotYet, Refused
from schemas.terms import Terms
from schemas.usage import UsageBackfillClosed, UsageBackfillOpened, UsageBackfillReverted
from services.tariffs.periods import Period
from services.usage.messages.usage import count, uncount
from services.usage.metering.counting import shares
from services.usage.model import Backfill, Contract, KeptEvent
from services.usage.timeline.life import oldest


def open_set(contract: Contract, opened: UsageBackfillOpened, terms: Terms) -> Contract:
    """Let usage of a set come."""
    if opened.from_ < oldest(contract, terms):
        raise Refused("too_late", "from: longer ago than usage may be")
    new = Backfill(
        backfill_id=opened.backfill_id,
        meter=opened.meter,
        stretch=Period(opened.from_, opened.until),
        replaces=opened.replaces,
    )
    return replace(contract, backfills=(*contract.backfills, new))


def close_set(contract: Contract, closed: UsageBackfillClosed, terms: Terms) -> Contract:
    """Let all of the set count at once, instead of what was recorded where it replaces that."""
    backfill = _known(contract, closed.backfill_id)
    if backfill.replaces:
        for event in list(_replaced(contract, backfill)):
            contract = uncount(contract, event)
            contract = contract.with_event(replace(event, retracted=True))
    for event in list(_own(contract, backfill)):
        event = replace(event, backfill_id=None, shares=shares(contract, event, terms))
        contract = contract.with_event(event)
        if not event.retracted:
            contract = count(contract, event, terms)
    return _without(contract, backfill)


def revert_set(contract: Contract, reverted: UsageBackfillReverted) -> Contract:
    """Drop the set: nothing of it counts, ever."""
    backfill = _known(contract, reverted.backfill_id)
    for event in list(_own(contract, backfill)):
        contract = contract.with_event(replace(event, backfill_id=None, retracted=True))
    return _without(contract, backfill)


def _known(contract: Contract, backfill_id: str) -> Backfill:
    found = [each for each in contract.backfills if each.backfill_id == backfill_id]
    if not found:
        raise NotYet("backfill")
    return found[0]


def _own(contract: Contract, backfill: Backfill) -> Iterator[KeptEvent]:
    for number in sorted(contract.events):
        if contract.events[number].backfill_id == backfill.backfill_id:
            yield contract.events[number]


def _replaced(contract: Contract, backfill: Backfill) -> Iterator[KeptEvent]:
    """Yield what counts of the meter and the days of the set, recorded by itself."""
    for number in sorted(contract.events):
        event = contract.events[number]
        counts = not event.retracted and event.backfill_id is None
        is_of_it = event.meter == backfill.meter
        day = contract.agreement.day_of(event.occurred_at)
        if counts and is_of_it and day in backfill.stretch:
            yield event


def _without(contract: Contract, backfill: Backfill) -> Contract:
    left = tuple(each for each in contract.backfills if each is not backfill)
    return replace(contract, backfills=left)
