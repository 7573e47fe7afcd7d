"""When a contract must be looked at next: the wake-up index."""

from collections.abc import Iterator
from datetime import date

from schemas.terms import PolicyPublished, Terms
from services.dunning.escalation import letters, notice, rules, steps, stops
from services.dunning.escalation.stops import A_DAY
from services.dunning.ledger import claims
from services.dunning.model import Account, Run
from services.dunning.open_items import OpenItem


def next_evaluation(account: Account, terms: Terms, *, seen: date | None) -> date | None:
    """Return the first day whose evaluation can say anything; None where only a message can.

    *seen* is the day that has just been evaluated: what was reached by then is said. Where it is
    None something else has happened since, and all that is reached is to be looked at again.
    """
    if account.contract is None or not claims.owed(account):
        return None
    if account.run is None:
        days = _starts(account)
    elif rules.anchor_of(account) is None:
        return None
    else:
        days = _steps(account, account.run, rules.snapshot(account.run.policy, terms))
    day = min((each for each in days if seen is None or each > seen), default=None)
    if day is None or account.evaluated_on is None:
        return day
    return max(day, account.evaluated_on + A_DAY)


def _starts(account: Account) -> Iterator[date]:
    # Every item counts, not only the anchor: what is overdue adds up to the threshold.
    # Whether what is disputed counts the policy says that applies then.
    items = (*claims.owed(account), *claims.claimed(account))
    first = min(item.anchor_on for item in items) + A_DAY
    yield from (item.anchor_on + A_DAY for item in items)
    yield from (day for day in stops.turning_days(account) if day > first)


def _steps(account: Account, run: Run, policy: PolicyPublished) -> Iterator[date]:
    item = rules.anchor_of(account)
    assert item is not None, "something is claimed"
    reached = steps.reach_days(run, policy, item)
    yield from reached.values()
    if reached:
        first = min(reached.values())
        yield from (day for day in stops.turning_days(account) if day > first)
        yield from _guards(account, run, policy, item)
        unrated = (item.anchor, rules.NO_BASE_RATE.rule)
        if any((each.anchor, each.rule) == unrated for each in run.decisions):
            # A table that is loaded later says no message.
            yield (account.evaluated_on or first) + A_DAY
        yield from _letters(account, run, policy, item)
        if steps.without_minimum(run, item.anchor):
            # What becomes overdue adds up to the minimum (R-31b).
            yield from (each.anchor_on + A_DAY for each in claims.claimed(account))


def _letters(account: Account, run: Run, policy: PolicyPublished, item: OpenItem) -> Iterator[date]:
    """Yield when a letter may be written that came too early (R-57); at the earliest tomorrow."""
    too_early = (item.anchor, *rules.TOO_EARLY)
    if any((each.anchor, each.outcome, each.rule) == too_early for each in run.decisions):
        first = letters.first_allowed(run, policy) or date.min
        yield max(first, (account.evaluated_on or first) + A_DAY)


def _guards(account: Account, run: Run, policy: PolicyPublished, item: OpenItem) -> Iterator[date]:
    """Yield when the notice ends that a guarded step waits for; at the earliest tomorrow."""
    for each in run.decisions:
        if each.anchor == item.anchor and each.outcome == "guarded":
            ends = notice.first_day(run, policy, each.step, item.anchor)
            if ends is not None and policy.steps[each.step].action in steps.DESTRUCTIVE:
                yield max(ends, (account.evaluated_on or ends) + A_DAY)
