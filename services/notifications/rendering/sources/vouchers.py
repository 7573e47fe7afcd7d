"""Invoices and credit notes, from what invoicing or an ERP said of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from schemas.invoices import CreditNoteIssued, InvoiceIssued, Surcharge, Vat
from schemas.invoices import Document as SaidDocument
from schemas.payment_reference import payment_reference
from services.notifications.rendering.documents.parties import Head
from services.notifications.rendering.documents.payments import (
    Card,
    Debit,
    EarlyPayment,
    Payment,
)
from services.notifications.rendering.documents.vouchers import (
    Days,
    Line,
    Reference,
    Tax,
    Voucher,
)
from services.notifications.rendering.documents.vouchers import Surcharge as DrawnSurcharge
from services.notifications.rendering.sources.lines import line
from services.notifications.rendering.sources.parties import Parties


@dataclass(frozen=True, slots=True)
class Instrument:
    """The mandate or card that an invoice is collected with, as far as it may be shown."""

    mandate_reference: str | None = None
    account: str | None = None


def invoice(
    said: InvoiceIssued,
    *,
    parties: Parties,
    instrument: Instrument = Instrument(),
    corrects: Reference | None = None,
    early_payments: Sequence[EarlyPayment] = (),
) -> Voucher:
    """Return the invoice that *said* issues; one that *corrects* another is a 384."""
    lines = tuple(line(each) for each in said.lines)
    period = Days(said.period.from_, said.period.until) if said.period else None
    return Voucher(
        head=_head(said, said.invoice_id, parties),
        kind="correction" if corrects else "invoice",
        number=said.number,
        days=_days(lines, period),
        lines=lines,
        allowances=_surcharges(said.allowances),
        charges=_surcharges(said.charges),
        taxes=tuple(_tax(each) for each in said.vat),
        net=said.net.minor,
        tax=said.tax.minor,
        gross=said.gross.minor,
        rounding=said.payable_rounding.minor if said.payable_rounding else 0,
        prepaid=said.prepaid_minor,
        payment=_payment(said, parties, instrument),
        early_payments=tuple(early_payments) if said.payable.minor else (),
        notes=_notes(said),
        corrects=corrects,
        says_default=said.says_default,
    )


def credit_note(
    said: CreditNoteIssued,
    *,
    parties: Parties,
    corrects: Reference | None = None,
    whole: bool = False,
) -> Voucher:
    """Return the credit note that *said* issues, of the invoice it *corrects*.

    Both are a 381 with positive amounts. One of the *whole* invoice is called its cancellation: a
    384 with negative amounts, which some prefer, means the opposite to others.
    """
    lines = tuple(line(each) for each in said.lines)
    return Voucher(
        head=_head(said, said.credit_note_id, parties),
        kind="cancellation" if whole else "credit_note",
        number=said.number,
        days=_days(lines, None),
        lines=lines,
        allowances=_surcharges(said.allowances),
        charges=_surcharges(said.charges),
        taxes=tuple(_tax(each) for each in said.vat),
        net=said.net.minor,
        tax=said.tax.minor,
        gross=said.gross.minor,
        rounding=said.payable_rounding.minor if said.payable_rounding else 0,
        prepaid=said.prepaid_minor,
        notes=_notes(said),
        corrects=corrects,
    )


def _head(said: SaidDocument, document_id: str, parties: Parties) -> Head:
    return Head(
        document_id=document_id,
        contract_id=said.contract_id,
        seller=parties.seller,
        recipient=parties.recipient,
        issued_on=said.issued_on,
        currency=said.gross.currency,
    )


def _payment(said: InvoiceIssued, parties: Parties, instrument: Instrument) -> Payment | None:
    amount = said.payable.minor
    reference = payment_reference(said.contract_id, said.invoice_id)
    due_on = said.due_printed_on or said.due_on
    if not amount:
        return None
    match said.payment_method:
        case "direct_debit":
            return Debit(
                amount=amount,
                due_on=due_on,
                mandate_reference=instrument.mandate_reference,
                creditor_id=parties.creditor_id,
                account=instrument.account,
                reference=reference,
            )
        case "card":
            account = instrument.account
            return Card(amount=amount, due_on=due_on, account=account, reference=reference)
        case _:
            return parties.transfer(amount, due_on=due_on, reference=reference)


def _days(lines: Sequence[Line], said: Days | None) -> Days | None:
    """Return the days of the document, which hold those of all lines (PEPPOL-EN16931-R110)."""
    days = [each.days for each in lines if each.days] + ([said] if said else [])
    if not days:
        return None
    return Days(min(each.from_on for each in days), max(each.until for each in days))


def _tax(said: Vat) -> Tax:
    return Tax(
        category=said.category,
        rate=Decimal(said.rate),
        net=said.net.minor,
        tax=said.tax.minor,
        exemption=said.exemption,
        exemption_code=said.exemption_code,
    )


def _surcharges(said: Sequence[Surcharge]) -> tuple[DrawnSurcharge, ...]:
    return tuple(
        DrawnSurcharge(
            name=each.name,
            net=each.net.minor,
            category=each.vat_category or "S",
            rate=Decimal(each.vat_rate),
        )
        for each in said
    )


def _notes(said: SaidDocument) -> tuple[str, ...]:
    """Return the wording that the law asks for, each once."""
    reasons = [vat.exemption for vat in said.vat if vat.exemption]
    return tuple(dict.fromkeys((*said.notes, *reasons)))
