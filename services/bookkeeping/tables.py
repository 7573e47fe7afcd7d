"""The books as tables: what stands in which file, amounts as decimal strings."""

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from schemas.values import Money
from services.bookkeeping.aging import NAMES
from services.bookkeeping.books import Books
from services.bookkeeping.chart import Chart
from services.bookkeeping.closing import HandOver
from services.bookkeeping.postings import Posting

Row = Sequence[object]


class Table(NamedTuple):
    """A file of comma-separated values, RFC 4180, UTF-8."""

    name: str
    header: Sequence[str]
    rows: Sequence[Row]

    def content(self) -> bytes:
        """Return the bytes of the file."""
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(self.header)
        writer.writerows(self.rows)
        return text.getvalue().encode()


_SUMS = ("invoiced_net", "invoiced_tax", "credited_net", "credited_tax", "net", "tax")
_CORRECTIONS = ("given_up_net", "given_up_tax")
_VAT = ("net", "tax", *_CORRECTIONS, "tax_due")


def tables(books: Books, chart: Chart) -> list[Table]:
    """Return all tables of *books*."""
    return [
        Table("open-items.csv", _OPEN_ITEMS, list(_open_items(books))),
        Table("aging.csv", _AGING, list(_aging(books))),
        Table("revenue.csv", _REVENUE, list(_revenue(books))),
        Table("tax.csv", _TAX, list(_tax(books))),
        Table("oss.csv", _OSS, list(_oss(books))),
        Table("tax-corrections.csv", _LOSSES, list(_losses(books))),
        journal_of(books.postings, chart),
    ]


def journal_of(postings: Iterable[Posting], chart: Chart) -> Table:
    """Return *postings* as double entry, with the accounts' names in *chart*."""
    return Table("postings.csv", _POSTINGS, list(_postings(postings, chart)))


def sent(handed_over: HandOver) -> Table:
    """Return the list of what was sent, by which the next hand-over knows it (R-107)."""
    return Table("sent.csv", SENT, list(_sent(handed_over)))


_OPEN_ITEMS = (
    "legal_entity_id", "contract_id", "kind", "number", "receivable_id", "booked_on", "due_on",
    "days_overdue", "amount", "open", "written_off", "currency",
)  # fmt: skip
_AGING = ("legal_entity_id", "contract_id", *NAMES, "balance", "currency")
_REVENUE = (
    "legal_entity_id", "month", "category", "rate", "country", *_SUMS, *_CORRECTIONS, "currency",
)  # fmt: skip
_TAX = ("legal_entity_id", "month", "category", "rate", "country", *_VAT, "currency")
_OSS = ("legal_entity_id", "quarter", "country", "rate", "net", "tax_due", "currency")
_LOSSES = (
    "legal_entity_id", "booked_on", "contract_id", "entry", "number", "receivable_id", "category",
    "rate", "country", "given_up_net", "given_up_tax", "currency",
)  # fmt: skip
_POSTINGS = (
    "legal_entity_id", "booked_on", "posted_on", "contract_id", "entry", "entry_id", "document",
    "text", "account", "account_name", "debit", "credit", "currency",
)  # fmt: skip
SENT = ("contract_id", "entry", "entry_id", "booked_on", "posted_on", "amount", "currency")


def _open_items(books: Books) -> Iterator[Row]:
    for item in books.open_items:
        text = _in(item.currency)
        yield (
            item.legal_entity_id, item.contract_id, item.kind, item.number or "",
            item.receivable_id or "", item.booked_on or "", item.due_on or "", item.age,
            text(item.amount), text(item.open), text(item.written_off), item.currency,
        )  # fmt: skip


def _aging(books: Books) -> Iterator[Row]:
    for (entity, currency, contract), row in books.aging.items():
        text = _in(currency)
        buckets = (text(row[name]) for name in NAMES)
        yield entity, contract, *buckets, text(sum(row.values())), currency


def _revenue(books: Books) -> Iterator[Row]:
    for key, row in books.revenue.items():
        text = _in(key.currency)
        sums = (text(getattr(row, name)) for name in (*_SUMS, *_CORRECTIONS))
        yield key.legal_entity_id, key.month, *key.supply, *sums, key.currency


def _tax(books: Books) -> Iterator[Row]:
    """Yield what a return of VAT says of each month: by the end of the services (R-106)."""
    for key, row in books.tax.items():
        text = _in(key.currency)
        sums = (text(getattr(row, name)) for name in _VAT)
        yield key.legal_entity_id, key.month, *key.supply, *sums, key.currency


def _oss(books: Books) -> Iterator[Row]:
    """Yield what a return of the one-stop shop says of each quarter, less what was lost (R-109a).

    By country and rate; what corrects an earlier quarter counts in its own †.
    """
    sums: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0])
    for key, row in books.tax.items():
        if key.supply.country:
            year, month = key.month.split("-")
            quarter = f"{year}-Q{(int(month) + 2) // 3}"
            country, rate = key.supply.country, key.supply.rate
            found = sums[key.legal_entity_id, quarter, country, rate, key.currency]
            found[0] += row.net - row.given_up_net
            found[1] += row.tax_due
    for (*about, currency), (net, tax) in sorted(sums.items()):
        yield *about, _in(currency)(net), _in(currency)(tax), currency


def _losses(books: Books) -> Iterator[Row]:
    for each in books.entries:
        entity, text = each.ledger.legal_entity_id, _in(each.ledger.currency)
        for loss in each.losses:
            number = each.numbers.get(loss.receivable_id, "")
            for part in loss.parts:
                yield (
                    entity, each.entry.on, each.ledger.contract_id, each.entry.posted.number,
                    number, loss.receivable_id, *part.supply, text(part.net), text(part.tax),
                    each.ledger.currency,
                )  # fmt: skip


def _postings(postings: Iterable[Posting], chart: Chart) -> Iterator[Row]:
    for each in postings:
        entry, ledger = each.booked.entry, each.booked.ledger
        text = _in(ledger.currency)
        about = (
            ledger.legal_entity_id, entry.on, each.on, ledger.contract_id,
            entry.posted.number, entry.posted.entry_id,
        )  # fmt: skip
        for line in each.lines():
            sides = _sides(line.amount, text)
            name = chart.name_of(line.account)
            yield *about, line.document, each.text, line.account, name, *sides, ledger.currency


def _sent(handed_over: HandOver) -> Iterator[Row]:
    for each in handed_over.sent:
        amount = _in(each.currency)(each.amount)
        days = each.booked_on, each.posted_on
        yield each.contract_id, each.number, each.entry_id, *days, amount, each.currency


def _sides(amount: int, text: Callable[[int], str]) -> Iterable[str]:
    return (text(amount), "") if amount > 0 else ("", text(-amount))


def _in(currency: str) -> Callable[[int], str]:
    return lambda minor: Money.of(minor, currency).amount
