"""What dunning asks of a contract for debt: each request takes effect by itself (wire.md)."""

from schemas.ends import Ends
from schemas.escalations import (
    ContractEndRequested,
    ContractPauseRequested,
    ContractResumeRequested,
)
from schemas.invoices import ContractEndFixed
from schemas.terms import Terms
from services.invoicing.billing import ends
from services.invoicing.messages import contracts
from services.invoicing.model import Contract, Outcome
from services.invoicing.timeline import timeline


def end(contract: Contract, asked: ContractEndRequested, terms: Terms) -> Outcome:
    """End the contract, unless it ends earlier; say the day that only invoicing knows (R-61)."""
    if asked.ends_on is not None:
        return contracts.end_at_our_request(contract, asked.ends_on), ()
    if not contract.has_plan:
        return contract, ()
    if asked.when == "immediately":
        ends_on = timeline.today_of(contract, terms)
    else:
        ends_on = ends.after_current_period(contract, terms)
    contract = contracts.end_at_our_request(contract, ends_on)
    return contract, (_fixed(asked, contract.agreement.ends),)


def pause(contract: Contract, asked: ContractPauseRequested, terms: Terms) -> Outcome:
    """Let the contract rest; the policy says whether billed days are credited (R-65)."""
    since = asked.paused_from or timeline.today_of(contract, terms)
    return contracts.rest(contract, since, by="escalation", credits=asked.credit), ()


def resume(contract: Contract, asked: ContractResumeRequested, terms: Terms) -> Outcome:
    """Let the contract go on, if it is us who paused it (R-64)."""
    on = asked.resumed_on or timeline.today_of(contract, terms)
    return contracts.go_on(contract, on, by="escalation"), ()


def _fixed(asked: ContractEndRequested, found: Ends) -> ContractEndFixed:
    assert found.on is not None, "an end was just asked for"
    return ContractEndFixed(
        contract_id=asked.contract_id,
        payment_escalation_process_id=asked.payment_escalation_process_id,
        ends_on=found.on,
        at_our_request=found.asked if found.asked != found.on else None,
    )
