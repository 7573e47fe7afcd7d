"""The life of a contract: what was agreed, what changes, when it ends.

| rule | says | here |
|------|------|------|
| R-60, R-61 | ends at once, on a date, after what is billed, when it may | ``ends.py`` |
| R-63, R-63a | an end may be revoked until it comes; what has ended ends no later | \
``schemas/ends.py`` |
| R-98 | another customer or term counts for documents that come | ``_apply`` |
"""

from datetime import date
from typing import TypeVar

from schemas.contracts import (
    ContractChanged,
    ContractEnded,
    ContractRegistered,
    CustomerChanged,
    SwitchesChanged,
    TerminationRevoked,
)
from schemas.ends import Ends
from schemas.frozen import replace
from schemas.message import NotYet, Refused
from schemas.plans import Charge, PlanPublished
from schemas.terms import Terms
from schemas.values import ProcessId
from services.invoicing.billing import ends
from services.invoicing.messages import answers
from services.invoicing.model import Agreement, Change, Contract, Outcome, RunOut
from services.tariffs.versions import pinned

_T = TypeVar("_T")


def register(contract: Contract, registered: ContractRegistered, terms: Terms) -> Outcome:
    """Open the contract; it waits for its legal entity and its plan, which it pins."""
    if registered.legal_entity_id not in terms.entities:
        raise NotYet("legal entity")
    agreed = Agreement(
        legal_entity_id=registered.legal_entity_id,
        currency=registered.currency,
        customer=registered.customer,
        payment_method=registered.payment_method,
        payment_terms_days=registered.payment_terms_days,
        early_payment=registered.early_payment,
        starts_on=registered.starts_on,
        ends=Ends(agreed=registered.ends_on),
        anchor_on=registered.billing_anchor_on or registered.starts_on,
        billed_until=registered.billed_until,
        trial_until=registered.trial_until,
        billing=registered.switches.billing,
        threshold_billing=registered.switches.threshold_billing,
        test=registered.test,
        attributes=registered.attributes,
    )
    plan = pinned(agreed, registered.plan_id, registered.plan_version, terms)
    # The first plan holds from the start, wherever that is moved to.
    change = Change(from_on=date.min, plan=plan, quantities=registered.quantities)
    _check_signs(change)
    return replace(contract, agreed=agreed, changes=(change,)), ()


def change(contract: Contract, changed: ContractChanged, terms: Terms) -> Outcome:
    """Change what is named, on the day from which it counts; that may lie in the past."""
    agreed = contract.agreement
    if changed.currency not in (None, agreed.currency):
        raise Refused("currency", "a contract keeps its one currency")
    if changed.legal_entity_id not in (None, agreed.legal_entity_id):
        raise Refused("conflict", "a contract keeps its legal entity")
    today = terms.today(agreed.legal_entity_id)
    before = contract
    contract = _with_change(contract, changed, terms, today=today)
    life = _life(agreed, changed, today=today)
    said = answers.chosen(contract, changed.plan_version) if contract is not before else ()
    if changed.effective_on is not None and changed.effective_on > today:
        return replace(contract, coming=(*contract.coming, changed)), said
    return _apply(contract, changed, life), said


def bring_to(contract: Contract, day: date) -> Contract:
    """Make the changes that count by *day*, in the order of the days from which they count."""
    due = [each for each in contract.coming if each.effective_on and each.effective_on <= day]
    if not due:
        return contract
    contract = replace(contract, coming=tuple(c for c in contract.coming if c not in due))
    for each in sorted(due, key=lambda each: each.effective_on or day):
        agreed = contract.agreement
        try:
            life = _life(agreed, each, today=day)
        except Refused:
            # It has ended since that was said: then only the rest of it counts.
            life = agreed.starts_on, agreed.ends
        contract = _apply(contract, each, life)
    return contract


def change_customer(contract: Contract, changed: CustomerChanged) -> Outcome:
    """Take over who owes; documents that were issued stay as they were."""
    return _with(contract, replace(contract.agreement, customer=changed.customer)), ()


def end(contract: Contract, ended: ContractEnded, terms: Terms) -> Outcome:
    """Note the end; where its day depends on what is billed or allowed, say which it is."""
    if ended.when == "on_date" or not contract.has_plan:
        return _told(contract, ended.ends_on, terms), ()
    run_out = ends.running_out(contract, terms) if ended.when == "after_current_period" else None
    if run_out is not None:
        ends_on = max(contract.agreement.starts_on, ends.last_of(run_out))
    else:
        ends_on = ends.day_of(contract, terms, wished_on=ended.ends_on)
    contract = replace(_told(contract, ends_on, terms, run_out), wishes=contract.wishes + 1)
    return contract, (answers.fixed(contract, ends_on, run_out),)


def end_at_our_request(
    contract: Contract, process_id: ProcessId, ends_on: date | None, run_out: RunOut | None = None
) -> Contract:
    """Return *contract* with the end that dunning asked for, which is exclusive (R-60)."""
    agreed = contract.agreement
    found = agreed.ends.requested(process_id, ends_on, starts_on=agreed.starts_on)
    if run_out is not None and found.asked_by(process_id) is not None:
        sooner = run_out.sooner(contract.asked_run_outs.get(process_id))
        run_outs = {**contract.asked_run_outs, process_id: sooner}
        contract = replace(contract, asked_run_outs=run_outs)
    return _ending(contract, found)


