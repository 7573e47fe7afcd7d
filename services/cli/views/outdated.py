"""Invoices with other rates of VAT than the law's: on the screen, and as JSON."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from schemas.values import Money
from services.cli.views.plain import plain
from services.cli.views.summary import SHOWN_AT_MOST
from services.cli.words.language import ENGLISH
from services.invoicing.documents.outdated import Outdated


def as_json(found: Sequence[Outdated], *, executed: bool) -> dict[str, Any]:
    """Return *found* as plain values."""
    return {"executed": executed, "invoices": [_line(each) for each in found]}


def show(found: Sequence[Outdated], console: Console, *, executed: bool) -> None:
    """Print *found* for a person: which, at what rates, what that is in tax, and what to do."""
    if found:
        console.print(_table(found))
        console.print()
    verb = "are to be corrected" if executed else "have other rates than the law's"
    more = " and ".join(ENGLISH.written(each) for each in _differences(found))
    console.print(
        f"{len(found):,} invoices {verb}" + (f"; their tax changes by {more}" * bool(more))
    )
    if found and not executed:
        note = "nothing was done: --execute --by WHO cancels each and bills it anew (R-101)"
        console.print(Text(note, style="dim"))


def _line(each: Outdated) -> dict[str, Any]:
    return {
        "contract_id": each.contract_id,
        "invoice_id": each.invoice_id,
        "issued_on": each.issued_on.isoformat(),
        "rates": [
            {"billed": rate.billed, "by_law": rate.by_law, "net": rate.net.model_dump()}
            for rate in each.rates
        ],
        "tax": each.tax.model_dump(),
        "tax_by_law": each.tax_by_law.model_dump(),
    }


def _differences(found: Iterable[Outdated]) -> list[Money]:
    """Return by how much the tax changes in each currency; different ones are never added."""
    sums = defaultdict[str, int](int)
    for each in found:
        sums[each.tax.currency] += each.tax_by_law.minor - each.tax.minor
    return [Money.of(minor, currency) for currency, minor in sorted(sums.items())]


def _table(found: Sequence[Outdated]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("contract", "invoice", "issued on", "rates"):
        table.add_column(name)
    for name in ("tax", "by law"):
        table.add_column(name, justify="right")
    for each in found[:SHOWN_AT_MOST]:
        rates = (f"{rate.billed} % is {rate.by_law} %" for rate in each.rates)
        table.add_row(
            Text(plain(each.contract_id)),
            each.invoice_id,
            each.issued_on.isoformat(),
            ", ".join(rates),
            ENGLISH.written(each.tax),
            ENGLISH.written(each.tax_by_law),
        )
    if len(found) > SHOWN_AT_MOST:
        table.add_row(f"and {len(found) - SHOWN_AT_MOST:,} more, all with --json")
    return table
