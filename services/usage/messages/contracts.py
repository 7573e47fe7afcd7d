"""The life of a contract, as far as it counts for what is used: plan, start, pauses, end.

| rule | says | here |
|------|------|------|
| R-60 to R-63a | an end may be asked for, fixed, moved, revoked until it comes | \
``schemas/ends.py`` |
| R-64 | no request of ours lifts an operator's pause | ``go_on`` |
| U-57 | what counts from a past day changes closed periods, so far as usage may come | ``change`` |
"""

from datetime import date
from typing import TypeVar

from schemas import dating
from schemas.contracts import (
    Cause,
    ContractChanged,
    ContractEnded,
    ContractPaused,
    ContractRegistered,
    ContractResumed,
    TerminationRevoked,
)
from schemas.ends import Ends
from schemas.escalations import (
    ContractEndRequested,
    ContractPauseRequested,
    ContractResumeRequested,
)
from schemas.frozen import replace
from schemas.invoices import ContractEndFixed
from schemas.message import NotYet, Refused
from schemas.terms import Terms
from services.tariffs.versions import pinned
from services.usage.messages import plans
from services.usage.metering.recount import reopen
from services.usage.model import Agreement, Change, Contract, Pause
from services.usage.timeline.life import plan_on

_T = TypeVar("_T")


def register(contract: Contract, registered: ContractRegistered, terms: Terms) -> Contract:
    """Open the contract; it waits for its legal entity and its plan, which it pins."""
    entity = terms.entities.get(registered.legal_entity_id)
    if entity is None:
        raise NotYet("legal entity")
    agreed = Agreement(
        legal_entity_id=registered.legal_entity_id,
        currency=registered.currency,
        zone=entity.time_zone,
        country=entity.country,
        subdivision=entity.subdivision,
        starts_on=registered.starts_on,
        ends=Ends(agreed=registered.ends_on),
        anchor_on=registered.billing_anchor_on or registered.starts_on,
        billed_until=registered.billed_until,
        trial_until=registered.trial_until,
        threshold_billing=registered.switches.threshold_billing,
    )
    plan = pinned(agreed, registered.plan_id, registered.plan_version, terms)
    # The first plan holds from the start, wherever that is moved to.
    changes = (Change(from_on=date.min, plan=plan),) if plan else ()
    return replace(contract, agreed=agreed, changes=changes)


def change(contract: Contract, changed: ContractChanged, terms: Terms) -> Contract:
    """Change what is named, on the day from which it counts; that may lie in the past."""
    was = contract.agreement
    if changed.currency not in (None, was.currency):
        raise Refused("currency", "a contract keeps its one currency")
    if changed.legal_entity_id not in (None, was.legal_entity_id):
        raise Refused("conflict", "a contract keeps its legal entity")
    today = terms.today(was.legal_entity_id)
    ends = _ends(was, changed, today=today)
    if changed.effective_on is None or changed.effective_on <= today:
        return plans.chosen(_apply(contract, changed, ends), changed, terms)
    # Which plan holds when is dated by itself.
    contract = replace(contract, coming=(*contract.coming, changed))
    return plans.chosen(contract, changed, terms)


def bring_to(contract: Contract, day: date) -> Contract:
    """Make the changes that count by *day*, in the order of the days from which they count."""
    due = [each for each in contract.coming if each.effective_on and each.effective_on <= day]
    if not due:
        return contract
    contract = replace(contract, coming=tuple(c for c in contract.coming if c not in due))
    for each in sorted(due, key=lambda each: each.effective_on or day):
        try:
            ends = _ends(contract.agreement, each, today=day)
        except Refused:
            # It has ended since that was said: then only the rest of it counts.
            each = each.model_copy(update={"starts_on": None, "ends_on": None})
            ends = contract.agreement.ends
        contract = _apply(contract, each, ends)
    return contract


