"""Which plan a contract is to have, in which version, and from when."""

from schemas.contracts import ContractChanged
from schemas.frozen import replace
from schemas.message import Refused
from schemas.terms import Terms
from services.tariffs.versions import pinned
from services.usage.metering.recount import recount
from services.usage.model import Change, Contract
from services.usage.timeline.life import oldest, period_of


def chosen(contract: Contract, changed: ContractChanged, terms: Terms) -> Contract:
    """Return *contract* with the plan that *changed* names, from the day from which it counts.

    Raises Refused: ``too_late`` where no usage of that day may come any more (U-57).
    """
    if changed.plan_id is None and changed.plan_version is None:
        return contract
    agreed = contract.agreement
    today = terms.today(agreed.legal_entity_id)
    last = contract.changes[-1].plan[0] if contract.changes else None
    plan = pinned(agreed, changed.plan_id or last, changed.plan_version, terms)
    if plan is None:
        raise Refused("invalid", "a version of no plan")
    from_on = changed.effective_on or today
    if changed.when != "on_date":
        from_on = period_of(contract, max(from_on, today), terms).until
    is_closed = any(each.until > from_on for each in contract.closed)
    if is_closed and from_on < oldest(contract, terms):
        raise Refused("too_late", "the plan counts from a day of which no usage may come any more")
    changes = sorted((*contract.changes, Change(from_on=from_on, plan=plan)),
                     key=lambda each: each.from_on)  # fmt: skip
    return recount(replace(contract, changes=tuple(changes)), from_on, terms)
