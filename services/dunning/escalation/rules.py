"""THE RULES of escalation: what is overdue, which steps a day brings, and what becomes of each.

| rule | says | here |
|------|------|------|
| R-01 | the oldest open receivable sets the age | ``anchor_of`` |
| R-02, R-71 | age is whole days since the anchor date | ``age`` |
| R-16 | whether somebody owes is one number | ``overdue``, over ``claims.claimed`` |
| R-20 | a run keeps the policy it began with | ``snapshot`` |
| R-31 | reached steps run in order; reminders collapse; destructive ones need notice | ``decide`` |
| R-32, R-64 | what has ended or rests already is not ended or paused again | ``_no_op`` |
| R-31b | below its minimum a step waits, and holds back none behind it | ``is_enough`` |
| R-116 | what is disputed is not demanded | ``claims.claimed`` |
| R-40, R-41 | the threshold gates the start, on the gross overdue sum | ``is_worth_it`` |
| R-50, R-51 | an unsent reminder stops the clock of later steps | ``steps.py`` |
| R-57 | a letter comes neither too early after another nor with too low a level | \
``_against_history`` |
| R-87 | exhausted is who has no step left and still owes | ``is_exhausted`` |

How far a run has come is in steps.py, its letters (R-53, R-57) in letters.py, what notice a pause
or an end needs (R-31, R-31a) in notice.py, what holds all steps (R-13, R-33, R-78) in stops.py,
when a contract must be looked at next in agenda.py; what a default costs in damages/.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from schemas.calendars import add_target_days
from schemas.escalations import PolicyStamp
from schemas.payments import PaymentPending
from schemas.steps import PendingHoldDays, Step
from schemas.terms import PolicyPublished, Terms
from schemas.values import Money
from services.dunning.escalation import letters, notice
from services.dunning.escalation.steps import (
    DESTRUCTIVE,
    delay,
    drafts,
    finished,
    is_letter,
    reach_days,
)
from services.dunning.escalation.stops import Finding, stop_on
from services.dunning.ledger.claims import claimed, oldest_first, undisputed
from services.dunning.model import Account, Contract, Decision, Run
from services.dunning.open_items import OpenItem

BELOW_THRESHOLD = Finding("below_threshold", "R-40")
BELOW_MINIMUM = Finding("below_threshold", "R-31b")
GUARDED = Finding("guarded", "R-31")
GUARDED_ON_ITS_DAY = Finding("guarded", "R-31a")
NO_BASE_RATE = Finding("held", "R-93")
ENDED = Finding("no_op", "R-32")
PAUSED = Finding("no_op", "R-64")
REVOKED = Finding("no_op", "R-63")
SUPERSEDED = Finding("superseded", "R-31")
TOO_EARLY = Finding("held", "R-57")
TOO_LOW = Finding("superseded", "R-57")
UNDER_WAY = Finding("held", "R-55")
LEFT_BEFORE = Finding("superseded", "R-55")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is decided from about the steps that a day brings under the anchor."""

    account: Account
    run: Run
    policy: PolicyPublished
    item: OpenItem
    on: date
    # A step was reached on an earlier day.
    late: bool


def policy_for(contract: Contract, terms: Terms) -> PolicyPublished | None:
    """Return the policy that applies to *contract*."""
    return terms.policy_for(contract.legal_entity_id, contract.attributes)


def policy_in_force(account: Account, terms: Terms) -> PolicyPublished | None:
    """Return the policy that the running run keeps, else the one that applies (R-20)."""
    if account.run is not None:
        return snapshot(account.run.policy, terms)
    return policy_for(account.registered, terms)


def snapshot(stamp: PolicyStamp, terms: Terms) -> PolicyPublished:
    """Return the policy a run began with (R-20); terms are never withdrawn."""
    return terms.policies[stamp.policy_id, stamp.version]


def stamp(policy: PolicyPublished) -> PolicyStamp:
    """Return what identifies *policy* for ever (R-20)."""
    return PolicyStamp(policy_id=policy.policy_id, version=policy.version, hash=policy.hash())


def anchor_of(account: Account) -> OpenItem | None:
    """Return the oldest receivable of which anything is claimed (R-01, R-02, R-16)."""
    return min(claimed(account), key=oldest_first, default=None)


def age(item: OpenItem, *, on: date) -> int:
    """Return how many days *item* is overdue; negative or 0 where it is not."""
    return (on - item.anchor_on).days


def overdue(account: Account, *, on: date) -> tuple[OpenItem, ...]:
    """Return what is claimed and at least one day overdue: what is owed, in one number (R-16)."""
    return tuple(item for item in claimed(account) if age(item, on=on) >= 1)


def is_worth_it(items: tuple[OpenItem, ...], policy: PolicyPublished, currency: str) -> bool:
    """Say whether what is overdue reaches the threshold (R-40: from it on; R-43: none is 0)."""
    return _reaches(items, policy.thresholds, currency)


def is_enough(account: Account, step: Step, *, on: date) -> bool:
    """Say whether what is overdue reaches the minimum of *step* (R-31b, R-42, R-116)."""
    items = overdue(account, on=on)
    if step.undisputed_only:
        items = tuple(item for item in undisputed(account) if age(item, on=on) >= 1)
    return bool(items) and _reaches(items, step.minimum, account.currency)


