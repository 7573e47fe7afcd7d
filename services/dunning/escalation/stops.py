"""What keeps every step from firing, and a run from starting (R-13, R-33, R-78, R-115).

| rule | holds | until |
|------|-------|-------|
| R-33, R-64 | it is switched off, or somebody else paused the contract | it is back |
| R-98 | a clerk promised not to dun | the day that was said, not included, or the release |
| R-78 | a dispute: by policy, else of a card and not a debit | it is closed, or all is back |
| R-13 | a payment is on its way | so many TARGET days after it began, the last one included |
| R-115 | the customer promised to pay | the day that he named and the grace, or it is paid |
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from schemas.decisions import Verdict
from schemas.terms import PolicyPublished
from services.dunning.model import Account
from services.dunning.open_items import Chargeback

A_DAY = timedelta(days=1)


class Finding(NamedTuple):
    """What was found about a step, and by which rule."""

    outcome: Verdict
    rule: str


SUSPENDED = Finding("suspended", "R-33")
PAUSED = Finding("suspended", "R-64")
BY_INSTRUCTION = Finding("held", "R-98")
DISPUTED = Finding("held", "R-78")
PENDING = Finding("held", "R-13")
PROMISED = Finding("held", "R-115")


class Stop(NamedTuple):
    """Something that holds all steps, from a day and through a day where those are known."""

    finding: Finding
    by: str
    from_on: date | None = None
    through: date | None = None

    def covers(self, day: date) -> bool:
        begun = self.from_on is None or self.from_on <= day
        return begun and (self.through is None or day <= self.through)


def stops(account: Account, policy: PolicyPublished | None) -> Iterator[Stop]:
    """Return all that holds the steps of *account* on some day; what comes first is said first."""
    if not account.escalation_on:
        yield Stop(SUSPENDED, "the switch")
    pause = account.pause
    if pause is not None and pause.by != "escalation":
        through = pause.until - A_DAY if pause.until else None
        yield Stop(PAUSED, f"a pause by {pause.by}", from_on=pause.since, through=through)
    if account.hold is not None:
        until = account.hold.until
        yield Stop(BY_INSTRUCTION, "an instruction", through=until - A_DAY if until else None)
    for back in account.chargebacks:
        if back.is_disputed and _holds(back, policy):
            yield Stop(DISPUTED, f"the dispute of {back.chargeback_id}")
    for each in account.pending:
        yield Stop(PENDING, f"payment {each.payment_id}", through=each.held_until)
    for promise in account.promises:
        yield Stop(PROMISED, f"the promise {promise.promise_id}", through=promise.held_until)


def stop_on(account: Account, policy: PolicyPublished | None, *, on: date) -> Stop | None:
    """Return what keeps every step from firing on a day, and a run from starting."""
    return next((each for each in stops(account, policy) if each.covers(on)), None)


def turning_days(account: Account) -> list[date]:
    """Return the days on which something begins or ceases to hold by itself.

    No policy can change them: what it decides about, disputes, ends only with a message.
    """
    found = list(stops(account, None))
    begin = [each.from_on for each in found if each.from_on]
    return begin + [each.through + A_DAY for each in found if each.through]


def _holds(back: Chargeback, policy: PolicyPublished | None) -> bool:
    said = policy.on_dispute if policy else None
    return said == "hold" or (said is None and back.kind == "card_chargeback")
