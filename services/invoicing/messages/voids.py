"""Documents that clerks declare void, with what was billed kept right (R-84b).

| rule | says | here |
|------|------|------|
| R-84b | a void invoice costs nothing, and its time counts as billed | ``invoice`` |
| R-84b | what a void credit note took off is owed, and can be credited, again | ``credit_note`` |
"""

from schemas.context import Context
from schemas.frozen import replace
from schemas.invoices import CreditNoteCancelled
from schemas.message import NotYet, Refused
from schemas.orders import CancelCreditNote, VoidInvoice
from schemas.terms import Terms
from schemas.values import CreditNoteId
from services.invoicing.billed import Invoice
from services.invoicing.documents import prepaid
from services.invoicing.documents.credits import Claim
from services.invoicing.documents.documents import Office
from services.invoicing.documents.issuing import give_back, take_off
from services.invoicing.given_back import Reduction, restored
from services.invoicing.messages.singles import issued
from services.invoicing.model import Contract, Outcome
from services.invoicing.timeline import timeline
from services.tariffs.periods import Period, overlap


def invoice(contract: Contract, ordered: VoidInvoice, context: Context) -> Outcome:
    """Give back all that is left of an invoice; what it was for is not billed again.

    To bill it again, but otherwise, is a correction (``CorrectInvoice``).
    """
    old = issued(contract, ordered.invoice_id)
    claims = [Claim(line, amount=line.left, is_gift=True) for line in old.lines if line.left]
    if not claims:
        raise Refused("conflict", "nothing is left of the invoice")
    contract, credited = take_off(contract, [(old, claims)], office := Office.of(contract, context))
    contract, office = give_back(contract, credited, office, cause="void")
    return contract, office.said


def credit_note(contract: Contract, ordered: CancelCreditNote, terms: Terms) -> Outcome:
    """Let a credit note be void: its invoices are again what they were without it."""
    note = contract.note(ordered.credit_note_id)
    if note is None:
        if contract.invoice(ordered.credit_note_id) is not None:
            raise Refused(
                "conflict", "this credit note bills: what it is for would be billed again"
            )
        raise NotYet("credit note")
    if note.is_cancelled:
        raise Refused("conflict", "the credit note was cancelled before")
    today = timeline.today_of(contract, terms)
    for each in note.reductions:
        contract = contract.with_invoice(_restored(contract, each))
        contract = prepaid.draw_again(contract, each.invoice_id, each.put_back, today=today)
    contract = contract.with_note(replace(note, is_cancelled=True))
    cancelled = CreditNoteCancelled(
        contract_id=contract.contract_id,
        credit_note_id=CreditNoteId(note.credit_note_id),
        cancelled_on=today,
    )
    return contract, (cancelled, *prepaid.told_again(contract, note))


def _restored(contract: Contract, taken: Reduction) -> Invoice:
    old = contract.invoice(taken.invoice_id)
    if old is None:
        raise NotYet("invoice")
    slots = {line.line_id: line.time.slot for line in old.lines if line.time is not None}
    for line in taken.lines:
        if _is_billed(contract, slots.get(line.line_id), line.stretches):
            raise Refused("conflict", "what was credited was billed again since then")
    return restored(old, taken)


def _is_billed(contract: Contract, slot: str | None, stretches: tuple[Period, ...]) -> bool:
    """Say whether a line stands for some of these days of a component."""
    return any(
        overlap(each, stretch)
        for invoice in contract.invoices
        for _, time in invoice.times
        if time.slot == slot
        for each in time.standing
        for stretch in stretches
    )