def hold_of(pending: PaymentPending, policy: PolicyPublished | None) -> date:
    """Return the last day on which *pending* holds the steps, in TARGET days (R-13)."""
    held = policy.pending_hold_days if policy else PendingHoldDays()
    days = {"sepa": held.sepa, "card": held.card}.get(pending.method, 0)
    return add_target_days(pending.initiated_on, days)


def end_of(account: Account, step: Step, *, on: date) -> date | None:
    """Return the day from which the contract ends (exclusive): None where only invoicing knows.

    At once is the day itself, which is not charged any more (R-60); else what is billed ends it
    (R-61), unless that lies in the past.
    """
    if step.when == "immediately":
        return on
    billed = account.billed_until
    return billed if billed is not None and billed > on else None


def decide(
    account: Account, run: Run, policy: PolicyPublished, item: OpenItem, *, on: date
) -> tuple[Decision, ...]:
    """Decide about every step reached under *item*, in order (R-31)."""
    days = {n: day for n, day in reach_days(run, policy, item).items() if day <= on}
    stop = stop_on(account, policy, on=on)
    hindered = stop.finding if stop else None
    elapsed = age(item, on=on) - delay(run, item, on=on)
    # Then it is a catch-up evaluation.
    late = any(policy.steps[number].days_overdue < elapsed for number in days)
    asked = Asked(account=account, run=run, policy=policy, item=item, on=on, late=late)
    found: dict[int, Finding] = {}
    for number, day in days.items():
        # A step that has waited since its day stays guarded, though a draft may stop the clock.
        catches_up = late or day < on
        if hindered is None and _is_guarded(asked, number, found, catches_up=catches_up):
            # Later steps wait behind it.
            hindered = GUARDED if catches_up else GUARDED_ON_ITS_DAY
        found[number] = hindered or _finding(asked, number)
    reached = [n for n in days if found[n].outcome == "fired" and is_letter(policy, n)]
    if not policy.strict_parity:
        found |= dict.fromkeys(reached[:-1], SUPERSEDED)
    return tuple(
        Decision(anchor=item.anchor, step=number, outcome=said.outcome, rule=said.rule)
        for number, said in found.items()
    )


def is_exhausted(account: Account, run: Run, policy: PolicyPublished, item: OpenItem) -> bool:
    """Say whether no step is left under *item*, all is sent, and money is still owed (R-87)."""
    none_left = len(finished(run, item.anchor)) == len(policy.steps)
    unsent = any(each.anchor == item.anchor for each in drafts(run))
    return none_left and not unsent and account.balance > 0 and item.anchor not in run.exhausted


def _reaches(items: tuple[OpenItem, ...], least: Mapping[str, str], currency: str) -> bool:
    needed = least.get(currency)
    minor = Money(amount=needed, currency=currency).minor if needed else 0
    return sum(item.open for item in items) >= minor


def _is_guarded(
    asked: Asked, number: int, found: Mapping[int, Finding], *, catches_up: bool
) -> bool:
    """Say whether the customer must have more notice before step *number* (R-31, R-31a)."""
    policy = asked.policy
    if policy.steps[number].action not in DESTRUCTIVE or policy.strict_parity:
        return False
    if _no_op(asked.account, policy, number, on=asked.on):
        return False
    if not is_enough(asked.account, policy.steps[number], on=asked.on):
        return False
    waived = frozenset(n for n, each in found.items() if each.outcome == "below_threshold")
    first = notice.first_day(
        asked.run, policy, number, asked.item.anchor, waived=waived, catches_up=catches_up
    )
    return first is None or asked.on < first


def _finding(asked: Asked, number: int) -> Finding:
    fired = Finding("fired", "R-31" if asked.late else "R-01")
    no_op = _no_op(asked.account, asked.policy, number, on=asked.on)
    if no_op is None and not is_enough(asked.account, asked.policy.steps[number], on=asked.on):
        return BELOW_MINIMUM
    return no_op or _against_history(asked, number) or fired


def _against_history(asked: Asked, number: int) -> Finding | None:
    """Return what the letters of the run have against one more (R-57)."""
    run, policy = asked.run, asked.policy
    if policy.strict_parity or not is_letter(policy, number):
        return None
    level = letters.level_of(run, policy, number, asked.item.anchor)
    if letters.is_too_low(run, overdue(asked.account, on=asked.on), level):
        return TOO_LOW
    if letters.is_any_under_way(run):
        return UNDER_WAY
    if letters.has_left_before(run, asked.item.anchor, level):
        return LEFT_BEFORE
    first = letters.first_allowed(run, policy)
    return TOO_EARLY if first is not None and asked.on < first else None


def _no_op(account: Account, policy: PolicyPublished, number: int, *, on: date) -> Finding | None:
    """Return why a step asks for what has happened, or will happen no later than it wants."""
    step, ends_on = policy.steps[number], account.ends_on
    if ends_on is not None and ends_on <= on:
        return ENDED if step.action in DESTRUCTIVE else None
    if step.action == "pause_contract":
        return PAUSED if account.pause is not None and account.pause.covers(on) else None
    if step.action != "end_contract":
        return None
    if is_revoked(account):
        return REVOKED
    wanted = end_of(account, step, on=on)
    asked = account.ends.is_requested and step.when == "after_current_period"
    no_later = ends_on is not None and wanted is not None and ends_on <= wanted
    return ENDED if asked or no_later else None


def is_revoked(account: Account) -> bool:
    """Say whether a clerk has named the run when an end was revoked: it ends nothing any more."""
    return account.run is not None and account.run.process_id in account.ends.barred
