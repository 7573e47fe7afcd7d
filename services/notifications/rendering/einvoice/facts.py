"""What both syntaxes say of a voucher, as they write it: numbers, codes, terms."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from schemas.values import Money
from services.notifications.rendering.documents.parties import Language, Seller
from services.notifications.rendering.documents.payments import Card, Debit, Transfer
from services.notifications.rendering.documents.vouchers import Line, Surcharge, Tax, Voucher

# UNTDID 1001, 4461 and 5189, 7161.
TYPE_CODES = {"invoice": "380", "credit_note": "381", "cancellation": "381", "correction": "384"}
UNDEFINED, CARD, TRANSFER, DEBIT, SET_OFF = "1", "48", "58", "59", "97"
_SET_OFF: Mapping[Language, str] = {
    "de": "Verrechnung mit offenen Rechnungen",
    "en": "Set off against open invoices",
    "fr": "Imputation sur les factures ouvertes",
}
ALLOWANCE, CHARGE = "95", "ABK"
# Who sells what is not subject to VAT names no VAT id (BR-O-02 to 04).
NOT_SUBJECT = "O"


def amount(minor: int, currency: str) -> str:
    """Return an amount with the decimals of its currency, two at most (BR-DEC-09 ff.)."""
    return Money.of(minor, currency).amount


def number(value: Decimal) -> str:
    """Return a decimal in its shortest form, never with an exponent."""
    return f"{value.normalize():f}"


def rate(tax_category: str, percent: Decimal) -> str | None:
    """Return the rate of a line or a surcharge; what is not subject to VAT has none (BR-O-05)."""
    return None if tax_category == NOT_SUBJECT else number(percent)


def is_outside_vat(said: Voucher) -> bool:
    """Say whether a voucher is not subject to VAT at all."""
    return any(tax.category == NOT_SUBJECT for tax in said.taxes)


def credits(said: Voucher) -> bool:
    """Say whether a voucher takes back what another asked for."""
    return said.kind in ("credit_note", "cancellation")


def means(said: Voucher) -> str:
    """Return the code of how a voucher is paid (BT-81); what we credit is set off."""
    if credits(said):
        return SET_OFF
    match said.payment:
        case Transfer(iban=str()):
            return TRANSFER
        case Debit():
            return DEBIT
        case Card():
            return CARD
        case _:
            return UNDEFINED


def description(line: Line) -> str:
    """Return what the name of a line does not say (BT-154)."""
    count = line.counted
    told = []
    if line.unit_name and not count:
        told.append(f"{number(line.quantity)} {line.unit_name}")
    if count:
        called = count.unit_name or count.unit
        price = f" x {number(count.price)}" if count.price is not None else ""
        told.append(f"{number(count.quantity)} {called}{price}")
    if line.of_document:
        told.append(line.of_document)
    return "\n".join([*told, *([line.note] if line.note else [])])


def reason(tax: Tax) -> str | None:
    """Return why a category bears no VAT; of Z and S none is said."""
    return None if tax.category in ("S", "Z") else tax.exemption


def terms(said: Voucher) -> str | None:
    """Return what a due date does not say: a set-off, or an early payment (BT-20).

    The latter is written as the German extension of the norm has it.
    """
    if credits(said):
        return _SET_OFF[said.head.recipient.language]
    early = (f"#SKONTO#TAGE={one.days}#PROZENT={one.percent:.2f}#\n" for one in said.early_payments)
    return "".join(early) or None


def lines_total(said: Voucher) -> int:
    """Return the sum of all lines (BT-106)."""
    return sum(line.net for line in said.lines)


def total(surcharges: Sequence[Surcharge]) -> int:
    """Return the sum of allowances or charges (BT-107, BT-108)."""
    return sum(one.net for one in surcharges)


def legal_information(seller: Seller) -> str | None:
    """Return what a firm must say of itself (BT-33)."""
    register = seller.register
    if register is None:
        return None
    said = (register.legal_form, register.seat, register.court, ", ".join(register.directors))
    return "; ".join(one for one in said if one)


def needs_delivery(said: Voucher) -> bool:
    """Say whether the country to which goods went must be known (BR-IC-12)."""
    return any(tax.category in ("K", "G") for tax in said.taxes)
