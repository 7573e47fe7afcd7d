"""What follows every entry: a cleared balance ends the run, a changed one cancels drafts."""

from typing import Literal

from schemas.escalations import PaymentEscalationReset
from schemas.frozen import replace
from schemas.message import ContractMessage
from schemas.reminders import ReminderCancelled
from schemas.values import Money
from services.dunning.damages import damages
from services.dunning.escalation import former, reminders, rules, steps
from services.dunning.ledger import early_payment
from services.dunning.model import Account, Decision, Outcome, Reminder, Run

Cause = Literal["balance_cleared", "credit", "write_off", "manual"]


def after_entry(posted: Outcome, cause: Cause) -> Outcome:
    """Reset where all is paid (R-10, R-11, R-15); cancel drafts that say too much (R-55).

    What was earned or lost by it of a discount for early payment is booked first (R-84a).
    """
    account, said = early_payment.follow(posted)
    if account.balance <= 0:
        account, reset_ = reset(account, cause)
        return account, (*said, *reset_)
    account, cancelled = cancel_drafts(account)
    return account, (*said, *cancelled)


def reset(account: Account, reason: Cause) -> Outcome:
    """End the run, if there is one; nothing that it has not sent yet is sent, or costs."""
    if account.run is None:
        return account, ()
    process_id, drafts = account.run.process_id, steps.drafts(account.run)
    said: list[ContractMessage] = [_cancelled(account, draft, "reset") for draft in drafts]
    account = replace(
        account,
        items=damages.with_receipts(account),
        former=former.of(account.run, account.former),
        run=None,
        not_started=None,
    )
    # The fee of one that may have left waits for the answer.
    for draft in [each for each in drafts if each.intended_on is None]:
        account, credited = reminders.take_fee_back(account, draft)
        said += credited
    ended = PaymentEscalationReset(
        contract_id=account.contract_id,
        payment_escalation_process_id=process_id,
        reason=reason,
        balance=Money.of(account.balance, account.currency),
    )
    return account, (*said, ended)


def cancel_drafts(account: Account) -> Outcome:
    """Cancel the drafts that demand what is not open any more; their step is due again (R-55).

    Of one that is being delivered it is not known whether it leaves: its step waits for the answer.
    """
    run = account.run
    drafts = steps.drafts(run) if run else []
    wrong = [each for each in drafts if not reminders.is_true(account, each)]
    return cancel(account, wrong, "amount")


def cancel(account: Account, drafts: list[Reminder], reason: str) -> Outcome:
    """Cancel *drafts* of the run, and take back the fees of those that surely do not leave."""
    run = account.run
    if run is None or not drafts:
        return account, ()
    here = [each for each in drafts if each.intended_on is None]
    # What only counted as sent was not: it gives no notice, and begins no default.
    known = (
        replace(each, cancelled=True, dispatched_on=None) if each in drafts else each
        for each in run.reminders
    )
    run = replace(run, reminders=tuple(known))
    said: Outcome = (
        replace(account, run=_due_again(run, here)),
        tuple(_cancelled(account, draft, reason) for draft in drafts),
    )
    for draft in here:
        said = _and_its_fee(said, draft)
    return said


def has_not_left(account: Account, reminder: Reminder) -> Outcome:
    """Let the step of a cancelled *reminder* be due again, as it is known not to have left (R-55).

    Where another was made in its place, that one stands. Of a run before this one it has no step.
    """
    run = account.run
    assert run is not None, "a reminder belongs to a run"
    if reminder.after_its_run:
        kept = (r for r in run.reminders if r.dunning_id != reminder.dunning_id)
        run = replace(run, reminders=tuple(kept))
    elif not any(r.counts or r.is_under_way for r in _beside(run, reminder)):
        run = _due_again(run, [reminder])
    account = replace(account, run=run)
    return take_fee_back(account, reminder)


def has_reached_nobody(account: Account, reminder: Reminder) -> Account:
    """Let the steps be due again in whose place stood a letter of the run before (R-55).

    What other letters have against them is found anew.
    """
    run = account.run
    if run is None or not reminder.after_its_run:
        return account
    by_it = rules.LEFT_BEFORE, rules.TOO_LOW
    decisions = tuple(
        decision
        for decision in run.decisions
        if decision.anchor not in reminder.listed or (decision.outcome, decision.rule) not in by_it
    )
    return replace(account, run=replace(run, decisions=decisions))


def may_have_left(account: Account, reminder: Reminder) -> Outcome:
    """Let the step of a cancelled *reminder* wait, as it is being delivered, or was (R-55).

    What was made in its place meanwhile is cancelled, as far as nobody delivers it yet.
    """
    assert account.run is not None, "a reminder belongs to a run"
    others = _beside(account.run, reminder)
    unsent = [r for r in others if r.counts and not r.confirmed and r.intended_on is None]
    account, said = cancel(account, unsent, "superseded")
    run, about = account.run, (reminder.anchor, reminder.step)
    if reminder.after_its_run or run is None:
        return account, said
    if all((d.anchor, d.step) != about for d in run.decisions):
        fired = Decision(anchor=reminder.anchor, step=reminder.step, outcome="fired", rule="R-55")
        account = replace(account, run=replace(run, decisions=(*run.decisions, fired)))
    return account, said


def _beside(run: Run, reminder: Reminder) -> list[Reminder]:
    """Return the other attempts of the step of *reminder*; all letters, if its run is over."""
    about = reminder.anchor, reminder.step
    others = [each for each in run.reminders if each.dunning_id != reminder.dunning_id]
    return [r for r in others if reminder.after_its_run or (r.anchor, r.step) == about]


def take_fee_back(account: Account, reminder: Reminder) -> Outcome:
    """Credit a fee that was booked for nothing; that may clear the balance."""
    account, credited = reminders.take_fee_back(account, reminder)
    return after_entry((account, credited), "credit") if credited else (account, ())


def _and_its_fee(cancelled: Outcome, draft: Reminder) -> Outcome:
    account, said = cancelled
    account, credited = take_fee_back(account, draft)
    return account, (*said, *credited)


def _due_again(run: Run, drafts: list[Reminder]) -> Run:
    again = {(draft.anchor, draft.step) for draft in drafts}
    decisions = tuple(d for d in run.decisions if (d.anchor, d.step) not in again)
    return replace(run, decisions=decisions)


def _cancelled(account: Account, draft: Reminder, reason: str) -> ReminderCancelled:
    return ReminderCancelled(
        contract_id=account.contract_id, dunning_id=draft.dunning_id, reason=reason
    )
