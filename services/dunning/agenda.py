"""When a contract must be looked at next: the wake-up index."""

from collections.abc import Iterator
from datetime import date

from schemas.terms import PolicyPublished, Terms
from services.dunning import policy as rules
from services.dunning import stops
from services.dunning.model import Account, Run
from services.dunning.stops import A_DAY


def next_evaluation(account: Account, terms: Terms, *, seen: date | None) -> date | None:
    """Return the first day whose evaluation can say anything; None where only a message can.

    *seen* is the day that has just been evaluated: what was reached by then is said. Where it is
    None something else has happened since, and all that is reached is to be looked at again.
    """
    if account.contract is None or not account.open_items:
        return None
    if account.run is None:
        days = _starts(account, rules.policy_for(account.contract, terms))
    else:
        days = _steps(account, account.run, rules.snapshot(account.run.policy, terms))
    day = min((each for each in days if seen is None or each > seen), default=None)
    if day is None or account.evaluated_on is None:
        return day
    return max(day, account.evaluated_on + A_DAY)


def _starts(account: Account, policy: PolicyPublished | None) -> Iterator[date]:
    # Every item counts, not only the anchor: what is overdue adds up to the threshold.
    first = min(item.anchor_on for item in account.open_items) + A_DAY
    yield from (item.anchor_on + A_DAY for item in account.open_items)
    yield from (day for day in stops.turning_days(account, policy) if day > first)


def _steps(account: Account, run: Run, policy: PolicyPublished) -> Iterator[date]:
    item = rules.anchor_of(account)
    assert item is not None, "something is open"
    done = rules.finished(run, item.anchor)
    coming = [n for n in range(len(policy.steps)) if n not in done]
    reached = [rules.reach_day(policy.steps[n].days_overdue, item, run) for n in coming]
    days = [day for day in reached if day is not None]
    yield from days
    if days:
        yield from (day for day in stops.turning_days(account, policy) if day > min(days))
        guards = [rules.guard_ends(run, policy, n, item.anchor) for n in coming]
        yield from (day for day in guards if day is not None and day > min(days))
        if any(each.rule == rules.NO_BASE_RATE.rule for each in run.decisions):
            # A table that is loaded later says no message.
            yield (account.evaluated_on or min(days)) + A_DAY
