"""Issuing: a document is said, and the contract remembers what it bills or gives back."""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Literal

from schemas.frozen import replace
from schemas.invoices import InvoiceIssued
from schemas.values import derived_id
from services.invoicing.billed import Invoice, Tax
from services.invoicing.documents import credits, documents, prepaid
from services.invoicing.documents.credits import Claim, Credited
from services.invoicing.documents.documents import Draft, Office
from services.invoicing.documents.parties import parties
from services.invoicing.documents.prepaid import Returned
from services.invoicing.documents.supplies import DraftLine, Sold, sell
from services.invoicing.given_back import CreditNote, Reduction
from services.invoicing.model import Contract
from services.tariffs.rounding import step_of


def issue(
    contract: Contract,
    name: str,
    drafts: Sequence[DraftLine],
    office: Office,
    *,
    rounding: int | None = None,
) -> tuple[Contract, Office]:
    """Issue an invoice over *drafts*; its time counts as billed also where all lines are zero."""
    sold = _sell(contract, drafts, office)
    sides = parties(contract.agreement.customer, office.entity)
    draft = replace(_draft(name, sold, rounding), parties=sides)
    contract, draft = prepaid.pay(contract, draft, today=office.today)
    after = documents.make(contract, draft, office)
    invoice = Invoice(
        invoice_id=name,
        ordinal=contract.billed + 1,
        said_as=_kind(after) if after is not office else None,
        issued_on=office.today,
        lines=sold.lines,
        vat=sold.vat,
        notes=sold.notes,
        parties=sides,
        drawn=dict(draft.prepaid),
    )
    for drawn in prepaid.told(contract, name, invoice.drawn):
        after = after.saying(drawn)
    invoices = (*contract.invoices, invoice)
    return replace(contract, invoices=invoices, billed=contract.billed + 1), after


def credit_freely(
    contract: Contract, name: str, drafts: Sequence[DraftLine], office: Office, rounding: int | None
) -> tuple[Contract, Office]:
    """Issue a credit note over *drafts* that is of no invoice."""
    sides = parties(contract.agreement.customer, office.entity)
    draft = _draft(name, _sell(contract, drafts, office), rounding)
    draft = replace(draft, credits=True, parties=sides)
    after = documents.make(contract, draft, office)
    if after is not office and _kind(after) == "credit_note":
        contract = contract.with_note(CreditNote(credit_note_id=name))
    return contract, after


def take_off(
    contract: Contract, claimed: Iterable[tuple[Invoice, Sequence[Claim]]], office: Office
) -> tuple[Contract, list[Credited]]:
    """Credit what is claimed of each invoice; ``give_back`` says it."""
    found = []
    for invoice, claims in claimed:
        done = credits.credit(
            invoice,
            claims,
            step=step(contract, office),
            currency=contract.agreement.currency,
        )
        contract = contract.with_invoice(done.invoice)
        found.append(done)
    return contract, found


def give_back(
    contract: Contract,
    credited: Iterable[Credited],
    office: Office,
    *,
    cause: str,
    rounding: int | None = None,
) -> tuple[Contract, Office]:
    """Say what was credited for one cause: a note per seller, customer and tax (U-27)."""
    alike: dict[tuple[str | None, ...], list[Credited]] = {}
    for each in credited:
        key = each.invoice.parties.key if each.invoice.parties else ()
        alike.setdefault((*key, *each.invoice.notes), []).append(each)
    for some in alike.values():
        draft = _credit_note(contract, some, cause=cause, rounding=rounding)
        back = prepaid.give_back(
            contract,
            [each.invoice.invoice_id for each in some],
            most=max(0, draft.gross + (rounding or 0)),
            today=office.today,
        )
        draft = replace(
            draft,
            prepaid=tuple(back.amounts.items()),
            put_back=tuple((n, sum(e.returned for e in p)) for n, p in back.put_back.items()),
        )
        contract = back.contract
        after = documents.make(contract, draft, office)
        if after is not office and _kind(after) == "credit_note":
            taken = tuple(_with_balances(some, back))
            contract = contract.with_note(CreditNote(credit_note_id=draft.name, reductions=taken))
        for drawn in prepaid.told(contract, draft.name, {n: -a for n, a in draft.prepaid}):
            after = after.saying(drawn)
        office = after
    return contract, office


def _with_balances(some: Iterable[Credited], back: Returned) -> Iterator[Reduction]:
    """Yield what was taken off, the first time an invoice is named with what balances got back."""
    rest = dict(back.put_back)
    for each in some:
        yield each.taken._replace(put_back=rest.pop(each.invoice.invoice_id, ()))


def _credit_note(
    contract: Contract, some: Sequence[Credited], *, cause: str, rounding: int | None
) -> Draft:
    """Return the note over *some*; its tax is the sum of what is taken off each original."""
    first, lines = some[0].invoice, [line for each in some for line in each.lines]
    vat: dict[tuple[str, str], Tax] = {}
    for tax in (tax for each in some for tax in each.vat):
        before = vat.get(tax.name, replace(tax, net=0, tax=0))
        vat[tax.name] = replace(tax, net=before.net + tax.net, tax=before.tax + tax.tax)
    of = dict.fromkeys(line.of_invoice for line in lines)
    return Draft(
        name=derived_id("credit-note", contract.contract_id, first.invoice_id, first.credit_notes),
        lines=tuple(replace(each, line_id=str(n)) for n, each in enumerate(lines, start=1)),
        vat=tuple(vat[name] for name in sorted(vat, key=_by_category)),
        credits=True,
        of_invoice=next(iter(of)) if len(of) == 1 else None,
        credited=tuple(
            (name, sum(each.net for each in same), sum(each.tax for each in same))
            for name in of
            if name is not None
            for same in [[each for each in some if each.invoice.invoice_id == name]]
        ),
        cause=cause,
        notes=first.notes,
        parties=some[-1].invoice.parties,
        payable_rounding=rounding,
    )


def _by_category(name: tuple[str, str]) -> tuple[str, Fraction]:
    rate, category = name
    return category, Fraction(rate)


def _sell(contract: Contract, drafts: Sequence[DraftLine], office: Office) -> Sold:
    return sell(
        drafts,
        customer=contract.agreement.customer,
        entity=office.entity,
        today=office.today,
        step=step(contract, office),
    )


def _draft(name: str, sold: Sold, rounding: int | None) -> Draft:
    return Draft(
        name=name,
        lines=sold.lines,
        vat=sold.vat,
        notes=sold.notes,
        cause="order",
        payable_rounding=rounding,
    )


def _kind(office: Office) -> Literal["invoice", "credit_note"]:
    return "invoice" if isinstance(office.said[-1], InvoiceIssued) else "credit_note"


def step(contract: Contract, office: Office) -> int:
    """Return the smallest amount that is invoiced in the contract's currency (U-40)."""
    return step_of(contract.agreement.currency, office.entity.currency_decimals)
