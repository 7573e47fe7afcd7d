"""The daily evaluation: a run starts, its steps fire, and every decision is said."""

from datetime import date

from schemas.escalations import (
    ContractEndRequested,
    ContractPauseRequested,
    ContractResumeRequested,
    EscalationExhausted,
    EscalationStarted,
    PaymentEscalated,
)
from schemas.frozen import replace
from schemas.message import ContractMessage
from schemas.terms import PolicyPublished, Terms
from schemas.values import Money, ProcessId, derived_id
from services.dunning.damages.interest import NoBaseRate
from services.dunning.escalation import decisions, former, reminders, rules, steps
from services.dunning.escalation.firing import Firing
from services.dunning.ledger import claims
from services.dunning.model import Account, Decision, Outcome, Pause, Reminder, Run
from services.dunning.open_items import OpenItem


def evaluate(account: Account, day: date, terms: Terms) -> Outcome:
    """Bring *account* to *day*: start a run where one is due, then fire what is reached."""
    account = replace(account, evaluated_on=day, awaits_policy=False)
    account, started = (account, ()) if account.run else start(account, day, terms)
    if account.run is None:
        return account, started
    account, fired = fire(account, account.run, day, terms)
    return account, (*started, *fired)


def start(account: Account, day: date, terms: Terms) -> Outcome:
    """Start a run under the policy that applies today (R-22), or say what keeps it back."""
    # What is disputed may be owed all the same, and an instalment before the rest.
    known = (*claims.owed(account), *claims.claimed(account))
    if not any(rules.age(item, on=day) >= 1 for item in known):
        return account, ()
    # Whatever keeps it back, new terms may change the answer.
    account = replace(account, awaits_policy=True)
    policy = rules.policy_for(account.registered, terms)
    if policy is None:
        return account, ()
    run = Run(
        process_id=ProcessId(derived_id("run", account.contract_id, account.runs + 1)),
        policy=rules.stamp(policy),
        started_on=day,
        demands_disputed=policy.on_invoice_dispute == "escalate",
    )
    # What is claimed depends on the policy: it is asked as if the run had started.
    begun = replace(account, run=run)
    items, anchor = rules.overdue(begun, on=day), rules.anchor_of(begun)
    if not items or anchor is None:
        return account, ()
    kept_back = decisions.about_start(begun, anchor, policy, on=day)
    if kept_back is not None:
        reason = (anchor.anchor, kept_back.outcome)
        said = () if account.not_started == reason else (kept_back,)
        return replace(account, not_started=reason), said
    started = EscalationStarted(
        contract_id=account.contract_id,
        payment_escalation_process_id=run.process_id,
        customer_id=account.registered.customer_id,
        policy=run.policy,
        due_date=anchor.falls_due_on,
        overdue=Money.of(sum(item.open for item in items), account.currency),
    )
    taken, rest = former.begun_with(account)
    begun = replace(begun, run=replace(run, reminders=taken), former=rest)
    begun = replace(begun, runs=account.runs + 1, not_started=None)
    return replace(begun, awaits_policy=False), (started,)


def fire(account: Account, run: Run, day: date, terms: Terms) -> Outcome:
    """Decide about the steps reached under the oldest item, and carry out what fires."""
    policy, item = rules.snapshot(run.policy, terms), rules.anchor_of(account)
    if item is None:
        return account, ()
    said: list[ContractMessage] = []
    for decision in rules.decide(account, run, policy, item, on=day):
        account, messages = _follow(account, policy, item, decision, on=day, terms=terms)
        said += messages
    account, done = exhaust(account, terms)
    return account, (*said, *done)


def _follow(
    account: Account,
    policy: PolicyPublished,
    item: OpenItem,
    decision: Decision,
    *,
    on: date,
    terms: Terms,
) -> Outcome:
    """Carry out what fires, and say the decision where it is another than before."""
    assert account.run is not None, "only a run decides about steps"
    before = steps.last_outcome(account.run, decision)
    carried_out: Outcome = account, ()
    if decision.outcome == "fired":
        firing = Firing(
            account=account,
            run=account.run,
            policy=policy,
            item=item,
            number=decision.step,
            on=on,
            terms=terms,
        )
        try:
            carried_out = _carry_out(firing)
        except NoBaseRate:
            finding = rules.NO_BASE_RATE
            decision = replace(decision, outcome=finding.outcome, rule=finding.rule)
    record = decisions.about_step(account, policy, item, decision, on=on)
    said = () if before == decision.outcome else (record,)
    after, done = carried_out
    return _noted(after, decision), (*said, *done)


