"""The run that was: its letters may still leave, or come back, after its reset (R-55).

| rule | says | here |
|------|------|------|
| R-55 | what may have left at a reset is a letter of the run that follows | ``begun_with`` |
| R-110 | the last letter that was sent says what is paid, until the next run | ``of`` |
"""

from datetime import timedelta

from schemas.frozen import replace
from services.dunning.model import Account, Reminder, Run

# Where nobody says what became of letters, those of all runs would be kept.
_HEARD_OF = timedelta(days=30)


def of(run: Run, before: Run | None) -> Run:
    """Return what is to be known of *run* once it has ended: the letters that were sent, or may be.

    What is on its way is cancelled: it goes no other way, and demands nothing. Of the run *before*
    it are those of which nothing was heard yet, for a while.
    """
    since = run.started_on - _HEARD_OF
    older = [r for r in (before.reminders if before else ()) if r.created_on >= since]
    older = [each for each in older if not each.confirmed]
    kept = (_over(each) for each in run.reminders if _may_be_heard_of(each))
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


def _may_be_heard_of(reminder: Reminder) -> bool:
    was_sent = reminder.counts and reminder.dispatched_on is not None
    return was_sent or (reminder.intended_on is not None and not reminder.confirmed)


def _over(reminder: Reminder) -> Reminder:
    is_here = reminder.dispatched_on is None
    return replace(reminder, cancelled=reminder.cancelled or is_here, after_its_run=is_here)
