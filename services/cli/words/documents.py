"""Invoices, credit notes and what else invoicing says, as sentences."""

from collections.abc import Iterator

from schemas.invoices import (
    ContractEndFixed,
    CreditNoteCancelled,
    CreditNoteIssued,
    DiscountGranted,
    Document,
    FreePeriodGranted,
    InvoiceCorrected,
    InvoiceIssued,
    Line,
    Period,
    PeriodEnding,
    PlanChosen,
    Touched,
)
from schemas.values import Money
from services.cli.words.names import (
    Names,
    capital,
    last_before,
    listed,
    money,
    money_text,
    span,
    until,
)
from services.cli.words.telling import tell

# More lines than these are counted, not told.
LINES = 4


@tell.register
def _invoice(message: InvoiceIssued, names: Names) -> str:
    period = f" for {_during(message.period)}" if message.period else ""
    what = _contents(message, message.period)
    return (
        f"Invoice {message.number} over {money(message.gross)}{period}, due {message.due_on}{what}."
    )


@tell.register
def _credit_note(message: CreditNoteIssued, names: Names) -> str:
    about = f" for {names.receivable(message.invoice_id)}" if message.invoice_id else ""
    what = _contents(message, None)
    return (
        f"Credit note {message.number} over {money(message.gross)}{about} ({message.cause}){what}."
    )


@tell.register
def _cancelled(message: CreditNoteCancelled, names: Names) -> str:
    return f"Credit note {message.credit_note_id} is cancelled on {message.cancelled_on}."


@tell.register
def _corrected(message: InvoiceCorrected, names: Names) -> str:
    by = f" by {names.receivable(message.replaced_by)}" if message.replaced_by else ""
    which = capital(names.receivable(message.invoice_id))
    return f"{which} was replaced{by} on {message.corrected_on}."


@tell.register
def _discount(message: DiscountGranted, names: Names) -> str:
    what = money(message.amount) if message.amount else f"{message.percent} %"
    return f"A discount of {what} is granted{_touching(message.touches)}."


@tell.register
def _free(message: FreePeriodGranted, names: Names) -> str:
    return f"Free of charge is what comes{_touching(message.touches)}."


@tell.register
def _plan(message: PlanChosen, names: Names) -> str:
    plan = f"Version {message.plan_version} of plan {message.plan_id}"
    return f"{plan}, the last one, holds from {message.from_on} on."


def _touching(touches: tuple[Touched, ...]) -> str:
    """Say of which components and days."""
    if not touches:
        return ", and touches nothing as things are"
    return f": {listed([_days_of(each) for each in touches])}"


def _days_of(touched: Touched) -> str:
    if touched.until is None:
        return f"{touched.component_id} from {touched.from_on} on"
    return f"{touched.component_id} for {span(touched.from_on, touched.until)}"


@tell.register
def _period(message: PeriodEnding, names: Names) -> str:
    return f"A billing period ends at the end of {last_before(message.ends_on)}."


@tell.register
def _end(message: ContractEndFixed, names: Names) -> str:
    last = last_before(message.ends_on)
    sooner = [f"{c.component_id} {until(last_before(c.ends_on))}" for c in message.components]
    parts = f"; {listed(sooner)}" if sooner else ""
    return f"The end of the contract has its date: it ends at the end of {last}{parts}."


def _contents(message: Document, period: Period | None) -> str:
    """Return what a document is made of; a line for *period* says no other."""
    if not message.lines:
        return ""
    lines = [_line(each, period) for each in message.lines[:LINES]]
    more = len(message.lines) - len(lines)
    parts = [*lines, *([f"{more} more lines"] if more else []), *_beside(message)]
    paid = f"; to be paid {money(message.payable)}" if message.payable_rounding else ""
    return f": {listed([*parts, *_taxes(message)])}{paid}"


def _beside(message: Document) -> Iterator[str]:
    for less in message.allowances:
        yield f"{less.name} -{_bare(less.net)}"
    for more in message.charges:
        yield f"{more.name} {_bare(more.net)}"


def _line(line: Line, period: Period | None) -> str:
    during = f" for {_during(line.period)}" if line.period and line.period != period else ""
    return f"{line.name} {_bare(line.net)}{during}"


def _taxes(message: Document) -> Iterator[str]:
    for each in message.vat:
        taxed = f"{each.rate} % VAT {_bare(each.tax)}"
        yield taxed if each.tax.minor else f"no VAT ({each.category})"


def _during(period: Period) -> str:
    return span(period.from_, period.until)


def _bare(amount: Money) -> str:
    """Write an amount without its currency, where the document has said that."""
    return money_text(f"{amount.amount} ").rstrip()
