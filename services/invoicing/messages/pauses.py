"""Where a contract rests: no request of ours lifts an operator's pause (R-64)."""

from datetime import date

from schemas.contracts import Cause, ContractPaused, ContractResumed
from schemas.frozen import replace
from schemas.terms import Terms
from services.invoicing.model import Contract, Outcome, Pause


def pause(contract: Contract, paused: ContractPaused, terms: Terms) -> Outcome:
    """Let the contract rest; without a cause it may confirm a request of ours.

    The policy that applies says whether billed days are credited (R-65).
    """
    agreed, open_ = contract.agreement, _open_pause(contract)
    by = paused.cause or ("escalation" if open_ and open_.by == "escalation" else "operator")
    policy = terms.policy_for(agreed.legal_entity_id, agreed.attributes)
    credits = policy is not None and policy.credit_on_pause
    return rest(contract, paused.paused_from, by=by, credits=credits), ()


def rest(contract: Contract, since: date, *, by: Cause, credits: bool = False) -> Contract:
    """Return *contract* resting from *since* on; a pause of ours does not replace another's."""
    open_ = _open_pause(contract)
    if open_ is None:
        new = Pause(since=since, by=by, credits=credits)
        return replace(contract, pauses=(*contract.pauses, new))
    if by == "escalation":
        return contract
    both = open_.credits or credits
    wider = replace(open_, since=min(since, open_.since), by=by, credits=both)
    return replace(contract, pauses=(*contract.pauses[:-1], wider))


def resume(contract: Contract, resumed: ContractResumed) -> Outcome:
    """Let the contract go on, with billing switched on."""
    return go_on(contract, resumed.resumed_on, by=resumed.cause or "operator"), ()


def go_on(contract: Contract, on: date, *, by: Cause) -> Contract:
    """Return *contract* going on: the open pause ends, or the last one that ends later."""
    last = contract.pauses[-1] if contract.pauses else None
    if last is None or (last.until is not None and last.until <= on):
        return contract
    if by == "escalation" and last.by != "escalation":
        return contract
    left = (replace(last, until=on),) if last.since < on else ()
    contract = replace(contract, pauses=(*contract.pauses[:-1], *left))
    return replace(contract, agreed=replace(contract.agreement, billing=True))


def _open_pause(contract: Contract) -> Pause | None:
    last = contract.pauses[-1] if contract.pauses else None
    return last if last is not None and last.until is None else None
