"""Invoices, credit notes and what else invoicing says, as sentences."""

from collections.abc import Iterator
from decimal import Decimal

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
    LinePeriod,
    PeriodEnding,
    PlanChosen,
    Touched,
)
from services.cli.words.language import Language, last_before
from services.cli.words.names import Names, capital
from services.cli.words.telling import tell

# More lines than these are counted, not told.
LINES = 4


@tell.register
def _invoice(message: InvoiceIssued, names: Names) -> str:
    says, period = names.language, message.period
    span = says.span(period.from_, period.until) if period else ""
    return says.say(
        "document.invoice",
        number=message.number,
        gross=message.gross,
        during=says.part("document.during", span=span),
        due=message.due_on,
        contents=_contents(message, period, says),
    )


@tell.register
def _credit_note(message: CreditNoteIssued, names: Names) -> str:
    says = names.language
    which = names.receivable(message.invoice_id) if message.invoice_id else ""
    return says.say(
        "document.credit_note",
        number=message.number,
        gross=message.gross,
        about=says.part("document.about", which=which),
        cause=says.word("cause", message.cause),
        contents=_contents(message, None, says),
    )


@tell.register
def _cancelled(message: CreditNoteCancelled, names: Names) -> str:
    on = message.cancelled_on
    return names.language.say("document.cancelled", id=message.credit_note_id, on=on)


@tell.register
def _corrected(message: InvoiceCorrected, names: Names) -> str:
    says, which = names.language, capital(names.receivable(message.invoice_id))
    by = names.receivable(message.replaced_by) if message.replaced_by else ""
    replaced = says.part("document.by", which=by)
    return says.say("document.corrected", which=which, by=replaced, on=message.corrected_on)


@tell.register
def _discount(message: DiscountGranted, names: Names) -> str:
    says = names.language
    what, touching = says.discount(message.amount, message.percent), _touching(message, says)
    return says.say("document.discount", what=what, touching=touching)


@tell.register
def _free(message: FreePeriodGranted, names: Names) -> str:
    says = names.language
    return says.say("document.free", touching=_touching(message, says))


@tell.register
def _plan(message: PlanChosen, names: Names) -> str:
    version = str(message.plan_version)
    return names.language.say(
        "document.plan", version=version, plan=message.plan_id, on=message.from_on
    )


def _touching(message: DiscountGranted | FreePeriodGranted, says: Language) -> str:
    """Say of which components and days."""
    if not message.touches:
        return says.say("document.touches_nothing")
    return says.say("document.touching", parts=says.listed(_days(t, says) for t in message.touches))


def _days(touched: Touched, says: Language) -> str:
    component, from_on = touched.component_id, touched.from_on
    if touched.until is None:
        return says.say("document.from_on", component=component, on=from_on)
    return says.say("document.days", component=component, span=says.span(from_on, touched.until))


@tell.register
def _period(message: PeriodEnding, names: Names) -> str:
    return names.language.say("document.period_ends", last=last_before(message.ends_on))


@tell.register
def _end(message: ContractEndFixed, names: Names) -> str:
    says = names.language
    sooner = [
        says.say(
            "document.component",
            component=each.component_id,
            until=says.until(last_before(each.ends_on)),
        )
        for each in message.components
    ]
    parts = says.part("document.sooner", parts=says.listed(sooner))
    return says.say("document.end_fixed", last=last_before(message.ends_on), parts=parts)


def _contents(message: Document, period: LinePeriod | None, says: Language) -> str:
    """Return what a document is made of; a line for *period* says no other."""
    if not message.lines:
        return ""
    parts = [_line(each, period, says) for each in message.lines[:LINES]]
    if more := len(message.lines) - len(parts):
        parts.append(says.say("document.more_lines", count=more))
    parts += [*_beside(message, says), *_taxes(message, says)]
    payable = message.payable if message.payable_rounding or message.prepaid else None
    paid = says.part("document.payable", payable=payable)
    return says.say("document.contents", parts=says.listed(parts), payable=paid)


def _beside(message: Document, says: Language) -> Iterator[str]:
    for less in message.allowances:
        yield says.say("document.less", name=less.name, net=says.amount(less.net.amount))
    for more in message.charges:
        yield says.say("document.named", name=more.name, net=says.amount(more.net.amount))


def _line(line: Line, period: LinePeriod | None, says: Language) -> str:
    net = says.amount(line.net.amount)
    if line.period is None or line.period == period:
        return says.say("document.named", name=line.name, net=net)
    span = says.span(line.period.from_, line.period.until)
    return says.say("document.line", name=line.name, net=net, span=span)


def _taxes(message: Document, says: Language) -> Iterator[str]:
    for each in message.vat:
        if each.tax.minor:
            rate, tax = Decimal(each.rate), says.amount(each.tax.amount)
            yield says.say("document.taxed", rate=rate, tax=tax)
        else:
            yield says.say("document.untaxed", category=each.category)
