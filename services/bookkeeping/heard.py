"""The facts, put where they are looked for: contracts, documents, deferrals, entries."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self
from zoneinfo import ZoneInfo

from schemas.contracts import ContractChanged, ContractRegistered, CustomerChanged
from schemas.instructions import DeferReceivable
from schemas.invoices import CreditNoteIssued, InvoiceIssued
from schemas.receivables import EntryPosted
from schemas.terms import LegalEntityPublished
from schemas.values import ContractId, LegalEntityId
from services.bookkeeping.facts import Fact, Incomplete

Bill = InvoiceIssued | CreditNoteIssued


@dataclass(frozen=True, slots=True)
class Entity:
    """Whose books they are; *rates* are its default rates of VAT, the last said first."""

    published: LegalEntityPublished
    rates: tuple[str, ...]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.published.time_zone)


@dataclass(slots=True)
class Heard:
    """The facts by what they are about."""

    entities: dict[LegalEntityId, list[LegalEntityPublished]] = field(
        default_factory=lambda: defaultdict(list)
    )
    contracts: dict[ContractId, ContractRegistered] = field(default_factory=dict)
    tests: set[ContractId] = field(default_factory=set)
    vat_ids: dict[ContractId, list[tuple[datetime, str | None]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    bills: dict[str, tuple[Fact, Bill]] = field(default_factory=dict)
    deferred: dict[ContractId, list[tuple[datetime, DeferReceivable]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    entries: dict[ContractId, list[tuple[Fact, EntryPosted]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    @classmethod
    def all(cls, facts: Iterable[Fact]) -> Self:
        """Return all *facts*."""
        heard = cls()
        for fact in facts:
            heard.hear(fact)
        return heard

    def hear(self, fact: Fact) -> None:  # noqa: C901 - one case a message
        """Note *fact*; what was registered once stays as it was said first."""
        match fact.message:
            case LegalEntityPublished() as entity:
                self.entities[entity.legal_entity_id].append(entity)
            case ContractRegistered() as contract:
                if self.contracts.setdefault(contract.contract_id, contract) is contract:
                    self._note_vat_id(contract.contract_id, fact, contract.customer.vat_id)
                    self._note_test(contract.contract_id, contract.test)
            case ContractChanged() as changed:
                if changed.customer is not None:
                    self._note_vat_id(changed.contract_id, fact, changed.customer.vat_id)
                if changed.test is not None:
                    self._note_test(changed.contract_id, changed.test)
            case CustomerChanged() as changed:
                self._note_vat_id(changed.contract_id, fact, changed.customer.vat_id)
            case InvoiceIssued() | CreditNoteIssued() as bill:
                self.bills.setdefault(fact.name, (fact, bill))
            case DeferReceivable() as told:
                self.deferred[told.contract_id].append((fact.at, told))
            case EntryPosted() as posted:
                self.entries[posted.contract_id].append((fact, posted))
            case _:
                raise TypeError(f"{type(fact.message).__name__} is no part of the books")

    def _note_vat_id(self, contract_id: ContractId, fact: Fact, vat_id: str | None) -> None:
        self.vat_ids[contract_id].append((fact.at, vat_id))

    def vat_id(self, contract_id: ContractId, fact: Fact, bill: Bill) -> str | None:
        """Return the VAT id of who bought: as the document says, else as was known then (R-105)."""
        if bill.customer is not None:
            return bill.customer.vat_id
        said = [vat_id for at, vat_id in self.vat_ids[contract_id] if at <= fact.at]
        return said[-1] if said else None

    def _note_test(self, contract_id: ContractId, is_test: bool) -> None:
        (self.tests.add if is_test else self.tests.discard)(contract_id)

    def entity(self, contract_id: ContractId) -> Entity:
        """Return whose contract it is; raise Incomplete where that was never said."""
        contract = self.contracts.get(contract_id)
        if contract is None:
            raise Incomplete(f"contract {contract_id} has a ledger, but was never registered")
        said = self.entities.get(contract.legal_entity_id)
        if not said:
            raise Incomplete(f"legal entity {contract.legal_entity_id} was never published")
        rates = dict.fromkeys(rate for each in reversed(said) for rate in _rates(each))
        return Entity(said[-1], tuple(rates))


def _rates(entity: LegalEntityPublished) -> list[str]:
    """Return its default rates of VAT, the last one first."""
    days = sorted(entity.vat_rates, reverse=True)
    return [*(entity.vat_rates[day] for day in days), entity.default_vat_rate]
