"""What the books of a day say: on the screen, and as JSON."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table
from rich.text import Text

from schemas.values import Money
from services.bookkeeping import datev
from services.bookkeeping.aging import NAMES
from services.bookkeeping.books import Books
from services.bookkeeping.breakdown import NOT_SAID
from services.bookkeeping.checks import Purse
from services.bookkeeping.closing import HandOver
from services.bookkeeping.revenue import Key, Revenue
from services.cli.views.plain import plain
from services.cli.words.language import ENGLISH

# More lines than this belong into a file.
SHOWN_AT_MOST = 20
_INVOICED = (
    "invoiced_net", "invoiced_tax", "credited_net", "credited_tax", "net", "tax", "given_up_net",
    "given_up_tax",
)  # fmt: skip
_VAT = ("net", "tax", "given_up_net", "given_up_tax", "tax_due")
# What a person reads: the heading of a column, and what stands in it.
_COLUMNS = {
    "net": "net", "tax": "tax", "tax given up": "given_up_tax", "tax due": "tax_due",
}  # fmt: skip

Rows = Mapping[Key, Revenue]


class File(NamedTuple):
    """A file of the books."""

    name: str
    content: bytes
    lines: int


@dataclass(frozen=True, slots=True)
class BooksReport:
    """The books, up to which day the ledger is worked off, and what was written where."""

    books: Books
    come_to: date | None
    out: Path
    files: Sequence[File]


def as_json(report: BooksReport) -> dict[str, Any]:
    """Return *report* as plain values."""
    books = report.books
    return {
        "as_of": books.as_of.isoformat(),
        "known_on": books.known_on.isoformat() if books.known_on else None,
        "ledger_comes_to": report.come_to.isoformat() if report.come_to else None,
        "out": str(report.out),
        "files": {each.name: each.lines for each in report.files},
        "books": [_as_json(books, purse) for purse in _purses(books)],
        "not_booked": [each.number for each in books.journal.not_booked],
        "notes": list(_notes(report)),
    }


def show(report: BooksReport, console: Console) -> None:
    """Print *report* for a person: what is open, invoiced and taxed, and what to look at."""
    books = report.books
    known = f", as known on {books.known_on}" if books.known_on else ""
    console.print(Text(f"books as of {books.as_of}{known}", style="bold"))
    for purse in _purses(books):
        console.print()
        console.print(_open(books, purse))
        console.print()
        console.print(_years_of("invoiced by", books.revenue, purse, until="tax given up"))
        console.print()
        console.print(_years_of("VAT of", books.tax, purse, until="tax due"))
    console.print()
    for note in _notes(report):
        console.print(Text.assemble(("note  ", "yellow"), plain(note)))
    console.print("every total is that of the ledger", style="green")
    console.print(f"{len(report.files):,} files in {plain(str(report.out))}/", soft_wrap=True)


def handed_over(made: HandOver, into: Path, files: Sequence[str]) -> dict[str, Any]:
    """Return a hand-over as plain values: what is new, and how much of it is of closed days."""
    late = [each for each in made.sent if each.posted_on != each.booked_on]
    return {
        "number": made.number,
        "until": made.until.isoformat(),
        "out": str(into),
        "files": sorted(files),
        "entries": len(made.sent),
        "of_closed_days": len(late),
        "they_stand_on": late[0].posted_on.isoformat() if late else None,
    }


def in_words(told: Mapping[str, Any]) -> str:
    """Return a hand-over for a person."""
    lines = [f"hand-over {told['number']}: {told['entries']:,} entries up to {told['until']}"]
    if told["of_closed_days"]:
        many, on = f"{told['of_closed_days']:,}", told["they_stand_on"]
        lines.append(f"{many} of them are of closed days and stand on {on}")
    return "\n".join([*lines, f"{len(told['files']):,} files in {told['out']}/"])


def _purses(books: Books) -> list[Purse]:
    found = {Purse(e.ledger.legal_entity_id, e.ledger.currency) for e in books.entries}
    return sorted(found)


def _as_json(books: Books, purse: Purse) -> dict[str, Any]:
    aged, currency = _aged(books, purse), purse.currency
    return {
        "legal_entity_id": purse.legal_entity_id,
        "currency": currency,
        "open_items": sum(1 for each in books.open_items if _is_of(each, purse)),
        "balance": _amount(sum(aged.values()), currency),
        "written_off": _amount(_written_off(books, purse), currency),
        "aging": {name: _amount(aged[name], currency) for name in NAMES},
        "years": _as_years(books.revenue, purse, _INVOICED),
        "vat": _as_years(books.tax, purse, _VAT),
    }


def _as_years(rows: Rows, purse: Purse, names: Sequence[str]) -> dict[str, Any]:
    return {
        year: {name: _amount(getattr(row, name), purse.currency) for name in names}
        for year, row in _years(rows, purse).items()
    }


def _open(books: Books, purse: Purse) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(Text(f"open at {plain(purse.legal_entity_id)}"))
    table.add_column("contracts", justify="right")
    table.add_column("amount", justify="right")
    aged = _aged(books, purse)
    counts = Counter(
        name
        for key, row in books.aging.items()
        if Purse(*key[:2]) == purse
        for name in NAMES
        if row[name]
    )
    for name in NAMES:
        label = "not due" if name == "not_due" else name
        label += " days overdue" if label[0] in "1369>" else ""
        table.add_row(label, f"{counts[name]:,}", _told(aged[name], purse.currency))
    contracts = sum(1 for key in books.aging if Purse(*key[:2]) == purse)
    total = _told(sum(aged.values()), purse.currency)
    table.add_row("balance", f"{contracts:,}", total, style="bold")
    lost = _written_off(books, purse)
    if lost:
        table.add_row("written off", "", _told(lost, purse.currency), style="dim")
    return table


def _years_of(title: str, rows: Rows, purse: Purse, *, until: str) -> Table:
    """Return *rows* by year and supply, with the columns up to *until*."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(Text(f"{title} {plain(purse.legal_entity_id)}"))
    columns = list(_COLUMNS)[: list(_COLUMNS).index(until) + 1]
    for name in columns:
        table.add_column(name, justify="right")
    for year, row in _years(rows, purse).items():
        table.add_row(year, *_cells(row, purse, columns), style="bold")
        for label, of_supply in _supplies(rows, purse, year).items():
            table.add_row(f"  {label}", *_cells(of_supply, purse, columns))
    return table


