"""Every total of the books against the ledger, before any of them is written."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from schemas.values import LegalEntityId, Money
from services.bookkeeping import datev
from services.bookkeeping.booked import Booked
from services.bookkeeping.books import Books
from services.bookkeeping.facts import Disagrees
from services.bookkeeping.open_items import OpenItem


class Purse(NamedTuple):
    """What is added up together: one legal entity, one currency."""

    legal_entity_id: LegalEntityId
    currency: str


Sums = dict[Purse, int]


def check(books: Books) -> None:
    """Raise Disagrees with a line for each total that is not what the ledger says."""
    found = [*_totals(books), *_postings(books), *_contracts(books)]
    if found:
        raise Disagrees(*found)


def purse(entry: Booked) -> Purse:
    """Return with what *entry* is added up."""
    return Purse(entry.ledger.legal_entity_id, entry.ledger.currency)


def balances(books: Books) -> Sums:
    """Return what is owed by the ledger itself: all money of its entries."""
    return _sum((purse(each), each.money) for each in books.entries)


def _totals(books: Books) -> Iterator[str]:
    owed = balances(books)
    items = ((Purse(i.legal_entity_id, i.currency), i.open) for i in books.open_items)
    yield from _compare("open items", _sum(items), owed)
    aged = ((Purse(key[0], key[1]), sum(row.values())) for key, row in books.aging.items())
    yield from _compare("aging", _sum(aged), owed)
    rows = books.revenue.items()
    earned = ((Purse(key[0], key[1]), row.net + row.tax) for key, row in rows)
    billed = ((purse(e), e.money) for e in books.entries if e.supplies)
    yield from _compare("revenue and tax", _sum(earned), _sum(billed))
    # By cash it is what was paid, which is not what was invoiced (§ 20 UStG).
    by_cash = {
        each.ledger.legal_entity_id
        for each in books.entries
        if each.ledger.entity.published.cash_accounting
    }
    taxed = ((k, row) for k, row in books.tax.items() if k.legal_entity_id not in by_cash)
    months = ((Purse(key[0], key[1]), row.tax_due) for key, row in taxed)
    invoiced = ((k, row) for k, row in rows if k.legal_entity_id not in by_cash)
    issued = ((Purse(key[0], key[1]), row.tax_due) for key, row in invoiced)
    yield from _compare("the tax of all months", _sum(months), _sum(issued))
    lost = ((Purse(key[0], key[1]), row.given_up_net + row.given_up_tax) for key, row in rows)
    given_up = ((purse(e), -e.money) for e in books.entries if "write_off" in e.entry.posted.kind)
    yield from _compare("write-offs", _sum(lost), _sum(given_up))


def _postings(books: Books) -> Iterator[str]:
    owed, taxes = Sums(), Sums()
    for each in books.postings:
        lines = list(each.lines())
        if sum(line.amount for line in lines):
            number = each.booked.entry.posted.number
            yield f"the posting of {each.text}, entry {number}, is not balanced"
        here = purse(each.booked)
        on_receivables = (line.amount for line in lines if line.account == each.receivables)
        owed[here] = owed.get(here, 0) + sum(on_receivables)
        taxes[here] = taxes.get(here, 0) + sum(contra.tax for contra in each.contras)
    yield from _compare("the receivables account", owed, balances(books))
    due = ((Purse(key[0], key[1]), row.tax_due) for key, row in books.revenue.items())
    yield from _compare("the tax accounts", taxes, _sum(due))
    taken = [each for each in books.postings if datev.takes(each)]
    batched = ((purse(p.booked), line.amount) for p in taken for line in datev.bookings(p))
    said = ((purse(p.booked), p.booked.money) for p in taken)
    yield from _compare("the booking batches", _sum(batched), _sum(said))


def _contracts(books: Books) -> Iterator[str]:
    """Yield where a contract of which all counts is not open as its last entry says (I1, I2)."""
    items: dict[str, list[OpenItem]] = defaultdict(list)
    for item in books.open_items:
        items[item.contract_id].append(item)
    last = {each.ledger.contract_id: each for each in books.entries}
    for name, each in last.items():
        if any(entry.on > books.as_of for entry in each.ledger.entries):
            continue
        said = each.ledger.entries[-1].posted.balance
        if (is_open := sum(item.open for item in items[name])) != said.minor:
            yield f"contract {name}: {_text(is_open, said.currency)} is open, not {said.amount}"
        credit = sum(item.open for item in items[name] if item.kind == "credit")
        if credit > 0:
            more = _text(credit, said.currency)
            yield f"contract {name}: {more} more is owed than there are items"


def _sum(amounts: Iterable[tuple[Purse, int]]) -> Sums:
    found: Sums = defaultdict(int)
    for key, amount in amounts:
        found[key] += amount
    return found


def _compare(what: str, found: Sums, ledger: Sums) -> Iterator[str]:
    for key in sorted(found.keys() | ledger.keys()):
        is_there, should_be = found.get(key, 0), ledger.get(key, 0)
        if is_there != should_be:
            left, right = _text(is_there, key.currency), _text(should_be, key.currency)
            yield f"{what} of {key.legal_entity_id}: {left}, the ledger has {right}"


def _text(minor: int, currency: str) -> str:
    return f"{Money.of(minor, currency).amount} {currency}"