def _apply(contract: Contract, changed: ContractChanged, ends: Ends) -> Contract:
    was = contract.agreement
    switched = changed.switches.threshold_billing if changed.switches else None
    starts_on = changed.starts_on or was.starts_on
    moves = was.anchor_on == was.starts_on and not contract.closed and changed.starts_on
    agreed = replace(
        was,
        starts_on=starts_on,
        ends=ends,
        metered_ends=replace(was.metered_ends, agreed=None)
        if changed.ends_on
        else was.metered_ends,
        anchor_on=changed.billing_anchor_on or moves or was.anchor_on,
        billed_until=_or(changed.billed_until, was.billed_until),
        trial_until=_or(changed.trial_until, was.trial_until),
        threshold_billing=_or(switched, was.threshold_billing),
    )
    return _relived(replace(contract, agreed=agreed), was)


def pause(contract: Contract, paused: ContractPaused) -> Contract:
    """Let the contract rest; without a cause it may confirm a request of ours."""
    open_ = _open_pause(contract)
    by = paused.cause or ("escalation" if open_ and open_.by == "escalation" else "operator")
    return rest(contract, paused.paused_from, by=by)


def rest(contract: Contract, since: date, *, by: Cause) -> Contract:
    """Return *contract* resting from *since* on; a pause of ours does not replace another's."""
    open_ = _open_pause(contract)
    if open_ is None:
        new = Pause(since=since, by=by)
        return reopen(replace(contract, pauses=(*contract.pauses, new)), since)
    if by == "escalation":
        return contract
    wider = replace(open_, since=min(since, open_.since), by=by)
    return reopen(replace(contract, pauses=(*contract.pauses[:-1], wider)), wider.since)


def resume(contract: Contract, resumed: ContractResumed) -> Contract:
    """Let the contract go on."""
    last = contract.pauses[-1] if contract.pauses else None
    if last is not None:
        dating.check_pause(last.since, last.until, resumed_on=resumed.resumed_on)
    return go_on(contract, resumed.resumed_on, by=resumed.cause or "operator")


def go_on(contract: Contract, on: date, *, by: Cause) -> Contract:
    """Return *contract* going on: the open pause ends, or the last one that ends later."""
    last = contract.pauses[-1] if contract.pauses else None
    if last is None or (last.until is not None and last.until <= on):
        return contract
    if by == "escalation" and last.by != "escalation":
        return contract
    left = (replace(last, until=on),) if last.since < on else ()
    return reopen(replace(contract, pauses=(*contract.pauses[:-1], *left)), min(on, last.since))


def end(contract: Contract, ended: ContractEnded, terms: Terms) -> Contract:
    """Note the end; where its day depends on what is billed, invoicing says which it is."""
    if ended.when != "on_date" and contract.changes:
        was = contract.agreement
        return replace(contract, agreed=replace(was, ends=was.ends.wished()))
    return _told(contract, ended.ends_on, terms)


def fix_end(contract: Contract, fixed: ContractEndFixed, terms: Terms) -> Contract:
    """Take over the end that only invoicing could know, unless it was revoked since.

    It waits for the request or the wish that it answers (wire.md, Waiting).
    """
    if fixed.payment_escalation_process_id is None and not contract.changes:
        # Somebody else invoices, who need not name the run that is answered: nothing is rated.
        return contract
    was, process_id = contract.agreement, fixed.payment_escalation_process_id
    metered = _metered_end(contract, fixed, terms)
    if process_id is None:
        today = terms.today(was.legal_entity_id)
        found = was.ends.answered(fixed.ends_on, starts_on=was.starts_on, today=today)
        counts = found.outdated == was.ends.outdated
        agreed = replace(was.metered_ends, agreed=metered) if counts else was.metered_ends
        return _ending(contract, found, agreed)
    day = fixed.at_our_request or fixed.ends_on
    found = was.ends.fixed(process_id, day, starts_on=was.starts_on)
    metered_ends = was.metered_ends
    if metered is not None and found.asked_by(process_id) is not None:
        metered_ends = metered_ends.requested(process_id, metered, starts_on=date.min)
    return _ending(contract, found, metered_ends)


