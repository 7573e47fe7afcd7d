"""THE RULES of escalation: what is overdue, which steps a day brings, and what becomes of each.

| rule | says | here |
|------|------|------|
| R-01 | the oldest open receivable sets the age | ``anchor_of`` |
| R-02, R-71 | age is whole days since the anchor date | ``age`` |
| R-16 | whether somebody owes is one number | ``overdue``, over ``claims.claimed`` |
| R-20 | a run keeps the policy it began with | ``snapshot`` |
| R-31 | reached steps run in order; reminders collapse; destructive ones need notice | ``decide`` |
| R-32, R-64 | what has ended or rests already is not ended or paused again | ``_no_op`` |
| R-40, R-41 | the threshold gates the start, on the gross overdue sum | ``is_worth_it`` |
| R-50, R-51 | an unsent reminder stops the clock of later steps | ``standstills``, ``reach_days`` |
| R-53 | a reminder that finally failed takes its level back | ``level_of`` |
| R-87 | exhausted is who has no step left and still owes | ``is_exhausted`` |

What holds all steps (R-13, R-33, R-78) is in stops.py, when a contract must be looked at next in
agenda.py, default and what it costs in default.py, interest.py and fees.py.
"""

from datetime import date, timedelta
from typing import NamedTuple

from schemas.calendars import add_target_days
from schemas.decisions import Verdict
from schemas.escalations import PolicyStamp
from schemas.payments import PaymentPending
from schemas.terms import PendingHoldDays, PolicyPublished, Step, Terms
from schemas.values import Money
from services.dunning.escalation.stops import Finding, stop_on
from services.dunning.ledger.claims import claimed, oldest_first
from services.dunning.model import Account, Contract, Decision, Reminder, Run
from services.dunning.open_items import Anchor, OpenItem

DESTRUCTIVE = ("pause_contract", "end_contract")
BELOW_THRESHOLD = Finding("below_threshold", "R-40")
GUARDED = Finding("guarded", "R-31")
NO_BASE_RATE = Finding("held", "R-93")
ENDED = Finding("no_op", "R-32")
PAUSED = Finding("no_op", "R-64")
SUPERSEDED = Finding("superseded", "R-31")


class Standstill(NamedTuple):
    """Days in which the clock of later steps stands still; still going on without an end."""

    from_on: date
    until: date | None


def policy_for(contract: Contract, terms: Terms) -> PolicyPublished | None:
    """Return the policy that applies to *contract*."""
    return terms.policy_for(contract.legal_entity_id, contract.attributes)


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
    threshold = policy.thresholds.get(currency)
    needed = Money(amount=threshold, currency=currency).minor if threshold else 0
    return sum(item.open for item in items) >= needed


def hold_of(pending: PaymentPending, policy: PolicyPublished | None) -> date:
    """Return the last day on which *pending* holds the steps, in TARGET days (R-13)."""
    held = policy.pending_hold_days if policy else PendingHoldDays()
    days = {"sepa": held.sepa, "card": held.card}.get(pending.method, 0)
    return add_target_days(pending.initiated_on, days)


def standstills(run: Run, item: OpenItem) -> list[Standstill]:
    """Return when the clock stands still under *item*, in order and without overlap (R-50).

    A reminder stops it until it is dispatched or has finally failed; one that was cancelled stops
    it until its step is decided again (R-55), for its successor then stops it in its place. What
    was before a deferral delays nothing after it (R-98): the item ages from another day.
    """
    done = finished(run, item.anchor)
    ours = [
        Standstill(each.stopped_on, None if each.cancelled else each.settled_on)
        for each in run.reminders
        if each.anchor == item.anchor
        and each.stopped_on >= item.anchor_on
        and not (each.cancelled and each.step in done)
    ]
    merged: list[Standstill] = []
    for each in sorted(ours, key=lambda still: still.from_on):
        last = merged[-1] if merged else None
        if last is None or (last.until is not None and last.until < each.from_on):
            merged.append(each)
        elif last.until is not None:
            merged[-1] = Standstill(last.from_on, each.until and max(last.until, each.until))
    return merged


def delay(run: Run, item: OpenItem, *, on: date) -> int:
    """Return by how many days later steps under *item* are late on a day (R-50, R-51)."""
    stills = [each for each in standstills(run, item) if each.from_on < on]
    return sum((min(each.until or on, on) - each.from_on).days for each in stills)


def reach_days(run: Run, policy: PolicyPublished, item: OpenItem) -> dict[int, date]:
    """Return on which day each step that is not done is reached under *item*, in order.

    A step is missing while the clock is stopped before its day.
    """
    done, stills = finished(run, item.anchor), standstills(run, item)
    days = {
        number: _reach_day(item.anchor_on + timedelta(days=step.days_overdue), stills)
        for number, step in enumerate(policy.steps)
        if number not in done
    }
    return {number: day for number, day in days.items() if day is not None}


