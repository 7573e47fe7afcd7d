"""What lacks a base rate, as figures for who watches (R-93b)."""

from collections.abc import Mapping

from schemas.decisions import StepDecided
from schemas.message import ContractMessage
from schemas.reminders import ReminderCreated
from schemas.terms import PolicyPublished, Terms
from services.dunning.damages.interest import loaded_until


def standing(terms: Terms) -> Mapping[str, int]:
    """Return how many policies demand interest of days without a base rate, and hold letters."""
    latest = {each.policy_id: each for each in terms.policies.values()}
    lacking = [each for each in latest.values() if each.interest and _is_lacking(each, terms)]
    held = [e for e in lacking if terms.entities[e.legal_entity_id].missing_base_rate == "hold"]
    return {"policies_without_base_rate": len(lacking), "policies_standing_still": len(held)}


def counted(message: ContractMessage) -> str | None:
    """Return what *message* counts as: a letter that left without interest, or one that is held."""
    match message:
        case ReminderCreated() if message.no_base_rate_from is not None:
            return "letter_without_interest"
        case StepDecided() if (message.rule, message.outcome) == ("R-93", "held"):
            return "letter_held_for_base_rate"
        case _:
            return None


def _is_lacking(policy: PolicyPublished, terms: Terms) -> bool:
    entity = terms.entities.get(policy.legal_entity_id)
    if entity is None:
        return False
    # A letter demands interest of the days before its own.
    return terms.today(entity.legal_entity_id) > loaded_until(entity.base_rates)
