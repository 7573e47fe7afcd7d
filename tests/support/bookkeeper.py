"""A desk whose words are kept as the books read them: each with its time and its cause."""

from dataclasses import replace
from datetime import datetime, time
from importlib import resources
from zoneinfo import ZoneInfo

from schemas.invoices import CreditNoteIssued, InvoiceIssued
from schemas.receivables import EntryPosted
from schemas.terms import LegalEntityPublished
from services import bookkeeping
from services.bookkeeping import chart
from services.bookkeeping.facts import Fact
from tests.support.desk import Desk
from tests.support.events import ACME, eur

BERLIN = ZoneInfo("Europe/Berlin")
READ = {
    "ContractRegistered",
    "ContractChanged",
    "CustomerChanged",
    "InvoiceIssued",
    "CreditNoteIssued",
    "DeferReceivable",
}


def chart_of(name):
    """Return a chart of ours."""
    return chart.parse((resources.files(bookkeeping) / "charts" / f"{name}.toml").read_text())


SKR03, SKR04 = chart_of("skr03"), chart_of("skr04")


class Bookkeeper(Desk):
    """Keeps ``facts``; what is refused stays on its topic, and books nothing."""

    def __init__(self, terms, **more):
        super().__init__(terms, **more)
        self.facts = [self._fact("/tests entity", ACME)]

    def hear(self, *messages):
        for message in messages:
            name = f"/tests {len(self.facts)}"
            if type(message).__name__ in READ:
                self.facts.append(self._fact(name, message))
            before = len(self.said)
            super().hear(message)
            for _, said in self.said[before:]:
                if isinstance(said, EntryPosted):
                    entry = f"/duestream/dunning {said.entry_id}"
                    self.facts.append(self._fact(entry, said, cause=name))
        return self

    def _fact(self, name, message, cause=None):
        at = datetime.combine(self.day, time(10), BERLIN)
        return Fact(name=name, cause=cause, at=at, message=message)


def by_cash(facts):
    """Return *facts* of a legal entity that accounts by cash (§ 20 UStG)."""
    return [
        replace(each, message=each.message.model_copy(update={"cash_accounting": True}))
        if isinstance(each.message, LegalEntityPublished)
        else each
        for each in facts
    ]


def taxed(document, *parts):
    """Return *document* with the sums of *parts*: (category, rate, net, tax)."""
    vat = [
        {"rate": rate, "category": category, "net": eur(net), "tax": eur(tax)}
        for category, rate, net, tax in parts
    ]
    net, tax = (sum(eur(part[at]).minor for part in parts) for at in (2, 3))
    sums = {"net": _money(net), "tax": _money(tax), "gross": _money(net + tax)}
    shape = InvoiceIssued if isinstance(document, InvoiceIssued) else CreditNoteIssued
    return shape.model_validate(document.model_dump() | sums | {"vat": tuple(vat)})


def _money(minor):
    return eur(f"{minor // 100}.{minor % 100:02}")
