"""The notice before a contract is paused or ended for debt; no letter's last day is cut short.

| rule | says | here |
|------|------|------|
| R-31 | what catches up comes after the letters before it, or after the start | ``first_day`` |
| R-31a | whoever pays on the last day that a letter names has paid in time | ``first_day`` |
| R-92 | a letter by post is received three days after it was sent: three more | ``until`` |
"""

from datetime import date, timedelta

from schemas.calendars import A_DAY, next_working_day
from schemas.terms import LegalEntityPublished, PolicyPublished
from services.dunning.damages.default import received_on
from services.dunning.escalation.steps import drafts, finished, letters_before, without_minimum
from services.dunning.model import Run
from services.dunning.open_items import Anchor


def last_day(sent_on: date, *, policy: PolicyPublished, entity: LegalEntityPublished) -> date:
    """Return the last day on which a letter of a day lets its reader pay, moved by § 193 BGB."""
    day = sent_on + timedelta(days=policy.min_notice_days)
    return next_working_day(day, country=entity.country, subdivision=entity.subdivision)


def until(
    sent_on: date, channel: str, *, policy: PolicyPublished, entity: LegalEntityPublished
) -> date:
    """Return the last day of the notice that a letter gives which was sent on a day.

    One that was sent later than it was made gives as much time as it would have in time.
    """
    day = last_day(sent_on, policy=policy, entity=entity)
    return received_on(day, channel) or day


def first_day(
    run: Run,
    policy: PolicyPublished,
    number: int,
    anchor: Anchor,
    *,
    waived: frozenset[int] | None = None,
    catches_up: bool = True,
) -> date | None:
    """Return the first day on which step *number* may pause or end; None before notice is given.

    It is after the notice of every letter that was dispatched in this run. The letters before the
    step must be through; one of them is *waived* that waits for its minimum (R-31b). Where a step
    *catches_up* one must have been dispatched, or else the notice counts from the start.
    """
    waived = without_minimum(run, anchor) if waived is None else waived
    before = letters_before(policy, number) - waived
    days = [each.notice_until + A_DAY for each in run.reminders if each.dispatched_on]
    unsent = any(each.anchor == anchor and each.step in before for each in drafts(run))
    if unsent or not finished(run, anchor).issuperset(before):
        return None
    if before and catches_up and not days:
        return None
    if not before and catches_up:
        days.append(run.started_on + timedelta(days=policy.min_notice_days))
    return max(days, default=date.min)
