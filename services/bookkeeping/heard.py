"""The facts, put where they are looked for: contracts, documents, deferrals, entries."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Self
from zoneinfo import ZoneInfo

from schemas.addresses import Customer
from schemas.contracts import ContractChanged, ContractRegistered, CustomerChanged
from schemas.instructions import DeferReceivable
from schemas.invoices import CreditNoteIssued, InvoiceIssued
from schemas.receivables import EntryPosted
from schemas.terms import LegalEntityPublished
from schemas.values import ContractId, LegalEntityId
from services.bookkeeping.facts import Fact, Incomplete
from services.bookkeeping.trade import Trade, place_of

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
    # Whether it is but a test, as it was said and when.
    said_test: dict[ContractId, list[tuple[datetime, bool]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    customers: dict[ContractId, list[tuple[datetime, Customer]]] = field(
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
                    self.customers[contract.contract_id].append((fact.at, contract.customer))
                    self.said_test[contract.contract_id].append((fact.at, contract.test))
            case ContractChanged() as changed:
                if changed.customer is not None:
                    self.customers[changed.contract_id].append((fact.at, changed.customer))
                if changed.test is not None:
                    self.said_test[changed.contract_id].append((fact.at, changed.test))
            case CustomerChanged() as changed:
                self.customers[changed.contract_id].append((fact.at, changed.customer))
            case InvoiceIssued() | CreditNoteIssued() as bill:
                self.bills.setdefault(fact.name, (fact, bill))
            case DeferReceivable() as told:
                self.deferred[told.contract_id].append((fact.at, told))
            case EntryPosted() as posted:
                self.entries[posted.contract_id].append((fact, posted))
            case _:
                raise TypeError(f"{type(fact.message).__name__} is no part of the books")

    def trade(self, contract_id: ContractId, fact: Fact, bill: Bill) -> Trade:
        """Return who sold to whom: as the document says, else as was known then (R-105)."""
        seller = bill.seller or self.entity(contract_id).published
        known = [customer for at, customer in self.customers[contract_id] if at <= fact.at]
        buyer = bill.customer or (known[-1] if known else None)
        if buyer is None:
            return Trade(small_business=seller.small_business)
        country = buyer.address.country
        place = place_of(country, seller=seller.country)
        rates = self._rates_there(contract_id, country, bill.issued_on)
        if buyer.kind != "consumer" or place != "eu" or not rates:
            return Trade(buyer.vat_id, place, seller.small_business)
        return Trade(buyer.vat_id, place, seller.small_business, country, rates)

    def _rates_there(self, contract_id: ContractId, country: str, day: date) -> frozenset[str]:
        """Return what was ever charged there by *day* (R-109a); a credit note may be of any."""
        oss = self.entity(contract_id).published.oss
        if oss is None or day < oss.from_on:
            return frozenset()
        began = {on: rate for on, rate in oss.rates.get(country, {}).items() if on <= day}
        first = max((on for on in began if on <= oss.from_on), default=oss.from_on)
        return frozenset(rate for on, rate in began.items() if on >= first)

    def tests(self) -> frozenset[ContractId]:
        """Return the contracts that are but a test, and were so whenever something was booked.

        What was booked before one became a test was none, and may have been handed over (R-107).
        """
        return frozenset(name for name in self.said_test if self._is_test(name))

    def _is_test(self, name: ContractId) -> bool:
        said = sorted(self.said_test[name], key=lambda each: each[0])
        booked = (fact.at for fact, _ in self.entries.get(name, ()))
        return said[-1][1] and all(_flag(said, at) for at in booked)

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


def _flag(said: list[tuple[datetime, bool]], at: datetime) -> bool:
    """Return what was said last by then; the registration counts for what is said to be older."""
    return next((is_test for since, is_test in reversed(said) if since <= at), said[0][1])


def _rates(entity: LegalEntityPublished) -> list[str]:
    """Return its default rates of VAT, the last one first."""
    days = sorted(entity.vat_rates, reverse=True)
    return [*(entity.vat_rates[day] for day in days), entity.default_vat_rate]
