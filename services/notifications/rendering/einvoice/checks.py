"""Our own checks of a voucher before it becomes an e-invoice, beside those of the validators.

| rule | says | why ours |
|------|------|----------|
| BR-CO-10 to 17 | the sums are those of the lines | a receiver recalculates them |
| BR-CO-25 | what is payable has a due date or terms | European rules 1.3.16 lost it |
| R120, U-62 | net = quantity * price / base; decimals | a warning elsewhere |
| IBAN, BIC, creditor id | check digits fit | no validator looks at them |
| BR-x-02, 10 | who is named, and why no VAT is charged | said before anybody else says it |
| BR-DE, PEPPOL | what XRechnung and Peppol ask for beside | as above |
"""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from stdnum import bic, iban

from schemas.values import exponent
from services.notifications.rendering.documents.payments import Debit, Transfer
from services.notifications.rendering.documents.vouchers import Line, Tax, Voucher
from services.notifications.rendering.einvoice import facts
from services.notifications.rendering.einvoice.rule_sets import RuleSet

_CENT = Decimal("0.01")
_REASONED = frozenset({"E", "AE", "K", "G", "O"})


class NotExpressible(Exception):
    """A voucher cannot be an e-invoice of this kind; ``faults`` says why, a sentence each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


def faults(said: Voucher, rules: RuleSet) -> list[str]:
    """Return a sentence for each rule that *said* breaks; none where it may go out."""
    found = [*_sums(said), *_lines(said, rules), *_taxes(said), *_payment(said)]
    if rules.level == "XRECHNUNG":
        found += [*_xrechnung(said)]
    if rules.level == "PEPPOL":
        found += [*_peppol(said)]
    return found


def _sums(said: Voucher) -> Iterator[str]:
    if exponent(said.head.currency) > 2:
        yield f"BR-DEC: {said.head.currency} has more than two decimals"
    if not said.lines:
        yield "BR-16: there is no line"
    net = facts.lines_total(said) - facts.total(said.allowances) + facts.total(said.charges)
    if said.net != net:
        yield "BR-CO-13: the net is not lines, less allowances, and charges"
    if said.tax != sum(tax.tax for tax in said.taxes):
        yield "BR-CO-14: the tax is not the sum of the taxes"
    if said.gross != said.net + said.tax:
        yield "BR-CO-15: gross is not net and tax"
    if said.kind != "invoice" and said.corrects is None:
        yield "BG-3: what corrects an invoice must name it"


def _lines(said: Voucher, rules: RuleSet) -> Iterator[str]:
    places = exponent(said.head.currency)
    for at, line in enumerate(said.lines, 1):
        product = (line.quantity * line.price / line.base).quantize(_CENT, ROUND_HALF_UP)
        if product != Decimal(line.net).scaleb(-places):
            yield f"R120: line {at}: quantity and price do not make its net"
        if line.price < 0:
            yield f"BR-27: line {at}: a price is negative"
        yield from _decimals(at, line, rules)


def _decimals(at: int, line: Line, rules: RuleSet) -> Iterator[str]:
    for name, value, most in (
        ("price", line.price, rules.price_decimals),
        ("quantity", line.quantity, rules.quantity_decimals),
    ):
        if value != round(value, most):
            yield f"U-62: line {at}: {name} has more than {most} decimals"


def _taxes(said: Voucher) -> Iterator[str]:
    seller, buyer = said.head.seller, said.head.recipient.party
    categories = {tax.category for tax in said.taxes}
    if not said.taxes:
        yield "BR-CO-18: there is no VAT breakdown"
    if "O" in categories and len(said.taxes) > 1:
        yield "BR-O-11: what is not subject to VAT stands on a document of its own"
    if categories - {"O"} and not (seller.party.vat_id or seller.tax_number):
        yield "BR-S-02: the seller has neither VAT id nor tax number"
    if categories & {"K", "G"} and not seller.party.vat_id:
        yield "BR-IC-02: the seller has no VAT id"
    if categories & {"AE", "K"} and not buyer.vat_id:
        yield "BR-AE-02: the buyer has no VAT id"
    if categories & {"K"} and said.head.recipient.deliver_to is None:
        yield "BR-IC-12: it is not known where goods went"
    for tax in said.taxes:
        yield from _tax(said, tax)


def _tax(said: Voucher, tax: Tax) -> Iterator[str]:
    key = tax.category, tax.rate
    net = sum(line.net for line in said.lines if (line.category, line.rate) == key)
    net -= sum(one.net for one in said.allowances if (one.category, one.rate) == key)
    net += sum(one.net for one in said.charges if (one.category, one.rate) == key)
    if net != tax.net:
        yield f"BR-{tax.category}-08: the net at {tax.rate} percent is not that of its lines"
    if tax.category in _REASONED and not (tax.exemption or tax.exemption_code):
        yield f"BR-{tax.category}-10: it is not said why there is no VAT"


def _payment(said: Voucher) -> Iterator[str]:
    payment = said.payment
    is_owed = said.payable > 0
    if is_owed and not (payment and payment.due_on) and not facts.terms(said):
        yield "BR-CO-25: something is payable, and neither a due date nor terms are said"
    if payment and payment.amount != said.payable:
        yield "BT-115: what is asked for is not what is payable"
    if isinstance(payment, Transfer):
        if payment.iban and not iban.is_valid(payment.iban):
            yield "BT-84: the check digits of the IBAN do not fit"
        if payment.bic and not bic.is_valid(payment.bic):
            yield "BT-86: the BIC is none"
    if isinstance(payment, Debit) and payment.creditor_id and not is_creditor(payment.creditor_id):
        yield "BT-90: the check digits of the creditor id do not fit"


def is_creditor(creditor_id: str) -> bool:
    """Say whether the check digits of a SEPA creditor id fit; its business code does not count."""
    if len(creditor_id) < 8 or not (creditor_id.isascii() and creditor_id.isalnum()):
        return False
    turned = f"{creditor_id[7:]}{creditor_id[:4]}"
    return int("".join(str(int(each, 36)) for each in turned)) % 97 == 1


def _xrechnung(said: Voucher) -> Iterator[str]:
    recipient, seller = said.head.recipient, said.head.seller
    if not recipient.buyer_reference:
        yield "BR-DE-15: the buyer reference (Leitweg-ID) is missing"
    if seller.contact is None:
        yield "BR-DE-2: the seller's contact is missing"
    yield from _endpoints(said)
    payment = said.payment
    if isinstance(payment, Debit) and not (
        payment.mandate_reference and payment.creditor_id and payment.account
    ):
        yield "BR-DE-24: a direct debit has mandate, creditor id and account"


def _peppol(said: Voucher) -> Iterator[str]:
    recipient, seller = said.head.recipient, said.head.seller
    if not (recipient.buyer_reference or recipient.purchase_order):
        yield "PEPPOL-EN16931-R003: neither buyer reference nor purchase order is said"
    if isinstance(said.payment, Debit) and not said.payment.mandate_reference:
        yield "PEPPOL-EN16931-R061: a direct debit has a mandate"
    countries = {recipient.party.country, seller.party.country}
    if said.kind == "correction" and countries != {"DE"}:
        yield "PEPPOL-EN16931-P0112: a 384 is for sellers and buyers in Germany"
    yield from _endpoints(said)
    for endpoint in (seller.party.endpoint, recipient.party.endpoint):
        if endpoint and not endpoint.scheme.isdecimal():
            yield f"PEPPOL-EN16931-CL008: {endpoint.scheme} is no scheme of the network"


def _endpoints(said: Voucher) -> Iterator[str]:
    for name, party in (
        ("BT-34: the seller", said.head.seller.party),
        ("BT-49: the buyer", said.head.recipient.party),
    ):
        if party.endpoint is None:
            yield f"{name} has no electronic address"