def revoke(contract: Contract, revoked: TerminationRevoked, terms: Terms) -> Outcome:
    """Let the contract go on after all, or not end for a process; only before its end (R-63)."""
    agreed, process_id = contract.agreement, revoked.payment_escalation_process_id
    goes_on = agreed.ends.revoked(process_id, today=terms.today(agreed.legal_entity_id))
    left = {each: out for each, out in contract.asked_run_outs.items() if goes_on.asked_by(each)}
    agreed_run_out = contract.agreed_run_out if process_id else None
    contract = replace(contract, agreed_run_out=agreed_run_out, asked_run_outs=left)
    return _ending(contract, goes_on), ()


def _told(
    contract: Contract, ends_on: date, terms: Terms, run_out: RunOut | None = None
) -> Contract:
    agreed = contract.agreement
    today = terms.today(agreed.legal_entity_id)
    told = agreed.ends.told(ends_on, starts_on=agreed.starts_on, today=today)
    return _ending(replace(contract, agreed_run_out=run_out), told)


def _ending(contract: Contract, found: Ends) -> Contract:
    return _with(contract, replace(contract.agreement, ends=found))


def _life(was: Agreement, changed: ContractChanged, *, today: date) -> tuple[date, Ends]:
    """Return from when to when the contract runs once *changed* counts; Refused as in Ends."""
    starts_on = changed.starts_on or was.starts_on
    if changed.ends_on is not None:
        return starts_on, was.ends.told(changed.ends_on, starts_on=starts_on, today=today)
    was.ends.check_start(starts_on)
    return starts_on, was.ends


def _apply(contract: Contract, changed: ContractChanged, life: tuple[date, Ends]) -> Contract:
    was, (starts_on, ends_of_life) = contract.agreement, life
    if ends_of_life.agreed != was.ends.agreed:
        # A day that is named takes the place of an end after what is billed.
        contract = replace(contract, agreed_run_out=None)
    contract = _ending(contract, ends_of_life)
    switches = changed.switches or SwitchesChanged()
    return _with(
        contract,
        replace(
            contract.agreement,
            customer=_or(changed.customer, was.customer),
            payment_method=_or(changed.payment_method, was.payment_method),
            payment_terms_days=_or(changed.payment_terms_days, was.payment_terms_days),
            early_payment=_or(changed.early_payment, was.early_payment),
            starts_on=starts_on,
            anchor_on=_anchor(contract, changed),
            billed_until=_or(changed.billed_until, was.billed_until),
            trial_until=_or(changed.trial_until, was.trial_until),
            billing=_or(switches.billing, was.billing),
            threshold_billing=_or(switches.threshold_billing, was.threshold_billing),
            test=_or(changed.test, was.test),
            attributes=_or(changed.attributes, was.attributes),
        ),
    )


def _anchor(contract: Contract, changed: ContractChanged) -> date:
    """Return the anchor: it follows the start as long as nothing was billed from it."""
    was = contract.agreement
    moves = was.anchor_on == was.starts_on and not contract.was_billed
    return changed.billing_anchor_on or (moves and changed.starts_on) or was.anchor_on


def _with(contract: Contract, agreed: Agreement) -> Contract:
    return replace(contract, agreed=agreed)


def _with_change(
    contract: Contract, changed: ContractChanged, terms: Terms, *, today: date
) -> Contract:
    """Return *contract* with the new plan and quantities on its timeline."""
    if changed.plan_id is None and changed.plan_version is None and not changed.quantities:
        return contract
    plan_id = changed.plan_id or ends.plan_of(contract, terms).plan_id
    plan = None
    if changed.plan_id is not None or changed.plan_version is not None:
        plan = pinned(contract.agreement, plan_id, changed.plan_version, terms)
    new = Change(
        from_on=changed.effective_on or today, plan=plan, quantities=changed.quantities or {}
    )
    if changed.when != "on_date":
        from_on = ends.day_of_change(contract, new, changed.when, terms)
        new = replace(new, from_on=from_on)
    _check_signs(new)
    _check_names(contract, new, terms)
    return replace(contract, changes=(*contract.changes, new))


def _check_signs(new: Change) -> None:
    if any(quantity.startswith("-") for quantity in new.quantities.values()):
        raise Refused("invalid", "a quantity must not be negative")


def _check_names(contract: Contract, new: Change, terms: Terms) -> None:
    """Refuse a quantity of what no plan has: it would be charged to nobody, silently.

    A registration is not refused for it: the contract would be known to everybody but us.
    """
    keys = {each.plan for each in (*contract.changes, new) if each.plan is not None}
    plans = [terms.plans[key] for key in keys]
    known = {charge.component_id for plan in plans for charge in _charges(plan)}
    if plans and (unknown := new.quantities.keys() - known):
        raise Refused("invalid", f"no component of the plan: {', '.join(sorted(unknown))}")


def _charges(plan: PlanPublished) -> tuple[Charge, ...]:
    return *plan.recurring, *plan.metered, *plan.one_time


def _or(said: _T | None, otherwise: _T) -> _T:
    return otherwise if said is None else said
