"""Documents: lines become an invoice or a credit note, with a number, sums and a due date.

| rule | says | here |
|------|------|------|
| R-100 | the number is taken where the document is made | ``make`` |
| R-104 | the sums of rounded lines are the totals, the tax is per category and rate | ``make`` |
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from schemas.context import Context
from schemas.credited import CreditedInvoice
from schemas.early_payment import EarlyPayments
from schemas.frozen import replace
from schemas.invoices import (
    CreditNoteIssued,
    InvoiceIssued,
    Line,
    LinePeriod,
    Surcharge,
    Vat,
)
from schemas.message import ContractMessage, Refused
from schemas.payment_reference import payment_reference
from schemas.prepaid import Drawn
from schemas.terms import LegalEntityPublished, Terms
from schemas.values import ContractId, CreditNoteId, Money, ReceivableId
from services.invoicing.billed import BilledLine, Parties, Tax
from services.invoicing.documents import numbers
from services.invoicing.model import Agreement, Contract
from services.invoicing.rules import due_dates
from services.invoicing.rules.prices import Priced, by_quantity, in_words
from services.invoicing.rules.wording import QUANTITY, Language
from services.invoicing.timeline import timeline
from services.tariffs.rounding import minor_units

# The first amount, in the currency's own unit, that has too many digits for the wire.
MOST = 10**15


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A document to be: as an invoice, or as a credit note where ``credits`` it is.

    What would come out negative turns into its opposite, with the signs turned round.
    """

    name: str
    lines: tuple[BilledLine, ...]
    vat: tuple[Tax, ...]
    credits: bool = False
    of_invoice: str | None = None
    # What is credited of each invoice: its id, net and tax.
    credited: tuple[tuple[str, int, int], ...] = ()
    cause: str
    notes: tuple[str, ...] = ()
    parties: Parties | None = None
    payable_rounding: int | None = None
    # What balances paid of it, or get back: their names and amounts (U-61).
    prepaid: tuple[tuple[str, int], ...] = ()
    # What of that falls on which invoice that is credited.
    put_back: tuple[tuple[str, int], ...] = ()

    @property
    def gross(self) -> int:
        return sum(each.net + each.tax for each in self.vat)

    @property
    def is_nothing(self) -> bool:
        return not any(line.net for line in self.lines)

    def turned(self) -> "Draft":
        """Return the opposite document."""
        lines = tuple(replace(line, net=-line.net) for line in self.lines)
        vat = tuple(replace(each, net=-each.net, tax=-each.tax) for each in self.vat)
        return replace(self, lines=lines, vat=vat, credits=not self.credits, credited=())


@dataclass(frozen=True, slots=True)
class Office:
    """Where documents are made: the numbers given so far, and what was said."""

    contract_id: ContractId
    context: Context
    entity: LegalEntityPublished
    today: date
    said: tuple[ContractMessage, ...] = ()

    @classmethod
    def of(cls, contract: Contract, context: Context) -> Self:
        """Return the office on the day that has begun for the contract's legal entity."""
        terms = context.terms
        entity = terms.entities[contract.agreement.legal_entity_id]
        return cls(contract.contract_id, context, entity, timeline.today_of(contract, terms))

    @property
    def terms(self) -> Terms:
        return self.context.terms

    def saying(self, message: ContractMessage) -> "Office":
        return replace(self, said=(*self.said, message))


def make(contract: Contract, draft: Draft, office: Office) -> Office:
    """Say the document of *draft*, with the next number; nothing but zero lines makes none."""
    if draft.is_nothing:
        return office
    draft = draft.turned() if draft.gross < 0 else draft
    _check_size(draft, contract.agreement.currency)
    kind: numbers.Kind = "credit_note" if draft.credits else "invoice"
    number, context = numbers.take(contract.agreement, kind, office.context)
    office = replace(office, context=context)
    said = _credit_note if draft.credits else _invoice
    return office.saying(said(contract, draft, office, number))


def _check_size(draft: Draft, currency: str) -> None:
    """Refuse a document whose amounts no reader takes: they have 15 digits at most on the wire."""
    amounts = [line.net for line in draft.lines]
    amounts += [amount for each in draft.vat for amount in (each.net, each.tax)]
    amounts += [sum(each.net for each in draft.vat), draft.gross]
    largest = max(map(abs, amounts))
    if largest >= MOST * minor_units(currency):
        said = Money.of(largest, currency)
        raise Refused("excess", f"an amount of {said.amount} {currency} has more than 15 digits")


def _invoice(contract: Contract, draft: Draft, office: Office, number: str) -> InvoiceIssued:
    agreed = contract.agreement
    due = due_dates.due(
        office.today,
        payment_method=agreed.payment_method,
        own_term_days=agreed.payment_terms_days,
        entity=office.entity,
    )
    return InvoiceIssued(
        **_common(contract, draft, office, number),
        invoice_id=ReceivableId(draft.name),
        customer_id=agreed.customer.customer_id,
        due_on=due.on,
        due_printed_on=due.printed_on,
        period=_period(draft.lines),
        payment_method=agreed.payment_method,
        payment_reference=payment_reference(contract.contract_id, draft.name),
        early_payment=_early_payment(agreed, office),
    )


