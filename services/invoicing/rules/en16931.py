"""Whether a document that was said adds up, by the business rules of EN 16931.

Nothing of how documents are made is used here: the amounts are read off the message, as a receiver
would read them. The audit asks this, and tests hold totals.py against it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from fractions import Fraction

from schemas.invoices import CreditNoteIssued, Document, InvoiceIssued, Line, Surcharge, Vat
from services.tariffs.rounding import minor_units, rounded

# Categories without VAT; all but Z must say why not, and Z and S must not.
UNTAXED = frozenset({"Z", "E", "AE", "K", "G", "O"})
REASONED = UNTAXED - {"Z"}

Key = tuple[str, Fraction]


def faults(document: InvoiceIssued | CreditNoteIssued, *, step: int = 1) -> list[str]:
    """Return a sentence for each business rule that *document* breaks; none where it is right.

    It has all its lines and its VAT breakdown. *step* is what its currency is rounded to.
    """
    off = _tolerance(document)
    taxed = [each for vat in document.vat for each in _tax(vat, off=off, step=step)]
    priced = [each for line in document.lines for each in _price(line)]
    return [*_currencies(document), *_sums(document), *_breakdown(document), *taxed, *priced]


def _currencies(document: Document) -> Iterator[str]:
    nets = [line.net for line in document.lines]
    nets += [each.net for each in (*document.allowances, *document.charges)]
    nets += [money for vat in document.vat for money in (vat.net, vat.tax)]
    if {money.currency for money in nets} - {document.net.currency}:
        yield "BR-CL-04: not all amounts are in the document's currency"


def _sums(document: Document) -> Iterator[str]:
    net = _net(document.lines) - _net(document.allowances) + _net(document.charges)
    if document.net.minor != net:
        yield f"BR-CO-10 to 13: {document.net.amount} is not lines, less allowances, and charges"
    if document.tax.minor != sum(vat.tax.minor for vat in document.vat):
        yield f"BR-CO-14: {document.tax.amount} is not the sum of the taxes"
    if document.gross.minor != document.net.minor + document.tax.minor:
        yield f"BR-CO-15: {document.gross.amount} is not net and tax"
    if document.gross.minor - document.prepaid_minor + _rounding(document) < 0:
        yield "BR-CO-16: less than nothing is to be paid"


def _breakdown(document: Document) -> Iterator[str]:
    """Each category and rate stands there once, with the net of what belongs to it (BG-23)."""
    wanted: Counter[Key] = Counter()
    for line in document.lines:
        wanted[line.vat_category, Fraction(line.vat_rate)] += line.net.minor
    for sign, surcharges in ((-1, document.allowances), (1, document.charges)):
        for each in surcharges:
            wanted[each.vat_category or "S", Fraction(each.vat_rate)] += sign * each.net.minor
    found = [(vat.category, Fraction(vat.rate)) for vat in document.vat]
    if sorted(found) != sorted(wanted):
        yield "BR-CO-18: the VAT breakdown does not have each category and rate once"
        return
    for vat in document.vat:
        if vat.net.minor != wanted[vat.category, Fraction(vat.rate)]:
            yield f"BR-{vat.category}-08: {vat.net.amount} is not the net at {vat.rate} percent"
    if "O" in {vat.category for vat in document.vat} and len(document.vat) > 1:
        yield "BR-O-11: what is not subject to VAT stands on a document of its own"


def _price(line: Line) -> Iterator[str]:
    """Quantity, price and base quantity make the net, where they are said (BT-129, 146, 149)."""
    if line.quantity is None or line.unit_price is None:
        return
    said = (line.quantity, line.unit_price, line.price_base_quantity or "1")
    quantity, price, base = map(Fraction, said)
    if price < 0:
        yield f"BR-27: the price of line {line.line_id} is negative"
    if any(len(each.partition(".")[2]) > 4 for each in said):
        yield f"U-62: line {line.line_id} has more than four decimals"
    if rounded(quantity * price / base * minor_units(line.net.currency)) != line.net.minor:
        yield f"U-62: {' by '.join(said)} is not the net of line {line.line_id}"


def _tax(vat: Vat, *, off: int, step: int) -> Iterator[str]:
    own = rounded(vat.net.minor * Fraction(vat.rate) / 100, step=step)
    if abs(vat.tax.minor - own) > off:
        yield f"BR-CO-17: {vat.tax.amount} is not {vat.rate} percent of {vat.net.amount}"
    if vat.category in UNTAXED and (Fraction(vat.rate) or vat.tax.minor):
        yield f"BR-{vat.category}-09: category {vat.category} bears no VAT"
    said = bool(vat.exemption or vat.exemption_code)
    if said != (vat.category in REASONED):
        yield f"BR-{vat.category}-10: a reason is {'missing' if not said else 'out of place'}"


def _tolerance(document: InvoiceIssued | CreditNoteIssued) -> int:
    """What takes back is less than a unit off: the tax is what the other documents leave of it.

    So an invoice is exact that only bills; one that takes back a credit, and nets what it bills
    anew, would else charge a cent of tax for nothing.
    """
    is_new = isinstance(document, InvoiceIssued)
    if is_new and all(line.refers_to is None for line in document.lines):
        return 0
    return max(minor_units(document.net.currency), 2) - 1


def _rounding(document: Document) -> int:
    return document.payable_rounding.minor if document.payable_rounding else 0


def _net(parts: Iterable[Line | Surcharge]) -> int:
    return sum(each.net.minor for each in parts)
