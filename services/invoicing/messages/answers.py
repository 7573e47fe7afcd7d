"""What is answered to who asked: the day of an end, the version of a plan (U-28)."""

from datetime import date

from schemas.ends import ComponentEnd
from schemas.invoices import ContractEndFixed, PlanChosen
from schemas.values import ProcessId
from services.invoicing.model import Contract, RunOut


def fixed(
    contract: Contract,
    ends_on: date,
    run_out: RunOut | None,
    process_id: ProcessId | None = None,
) -> ContractEndFixed:
    """Say the day on which the contract ends, and which components end before."""
    early = run_out.components.items() if run_out else ()
    ask = contract.agreement.ends.asked_by(process_id) if process_id is not None else None
    asked = ask.on if ask is not None else None
    return ContractEndFixed(
        contract_id=contract.contract_id,
        payment_escalation_process_id=process_id,
        ends_on=ends_on,
        # The same day may be found again after a revocation: that is another answer.
        wish=contract.wishes if process_id is None and contract.wishes > 1 else None,
        at_our_request=asked if asked != ends_on else None,
        components=tuple(
            ComponentEnd(component_id=name, ends_on=day) for name, day in early if day < ends_on
        ),
    )


def chosen(contract: Contract, named: int | None) -> tuple[PlanChosen, ...]:
    """Say which version of its plan the latest change holds, where nobody named one."""
    last = contract.changes[-1]
    if last.plan is None or named is not None:
        return ()
    plan_id, version = last.plan
    return (
        PlanChosen(
            contract_id=contract.contract_id,
            plan_id=plan_id,
            plan_version=version,
            from_on=last.from_on,
            change_number=len(contract.changes),
        ),
    )
