"""From a document to its files: the PDF and, where one is asked for, the e-invoice."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from services.notifications.rendering.display import letters, vouchers
from services.notifications.rendering.display.formats import Formats
from services.notifications.rendering.display.frame import PLAIN, Style
from services.notifications.rendering.documents import Document
from services.notifications.rendering.documents.letters import Notice, Reminder, Statement
from services.notifications.rendering.documents.vouchers import Voucher
from services.notifications.rendering.einvoice import checks, cii, ubl
from services.notifications.rendering.einvoice.checks import NotExpressible
from services.notifications.rendering.einvoice.hybrid import declare
from services.notifications.rendering.einvoice.rule_sets import Format, RuleSet, rule_set
from services.notifications.rendering.page.typesetting import Attached, Press, typeset
from services.notifications.rendering.texts import Texts

Shown = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """The files of a document; with ``zugferd`` the XML stands in the PDF, too."""

    pdf: bytes
    xml: bytes | None = None
    rules: RuleSet | None = None
    template_version: int | None = None


def render(
    document: Document,
    *,
    press: Press,
    texts: Texts,
    style: Style = PLAIN,
    format: Format | None = None,
) -> Rendered:
    """Return the files of *document*, in the language of *texts*.

    Raises NotExpressible where it cannot be the e-invoice that is asked for, NoRuleSet where we
    know none of its day, AddressDoesNotFit or DoesNotRender where the page cannot be set. Letters
    are no invoices, so that a *format* means nothing to them (R-96).
    """
    shown = show(document, texts=texts, style=style)
    if format is None or not isinstance(document, Voucher):
        pdf = typeset(shown, press=press)
        return Rendered(pdf=pdf, template_version=texts.version)
    rules = rule_set(format, on=document.head.issued_on)
    xml = write(document, rules)
    if off := [*_disagreements(document, shown)]:
        raise NotExpressible(off)
    if rules.name == "zugferd":
        attached = Attached(rules.file_name, xml)
        pdf = declare(typeset(shown, press=press, attached=attached), rules=rules)
    else:
        pdf = typeset(shown, press=press)
    return Rendered(pdf=pdf, xml=xml, rules=rules, template_version=texts.version)


def show(document: Document, *, texts: Texts, style: Style = PLAIN) -> Shown:
    """Return what *document* shows, before it is set."""
    match document:
        case Voucher():
            return vouchers.voucher(document, texts=texts, style=style)
        case Reminder():
            return letters.reminder(document, texts=texts, style=style)
        case Notice():
            return letters.notice(document, texts=texts, style=style)
        case Statement():
            return letters.statement(document, texts=texts, style=style)


def write(voucher: Voucher, rules: RuleSet) -> bytes:
    """Return the e-invoice of *voucher* by *rules*; raise NotExpressible."""
    if found := checks.faults(voucher, rules):
        raise NotExpressible(found)
    return cii.write(voucher, rules) if rules.syntax == "cii" else ubl.write(voucher, rules)


def _disagreements(said: Voucher, shown: Shown) -> Iterator[str]:
    """Say what the e-invoice tells and the page does not: number, sums, due date (R-126)."""
    formats = Formats(shown["lang"], said.head.currency)
    told = {*_texts(shown)}
    wanted = [("BT-1", said.number), ("BT-112", formats.money(said.gross))]
    if said.prepaid or said.rounding:
        wanted.append(("BT-115", formats.money(said.payable)))
    if said.payment and said.payment.due_on:
        wanted.append(("BT-9", formats.day(said.payment.due_on)))
    wanted += [("BT-117", formats.money(tax.tax)) for tax in said.taxes if tax.rate]
    for term, text in wanted:
        if not any(text in each for each in told):
            yield f"{term}: {text} is not on the page"


def _texts(shown: Any) -> Iterator[str]:
    if isinstance(shown, str):
        yield shown.replace("\u200b", "")
    elif isinstance(shown, dict):
        for each in shown.values():
            yield from _texts(each)
    elif isinstance(shown, list):
        for each in shown:
            yield from _texts(each)
