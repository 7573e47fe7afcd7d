"""What becomes of a reminder: sent by hand, released, delivered, or failed (R-50, R-53)."""

from datetime import date
from typing import Any

from schemas.deliveries import Channel, Delivery, DeliveryIntended, Dispatched, DispatchFailed
from schemas.instructions import DispatchReminder
from schemas.message import Refused
from schemas.reminders import ReminderReleased
from schemas.terms import Terms
from schemas.values import DunningId
from services.dunning.escalation import evaluation, reminders, resets
from services.dunning.messages import late_deliveries
from services.dunning.model import Account, Outcome, Reminder, Run


def by_hand(account: Account, sent: DispatchReminder, terms: Terms) -> Outcome:
    """A draft may be sent now (``by_us``), or was sent: the clock goes on (R-50)."""
    draft = _find(account.run, sent.dunning_id)
    if draft is None or not draft.is_draft or draft.intended_on is not None or draft.awaits_way:
        raise Refused("conflict", "no such draft stands")
    if sent.dispatched_on is not None and sent.dispatched_on < draft.created_on:
        raise Refused("invalid", "the reminder was sent before it was made")
    on = sent.dispatched_on or max(_today(account, terms), draft.created_on)
    if not sent.by_us:
        return _sent(account, draft, terms, on=on)
    # As one that is sent by itself, it counts as sent until deliveries say otherwise.
    released = ReminderReleased(contract_id=account.contract_id, dunning_id=draft.dunning_id)
    account, said = _sent(account, draft, terms, on=on, confirmed=False)
    return account, (released, *said)


def deliver(account: Account, delivery: Delivery, terms: Terms) -> Outcome:
    """Hear from notifications what became of a reminder of the run.

    Invoices change nothing: nobody waits for them. A letter may outlive its run (R-55).
    """
    reminder = _find(account.run, delivery.dunning_id)
    if reminder is None:
        late = _find(account.former, delivery.dunning_id)
        return late_deliveries.deliver(account, late, delivery, terms) if late else (account, ())
    if reminder.cancelled:
        return _deliver_cancelled(account, reminder, delivery, terms)
    match delivery:
        case DeliveryIntended() if not reminder.confirmed and reminder.failed_on is None:
            today = _today(account, terms)
            return _unsent(account, reminder, intended_on=today, awaits_way=False)
        case Dispatched():
            on = max(delivery.dispatched_on, reminder.created_on)
            return _sent(account, reminder, terms, on=on, channel=delivery.channel)
        case DispatchFailed() if reminder.failed_on is None and _is_final(reminder, delivery):
            return _failed(account, reminder, terms)
        case DispatchFailed() if reminder.failed_on is None:
            # Until it goes another way, nothing is under way: cancelled now, it surely stays here.
            return _unsent(account, reminder, confirmed=False, intended_on=None, awaits_way=True)
        case _:
            return account, ()


def _deliver_cancelled(
    account: Account, reminder: Reminder, delivery: Delivery, terms: Terms
) -> Outcome:
    """What has left counts, though it was cancelled meanwhile: its reader has it (R-55).

    So its step waits for the answer. What is cancelled is tried in no other way.
    """
    match delivery:
        case DeliveryIntended():
            today = _today(account, terms)
            account = reminders.changed(account, reminder, intended_on=today)
            return resets.may_have_left(account, reminder)
        case Dispatched():
            account, said = resets.may_have_left(account, reminder)
            if account.run is None:
                return account, said
            account = reminders.changed(account, reminder, cancelled=False)
            on = max(delivery.dispatched_on, reminder.created_on)
            account, more = _sent(account, reminder, terms, on=on, channel=delivery.channel)
            return account, (*said, *more)
        case DispatchFailed() if reminder.is_under_way:
            account = reminders.changed(account, reminder, intended_on=None)
            account, said = resets.has_not_left(account, reminder)
            account, exhausted = evaluation.exhaust(account, terms)
            return account, (*said, *exhausted)
        case _:
            return account, ()


def _sent(
    account: Account,
    reminder: Reminder,
    terms: Terms,
    *,
    on: date,
    channel: Channel | None = None,
    confirmed: bool = True,
) -> Outcome:
    channel = channel or reminder.channel
    account = reminders.sent(account, reminder, terms, on=on, channel=channel)
    account = reminders.changed(account, reminder, confirmed=confirmed)
    account, fee = evaluation.charge(account, reminder, terms, on=on)
    account, exhausted = evaluation.exhaust(account, terms)
    return account, (*fee, *exhausted)


def _unsent(account: Account, reminder: Reminder, **more: Any) -> Outcome:
    """It is a draft again; where it is not true any more, it must not be sent (R-55)."""
    return resets.cancel_drafts(reminders.changed(account, reminder, dispatched_on=None, **more))


def _failed(account: Account, reminder: Reminder, terms: Terms) -> Outcome:
    """It cannot be sent at all: its level is taken back, and so is its fee (R-53)."""
    today = max(_today(account, terms), reminder.created_on)
    account = reminders.changed(
        account, reminder, dispatched_on=None, confirmed=True, failed_on=today
    )
    account = resets.has_reached_nobody(account, reminder)
    account, said = resets.take_fee_back(account, reminder)
    account, exhausted = evaluation.exhaust(account, terms)
    return account, (*said, *exhausted)


def _is_final(reminder: Reminder, failed: DispatchFailed) -> bool:
    """Say whether it goes no other way; one whose run is over does not."""
    return failed.fallback is None or reminder.after_its_run


def _find(run: Run | None, dunning_id: DunningId | None) -> Reminder | None:
    known = run.reminders if run else ()
    return next((each for each in known if each.dunning_id == dunning_id), None)


def _today(account: Account, terms: Terms) -> date:
    return terms.today(account.registered.legal_entity_id)
