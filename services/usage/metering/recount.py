"""Counted again: what another plan makes of events that were counted under the one before."""

from datetime import date

from schemas.frozen import replace
from schemas.terms import Terms
from services.usage.metering.counting import of_days, recounted
from services.usage.model import FOREVER, Contract, Event


def reopen(contract: Contract, day: date) -> Contract:
    """Return *contract* with the closed periods marked that have days from *day* on."""
    some = {each.from_on for each in contract.closed if each.until > day}
    return replace(contract, reopened=tuple(sorted({*contract.reopened, *some})))


def recount(contract: Contract, day: date, terms: Terms) -> Contract:
    """Return *contract* with the sums of all days from *day* on as its plans now have them.

    The events of these days are at hand, and so are the closed periods that have some.
    """
    contract = reopen(contract, day)
    for period in contract.closed:
        if period.until > day:
            closed = contract.period(period)
            kept = of_days(closed.sums, date.min, day)
            events = _events(contract, max(day, period.from_on), period.until)
            sums, by_event = recounted(contract, events, terms)
            contract = replace(contract, by_event=by_event)
            contract = contract.with_period(replace(closed, sums=kept | sums))
    since = max(day, contract.open_from)
    sums, by_event = recounted(contract, _events(contract, since, FOREVER), terms)
    kept = of_days(contract.sums, date.min, since)
    return replace(contract, sums=kept | sums, by_event=by_event)


def _events(contract: Contract, from_on: date, until: date) -> list[Event]:
    agreed = contract.agreement
    return [
        each
        for each in contract.events.values()
        if from_on <= agreed.day_of(each.occurred_at) < until
    ]
