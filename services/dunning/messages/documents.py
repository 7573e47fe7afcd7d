"""Invoices and credit notes: what is owed, and what is not owed after all."""

from collections.abc import Iterator
from datetime import date
from functools import partial

from schemas.calendars import next_working_day
from schemas.frozen import replace
from schemas.invoices import CreditNoteCancelled, CreditNoteIssued, InvoiceIssued
from schemas.message import NotYet, Refused
from schemas.receivables import About
from schemas.terms import Terms
from services.dunning.escalation import resets
from services.dunning.ledger import early_payment, ledger, taken_back
from services.dunning.ledger.entries import LedgerEntry, post
from services.dunning.model import Account, Outcome
from services.dunning.open_items import Credited, OpenItem, Receipt, Wishes


def issue(account: Account, issued: InvoiceIssued, terms: Terms) -> Outcome:
    """Book an invoice, and set credit off against it (R-82); its due date never moves (R-98)."""
    if account.registered.has_plan and not issued.is_ours:
        raise Refused("conflict", "the contract has a plan: invoicing invoices it, nobody else")
    amount = ledger.money_of(account, issued.payable)
    item = OpenItem(
        receivable_id=issued.invoice_id,
        kind="invoice",
        number=issued.number,
        issued_on=issued.issued_on,
        due_on=issued.due_on,
        amount=amount,
        open=amount,
        anchor_on=issued.due_on,
        entry=account.entries + 1,
        due_date_is_agreed=account.registered.due_date_is_agreed,
        says_default=issued.says_default,
        offers=early_payment.offers(issued, working_day=_working_day(account, terms)),
        vat=early_payment.vat_of(issued) if issued.early_payment else (),
    )
    item = early_payment.with_notes(account, item) if item.offers else item
    entry = LedgerEntry(
        kind="receivable",
        name=(issued.invoice_id,),
        about=About(invoice_id=issued.invoice_id),
        booked_on=issued.issued_on,
    )
    posted = ledger.post_item(_billed(account, issued), item, entry)
    return resets.after_entry(posted, "balance_cleared")


def credit(account: Account, note: CreditNoteIssued, terms: Terms) -> Outcome:
    """Book a credit note: on its invoices first, then as any money (R-11, U-27)."""
    _refuse_foreign(account, note)
    receipt = Receipt(
        receipt_id=note.credit_note_id,
        kind="credit",
        booked_on=note.issued_on,
        amount=ledger.money_of(account, note.payable),
        credits=tuple(_credits(account, note)),
    )
    entry = LedgerEntry(
        kind="credit",
        name=(note.credit_note_id,),
        about=About(credit_note_id=note.credit_note_id, invoice_id=note.invoice_id),
        booked_on=note.issued_on,
    )
    today = terms.today(account.registered.legal_entity_id)
    wishes = _wishes(account, note)
    # A discount that is less by it is owed first, so that the note pays that, too.
    account = early_payment.credited(account, receipt)
    account, less = early_payment.settle(account, on=note.issued_on)
    account, said = ledger.post_receipt(account, receipt, entry, wishes=wishes, came_on=today)
    return resets.after_entry((account, (*less, *said)), "credit")


def _working_day(account: Account, terms: Terms) -> "partial[date]":
    entity = terms.entities[account.registered.legal_entity_id]
    return partial(next_working_day, country=entity.country, subdivision=entity.subdivision)


def _credits(account: Account, note: CreditNoteIssued) -> Iterator[Credited]:
    """Yield what of which invoice the note credits, for a discount is of what that leaves."""
    if note.invoice_id is not None:
        amount = ledger.money_of(account, note.payable)
        vat = early_payment.vat_of(note)
        yield Credited(receivable_id=note.invoice_id, amount=amount, vat=vat)
    for each in note.credited if note.invoice_id is None else ():
        if (amount := ledger.money_of(account, each.payable)) > 0:
            yield Credited(receivable_id=each.invoice_id, amount=amount)


def _wishes(account: Account, note: CreditNoteIssued) -> Wishes:
    """Return what of the note is for which invoice: all of it, or what it says of each."""
    if note.invoice_id is not None:
        return ((note.invoice_id, None),)
    said = [(each.invoice_id, ledger.money_of(account, each.payable)) for each in note.credited]
    return tuple((name, amount) for name, amount in said if amount > 0)


def _refuse_foreign(account: Account, message: CreditNoteIssued | CreditNoteCancelled) -> None:
    """Refuse what others say of a contract that invoicing invoices: no fact is kept twice."""
    if account.registered.has_plan and not message.is_ours:
        raise Refused("conflict", "the contract has a plan: invoicing credits it, nobody else")


def cancel_credit(account: Account, cancelled: CreditNoteCancelled) -> Outcome:
    """Demand again what a void credit note took off, as old as it is (R-76).

    What of it was paid out is owed by an item of its own, as far as there is no other credit.
    """
    _refuse_foreign(account, cancelled)
    receipt = account.receipt(cancelled.credit_note_id, "credit")
    if receipt is None:
        raise NotYet("credit note")
    entry = LedgerEntry(
        kind="credit",
        name=(cancelled.credit_note_id, "cancelled"),
        about=About(credit_note_id=cancelled.credit_note_id),
        booked_on=cancelled.cancelled_on,
    )
    account = early_payment.credited(account, receipt, sign=-1)
    after = taken_back.take_back(account, receipt, receipt.left, on=cancelled.cancelled_on)
    posted = post(account, ledger.set_off(after, on=cancelled.cancelled_on), entry)
    return resets.after_entry(posted, "balance_cleared")


def _billed(account: Account, issued: InvoiceIssued) -> Account:
    latest = max(account.latest_invoice_on or issued.issued_on, issued.issued_on)
    account = replace(account, latest_invoice_on=latest)
    if issued.period is None:
        return account
    until = issued.period.until
    return replace(account, billed_until=max(account.billed_until or until, until))
