"""What dunning asks of a contract for debt: each request takes effect by itself (wire.md)."""

from schemas.escalations import (
    ContractEndRequested,
    ContractPauseRequested,
    ContractResumeRequested,
)
from schemas.invoices import ContractEndFixed
from schemas.terms import Terms
from services.invoicing.billing import ends
from services.invoicing.messages import answers, contracts, pauses
from services.invoicing.model import Contract, Outcome, RunOut
from services.invoicing.timeline import timeline


def end(contract: Contract, asked: ContractEndRequested, terms: Terms) -> Outcome:
    """End the contract, unless it ends earlier; say the day that only invoicing knows (R-61).

    After the period nothing new is billed: each component runs out with what is billed (U-28).
    """
    run_out, process_id = None, asked.payment_escalation_process_id
    if asked.when == "after_current_period" and contract.has_plan:
        run_out = ends.running_out(contract, terms)
    ends_on = asked.ends_on
    if ends_on is None and contract.has_plan:
        ends_on = ends.last_of(run_out) if run_out else timeline.today_of(contract, terms)
    contract = contracts.end_at_our_request(contract, process_id, ends_on, run_out)
    if ends_on is None or contract.agreement.ends.asked_by(process_id) is None:
        # Only others know the day, or it was revoked already.
        return contract, ()
    fixed = _fixed(asked, contract, run_out)
    return contract, (fixed,) if asked.ends_on is None or fixed.components else ()


def pause(contract: Contract, asked: ContractPauseRequested, terms: Terms) -> Outcome:
    """Let the contract rest; the policy says whether billed days are credited (R-65)."""
    since = asked.paused_from or timeline.today_of(contract, terms)
    return pauses.rest(contract, since, by="escalation", credits=asked.credit), ()


def resume(contract: Contract, asked: ContractResumeRequested, terms: Terms) -> Outcome:
    """Let the contract go on, if it is us who paused it (R-64)."""
    on = asked.resumed_on or timeline.today_of(contract, terms)
    return pauses.go_on(contract, on, by="escalation"), ()


def _fixed(
    asked: ContractEndRequested, contract: Contract, run_out: RunOut | None
) -> ContractEndFixed:
    ends_on = contract.agreement.ends_on
    assert ends_on is not None, "an end was just asked for"
    return answers.fixed(contract, ends_on, run_out, asked.payment_escalation_process_id)
