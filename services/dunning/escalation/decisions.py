"""Decision records: what was decided about a step or a start, from which facts, by which rule."""

from collections.abc import Mapping
from datetime import date

from schemas.decisions import DecidedStep, FactValue, StepDecided
from schemas.steps import Step
from schemas.terms import PolicyPublished
from services.dunning.escalation import letters, notice, rules, steps, stops
from services.dunning.escalation.stops import A_DAY, Finding, Stop
from services.dunning.model import Account, Decision, Run
from services.dunning.open_items import OpenItem

Facts = Mapping[str, FactValue]


def about_start(
    account: Account, anchor: OpenItem, policy: PolicyPublished, *, on: date
) -> StepDecided | None:
    """Return what keeps a run from starting; None where nothing does."""
    found = _hindrance(account, policy, on=on)
    if found is None:
        return None
    finding, facts = found
    return StepDecided(
        contract_id=account.contract_id,
        outcome=finding.outcome,
        rule=finding.rule,
        anchor=anchor.receivable_id,
        reopening=anchor.reopening,
        decided_on=on,
        age_days=rules.age(anchor, on=on),
        delay_days=0,
        policy=rules.stamp(policy),
        facts={**_state(account, anchor, on=on), **facts},
    )


def about_step(
    account: Account, policy: PolicyPublished, item: OpenItem, decision: Decision, *, on: date
) -> StepDecided:
    """Return the record of *decision*, with the facts it was taken from."""
    run, step = account.run, policy.steps[decision.step]
    assert run is not None, "only a run decides about steps"
    return StepDecided(
        contract_id=account.contract_id,
        payment_escalation_process_id=run.process_id,
        step=DecidedStep(number=decision.step, days_overdue=step.days_overdue, action=step.action),
        outcome=decision.outcome,
        rule=decision.rule,
        anchor=item.receivable_id,
        reopening=item.reopening,
        decided_on=on,
        age_days=rules.age(item, on=on),
        delay_days=steps.delay(run, item, on=on),
        policy=run.policy,
        facts={
            **_state(account, item, on=on),
            **_reason(account, run, policy, decision, on=on),
        },
    )


def _hindrance(
    account: Account, policy: PolicyPublished, *, on: date
) -> tuple[Finding, Facts] | None:
    stop = stops.stop_on(account, policy, on=on)
    if stop is not None:
        return stop.finding, _stopped(stop)
    if not rules.is_worth_it(rules.overdue(account, on=on), policy, account.currency):
        threshold = policy.thresholds[account.currency]
        return rules.BELOW_THRESHOLD, {"threshold": f"{threshold} {account.currency}"}
    return None


def _state(account: Account, item: OpenItem, *, on: date) -> Facts:
    owed = sum(each.open for each in rules.overdue(account, on=on))
    credit = sum(each.credit for each in account.receipts)
    disputed = sum(each.disputed for each in account.open_items)
    return {
        "due_on": str(item.falls_due_on),
        "ages_from": str(item.anchor_on),
        "open": account.text(item.open),
        "overdue": account.text(owed),
        "balance": account.text(account.balance),
        # What is paid and assigned to nothing is off what is open and overdue.
        **({"credit": account.text(credit)} if credit else {}),
        **({"disputed": account.text(disputed)} if disputed else {}),
    }


def _reason(
    account: Account, run: Run, policy: PolicyPublished, decision: Decision, *, on: date
) -> Facts:
    """Return what beside the age decided."""
    match decision.outcome:
        case "held" if decision.rule == rules.TOO_EARLY.rule:
            return _too_early(run, policy)
        case "held" if decision.rule == rules.UNDER_WAY.rule:
            return {"held_by": "a letter that may have left"}
        case "held" | "suspended":
            stop = stops.stop_on(account, policy, on=on)
            return _stopped(stop) if stop else {"held_by": "a base rate that is not loaded"}
        case "below_threshold":
            return _minimum(account, policy.steps[decision.step])
        case "guarded":
            return _guarded(run, policy, decision)
        case "superseded" if decision.rule == rules.TOO_LOW.rule:
            return {"superseded_by": "the level of an earlier letter"}
        case "superseded" if decision.rule == rules.LEFT_BEFORE.rule:
            return {"superseded_by": "a letter that left after the reset before"}
        case "superseded":
            return {"superseded_by": "the highest reminder that is reached"}
        case "no_op":
            return _already(account, on=on)
        case _:
            return {}


def _minimum(account: Account, step: Step) -> Facts:
    least = step.minimum.get(account.currency)
    only = {"undisputed_only": True} if step.undisputed_only else {}
    return {**({"minimum": f"{least} {account.currency}"} if least else {}), **only}


def _too_early(run: Run, policy: PolicyPublished) -> Facts:
    first = letters.first_allowed(run, policy)
    assert first is not None, "it is too early after another letter"
    days = letters.days_between(policy)
    return {
        "held_by": "the letter before it",
        "held_through": str(first - A_DAY),
        "days_between_letters": str(days),
    }


def _already(account: Account, *, on: date) -> Facts:
    """Return what has happened to the contract already, or was asked for."""
    paused = account.pause is not None and account.pause.covers(on)
    ends = {"ends_on": str(account.ends_on)} if account.ends_on else {}
    revoked = {"end_revoked": True} if rules.is_revoked(account) else {}
    return {**ends, **revoked, "end_requested": account.ends.is_requested, "paused": paused}


def _guarded(run: Run, policy: PolicyPublished, decision: Decision) -> Facts:
    ends = notice.first_day(run, policy, decision.step, decision.anchor)
    return {
        "min_notice_days": str(policy.min_notice_days),
        "notice_ends": str(ends) if ends else "when the reminders before it are dispatched",
    }


def _stopped(stop: Stop) -> Facts:
    through = str(stop.through) if stop.through else "until it is lifted"
    return {"held_by": stop.by, "held_through": through}
