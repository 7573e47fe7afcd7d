"""A step that fires: all that it is about."""

from dataclasses import dataclass
from datetime import date
from typing import TypedDict

from schemas.steps import Step
from schemas.terms import LegalEntityPublished, PolicyPublished, Terms
from schemas.values import ContractId, Money, ProcessId, ReceivableId
from services.dunning.model import Account, Run
from services.dunning.open_items import OpenItem


class StepSubject(TypedDict):
    """What every message about a step names, and gets its id from."""

    contract_id: ContractId
    payment_escalation_process_id: ProcessId
    receivable_id: ReceivableId
    reopening: int
    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """Step *number* of *policy* under *item*, on a day."""

    account: Account
    run: Run
    policy: PolicyPublished
    item: OpenItem
    number: int
    on: date
    terms: Terms

    @property
    def step(self) -> Step:
        return self.policy.steps[self.number]

    @property
    def entity(self) -> LegalEntityPublished:
        return self.terms.entities[self.account.registered.legal_entity_id]

    @property
    def about(self) -> StepSubject:
        return {
            "contract_id": self.account.contract_id,
            "payment_escalation_process_id": self.run.process_id,
            "receivable_id": self.item.receivable_id,
            "reopening": self.item.reopening,
            "step": self.number,
        }

    def money(self, minor: int) -> Money:
        """Return *minor* units of the contract's currency."""
        return Money.of(minor, self.account.currency)
