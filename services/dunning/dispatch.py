"""What became of a reminder: sent by hand, on its way, sent, failed."""

from dataclasses import replace

from schemas.deliveries import DeliveryIntended, Dispatched, DispatchFailed
from schemas.instructions import DispatchReminder
from schemas.message import Refused
from schemas.reminders import ReminderReleased
from schemas.terms import Terms
from services.dunning import evaluation
from services.dunning.model import Account, Outcome, Reminder


def by_hand(account: Account, sent: DispatchReminder, terms: Terms) -> Outcome:
    """Release a draft to be sent (``by_us``), or note that it was: the clock goes on (R-50)."""
    draft = _reminder(account, sent.dunning_id)
    if draft is None or not draft.is_draft:
        raise Refused("conflict", "no such draft stands")
    if sent.by_us:
        released = ReminderReleased(contract_id=account.contract_id, dunning_id=draft.dunning_id)
        return account, (released,)
    noted = replace(draft, dispatched_on=sent.dispatched_on)
    return evaluation.exhaust(_with(account, noted), terms)


def intend(account: Account, intended: DeliveryIntended) -> Outcome:
    """Stop the clock: whether it was sent is not known before ``Dispatched`` (R-50)."""
    reminder = _reminder(account, intended.dunning_id)
    if reminder is None or reminder.cancelled:
        return account, ()
    noted = replace(reminder, intended_on=reminder.created_on, dispatched_on=None)
    return _with(account, noted), ()


def dispatched(account: Account, sent: Dispatched, terms: Terms) -> Outcome:
    """Start the clock again: later steps are late by dispatch less creation (R-50)."""
    reminder = _reminder(account, sent.dunning_id)
    if reminder is None or reminder.cancelled:
        return account, ()
    noted = replace(reminder, dispatched_on=sent.dispatched_on, channel=sent.channel)
    return evaluation.exhaust(_with(account, noted), terms)


def failed(account: Account, why: DispatchFailed) -> Outcome:
    """Note a reminder that cannot be sent at all: its level does not count (R-53)."""
    reminder = _reminder(account, why.dunning_id)
    if reminder is None or reminder.cancelled or why.fallback is not None:
        return account, ()
    return _with(account, replace(reminder, undeliverable=True)), ()


def _reminder(account: Account, dunning_id: str | None) -> Reminder | None:
    reminders = account.run.reminders if account.run else ()
    return next((each for each in reminders if each.dunning_id == dunning_id), None)


def _with(account: Account, noted: Reminder) -> Account:
    assert account.run is not None, "a reminder belongs to a run"
    reminders = tuple(
        noted if each.dunning_id == noted.dunning_id else each for each in account.run.reminders
    )
    return replace(account, run=replace(account.run, reminders=reminders))
