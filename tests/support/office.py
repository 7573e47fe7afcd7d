"""One contract, told messages and days one after the other: what invoicing says, and when."""

from dataclasses import replace
from datetime import date, timedelta

from schemas.context import Context
from schemas.days import DayBegan
from schemas.invoices import CreditNoteIssued, InvoiceIssued
from services.invoicing import archive
from services.invoicing.documents import numbers
from services.invoicing.model import Contract
from services.invoicing.processor import process
from tests.support.events import registered, terms


class Office:
    """Keeps what was said, with the day on which it was said, as the engine would hear it."""

    def __init__(self, *published, day=date(2026, 1, 1)):
        self.contract, self.filed = Contract(contract_id="C1"), {}
        self.said, self.day = [], day
        began = DayBegan(legal_entity_id="acme", day=day)
        self.context = Context(terms(*published).including(began))

    @property
    def terms(self):
        return self.context.terms

    def hear(self, *messages):
        for message in messages:
            self._recall(message)
            self.contract, said = process(self.contract, message, self.context)
            self.contract, pieces = archive.file_away(self.contract)
            self.filed |= pieces
            for each in said:
                if number := numbers.given(each):
                    self.context = self.context.counting(*number)
                self.said.append((self.day, each))
        return self

    def _include(self, message):
        self.context = replace(self.context, terms=self.terms.including(message))

    def _recall(self, message):
        asked = frozenset()
        while wanted := archive.wanted(self.contract, message) - asked:
            found = {name: self.filed[name] for name in sorted(wanted) if name in self.filed}
            self.contract, asked = archive.recall(self.contract, found), asked | wanted

    def register(self, **more):
        return self.hear(registered(**{"plan_id": "basic"} | more))

    def publish(self, *messages):
        for message in messages:
            self._include(message)
        return self

    def until(self, last, *, late=False):
        """Begin every day through *last*; only woken days reach the contract."""
        while self.day < last:
            self.day += timedelta(days=1)
            began = DayBegan(legal_entity_id="acme", day=self.day, late=late)
            self._include(began)
            if self.contract.wake_on is not None and self.contract.wake_on <= self.day:
                self.hear(began)
        return self

    def invoices(self):
        return [each for _, each in self.said if isinstance(each, InvoiceIssued)]

    def credits(self):
        return [each for _, each in self.said if isinstance(each, CreditNoteIssued)]

    def all_of(self, name):
        return [each for _, each in self.said if type(each).__name__ == name]

    def story(self):
        """Return each document in a line: day, number, gross, and its lines with their days."""
        return [
            " ".join([f"{day:%m-%d}", each.number, each.gross.amount, *map(_short, each.lines)])
            for day, each in self.said
            if isinstance(each, InvoiceIssued | CreditNoteIssued)
        ]


def _short(line):
    days = f"[{line.period.from_:%m-%d},{line.period.until:%m-%d})" if line.period else ""
    return f"{line.component_id}{days}={line.net.amount}"