def revoke(contract: Contract, revoked: TerminationRevoked, terms: Terms) -> Contract:
    """Let the contract go on after all, or not end for a process; only before its end (R-63)."""
    was, process_id = contract.agreement, revoked.payment_escalation_process_id
    goes_on = was.ends.revoked(process_id, today=terms.today(was.legal_entity_id))
    metered = was.metered_ends.without(process_id) if process_id else Ends()
    return _ending(contract, goes_on, metered)


def ask_end(contract: Contract, asked: ContractEndRequested, terms: Terms) -> Contract:
    """End the contract for debt, unless it ends earlier; else invoicing says the day."""
    known = asked.ends_on
    if known is None and asked.when == "immediately":
        known = terms.today(contract.agreement.legal_entity_id)
    was, process_id = contract.agreement, asked.payment_escalation_process_id
    found = was.ends.requested(process_id, known, starts_on=was.starts_on)
    return _ending(contract, found, was.metered_ends)


def ask_pause(contract: Contract, asked: ContractPauseRequested, terms: Terms) -> Contract:
    """Let the contract rest for debt."""
    today = terms.today(contract.agreement.legal_entity_id)
    return rest(contract, asked.paused_from or today, by="escalation")


def ask_resume(contract: Contract, asked: ContractResumeRequested, terms: Terms) -> Contract:
    """Let the contract go on, if it is us who paused it (R-64)."""
    today = terms.today(contract.agreement.legal_entity_id)
    return go_on(contract, asked.resumed_on or today, by="escalation")


def _metered_end(contract: Contract, fixed: ContractEndFixed, terms: Terms) -> date | None:
    """Return the day on which what is metered ends, where that is before the contract does."""
    plan = plan_on(contract, terms.today(contract.agreement.legal_entity_id), terms)
    names = {each.component_id for each in plan.metered} if plan else set()
    return min((e.ends_on for e in fixed.components if e.component_id in names), default=None)


def _told(contract: Contract, ends_on: date, terms: Terms) -> Contract:
    was = contract.agreement
    today = terms.today(was.legal_entity_id)
    found = was.ends.told(ends_on, starts_on=was.starts_on, today=today)
    return _ending(contract, found, replace(was.metered_ends, agreed=None))


def _ending(contract: Contract, found: Ends, metered: Ends) -> Contract:
    was = contract.agreement
    return _relived(replace(contract, agreed=replace(was, ends=found, metered_ends=metered)), was)


def _ends(was: Agreement, changed: ContractChanged, *, today: date) -> Ends:
    """Return the ends once *changed* counts; Refused as in Ends."""
    starts_on = changed.starts_on or was.starts_on
    if changed.ends_on is None:
        was.ends.check_start(starts_on)
        return was.ends
    return was.ends.told(changed.ends_on, starts_on=starts_on, today=today)


def _relived(contract: Contract, was: Agreement) -> Contract:
    """Return *contract* with the closed periods reopened that another life has other days of."""
    now, days = contract.agreement, list[date]()
    for before, after in (
        (was.life.from_on, now.life.from_on),
        (was.life.until, now.life.until),
        (was.metered_ends.on, now.metered_ends.on),
        (was.trial_until, now.trial_until),
        (was.billed_until, now.billed_until),
    ):
        if before != after:
            days += [day for day in (before, after) if day is not None]
    if was.anchor_on != now.anchor_on:
        days.append(date.min)
    return reopen(contract, min(days)) if days else contract


def _open_pause(contract: Contract) -> Pause | None:
    last = contract.pauses[-1] if contract.pauses else None
    return last if last is not None and last.until is None else None


def _or(said: _T | None, otherwise: _T) -> _T:
    return otherwise if said is None else said
