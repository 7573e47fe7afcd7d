"""Assignments: a clerk lets a payment or credit pay something else, or it waited long enough."""

from collections.abc import Iterable
from datetime import date

from schemas.instructions import AssignCredit, AssignPayment
from schemas.message import ContractMessage, NotYet, Refused
from schemas.payments import Designation
from schemas.receivables import About
from schemas.terms import Terms
from schemas.values import CreditNoteId, PaymentId, ReceivableId
from services.dunning.escalation import resets
from services.dunning.ledger import allocation, claims, ledger, paid_damages
from services.dunning.ledger.entries import LedgerEntry, post
from services.dunning.messages import payments
from services.dunning.model import Account, Outcome
from services.dunning.open_items import Assignment, Receipt, Wishes


def assign(account: Account, told: AssignPayment, terms: Terms) -> Outcome:
    """Let a payment pay what a clerk says, and what it paid before with the rest (R-80).

    It counts from the day on which the money came.
    """
    receipt = account.receipt(told.payment_id, "payment")
    if receipt is None:
        raise NotYet("payment")
    named = _known(account, told.designated)
    moves = allocation.reassign(receipt, account.items, named)
    if not moves:
        return account, ()
    account, unbooked = _without_damages(account, receipt, moves, terms)
    receipt = account.receipt(told.payment_id, "payment")
    assert receipt is not None, "it is there as before"
    account, said = _reassign(account, receipt, named, terms)
    return resets.after_entry((account, (*unbooked, *said)), "balance_cleared")


def assign_credit(account: Account, told: AssignCredit, terms: Terms) -> Outcome:
    """Let a credit note, or whatever credit is left, pay what a clerk says (R-84b)."""
    named = _known(account, told.designated)
    if told.credit_note_id is None:
        return resets.after_entry(_spend(account, named, terms), "credit")
    note = account.receipt(told.credit_note_id, "credit")
    if note is None:
        raise NotYet("credit note")
    if not allocation.reassign(note, account.items, named):
        return account, ()
    return resets.after_entry(_reassign(account, note, named, terms), "credit")


def _known(account: Account, designated: tuple[Designation, ...]) -> Wishes:
    for each in designated:
        claims.known(account, each.invoice_id)
    return payments.wishes(account, designated)


def _reassign(account: Account, receipt: Receipt, named: Wishes, terms: Terms) -> Outcome:
    """Let *receipt* pay what is *named* first; what it pays no longer is as old as it was."""
    moves = allocation.reassign(receipt, account.items, named)
    entry = _moved(account, receipt, on=terms.today(account.registered.legal_entity_id))
    at = account.receipts.index(receipt)
    account, revived = ledger.revive(account, moves, entry)
    after = ledger.keep_only(account, receipt, ())
    ages, on = ledger.AS_BEFORE, receipt.booked_on
    after = ledger.assign(after, after.receipts[at], moves, on=on, ages_from=ages)
    after = ledger.set_off(after, on=entry.booked_on)
    account, said = post(account, after, entry)
    return account, (*revived, *said)


def _spend(account: Account, named: Wishes, terms: Terms) -> Outcome:
    """Let credit that waits for something else pay what is *named*, the oldest credit first.

    Raise Refused where there is none, or nothing of what is named is open.
    """
    said: list[ContractMessage] = []
    wishes = allocation.named(account.items, named)
    for name, kind in [(each.receipt_id, each.kind) for each in account.receipts]:
        receipt = account.receipt(name, kind)
        parts = _parts(account, receipt.credit, wishes) if receipt else ()
        if receipt and parts:
            account, posted = _spent(account, receipt, parts, terms)
            said += posted
            wishes = tuple((each, _left(most, each, parts)) for each, most in wishes)
    if not said:
        credit = account.text(sum(each.credit for each in account.receipts))
        raise Refused("conflict", f"nothing is assigned: {credit} is credit, or nothing is open")
    return account, tuple(said)


def _parts(account: Account, amount: int, wishes: Wishes) -> tuple[Assignment, ...]:
    """Return what of *amount* pays which of *wishes*, in their order."""
    parts = []
    for name, most in wishes:
        item = account.item(name)
        left = item.open if item else 0
        part = min(amount, left if most is None else min(left, most))
        amount -= part
        parts += [Assignment(receivable_id=name, amount=part)] if part else []
    return tuple(parts)


def _left(most: int | None, name: ReceivableId, parts: Iterable[Assignment]) -> int | None:
    spent = sum(each.amount for each in parts if each.receivable_id == name)
    return None if most is None else most - spent


def _spent(
    account: Account, receipt: Receipt, parts: tuple[Assignment, ...], terms: Terms
) -> Outcome:
    entry = _moved(account, receipt, on=terms.today(account.registered.legal_entity_id))
    at = account.receipts.index(receipt)
    spent = sum(each.amount for each in parts)
    kept = allocation.less(receipt.kept, max(0, spent - receipt.free))
    after = ledger.keep_only(account, receipt, kept)
    after = ledger.assign(after, after.receipts[at], parts, on=receipt.booked_on)
    return post(account, after, entry)


def _without_damages(
    account: Account, receipt: Receipt, moves: tuple[Assignment, ...], terms: Terms
) -> Outcome:
    """Unbook the damages that *receipt* is to pay no longer: they are not owed by that (R-110)."""
    off = {each.receivable_id: -each.amount for each in moves if each.amount < 0}
    items = (account.item(name) for name in off)
    amount = sum(off[item.receivable_id] for item in items if item and item.demanded_by)
    on = max(terms.today(account.registered.legal_entity_id), receipt.booked_on)
    return paid_damages.unbook(account, receipt, amount, on=on)


def _moved(account: Account, receipt: Receipt, *, on: date) -> LedgerEntry:
    """Return an entry of nothing: it moves what an earlier one had assigned."""
    about = About(payment_id=PaymentId(receipt.receipt_id))
    if receipt.kind == "credit":
        about = About(credit_note_id=CreditNoteId(receipt.receipt_id))
    return LedgerEntry(
        kind=receipt.kind,
        name=(receipt.receipt_id, "moved", str(account.entries + 1)),
        about=about,
        booked_on=max(on, receipt.booked_on),
    )


def release(account: Account, day: date) -> Outcome:
    """Let credit pay the oldest whose invoice was waited for in vain until *day* (R-81)."""
    said: list[ContractMessage] = []
    for receipt in account.receipts:
        if any(kept.until < day for kept in receipt.kept):
            account, more = _release(account, receipt, day)
            said += more
    return resets.after_entry((account, tuple(said)), "balance_cleared") if said else (account, ())


def _release(account: Account, receipt: Receipt, day: date) -> Outcome:
    at = account.receipts.index(receipt)
    kept = tuple(each for each in receipt.kept if each.until >= day)
    account = ledger.keep_only(account, receipt, kept)
    paid = ledger.pays(account, account.receipts[at].free, on=day).paid
    if not paid:
        return account, ()
    entry = _moved(account, receipt, on=day)
    account, revived = ledger.revive(account, paid, entry)
    after = ledger.assign(account, account.receipts[at], paid, on=day)
    account, said = post(account, after, entry)
    return account, (*revived, *said)
