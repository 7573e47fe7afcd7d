"""What is settled leaves the contract, and comes back when a message names it or reaches back.

Invoices of billing periods that are over are filed under their ids. Each names the one that was
filed before it, and until when that and all behind it reach: so a message that reaches back walks
from the last one on as far as it has to, and no list of all that was ever billed is kept. Credit
notes are filed at once: only an order to cancel one names it again.
"""

from collections.abc import Mapping

from schemas.frozen import replace
from schemas.message import Message
from services.invoicing.billed import Filed, Invoice
from services.invoicing.given_back import CreditNote
from services.invoicing.messages.reach import names, reach
from services.invoicing.model import Contract

Piece = Invoice | CreditNote


def wanted(contract: Contract, message: Message) -> frozenset[str]:
    """Return the ids of invoices that *message* needs and *contract* does not hold.

    Ask again after each recall, until none is wanted: only an invoice knows the one behind it.
    """
    missing = {name for name in names(contract, message) if contract.invoice(name) is None}
    back, link = reach(contract, message), contract.filed
    while link is not None and link.until > back:
        invoice = contract.invoice(link.invoice_id)
        if invoice is None:
            missing.add(link.invoice_id)
            break
        link = invoice.behind
    return frozenset(missing)


def recall(contract: Contract, pieces: Mapping[str, Piece]) -> Contract:
    """Return *contract* with *pieces* back in their places; what it holds itself is newer."""
    for piece in pieces.values():
        if isinstance(piece, CreditNote) and contract.note(piece.credit_note_id) is None:
            contract = contract.with_note(piece)
    found = [piece for piece in pieces.values() if isinstance(piece, Invoice)]
    back = [each for each in found if contract.invoice(each.invoice_id) is None]
    if not back:
        return contract
    invoices = sorted((*contract.invoices, *back), key=lambda each: each.ordinal)
    return replace(contract, invoices=tuple(invoices))


def file_away(contract: Contract) -> tuple[Contract, Mapping[str, Piece]]:
    """Return *contract* without what only a message that reaches back, or names it, needs again."""
    over = [each for each in contract.invoices if each.reaches_until <= contract.settled_until]
    if not over and not contract.notes:
        return contract, {}
    filed = contract.filed
    pieces: dict[str, Piece] = {note.credit_note_id: note for note in contract.notes}
    for invoice in over:
        if not invoice.was_filed:
            invoice = replace(invoice, was_filed=True, behind=filed)
            until = max(invoice.reaches_until, filed.until if filed else invoice.reaches_until)
            filed = Filed(invoice_id=invoice.invoice_id, until=until)
        pieces[invoice.invoice_id] = invoice
    left = tuple(each for each in contract.invoices if each.invoice_id not in pieces)
    return replace(contract, invoices=left, filed=filed, notes=()), pieces
