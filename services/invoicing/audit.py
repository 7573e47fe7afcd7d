"""What must hold over all that invoicing said of a contract.

Every document adds up (EN 16931), no day of a component is billed twice (U-34), nothing is credited
that was not billed, no number stands on two documents (R-100), and what a balance says that it paid
is what the document says (U-61).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import NamedTuple

from schemas.invoices import CreditNoteCancelled, CreditNoteIssued, InvoiceIssued, Line
from schemas.message import ContractMessage
from schemas.prepaid import PrepaidApplied
from services.invoicing.rules import en16931
from services.tariffs.periods import Period, overlap, without
from services.tariffs.rounding import minor_units, rounded

Document = InvoiceIssued | CreditNoteIssued


def faults(said: Iterable[ContractMessage]) -> Iterator[str]:
    """Yield what does not hold, a line each; *said* is of one contract, in its order."""
    days, owed, numbers, balances = _Days(), _Owed(), set[str](), _Balances()
    notes: dict[str, CreditNoteIssued] = {}
    for message in said:
        yield from balances.hear(message)
        if isinstance(message, CreditNoteIssued):
            notes[message.credit_note_id] = message
        if isinstance(message, CreditNoteCancelled) and message.credit_note_id in notes:
            days.take_back(notes[message.credit_note_id])
            owed.take_back(notes[message.credit_note_id])
        if isinstance(message, InvoiceIssued | CreditNoteIssued):
            yield from _arithmetic(message)
            yield from days.hear(message)
            yield from owed.hear(message)
            kind = type(message).__name__
            if f"{kind} {message.number}" in numbers:
                yield f"R-100: {kind} {message.number} is there twice"
            numbers.add(f"{kind} {message.number}")
    yield from balances.unpaid()


def _arithmetic(document: Document) -> Iterator[str]:
    """Yield what does not add up, in the currency's decimals nor in whole units (U-40)."""
    found = en16931.faults(document)
    if found and en16931.faults(document, step=minor_units(document.net.currency)):
        yield from (f"{document.number}: {each}" for each in found)


class _Stretch(NamedTuple):
    """Days that are billed, each at its part of the line's net."""

    document: str
    days: Period
    net_a_day: Fraction

    def costs(self, days: Period) -> bool:
        """Say whether *days* of it are worth a unit: what is not makes no line when credited."""
        return rounded(self.net_a_day * days.days) != 0


class _Days:
    """U-34: which days of each recurring component are billed and not credited.

    Where an amount was credited that is of no days, days may be given back without a word.
    """

    def __init__(self) -> None:
        self._billed: dict[str, list[_Stretch]] = defaultdict(list)
        self._loose = set[str]()

    def hear(self, document: Document) -> Iterator[str]:
        if isinstance(document, CreditNoteIssued):
            named = [each for each in document.lines if each.kind not in ("one_time", "commitment")]
            self._loose |= {of for each in named if each.period is None
                            for of in [each.invoice_id or document.invoice_id] if of}  # fmt: skip
        for line in document.lines:
            if line.kind == "recurring" and line.component_id and line.period and line.net.minor:
                days = Period(line.period.from_, line.period.until)
                where = f"{document.number}: {line.component_id} {line.period}"
                if line.refers_to is not None:
                    yield from self._credit(line.component_id, days, where)
                else:
                    yield from self._bill(document, line, days, where)

    def take_back(self, note: CreditNoteIssued) -> None:
        """Let the days that a void note credited be billed as they were."""
        for line in note.lines:
            if line.kind == "recurring" and line.period and line.refers_to is not None:
                days = Period(line.period.from_, line.period.until)
                name = line.invoice_id or note.invoice_id or note.number
                stretch = _Stretch(name, days, Fraction(line.net.minor, max(days.days, 1)))
                self._billed[line.component_id or ""].append(stretch)

    def _bill(self, document: Document, line: Line, days: Period, where: str) -> Iterator[str]:
        found = self._billed[line.component_id or ""]
        for each in found:
            both = overlap(each.days, days)
            if both and each.costs(both) and each.document not in self._loose:
                yield f"U-34: {where} is billed twice"
        name = getattr(document, "invoice_id", None) or document.number
        found.append(_Stretch(name, days, Fraction(line.net.minor, max(days.days, 1))))

    def _credit(self, component: str, days: Period, where: str) -> Iterator[str]:
        found = self._billed[component]
        if without(days, [each.days for each in found]):
            yield f"U-23: {where} is credited and was not billed"
        self._billed[component] = [
            each._replace(days=part) for each in found for part in without(each.days, [days])
        ]