def _early_payment(agreed: Agreement, office: Office) -> EarlyPayments:
    """Return what may be deducted (R-84a); a debit or a card is not paid by the customer."""
    if agreed.payment_method != "on_account":
        return ()
    return office.entity.early_payment if agreed.early_payment is None else agreed.early_payment


def _credit_note(contract: Contract, draft: Draft, office: Office, number: str) -> CreditNoteIssued:
    return CreditNoteIssued(
        **_common(contract, draft, office, number),
        credit_note_id=CreditNoteId(draft.name),
        invoice_id=ReceivableId(draft.of_invoice) if draft.of_invoice else None,
        credited=_credited(draft, contract.agreement.currency),
        cause=draft.cause,
    )


def _credited(draft: Draft, currency: str) -> tuple[CreditedInvoice, ...]:
    """Return what of the note falls on which invoice, where it is of several (U-27)."""
    if draft.of_invoice is not None:
        return ()
    back = dict(draft.put_back)
    return tuple(
        CreditedInvoice(
            invoice_id=ReceivableId(name),
            net=Money.of(net, currency),
            tax=Money.of(tax, currency),
            gross=Money.of(net + tax, currency),
            prepaid=Money.of(back[name], currency) if back.get(name) else None,
        )
        for name, net, tax in draft.credited
    )


def _prepaid(draft: Draft, currency: str) -> tuple[Drawn, ...]:
    return tuple(
        Drawn(grant_id=name, money=Money.of(amount, currency)) for name, amount in draft.prepaid
    )


def _common(contract: Contract, draft: Draft, office: Office, number: str) -> dict[str, Any]:
    currency, language = contract.agreement.currency, contract.agreement.customer.language
    net = sum(each.net for each in draft.vat)
    tax = sum(each.tax for each in draft.vat)
    lines = [line for line in draft.lines if line.net or not (draft.credits or _is_extra(line))]
    taxes = {(each.rate, each.category) for each in lines}
    rounding = draft.payable_rounding
    reversed_ = any(each.category in ("AE", "K") for each in draft.vat)
    return {
        "contract_id": contract.contract_id,
        "number": number,
        "issued_on": office.today,
        "net": Money.of(net, currency),
        "tax": Money.of(tax, currency),
        "gross": Money.of(net + tax, currency),
        "lines": tuple(_line(each, currency, language) for each in lines if not each.is_surcharge),
        "allowances": tuple(_surcharge(e, currency) for e in lines if e.is_surcharge and e.net < 0),
        "charges": tuple(_surcharge(e, currency) for e in lines if e.is_surcharge and e.net >= 0),
        "prepaid": _prepaid(draft, currency),
        "payable_rounding": None if rounding is None else Money.of(rounding, currency),
        "vat": tuple(_vat(each, currency) for each in draft.vat if each.name in taxes),
        "legal_entity_id": contract.agreement.legal_entity_id,
        "notes": draft.notes,
        "seller": draft.parties.seller if draft.parties else None,
        "customer": draft.parties.buyer if draft.parties else None,
        "vat_id_check": contract.agreement.customer.vat_id_check if reversed_ else None,
    }


def _line(line: BilledLine, currency: str, language: Language) -> Line:
    price = line.priced or by_quantity(
        line.net,
        line.quantity,
        line.unit_price,
        currency=currency,
        base=line.price_base,
        unit=line.unit,
    )
    sign = "-" if line.net < 0 else ""
    return Line(
        line_id=line.line_id,
        component_id=line.component_id,
        name=line.name,
        kind=line.kind,
        quantity=sign + price.quantity,
        unit=price.unit,
        unit_price=price.unit_price,
        price_base_quantity=price.base,
        net=Money.of(line.net, currency),
        vat_rate=line.rate,
        vat_category=line.category,
        period=LinePeriod(from_=line.period.from_on, until=line.period.until)
        if line.period
        else None,
        supplied_on=line.supplied_on,
        note=_note(line, price, language),
        refers_to=line.refers_to,
        invoice_id=ReceivableId(line.of_invoice) if line.of_invoice else None,
        charge_id=line.charge_id,
    )


def _note(line: BilledLine, price: Priced, language: Language) -> str | None:
    """Return what is said of a line beside its numbers, and the quantity they have no room for."""
    told = in_words(price, line.quantity, line.unit)
    counted = None if told is None else QUANTITY[language].format(told=told)
    return "; ".join(filter(None, (line.note, counted))) or None


def _is_extra(line: BilledLine) -> bool:
    """Say whether *line* is worth a word only where it is an amount."""
    return line.kind in ("discount", "commitment")


def _surcharge(line: BilledLine, currency: str) -> Surcharge:
    return Surcharge(
        name=line.name,
        net=Money.of(abs(line.net), currency),
        vat_rate=line.rate,
        vat_category=line.category,
    )


def _vat(tax: Tax, currency: str) -> Vat:
    return Vat(
        rate=tax.rate,
        category=tax.category,
        net=Money.of(tax.net, currency),
        tax=Money.of(tax.tax, currency),
        exemption=tax.exemption,
        exemption_code=tax.exemption_code,
    )


def _period(lines: Sequence[BilledLine]) -> LinePeriod | None:
    """Return all days that the lines are for: until then the contract is billed."""
    days = [line.period for line in lines if line.period and line.time]
    if not days:
        return None
    return LinePeriod(from_=min(each.from_on for each in days), until=max(e.until for e in days))
