"""Assignments by hand: a payment is to pay something else, or credit waited long enough."""

from datetime import date

from schemas.instructions import AssignPayment
from schemas.message import ContractMessage, NotYet
from schemas.receivables import About
from schemas.terms import Terms
from schemas.values import PaymentId
from services.dunning.escalation import resets
from services.dunning.ledger import allocation, ledger, paid_damages
from services.dunning.ledger.entries import Entry, post
from services.dunning.messages import payments
from services.dunning.model import Account, Outcome
from services.dunning.open_items import Assignment, Receipt


def assign(account: Account, told: AssignPayment, terms: Terms) -> Outcome:
    """Let a payment pay what a clerk says, and what it paid before with the rest (R-80).

    It counts from the day on which the money came.
    """
    receipt = account.receipt(told.payment_id, "payment")
    if receipt is None:
        raise NotYet("payment")
    if any(account.named(each.invoice_id) is None for each in told.designated):
        raise NotYet("invoice")
    named = payments.wishes(account, told.designated)
    moves = allocation.reassign(receipt, account.items, named)
    if not moves:
        return account, ()
    account, unbooked = _without_damages(account, receipt, moves, terms)
    receipt = account.receipt(told.payment_id, "payment")
    assert receipt is not None, "it is there as before"
    moves = allocation.reassign(receipt, account.items, named)
    entry = _moved(account, receipt, on=terms.today(account.registered.legal_entity_id))
    at = account.receipts.index(receipt)
    account, revived = ledger.revive(account, moves, entry)
    after = ledger.keep_only(account, receipt, ())
    after = ledger.assign(
        after, after.receipts[at], moves, on=receipt.booked_on, ages_from=ledger.AS_BEFORE
    )
    after = ledger.set_off(after, on=entry.booked_on)
    account, said = post(account, after, entry)
    return resets.after_entry((account, (*unbooked, *revived, *said)), "balance_cleared")


def _without_damages(
    account: Account, receipt: Receipt, moves: tuple[Assignment, ...], terms: Terms
) -> Outcome:
    """Unbook the damages that *receipt* is to pay no longer: they are not owed by that (R-110)."""
    off = {each.receivable_id: -each.amount for each in moves if each.amount < 0}
    items = (account.item(name) for name in off)
    amount = sum(off[item.receivable_id] for item in items if item and item.demanded_by)
    on = max(terms.today(account.registered.legal_entity_id), receipt.booked_on)
    return paid_damages.unbook(account, receipt, amount, on=on)


def _moved(account: Account, receipt: Receipt, *, on: date) -> Entry:
    """Return an entry of nothing: it moves what an earlier one had assigned."""
    return Entry(
        kind="payment",
        name=(receipt.receipt_id, "moved", str(account.entries + 1)),
        about=About(payment_id=PaymentId(receipt.receipt_id)),
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
    paid = allocation.plan(account.receipts[at].free, account.items, on=day).paid
    if not paid:
        return account, ()
    entry = _moved(account, receipt, on=day)
    account, revived = ledger.revive(account, paid, entry)
    after = ledger.assign(account, account.receipts[at], paid, on=day)
    account, said = post(account, after, entry)
    return account, (*revived, *said)
