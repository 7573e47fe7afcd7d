"""Versions of plans: a contract keeps the one that it was given."""

from typing import Protocol

from schemas.message import NotYet, Refused
from schemas.terms import Terms
from schemas.values import LegalEntityId, PlanId


class Agreed(Protocol):
    """What a service keeps of a contract, as far as it says which plans may be its own."""

    @property
    def legal_entity_id(self) -> LegalEntityId:
        """Who sells."""

    @property
    def currency(self) -> str:
        """By ISO 4217."""


def pinned(
    agreed: Agreed, plan_id: PlanId | None, version: int | None, terms: Terms
) -> tuple[PlanId, int] | None:
    """Return which version of a plan holds from now on: the one named, or the one said last.

    Raises NotYet where it is not known, Refused where it is not one for such a contract.
    """
    if plan_id is None:
        return None
    known = [key for key in terms.plans if key[0] == plan_id and version in (None, key[1])]
    if not known:
        raise NotYet("plan")
    plan = terms.plans[known[-1]]
    if plan.currency != agreed.currency:
        raise Refused("currency", f"the plan is in {plan.currency}")
    if plan.legal_entity_id != agreed.legal_entity_id:
        raise Refused("conflict", f"the plan is one of {plan.legal_entity_id}")
    return known[-1]
