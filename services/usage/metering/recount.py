"""Counted again: what another plan makes of events that were counted under the one before."""

from datetime import date

from schemas.frozen import replace
from schemas.terms import Terms
from services.usage.metering.counting import added, needs_events, of_days, shares
from services.usage.model import FOREVER, Contract, Sum


def reopen(contract: Contract, day: date) -> Contract:
    """Return *contract* with the closed periods marked that have days from *day* on."""
    some = {each.from_on for each in contract.closed if each.until > day}
    return replace(contract, reopened=tuple(sorted({*contract.reopened, *some})))


def recount(contract: Contract, day: date, terms: Terms) -> Contract:
    """Return *contract* with the sums of all days from *day* on as its plans now have them.

    The events of these days are at hand, and so are the closed periods that have some.
    """
    contract = reopen(contract, day)
    for period in (each for each in contract.closed if each.until > day):
        closed = contract.period(period)
        kept = of_days(closed.sums, date.min, day)
        contract, sums = _recounted(contract, max(day, period.from_on), period.until, terms)
        contract = contract.with_period(replace(closed, sums=kept | sums))
    since = max(day, contract.open_from)
    kept = of_days(contract.sums, date.min, since)
    contract, sums = _recounted(contract, since, FOREVER, terms)
    return replace(contract, sums=kept | sums)


def _recounted(
    contract: Contract, from_on: date, until: date, terms: Terms
) -> tuple[Contract, dict[str, Sum]]:
    """Return the sums of the events of some days, each of which notes what it adds now."""
    agreed, sums = contract.agreement, dict[str, Sum]()
    for event in sorted(contract.events.values(), key=lambda each: each.number):
        counts = not event.retracted and event.backfill_id is None
        if counts and from_on <= agreed.day_of(event.occurred_at) < until:
            event = replace(event, shares=shares(contract, event, terms))
            contract = contract.with_event(event)
            sums = added(sums, event.shares)
            by_event = contract.by_event | needs_events(contract, event, terms)
            contract = replace(contract, by_event=by_event)
    return contract, sums