def finished(run: Run, anchor: Anchor) -> set[int]:
    """Return the steps that are over and done with under *anchor*."""
    return {each.step for each in run.decisions if each.anchor == anchor and each.is_final}


def last_outcome(run: Run, decision: Decision) -> Verdict | None:
    """Return what was last decided about the step of *decision* under its anchor."""
    about = decision.anchor, decision.step
    return next((d.outcome for d in run.decisions if (d.anchor, d.step) == about), None)


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
    found: dict[int, Finding] = {}
    for number, day in days.items():
        # A step that has waited since its day stays guarded, though a draft may stop the clock.
        catches_up = late or day < on
        if hindered is None and catches_up and is_guarded(account, run, policy, number, on=on):
            hindered = GUARDED  # and later steps wait behind it
        found[number] = hindered or _verdict(account, policy, number, late=late, on=on)
    letters = [n for n in days if found[n].outcome == "fired" and _is_letter(policy, n)]
    if not policy.strict_parity:
        found |= dict.fromkeys(letters[:-1], SUPERSEDED)
    return tuple(
        Decision(anchor=item.anchor, step=number, outcome=said.outcome, rule=said.rule)
        for number, said in found.items()
    )


def is_guarded(
    account: Account, run: Run, policy: PolicyPublished, number: int, *, on: date
) -> bool:
    """Say whether the customer must have more notice before this step catches up (R-31)."""
    step = policy.steps[number]
    if step.action not in DESTRUCTIVE or policy.strict_parity:
        return False
    if _no_op(account, policy, number, on=on):
        return False
    item = anchor_of(account)
    ends = guard_ends(run, policy, number, item.anchor) if item else None
    return ends is None or on < ends


def guard_ends(run: Run, policy: PolicyPublished, number: int, anchor: Anchor) -> date | None:
    """Return the first day after the notice that step *number* needs; None before it is given.

    It counts from the last dispatch in this run of the reminders that stand before the step, or
    from the start of the run where none stands before it.
    """
    before = [n for n in range(number) if _is_letter(policy, n)]
    notice = timedelta(days=policy.min_notice_days)
    if not before:
        return run.started_on + notice
    open_ = any(each.anchor == anchor and each.step in before for each in drafts(run))
    if open_ or not finished(run, anchor).issuperset(before):
        return None
    sent = [r.dispatched_on for r in run.reminders if r.step in before and r.dispatched_on]
    return max(sent) + notice if sent else None


def level_of(run: Run, policy: PolicyPublished, number: int, anchor: Anchor) -> int:
    """Return the dunning level of a reminder step; webhooks are none (R-04).

    What finally failed to reach the customer is no level of this anchor (R-53).
    """
    said = policy.steps[number].level
    failed = {r.step for r in run.reminders if r.anchor == anchor and r.failed_on}
    letters = {n for n in range(number) if _is_letter(policy, n)}
    return said or len(letters - failed) + 1


def is_exhausted(account: Account, run: Run, policy: PolicyPublished, item: OpenItem) -> bool:
    """Say whether no step is left under *item*, all is sent, and money is still owed (R-87)."""
    none_left = len(finished(run, item.anchor)) == len(policy.steps)
    unsent = any(each.anchor == item.anchor for each in drafts(run))
    return none_left and not unsent and account.balance > 0 and item.anchor not in run.exhausted


def drafts(run: Run) -> list[Reminder]:
    """Return the reminders that may still be sent."""
    return [each for each in run.reminders if each.is_draft]


def _reach_day(day: date, stills: list[Standstill]) -> date | None:
    for still in stills:
        if day <= still.from_on:
            break
        if still.until is None:
            return None
        day += still.until - still.from_on
    return day


def _verdict(
    account: Account, policy: PolicyPublished, number: int, *, late: bool, on: date
) -> Finding:
    fired = Finding("fired", "R-31" if late else "R-01")
    return _no_op(account, policy, number, on=on) or fired


def _no_op(account: Account, policy: PolicyPublished, number: int, *, on: date) -> Finding | None:
    """Return why a step asks for what has happened, or will happen no later than it wants."""
    step, ends_on = policy.steps[number], account.ends_on
    if ends_on is not None and ends_on <= on:
        return ENDED if step.action in DESTRUCTIVE else None
    if step.action == "pause_contract":
        return PAUSED if account.pause is not None and account.pause.covers(on) else None
    if step.action != "end_contract":
        return None
    wanted = end_of(account, step, on=on)
    asked = account.end_requested and step.when == "after_current_period"
    no_later = ends_on is not None and wanted is not None and ends_on <= wanted
    return ENDED if asked or no_later else None


def _is_letter(policy: PolicyPublished, number: int) -> bool:
    return policy.steps[number].action == "reminder"
