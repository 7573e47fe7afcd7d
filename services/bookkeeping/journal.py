"""The ledger as it was known: the entries of each contract with their documents and their days."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from schemas.invoices import CreditNoteIssued, InvoiceIssued
from schemas.receivables import EntryPosted
from schemas.values import ContractId, LegalEntityId, ReceivableId
from services.bookkeeping.facts import Disagrees, Fact, Incomplete
from services.bookkeeping.heard import Bill, Entity, Heard
from services.bookkeeping.trade import NOBODY, Trade


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """An entry of the ledger, the document it books, and the day from which it counts."""

    posted: EntryPosted
    document: Bill | None
    on: date
    known_at: datetime
    # By the document.
    trade: Trade = NOBODY


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """All known entries of a contract, in their order; deferrals with the day they were said."""

    contract_id: ContractId
    entity: Entity
    currency: str
    entries: tuple[JournalEntry, ...]
    deferred: tuple[tuple[date, ReceivableId, date], ...] = ()

    @property
    def legal_entity_id(self) -> LegalEntityId:
        return self.entity.published.legal_entity_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """The ledgers of all contracts, and what is not in them."""

    ledgers: tuple[Ledger, ...]
    # Documents that nobody has booked: dead-lettered, waiting, or not reached yet.
    not_booked: tuple[Bill, ...] = ()
    # Contracts that are but a test: they have no books.
    tests: tuple[ContractId, ...] = ()


def read(facts: Iterable[Fact], *, known_on: date | None = None) -> Journal:
    """Put the ledgers together from *facts*, as they were known at the end of a day.

    Raise Incomplete where what an entry refers to is missing, and Disagrees where entries are
    missing or do not add up to the balances that they say.
    """
    heard = Heard.all(facts)
    tests = heard.tests()
    names = sorted(heard.entries.keys() - tests)
    ledgers = tuple(_ledger(heard, name, known_on) for name in names)
    return Journal(
        ledgers=ledgers,
        not_booked=tuple(_not_booked(heard, ledgers, tests, known_on)),
        tests=tuple(sorted(tests & heard.entries.keys())),
    )


def _ledger(heard: Heard, contract_id: ContractId, known_on: date | None) -> Ledger:
    entity = heard.entity(contract_id)
    told = sorted(heard.entries[contract_id], key=lambda each: each[1].number)
    _check([posted for _, posted in told])
    entries, given_up_on = list[JournalEntry](), date.min
    for fact, posted in told:
        if known_on is not None and fact.at.astimezone(entity.zone).date() > known_on:
            # What waited has the time of its own fact: it may be older than what was booked before.
            break
        on = posted.booked_on
        if posted.kind == "write_off":
            given_up_on = max(given_up_on, on)
        elif posted.kind == "write_off_reversal":
            # A payment may be dated before the write-off that it undoes; its undoing may not.
            on = max(on, given_up_on)
        told_by, bill = _document(heard, fact, posted)
        trade = heard.trade(contract_id, told_by, bill) if bill and told_by else NOBODY
        entries.append(JournalEntry(posted, bill, on, fact.at, trade))
    return Ledger(
        contract_id=contract_id,
        entity=entity,
        currency=told[0][1].balance.currency,
        entries=tuple(entries),
        deferred=_deferred(heard, contract_id, entity.zone, known_on),
    )


def _check(posted: Sequence[EntryPosted]) -> None:
    balance = 0
    for number, entry in enumerate(posted, start=1):
        where = f"contract {entry.contract_id}, entry {entry.number}"
        if entry.number != number:
            raise Disagrees(f"{where}: it is the {number}. entry that is there")
        balance += entry.money.minor
        if entry.balance.minor != balance:
            said = entry.balance
            raise Disagrees(f"{where}: it says a balance of {said.amount} that is not the sum")


def _document(
    heard: Heard, fact: Fact, posted: EntryPosted
) -> tuple[Fact, Bill] | tuple[None, None]:
    """Return the document that *posted* books: its cause, for an id may be said again (R-101)."""
    found = heard.bills.get(fact.cause or "")
    bill = found[1] if found else None
    wanted = {"receivable": InvoiceIssued, "credit": CreditNoteIssued}.get(posted.kind)
    if found is not None and wanted is not None and isinstance(bill, wanted):
        return found
    if posted.kind == "receivable":
        where = f"contract {posted.contract_id}, entry {posted.number}"
        raise Incomplete(f"{where}: invoice {posted.about.invoice_id} is not on invoices")
    return None, None


def _deferred(
    heard: Heard, contract_id: ContractId, zone: ZoneInfo, known_on: date | None
) -> tuple[tuple[date, ReceivableId, date], ...]:
    said = (
        (at.astimezone(zone).date(), told.invoice_id, told.until)
        for at, told in heard.deferred.get(contract_id, ())
    )
    return tuple(each for each in said if known_on is None or each[0] <= known_on)


def _not_booked(
    heard: Heard, ledgers: Sequence[Ledger], tests: frozenset[ContractId], known_on: date | None
) -> Iterable[Bill]:
    booked = {_name(e.document) for each in ledgers for e in each.entries if e.document}
    zones: Mapping[str, ZoneInfo] = {each.contract_id: each.entity.zone for each in ledgers}
    seen = set(booked)
    for fact, bill in heard.bills.values():
        day = fact.at.astimezone(zones.get(bill.contract_id, ZoneInfo("UTC"))).date()
        is_known = known_on is None or day <= known_on
        if is_known and bill.contract_id not in tests and _name(bill) not in seen:
            seen.add(_name(bill))
            yield bill


def _name(bill: Bill) -> tuple[str, ...]:
    return type(bill).__name__, bill.contract_id, *bill.business_key()
