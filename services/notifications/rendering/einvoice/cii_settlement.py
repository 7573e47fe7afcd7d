"""The settlement of a voucher in CII: payment, taxes, surcharges and sums, in their order."""

from datetime import date

from services.notifications.rendering.documents.payments import Card, Debit, Transfer
from services.notifications.rendering.documents.vouchers import Days, Surcharge, Tax, Voucher
from services.notifications.rendering.einvoice import facts
from services.notifications.rendering.einvoice.elements import each, leaf, node
from services.notifications.rendering.einvoice.facts import amount, number


def settlement(said: Voucher) -> str:
    """Return all of how a voucher is taxed, paid and added up (BG-16 to BG-23)."""
    payment, currency, foreign = said.payment, said.head.currency, said.accounting_tax
    return node(
        "ram:ApplicableHeaderTradeSettlement",
        leaf(
            "ram:CreditorReferenceID", payment.creditor_id if isinstance(payment, Debit) else None
        ),
        leaf("ram:PaymentReference", payment.reference if payment else None),
        leaf("ram:TaxCurrencyCode", foreign.currency if foreign else None),
        leaf("ram:InvoiceCurrencyCode", currency),
        _means(said),
        each(_tax(tax, currency) for tax in said.taxes),
        period(said.days),
        each(_surcharge(one, currency, charge=False) for one in said.allowances),
        each(_surcharge(one, currency, charge=True) for one in said.charges),
        _terms(said),
        _summation(said),
        _original(said),
    )


def _means(said: Voucher) -> str:
    payment = said.payment
    match payment:
        case Transfer():
            iban = leaf("ram:IBANID", payment.iban)
            account = iban and iban + leaf("ram:AccountName", payment.payee, longest=70)
            paid = node("ram:PayeePartyCreditorFinancialAccount", account) + node(
                "ram:PayeeSpecifiedCreditorFinancialInstitution", leaf("ram:BICID", payment.bic)
            )
        case Debit():
            paid = node("ram:PayerPartyDebtorFinancialAccount", leaf("ram:IBANID", payment.account))
        case Card():
            paid = node(
                "ram:ApplicableTradeSettlementFinancialCard", leaf("ram:ID", payment.account)
            )
        case None:
            paid = ""
    code = leaf("ram:TypeCode", facts.means(said))
    return node("ram:SpecifiedTradeSettlementPaymentMeans", code, paid)


def _tax(tax: Tax, currency: str) -> str:
    return node(
        "ram:ApplicableTradeTax",
        leaf("ram:CalculatedAmount", amount(tax.tax, currency)),
        leaf("ram:TypeCode", "VAT"),
        leaf("ram:ExemptionReason", facts.reason(tax)),
        leaf("ram:BasisAmount", amount(tax.net, currency)),
        leaf("ram:CategoryCode", tax.category),
        leaf("ram:ExemptionReasonCode", tax.exemption_code),
        # Also the 0 of what is not subject to VAT: XRechnung asks for it (BR-DE-14).
        leaf("ram:RateApplicablePercent", number(tax.rate)),
    )


def _surcharge(said: Surcharge, currency: str, *, charge: bool) -> str:
    return node(
        "ram:SpecifiedTradeAllowanceCharge",
        node("ram:ChargeIndicator", leaf("udt:Indicator", "true" if charge else "false")),
        leaf("ram:ActualAmount", amount(said.net, currency)),
        leaf("ram:ReasonCode", facts.CHARGE if charge else facts.ALLOWANCE),
        leaf("ram:Reason", said.name, longest=200),
        category("ram:CategoryTradeTax", said.category, facts.rate(said.category, said.rate)),
    )


def _terms(said: Voucher) -> str:
    payment = said.payment
    return node(
        "ram:SpecifiedTradePaymentTerms",
        leaf("ram:Description", facts.terms(said)),
        day("ram:DueDateDateTime", payment.due_on) if payment and payment.due_on else "",
        leaf(
            "ram:DirectDebitMandateID",
            payment.mandate_reference if isinstance(payment, Debit) else None,
        ),
    )


def _summation(said: Voucher) -> str:
    currency, foreign = said.head.currency, said.accounting_tax

    def money(name: str, minor: int, *, always: bool = True) -> str:
        return leaf(name, amount(minor, currency)) if always or minor else ""

    tax = amount(said.tax, currency)
    abroad = amount(foreign.amount, foreign.currency) if foreign else None
    return node(
        "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
        money("ram:LineTotalAmount", facts.lines_total(said)),
        money("ram:ChargeTotalAmount", facts.total(said.charges), always=False),
        money("ram:AllowanceTotalAmount", facts.total(said.allowances), always=False),
        money("ram:TaxBasisTotalAmount", said.net),
        leaf("ram:TaxTotalAmount", tax, currencyID=currency),
        leaf("ram:TaxTotalAmount", abroad, currencyID=foreign.currency if foreign else None),
        money("ram:RoundingAmount", said.rounding, always=False),
        money("ram:GrandTotalAmount", said.gross),
        money("ram:TotalPrepaidAmount", said.prepaid, always=False),
        money("ram:DuePayableAmount", said.payable),
    )


def _original(said: Voucher) -> str:
    if said.corrects is None:
        return ""
    issued = leaf("qdt:DateTimeString", f"{said.corrects.issued_on:%Y%m%d}", format="102")
    return node(
        "ram:InvoiceReferencedDocument",
        leaf("ram:IssuerAssignedID", said.corrects.number),
        node("ram:FormattedIssueDateTime", issued),
    )


def category(name: str, code: str, rate: str | None) -> str:
    """Return a category of VAT with its rate, if it has one."""
    return node(
        name,
        leaf("ram:TypeCode", "VAT"),
        leaf("ram:CategoryCode", code),
        leaf("ram:RateApplicablePercent", rate),
    )


def day(name: str, on: date) -> str:
    """Return a day as this syntax writes it."""
    return node(name, leaf("udt:DateTimeString", f"{on:%Y%m%d}", format="102"))


def period(days: Days | None) -> str:
    """Return a period, which includes its last day."""
    if days is None:
        return ""
    return node(
        "ram:BillingSpecifiedPeriod",
        day("ram:StartDateTime", days.from_on),
        day("ram:EndDateTime", days.last_on),
    )
