"""Whoever meters is told before a billing period ends, so that the rest of its usage comes in time.

It is told once for each end, where the plan asks for it (``period_ending_days``); an end that is
moved to an earlier day than was told is not told again.
"""

from datetime import date, timedelta
from typing import NamedTuple

from schemas.frozen import replace
from schemas.invoices import PeriodEnding
from schemas.terms import Terms
from services.invoicing.documents.documents import Office
from services.invoicing.model import Contract
from services.invoicing.timeline import timeline
from services.tariffs.periods import enclosing


class Ending(NamedTuple):
    """The end of a billing period, exclusive, and the day on which it is told."""

    ends_on: date
    told_on: date


def tell(contract: Contract, office: Office) -> tuple[Contract, Office]:
    """Say that the running period is about to end, on its day."""
    coming = ending(contract, office.terms, office.today)
    if coming is None or coming.told_on > office.today:
        return contract, office
    said = PeriodEnding(contract_id=contract.contract_id, ends_on=coming.ends_on)
    return replace(contract, ending_told=coming.ends_on), office.saying(said)


def ending(contract: Contract, terms: Terms, today: date) -> Ending | None:
    """Return the next end that is not told yet; None where none is to be told."""
    plan, agreed = timeline.plan_of(contract, terms), contract.agreement
    if plan is None or plan.period_ending_days is None or not plan.metered:
        return None
    day = max(today, agreed.life.from_on, contract.ending_told or date.min)
    if day >= agreed.life.until:
        return None
    whole = enclosing(agreed.anchor_on, plan.billing_period, day)
    ends_on = min(whole.until, agreed.life.until)
    return Ending(ends_on, ends_on - timedelta(days=plan.period_ending_days))
