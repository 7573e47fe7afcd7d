"""In which month the VAT of a document arises: with the end of the service (§ 13 (1) no. 1 UStG).

| rule | says | here |
|------|------|------|
| R-106 | the month of a line's last day, where that is not after the issue | ``_month`` |
| R-106 | else the month of the issue, for it is billed ahead | ``_month`` |
| § 20 UStG | by cash: what is paid, by rate, in the month of the payment | ``_taxed_by_cash`` |
| § 17 (1) UStG | a credit note changes the tax of the month in which it is made | ``tax_pieces`` |
| U-41 | the tax is one sum by rate, and is divided over the months by their nets | ``_divided`` |
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from schemas.invoices import Document, InvoiceIssued, Line
from schemas.shares import shares
from services.bookkeeping.booked import Booked
from services.bookkeeping.breakdown import Part, supply_of
from services.bookkeeping.revenue import Key, Revenue, brought, month_of


class Piece(NamedTuple):
    """What of a supply is taxed in a month, written ``2026-05``."""

    month: str
    part: Part


def tax_by_month(entries: Iterable[Booked]) -> dict[Key, Revenue]:
    """Return what each month's return of VAT has to say; a loss counts on the day it is booked."""
    found: dict[Key, Revenue] = defaultdict(Revenue)
    for each in entries:
        for month, part, of_part in _taxed(each):
            key = Key(each.ledger.legal_entity_id, each.ledger.currency, month, part.supply)
            found[key].add(of_part)
    return dict(sorted(found.items()))


def tax_pieces(each: Booked) -> Iterator[Piece]:
    """Yield the supplies of an entry by the month in which they are taxed."""
    bill, booked_in = each.entry.document, month_of(each.entry.on)
    by_cash = each.ledger.entity.published.cash_accounting
    for part in each.supplies:
        if isinstance(bill, InvoiceIssued) and not by_cash:
            yield from _divided(part, bill, booked_in)
        else:
            yield Piece(booked_in, part)


def _taxed(each: Booked) -> Iterator[tuple[str, Part, Revenue]]:
    if each.ledger.entity.published.cash_accounting:
        yield from _taxed_by_cash(each)
        return
    for month, part in tax_pieces(each):
        yield month, part, brought(each, part)
    for loss in each.losses:
        for part in loss.parts:
            lost = Revenue(given_up_net=part.net, given_up_tax=part.tax)
            yield month_of(each.entry.on), part, lost


def _taxed_by_cash(each: Booked) -> Iterator[tuple[str, Part, Revenue]]:
    """Yield what was paid; a credit note of no invoice is off the tax as it is made (R-106).

    What is given up was never taxed.
    """
    month = month_of(each.entry.on)
    for part in each.paid:
        yield month, part, Revenue(invoiced_net=part.net, invoiced_tax=part.tax)
    if each.entry.posted.kind == "credit" and not each.is_of_invoices:
        for part in each.supplies:
            yield month, part, brought(each, part)


def _divided(part: Part, bill: InvoiceIssued, booked_in: str) -> Iterator[Piece]:
    """Yield *part* by months; what no line says, such as an allowance, is of the issue."""
    nets: dict[str, int] = defaultdict(int)
    for line in bill.lines:
        if supply_of(line) == part.supply._replace(country=""):
            nets[_month(line, bill)] += line.net.minor
    if not bill.lines:
        nets[_month_of_all(bill)] += part.net
    nets[booked_in] += part.net - sum(nets.values())
    months = sorted(month for month, net in nets.items() if net)
    if not months:
        yield Piece(booked_in, part)
        return
    taxes = _shares(part.tax, [nets[month] for month in months])
    for month, tax in zip(months, taxes, strict=True):
        yield Piece(month, Part(part.supply, nets[month], tax))


def _shares(tax: int, nets: Sequence[int]) -> list[int]:
    """Divide *tax* by *nets*; where these cancel, the last month has all of it."""
    total = sum(nets)
    if total > 0:
        return shares(tax, nets)
    if total < 0:
        return [-each for each in shares(-tax, [-net for net in nets])]
    return [*(0 for _ in nets[1:]), tax]


def _month(line: Line, bill: Document) -> str:
    last = line.period.until - timedelta(days=1) if line.period else line.supplied_on
    return _unless_ahead(last, bill)


def _month_of_all(bill: InvoiceIssued) -> str:
    """Return the month of an invoice that says a period and no lines."""
    return _unless_ahead(bill.period.until - timedelta(days=1) if bill.period else None, bill)


def _unless_ahead(last: date | None, bill: Document) -> str:
    return month_of(min(last or bill.issued_on, bill.issued_on))