def exhaust(account: Account, terms: Terms) -> Outcome:
    """Say, once per anchor, that no step is left and money is still owed (R-87)."""
    run, item = account.run, rules.anchor_of(account)
    if run is None or item is None:
        return account, ()
    if not rules.is_exhausted(account, run, rules.snapshot(run.policy, terms), item):
        return account, ()
    sent = [each.dispatched_on for each in run.reminders if each.dispatched_on]
    said = EscalationExhausted(
        contract_id=account.contract_id,
        payment_escalation_process_id=run.process_id,
        receivable_id=item.receivable_id,
        reopening=item.reopening,
        last_dispatched_on=max(sent, default=None),
        balance=Money.of(account.balance, account.currency),
        disputed=_disputed(account),
    )
    return replace(account, run=replace(run, exhausted=(*run.exhausted, item.anchor))), (said,)


def _disputed(account: Account) -> Money | None:
    """Return what of the balance is disputed: whoever collects it must know (R-116)."""
    disputed = sum(item.disputed for item in account.open_items)
    return Money.of(disputed, account.currency) if disputed else None


def resume(before: Account, after: Account, terms: Terms) -> Outcome:
    """Ask that a contract goes on that was paused for debt, once its run has ended (R-64)."""
    run, pause = before.run, after.pause
    ended = run is not None and (after.run is None or after.run.process_id != run.process_id)
    if run is None or not ended or pause is None or pause.by != "escalation":
        return after, ()
    if pause.until is not None:
        # Somebody has said already from when on it goes on.
        return after, ()
    if not rules.snapshot(run.policy, terms).resume_on_reset:
        return after, ()
    said = ContractResumeRequested(
        contract_id=after.contract_id,
        payment_escalation_process_id=run.process_id,
        resumed_on=terms.today(after.registered.legal_entity_id),
    )
    return replace(after, pause=None), (said,)


def charge(account: Account, reminder: Reminder, terms: Terms, *, on: date) -> Outcome:
    """Book the fee of a reminder that was sent, where the policy wants fees in the balance.

    One that was credited, for the letter had not left, is booked again: it is the cost of a letter
    that has (R-93, R-55).
    """
    run = account.run_of(reminder.dunning_id)
    assert run is not None, "a reminder belongs to a run"
    policy = rules.snapshot(run.policy, terms)
    is_booked = reminder.charged_on is not None and not reminder.fee_taken_back
    if not policy.fees_block_reset or not reminder.fee or is_booked:
        return account, ()
    again = reminder.charged_again + (reminder.charged_on is not None)
    booked = {"charged_on": on, "fee_taken_back": False, "charged_again": again}
    account = reminders.changed(account, reminder, **booked)
    return reminders.post_fee(account, reminders.known(account, reminder), on=on)


def _noted(account: Account, decision: Decision) -> Account:
    """Return *account* with *decision* in place of what was last decided about the step."""
    run = account.run
    assert run is not None, "only a run decides about steps"
    others = (d for d in run.decisions if (d.anchor, d.step) != (decision.anchor, decision.step))
    return replace(account, run=replace(run, decisions=(*others, decision)))


def _carry_out(firing: Firing) -> Outcome:
    match firing.step.action:
        case "webhook":
            return firing.account, (_escalated(firing),)
        case "reminder":
            return _remind(firing)
        case "pause_contract":
            return _pause(firing)
        case _:
            return _end(firing)


def _escalated(firing: Firing) -> PaymentEscalated:
    return PaymentEscalated(
        **firing.about,
        customer_id=firing.account.registered.customer_id,
        trigger_days=firing.step.days_overdue,
        due_date=firing.item.falls_due_on,
    )


def _remind(firing: Firing) -> Outcome:
    reminder, said = reminders.write(firing)
    run = replace(firing.run, reminders=(*firing.run.reminders, reminder))
    account = replace(firing.account, run=run)
    if reminder.dispatched_on is None:
        return account, (said,)
    account, fee = charge(account, reminder, firing.terms, on=firing.on)
    return account, (said, *fee)


def _pause(firing: Firing) -> Outcome:
    """Ask for a pause under which the escalation goes on, else no later step could fire (R-64)."""
    account, known = firing.account, firing.account.pause
    if known is None or known.by == "escalation" or known.is_over(firing.on):
        # Else somebody has announced a pause that suspends from its day on: it stays known.
        account = replace(account, pause=Pause(since=firing.on, by="escalation"))
    credit = firing.policy.credit_on_pause
    return account, (ContractPauseRequested(**firing.about, paused_from=firing.on, credit=credit),)


def _end(firing: Firing) -> Outcome:
    """Ask for the end of the contract; it takes effect by itself (R-60, R-61)."""
    ends_on = rules.end_of(firing.account, firing.step, on=firing.on)
    said = ContractEndRequested(**firing.about, when=firing.step.when, ends_on=ends_on)
    starts_on = firing.account.registered.starts_on
    ends = firing.account.ends.requested(firing.run.process_id, ends_on, starts_on=starts_on)
    return replace(firing.account, ends=ends), (said,)
