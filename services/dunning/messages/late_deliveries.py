"""What is heard of a letter whose run has ended: it has left, is about to, or reached nobody."""

from datetime import date

from schemas.deliveries import Delivery, DeliveryIntended, Dispatched, DispatchFailed
from schemas.frozen import replace
from schemas.terms import Terms
from services.dunning.damages import damages
from services.dunning.escalation import evaluation, reminders, resets
from services.dunning.model import Account, Outcome, Reminder


def deliver(account: Account, letter: Reminder, delivery: Delivery, terms: Terms) -> Outcome:
    """Note what became of *letter*: what has left counts, and what has not costs nothing (R-55)."""
    today = terms.today(account.registered.legal_entity_id)
    match delivery:
        case DeliveryIntended() if not letter.confirmed:
            return _may_leave(account, letter, on=today)
        case Dispatched():
            on = max(delivery.dispatched_on, letter.created_on)
            account = damages.unread(account, letter)
            account = reminders.sent(account, letter, terms, on=on, channel=delivery.channel)
            account = reminders.changed(account, letter, **_heard_of(letter))
            account = damages.read(account, reminders.known(account, letter))
            # Its fee may have been credited, for it was not under way when its run ended.
            return evaluation.charge(account, reminders.known(account, letter), terms, on=on)
        case DispatchFailed():
            return _reached_nobody(account, letter)
        case _:
            return account, ()


def _heard_of(letter: Reminder) -> dict[str, bool]:
    """Return what is known of *letter* once it has left: one that was not under way is late."""
    late = letter.after_its_run or letter.dispatched_on is None
    return {"confirmed": True, "cancelled": False, "after_its_run": late}


def _may_leave(account: Account, letter: Reminder, *, on: date) -> Outcome:
    """Let it be a letter of the run that follows; what that has written meanwhile may stay here."""
    account = damages.unread(account, letter)
    more = {"cancelled": True, "dispatched_on": None, "after_its_run": True}
    account = reminders.changed(account, letter, intended_on=on, **more)
    run, former = account.run, account.former
    if run is None or former is None:
        return account, ()
    letter = reminders.known(account, letter)
    rest = tuple(each for each in former.reminders if each.dunning_id != letter.dunning_id)
    run = replace(run, reminders=(letter, *run.reminders))
    account = replace(account, run=run, former=replace(former, reminders=rest))
    return resets.may_have_left(account, letter)


def _reached_nobody(account: Account, letter: Reminder) -> Outcome:
    account, former = damages.unread(account, letter), account.former
    assert former is not None, "it is a letter of the run that was"
    kept = (each for each in former.reminders if each.dunning_id != letter.dunning_id)
    account = replace(account, former=replace(former, reminders=tuple(kept)))
    return resets.take_fee_back(account, letter)