def _cells(row: Revenue, purse: Purse, columns: Sequence[str]) -> Iterator[str]:
    return (_told(getattr(row, _COLUMNS[name]), purse.currency) for name in columns)


def _aged(books: Books, purse: Purse) -> Mapping[str, int]:
    rows = [row for key, row in books.aging.items() if Purse(*key[:2]) == purse]
    return {name: sum(row[name] for row in rows) for name in NAMES}


def _written_off(books: Books, purse: Purse) -> int:
    return sum(each.written_off for each in books.open_items if _is_of(each, purse))


def _is_of(item: Any, purse: Purse) -> bool:
    return Purse(item.legal_entity_id, item.currency) == purse


def _years(rows: Rows, purse: Purse) -> Mapping[str, Revenue]:
    years: dict[str, Revenue] = defaultdict(Revenue)
    for key, row in rows.items():
        if Purse(key.legal_entity_id, key.currency) == purse:
            years[key.month[:4]].add(row)
    return dict(sorted(years.items()))


def _supplies(rows: Rows, purse: Purse, year: str) -> Mapping[str, Revenue]:
    found: dict[str, Revenue] = defaultdict(Revenue)
    for key, row in rows.items():
        if Purse(key.legal_entity_id, key.currency) == purse and key.month[:4] == year:
            found[key.supply.label].add(row)
    return dict(sorted(found.items()))


def _notes(report: BooksReport) -> Iterator[str]:
    books = report.books
    if report.come_to is None or report.come_to < books.as_of:
        yield f"the ledger has come to {report.come_to or 'no day'} only"
    if books.journal.not_booked:
        numbers = [each.number for each in books.journal.not_booked]
        shown = ", ".join(numbers[:5]) + (" ..." if len(numbers) > 5 else "")
        yield f"{len(numbers):,} documents are not in the ledger: {shown}"
    if books.journal.tests:
        yield f"{len(books.journal.tests):,} test contracts are left out"
    unsaid = sum(any(p.supply == NOT_SAID for p in e.supplies) for e in books.entries)
    if unsaid:
        yield f"{unsaid:,} documents do not say of which category and rate their tax is"
    left = Counter(
        f"{p.booked.ledger.legal_entity_id} in {p.booked.ledger.currency}"
        for p in books.postings
        if not datev.takes(p)
    )
    for purse, count in sorted(left.items()):
        yield f"{count:,} postings of {purse} are in postings.csv only: no DATEV batch takes them"


def _amount(minor: int, currency: str) -> str:
    return Money.of(minor, currency).amount


def _told(minor: int, currency: str) -> str:
    return ENGLISH.written(Money.of(minor, currency))
