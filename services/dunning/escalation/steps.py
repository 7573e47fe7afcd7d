"""How far a run has come under an item: which steps are done, and when the others are reached."""

from datetime import date, timedelta
from typing import NamedTuple

from schemas.decisions import Verdict
from schemas.terms import PolicyPublished
from services.dunning.model import Decision, Reminder, Run
from services.dunning.open_items import Anchor, OpenItem

DESTRUCTIVE = ("pause_contract", "end_contract")


class Standstill(NamedTuple):
    """Days in which the clock of later steps stands still; still going on without an end."""

    from_on: date
    until: date | None


def standstills(run: Run, item: OpenItem) -> list[Standstill]:
    """Return when the clock stands still under *item*, in order and without overlap (R-50).

    A reminder stops it until it is dispatched or has finally failed; one that was cancelled stops
    it until its step is decided again (R-55), for its successor then stops it in its place, or
    until it is known whether it has left, where it is under way. What was before a deferral delays
    nothing after it (R-98): the item ages from another day.
    """
    done = finished(run, item.anchor)
    ours = [
        Standstill(each.stopped_on, None if each.cancelled else each.settled_on)
        for each in run.reminders
        if each.anchor == item.anchor
        and each.stopped_on >= item.anchor_on
        and (each.is_under_way or not (each.cancelled and each.step in done))
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


def without_minimum(run: Run, anchor: Anchor) -> frozenset[int]:
    """Return the steps that wait for more debt, and hold back none behind them (R-31b)."""
    below = (each for each in run.decisions if each.outcome == "below_threshold")
    return frozenset(each.step for each in below if each.anchor == anchor)


def last_outcome(run: Run, decision: Decision) -> Verdict | None:
    """Return what was last decided about the step of *decision* under its anchor."""
    about = decision.anchor, decision.step
    return next((d.outcome for d in run.decisions if (d.anchor, d.step) == about), None)


def drafts(run: Run) -> list[Reminder]:
    """Return the reminders that may still be sent."""
    return [each for each in run.reminders if each.is_draft]


def letters_before(policy: PolicyPublished, number: int) -> set[int]:
    """Return the reminder steps that stand before step *number* in the policy."""
    return {n for n in range(number) if is_letter(policy, n)}


def is_letter(policy: PolicyPublished, number: int) -> bool:
    """Say whether step *number* is a reminder."""
    return policy.steps[number].action == "reminder"


def _reach_day(day: date, stills: list[Standstill]) -> date | None:
    for still in stills:
        if day <= still.from_on:
            break
        if still.until is None:
            return None
        day += still.until - still.from_on
    return day
