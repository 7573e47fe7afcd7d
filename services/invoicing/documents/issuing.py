"""Issuing: a document is said, and the contract remembers what it bills or gives back."""

from collections.abc import Sequence
from typing import Literal

from schemas.frozen import replace
from schemas.invoices import InvoiceIssued
from schemas.values import derived_id
from services.invoicing.billed import Invoice
from services.invoicing.documents import credits, documents
from services.invoicing.documents.credits import Claim
from services.invoicing.documents.documents import Draft, Office
from services.invoicing.documents.supplies import DraftLine, Sold, sell
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
    draft = _draft(name, sold, rounding)
    after = documents.make(contract, draft, office)
    invoice = Invoice(
        invoice_id=name,
        ordinal=contract.billed + 1,
        said_as=_kind(after) if after is not office else None,
        issued_on=office.today,
        lines=sold.lines,
        vat=sold.vat,
        notes=sold.notes,
    )
    invoices = (*contract.invoices, invoice)
    return replace(contract, invoices=invoices, billed=contract.billed + 1), after


def credit_freely(
    contract: Contract, name: str, drafts: Sequence[DraftLine], office: Office, rounding: int | None
) -> Office:
    """Issue a credit note over *drafts* that is of no invoice."""
    draft = replace(_draft(name, _sell(contract, drafts, office), rounding), credits=True)
    return documents.make(contract, draft, office)


def give_back(
    contract: Contract,
    invoice: Invoice,
    claims: Sequence[Claim],
    office: Office,
    *,
    cause: str,
    rounding: int | None = None,
) -> tuple[Contract, Office]:
    """Credit *claims* of *invoice*, in a credit note that refers to it."""
    done = credits.credit(invoice, claims, step=step(contract, office))
    draft = Draft(
        name=derived_id(
            "credit-note", contract.contract_id, invoice.invoice_id, done.invoice.credit_notes
        ),
        lines=done.lines,
        vat=done.vat,
        credits=True,
        of_invoice=invoice.invoice_id if invoice.said_as == "invoice" else None,
        cause=cause,
        notes=invoice.notes,
        payable_rounding=rounding,
    )
    return contract.with_invoice(done.invoice), documents.make(contract, draft, office)


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
