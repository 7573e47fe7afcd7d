"""Surcharges, taxes and sums of a voucher in UBL, in their order."""

from decimal import Decimal

from services.notifications.rendering.documents.vouchers import Surcharge, Tax, Voucher
from services.notifications.rendering.einvoice import facts
from services.notifications.rendering.einvoice.elements import each, leaf, node
from services.notifications.rendering.einvoice.facts import amount, number

_VAT = node("cac:TaxScheme", leaf("cbc:ID", "VAT"))


def tax_category(name: str, category: str, rate: Decimal) -> str:
    """Return a category of VAT with its rate, if it has one."""
    percent = leaf("cbc:Percent", facts.rate(category, rate))
    return node(name, leaf("cbc:ID", category), percent, _VAT)


def surcharges(said: Voucher) -> str:
    """Return the allowances and the charges of a document (BG-20, BG-21)."""
    currency = said.head.currency
    less = each(_surcharge(one, currency, charge=False) for one in said.allowances)
    return less + each(_surcharge(one, currency, charge=True) for one in said.charges)


def taxes(said: Voucher) -> str:
    """Return the sum of all VAT by category and rate, and in the tax office's currency."""
    currency, foreign = said.head.currency, said.accounting_tax
    own = node(
        "cac:TaxTotal",
        leaf("cbc:TaxAmount", amount(said.tax, currency), currencyID=currency),
        each(_subtotal(tax, currency) for tax in said.taxes),
    )
    if foreign is None:
        return own
    abroad = amount(foreign.amount, foreign.currency)
    return own + node("cac:TaxTotal", leaf("cbc:TaxAmount", abroad, currencyID=foreign.currency))


def totals(said: Voucher) -> str:
    """Return the sums of the document (BG-22)."""
    currency = said.head.currency

    def money(name: str, minor: int, *, always: bool = True) -> str:
        text = amount(minor, currency) if always or minor else None
        return leaf(name, text, currencyID=currency)

    return node(
        "cac:LegalMonetaryTotal",
        money("cbc:LineExtensionAmount", facts.lines_total(said)),
        money("cbc:TaxExclusiveAmount", said.net),
        money("cbc:TaxInclusiveAmount", said.gross),
        money("cbc:AllowanceTotalAmount", facts.total(said.allowances), always=False),
        money("cbc:ChargeTotalAmount", facts.total(said.charges), always=False),
        money("cbc:PrepaidAmount", said.prepaid, always=False),
        money("cbc:PayableRoundingAmount", said.rounding, always=False),
        money("cbc:PayableAmount", said.payable),
    )


def _surcharge(said: Surcharge, currency: str, *, charge: bool) -> str:
    return node(
        "cac:AllowanceCharge",
        leaf("cbc:ChargeIndicator", "true" if charge else "false"),
        leaf("cbc:AllowanceChargeReasonCode", facts.CHARGE if charge else facts.ALLOWANCE),
        leaf("cbc:AllowanceChargeReason", said.name, longest=200),
        leaf("cbc:Amount", amount(said.net, currency), currencyID=currency),
        tax_category("cac:TaxCategory", said.category, said.rate),
    )


def _subtotal(tax: Tax, currency: str) -> str:
    return node(
        "cac:TaxSubtotal",
        leaf("cbc:TaxableAmount", amount(tax.net, currency), currencyID=currency),
        leaf("cbc:TaxAmount", amount(tax.tax, currency), currencyID=currency),
        node(
            "cac:TaxCategory",
            leaf("cbc:ID", tax.category),
            # Also the 0 of what is not subject to VAT: XRechnung asks for it (BR-DE-14).
            leaf("cbc:Percent", number(tax.rate)),
            leaf("cbc:TaxExemptionReasonCode", tax.exemption_code),
            leaf("cbc:TaxExemptionReason", facts.reason(tax)),
            _VAT,
        ),
    )