class _Owed:
    """What is left of each line, and of the sums of each rate; a last credit leaves nothing."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, str], int] = {}
        self._rates: dict[tuple[str, str, str], list[int]] = {}

    def hear(self, document: Document) -> Iterator[str]:
        if isinstance(document, InvoiceIssued):
            for line in document.lines:
                self._lines[document.invoice_id, line.line_id] = line.net.minor
            for vat in document.vat:
                key = document.invoice_id, vat.rate, vat.category
                self._rates[key] = [vat.net.minor, vat.tax.minor]
        else:
            yield from self._off_lines(document)
            if document.invoice_id is not None:
                yield from self._off_rates(document, document.invoice_id)
            yield from _shares(document)

    def take_back(self, note: CreditNoteIssued) -> None:
        """Let what a void note took off be owed again."""
        for line in note.lines:
            key = line.invoice_id or note.invoice_id or "", line.refers_to or ""
            if key in self._lines:
                self._lines[key] += line.net.minor
        for vat in note.vat:
            rest = self._rates.get((note.invoice_id or "", vat.rate, vat.category))
            if rest is not None:
                rest[0] += vat.net.minor
                rest[1] += vat.tax.minor

    def _off_lines(self, note: CreditNoteIssued) -> Iterator[str]:
        for line in note.lines:
            of = line.invoice_id or note.invoice_id
            if of is None or line.refers_to is None:
                continue
            was = self._lines.get((of, line.refers_to), 0)
            left = self._lines[of, line.refers_to] = was - line.net.minor
            if left * was < 0 or abs(left) > abs(was):
                yield f"U-23: {note.number} leaves {left} of {was} of a line of {of}"

    def _off_rates(self, note: CreditNoteIssued, invoice_id: str) -> Iterator[str]:
        for vat in note.vat:
            rest = self._rates.setdefault((invoice_id, vat.rate, vat.category), [0, 0])
            rest[0] -= vat.net.minor
            rest[1] -= vat.tax.minor
            if rest[0] == 0 != rest[1]:
                yield f"U-23: {note.number} leaves a tax of {rest[1]} on nothing of {invoice_id}"


class _Balances:
    """U-61: what each balance has left, and what documents say of it that it did not say."""

    def __init__(self) -> None:
        self._left: dict[str, int] = {}
        self._said: dict[tuple[str, str], int] = defaultdict(int)
        self._notes: dict[str, CreditNoteIssued] = {}

    def hear(self, message: ContractMessage) -> Iterator[str]:
        match message:
            case InvoiceIssued():
                self._note(message.invoice_id, message, 1)
            case CreditNoteIssued():
                self._notes[message.credit_note_id] = message
                self._note(message.credit_note_id, message, -1)
            case CreditNoteCancelled() if message.credit_note_id in self._notes:
                self._note(message.credit_note_id, self._notes[message.credit_note_id], 1)
            case PrepaidApplied():
                name, left = message.grant_id, message.left.minor
                before = self._left.get(name, left + message.applied.minor)
                if before - message.applied.minor != left:
                    yield f"U-61: {name} pays {message.applied.minor} of {before} and has {left}"
                self._left[name] = left
                self._said[message.document_id, name] -= message.applied.minor

    def unpaid(self) -> Iterator[str]:
        """Yield what a document says of a balance and that does not."""
        for (document_id, name), amount in self._said.items():
            if amount:
                yield f"U-61: of {document_id} {name} did not say {amount}"

    def _note(self, document_id: str, document: Document, sign: int) -> None:
        for each in document.prepaid:
            self._said[document_id, each.grant_id] += sign * each.money.minor


def _shares(note: CreditNoteIssued) -> Iterator[str]:
    """U-27: what falls on each invoice adds up to no more than the note, where all is of one."""
    if note.credited and all(line.invoice_id for line in note.lines):
        for what in ("net", "tax", "gross"):
            parts = sum(getattr(each, what).minor for each in note.credited)
            if parts != getattr(note, what).minor:
                yield f"U-27: {note.number} does not add up to the {what} of its invoices"
