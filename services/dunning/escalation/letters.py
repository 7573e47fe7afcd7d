"""One history of letters: what a customer got in a run, and what may follow it (R-57).

| rule | says | here |
|------|------|------|
| R-04, R-53 | a webhook is no level, nor is what finally reached nobody | ``level_of`` |
| R-57 | an item never stands in a letter below the level it stood in before | ``is_too_low`` |
| R-57 | two letters are so many days apart, whatever they are about | ``first_allowed`` |
| R-55 | what left after the reset of the run before is not said again | ``has_left_before`` |
| R-55 | as long as one may have left, nobody knows from when on | ``is_any_under_way`` |

What was cancelled or finally failed is no letter, so that an attempt (R-55) follows nothing.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise

from schemas.terms import PolicyPublished
from services.dunning.escalation.steps import letters_before
from services.dunning.model import Reminder, Run
from services.dunning.open_items import Anchor, OpenItem


def level_of(run: Run, policy: PolicyPublished, number: int, anchor: Anchor) -> int:
    """Return the dunning level of a reminder step; webhooks are none (R-04).

    What finally failed to reach the customer is no level of this anchor (R-53).
    """
    said = policy.steps[number].level
    ours = [each for each in run.reminders if each.anchor == anchor and not each.after_its_run]
    failed = {each.step for each in ours if each.failed_on}
    return said or len(letters_before(policy, number) - failed) + 1


def is_too_low(run: Run, items: Iterable[OpenItem], level: int) -> bool:
    """Say whether one of *items* stood in a letter above *level*, since it was last reopened."""
    higher = {anchor for each in _letters(run) if each.level > level for anchor in each.listed}
    return any(item.anchor in higher for item in items)


def first_allowed(run: Run, policy: PolicyPublished) -> date | None:
    """Return the first day of the next letter of *run*; None where none was written yet."""
    written = [each.dispatched_on or each.created_on for each in _letters(run)]
    return max(written) + timedelta(days=days_between(policy)) if written else None


def days_between(policy: PolicyPublished) -> int:
    """Return the days from a letter to the next: as said, else the smallest gap of the steps."""
    if policy.days_between_letters is not None:
        return policy.days_between_letters
    days = [step.days_overdue for step in policy.steps if step.action == "reminder"]
    return min((later - day for day, later in pairwise(days) if later > day), default=0)


def has_left_before(run: Run, anchor: Anchor, level: int) -> bool:
    """Say whether that was said already, by a letter that left after the reset before (R-55)."""
    late = [each for each in _letters(run) if each.after_its_run]
    return any(anchor in each.listed and each.level >= level for each in late)


def is_any_under_way(run: Run) -> bool:
    """Say whether a letter may have left of which nobody knows that it has (R-55)."""
    return any(each.is_under_way for each in run.reminders)


def _letters(run: Run) -> list[Reminder]:
    return [each for each in run.reminders if not each.cancelled and each.failed_on is None]
