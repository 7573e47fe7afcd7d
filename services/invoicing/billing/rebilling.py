"""Usage that was billed and is corrected: its invoice is cancelled and made anew (U-31).

All corrections of a day are one new invoice for each that they are of. What stands on no invoice
goes to the next one, as any correction.
"""

from collections.abc import Iterable, Sequence

from schemas.frozen import replace
from schemas.values import derived_id
from services.invoicing.billed import BilledLine, Invoice
from services.invoicing.billing import settling
from services.invoicing.documents import credits
from services.invoicing.documents.credits import Claim
from services.invoicing.documents.documents import Office
from services.invoicing.documents.issuing import give_back, issue, take_off
from services.invoicing.documents.replacing import as_it_was, corrected, time_of
from services.invoicing.documents.supplies import DraftLine, draft_of
from services.invoicing.model import Contract, Rebill
from services.invoicing.timeline.bounds import Settlement


def rebill(contract: Contract, office: Office) -> tuple[Contract, Office]:
    """Cancel and make anew the invoices of which some usage is corrected by today."""
    due = [each for each in contract.rebills if each.on <= office.today]
    if not due:
        return contract, office
    left = tuple(each for each in contract.rebills if each not in due)
    contract = replace(contract, rebills=left)
    by_invoice: dict[str, list[Rebill]] = {}
    for each in due:
        invoice = _billed_on(contract, each)
        if invoice is None:
            contract = replace(contract, items=(*contract.items, *each.difference))
        else:
            by_invoice.setdefault(invoice.invoice_id, []).append(each)
    for invoice_id, some in by_invoice.items():
        contract, office = _anew(contract, invoice_id, some, office)
    return contract, office


def _billed_on(contract: Contract, rebill: Rebill) -> Invoice | None:
    """Return the last invoice with the charge, else with usage of its period; None without one."""
    issued = [each for each in reversed(contract.invoices) if each.said_as == "invoice"]
    period = rebill.difference[0].period
    for invoice in issued:
        if any(each.charge_id == rebill.charge_id and each.left for each in invoice.lines):
            return invoice
    for invoice in issued:
        usage = [each for each in invoice.lines if each.kind == "usage" and each.left]
        if any(each.period == period for each in usage):
            return invoice
    return None


def _anew(
    contract: Contract, invoice_id: str, some: Iterable[Rebill], office: Office
) -> tuple[Contract, Office]:
    old = contract.invoice(invoice_id)
    assert old is not None, "it was found among the contract's"
    claims = credits.everything(old)
    contract, credited = take_off(contract, [(old, claims)], office)
    contract, office = give_back(contract, credited, office, cause="correction")
    settled = [e for e in settling.periods(contract, office) if e.settles_on <= office.today]
    drafts = _standing(claims, credited[0].lines, settled)
    for each in some:
        drafts = _with(drafts, each)
    drafts = settling.with_them(contract, drafts, settled, office)
    name = derived_id("invoice", contract.contract_id, invoice_id, contract.revision)
    contract, office = issue(contract, name, drafts, office)
    return contract, office.saying(corrected(old, name, office))


def _standing(
    claims: Sequence[Claim], credited: Sequence[BilledLine], settled: Iterable[Settlement]
) -> list[DraftLine]:
    """Return the lines that are billed again; what depends on others is found anew (U-25)."""
    known = {each.whole for each in settled}
    return [
        as_it_was(claim.line, line.net, time_of(claim))
        for claim, line in zip(claims, credited, strict=True)
        if claim.line.settles is None or claim.line.settles.whole not in known
    ]


def _with(drafts: list[DraftLine], rebill: Rebill) -> list[DraftLine]:
    """Return *drafts* with the charge as it is now, where all of it stood there, else corrected."""
    own = [each for each in drafts if each.charge_id == rebill.charge_id]
    at = drafts.index(own[0]) if own else len(drafts)
    difference, whole = (list(map(draft_of, e)) for e in (rebill.difference, rebill.whole))
    corrected = sum(each.net for each in (*own, *difference))
    new = whole if whole and sum(e.net for e in whole) == corrected else [*own, *difference]
    others = [each for each in drafts if each not in own]
    return [*others[:at], *new, *others[at:]]
