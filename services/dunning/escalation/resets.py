"""What follows every entry: a cleared balance ends the run, a changed one cancels drafts."""

from typing import Literal

from schemas.escalations import PaymentEscalationReset
from schemas.frozen import replace
from schemas.message import ContractMessage
from schemas.reminders import ReminderCancelled
from schemas.values import Money
from services.dunning.damages import damages
from services.dunning.escalation import reminders, steps
from services.dunning.ledger import early_payment, paid_damages
from services.dunning.model import Account, Outcome, Reminder, Run

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
        last_letter=paid_damages.letter(account),
        run=None,
        not_started=None,
    )
    for draft in drafts:
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
    """Cancel the drafts that demand what is not open any more; their step is due again (R-55)."""
    run = account.run
    drafts = steps.drafts(run) if run else []
    wrong = [each for each in drafts if not reminders.is_true(account, each)]
    if run is None or not wrong:
        return account, ()
    said: Outcome = (
        replace(account, run=_without(run, wrong)),
        tuple(_cancelled(account, draft, "amount") for draft in wrong),
    )
    for draft in wrong:
        said = _and_its_fee(said, draft)
    return said


def take_fee_back(account: Account, reminder: Reminder) -> Outcome:
    """Credit a fee that was booked for nothing; that may clear the balance."""
    account, credited = reminders.take_fee_back(account, reminder)
    return after_entry((account, credited), "credit") if credited else (account, ())


def _and_its_fee(cancelled: Outcome, draft: Reminder) -> Outcome:
    account, said = cancelled
    account, credited = take_fee_back(account, draft)
    return account, (*said, *credited)


def _without(run: Run, wrong: list[Reminder]) -> Run:
    again = {(draft.anchor, draft.step) for draft in wrong}
    return replace(
        run,
        reminders=tuple(replace(r, cancelled=r.cancelled or r in wrong) for r in run.reminders),
        decisions=tuple(d for d in run.decisions if (d.anchor, d.step) not in again),
    )


def _cancelled(account: Account, draft: Reminder, reason: str) -> ReminderCancelled:
    return ReminderCancelled(
        contract_id=account.contract_id, dunning_id=draft.dunning_id, reason=reason
    )
