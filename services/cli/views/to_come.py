"""The documents that are to come: on the screen, and as JSON."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from schemas.invoices import CreditNoteIssued, InvoiceIssued, Line
from schemas.values import Money
from services.cli.views.plain import plain
from services.cli.words.language import ENGLISH, last_before
from services.runtime.ops.forecast import Foreseen

Bill = InvoiceIssued | CreditNoteIssued


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be said of a contract from *today* until a day, and when it ends."""

    contract_id: str
    today: date
    until: date
    ends_on: date | None
    said: Sequence[Foreseen]

    def bills(self) -> Iterator[Bill]:
        """Yield the documents, the first one first."""
        for each in self.said:
            if isinstance(each.message, InvoiceIssued | CreditNoteIssued):
                yield each.message


def as_json(preview: Preview) -> dict[str, Any]:
    """Return *preview* as plain values; a document has no number before it is issued."""
    return {
        "contract_id": preview.contract_id,
        "from": preview.today.isoformat(),
        "until": preview.until.isoformat(),
        "ends_on": preview.ends_on.isoformat() if preview.ends_on else None,
        "documents": [
            {"type": type(each).__name__}
            | each.model_dump(mode="json", exclude_none=True, exclude={"number", "contract_id"})
            for each in preview.bills()
        ],
    }


def show(preview: Preview, console: Console) -> None:
    """Print *preview* for a person."""
    title = f"{plain(preview.contract_id)}, from {preview.today} {ENGLISH.until(preview.until)}"
    console.print(Text(title, style="bold"))
    if preview.ends_on is not None:
        console.print(f"it ends at the end of {last_before(preview.ends_on)}")
    bills = list(preview.bills())
    if not bills:
        console.print("no document is to come")
        return
    console.print()
    console.print(_table(bills))
    console.print()
    console.print(Text(_NOTE, style="dim"), soft_wrap=True)


_NOTE = "as it stands: usage, orders and changes that come are not in it; nothing was done"


def _table(bills: Sequence[Bill]) -> Table:
    currency = bills[0].gross.currency
    table = Table("issued", "what for", box=None, pad_edge=False, header_style="bold")
    for name in ("net", "tax", "gross"):
        table.add_column(f"{name} {currency}", justify="right")
    for each in bills:
        sign = "-" if isinstance(each, CreditNoteIssued) else ""
        sums = (_amount(each_of, sign) for each_of in (each.net, each.tax, each.gross))
        table.add_row(str(each.issued_on), Text(plain(_title(each))), *sums, style="bold")
        for line in each.lines:
            table.add_row("", Text(f"  {plain(_what(line))}"), _amount(line.net, sign))
    return table


def _title(bill: Bill) -> str:
    if isinstance(bill, CreditNoteIssued):
        return f"credit note, {bill.cause}"
    return f"invoice, due {bill.due_on}"


def _what(line: Line) -> str:
    """Return what a line is for, with its first day and its last."""
    if line.period is None or line.period.until <= line.period.from_:
        return line.name
    return f"{line.name}, {line.period.from_} to {last_before(line.period.until)}"


def _amount(amount: Money, sign: str) -> str:
    text = ENGLISH.written(amount).removesuffix(f" {amount.currency}")
    return f"{sign}{text}" if amount.minor > 0 else text
