"""The run that was: its letters may still leave, or come back, after its reset (R-55).

| rule | says | here |
|------|------|------|
| R-55 | what may have left at a reset is a letter of the run that follows | ``begun_with`` |
| R-110 | the last letter that was sent says what is paid, until the next run | ``of`` |
"""

from datetime import date, timedelta

from schemas.frozen import replace
from services.dunning.model import Account, Reminder, Run

# Where nobody says what became of letters, those of all runs would be kept.
_HEARD_OF = timedelta(days=30)


def of(run: Run, before: Run | None) -> Run:
    """Return what is to be known of *run* once it has ended: the letters that were sent, or may be.

    What is on its way is cancelled: it goes no other way, and demands nothing. What was never heard
    of, and what is left of the run *before* it, is kept for a while.
    """
    since = run.started_on - _HEARD_OF
    older = [r for r in (before.reminders if before else ()) if r.created_on >= since]
    older = [each for each in older if not each.confirmed]
    latest = max((each.created_on for each in run.reminders), default=run.started_on)
    kept = (_over(r) for r in run.reminders if _may_be_heard_of(r, since=latest - _HEARD_OF))
    return replace(run, decisions=(), exhausted=(), reminders=(*older, *kept))


def begun_with(account: Account) -> tuple[tuple[Reminder, ...], Run | None]:
    """Return the letters with which the next run begins, and what is left of the run that was.

    Nobody knows of them whether they have left, or they left after the reset: one more letter
    would be the second one.
    """
    if account.former is None:
        return (), None
    taken = tuple(each for each in account.former.reminders if each.after_its_run)
    rest = tuple(each for each in account.former.reminders if not each.after_its_run)
    return taken, replace(account.former, reminders=rest) if rest else None


def _may_be_heard_of(reminder: Reminder, *, since: date) -> bool:
    """Say whether it was sent, or word of it may still come.

    Whoever delivers it may not have heard in time that it is cancelled, or that its run is over.
    """
    was_sent = reminder.counts and reminder.dispatched_on is not None
    is_due = reminder.intended_on is not None or reminder.created_on >= since
    return was_sent or (is_due and not reminder.confirmed)


def _over(reminder: Reminder) -> Reminder:
    """Return *reminder* cancelled where it has not left; the next run waits if it is under way."""
    is_here = reminder.dispatched_on is None
    return replace(
        reminder,
        cancelled=reminder.cancelled or is_here,
        after_its_run=is_here and reminder.intended_on is not None,
        awaits_way=False,
    )
