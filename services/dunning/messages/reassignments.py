"""Payments that were meant, in whole or in part, for another contract (R-118)."""

from schemas.frozen import replace
from schemas.message import NotYet, Refused
from schemas.payments import PaymentReassigned
from schemas.receivables import About
from schemas.terms import Terms
from schemas.values import PaymentId
from services.dunning.escalation import resets
from services.dunning.ledger import allocation, ledger, paid_damages, taken_back
from services.dunning.ledger.entries import LedgerEntry, post
from services.dunning.model import Account, Outcome
from services.dunning.open_items import Moved, Receipt


def move(account: Account, told: PaymentReassigned, terms: Terms) -> Outcome:
    """Take so much of a payment off this ledger, damages first, then what it paid last (R-74).

    What it paid is owed as if the money had never come: it has the age that it had, and bears
    interest from the day of the payment. Nothing is booked of more than is left, for the other
    contract has all of it.
    """
    amount = ledger.money_of(account, told.money)
    receipt = _known(account, told.payment_id)
    if amount > receipt.left:
        raise Refused("excess", _too_much(account, receipt, amount))
    today = max(terms.today(account.registered.legal_entity_id), receipt.booked_on)
    damages = min(amount, paid_damages.booked_on(account, receipt))
    account, unbooked = paid_damages.unbook(account, receipt, damages, on=today)
    receipt = _known(account, told.payment_id)
    at = account.receipts.index(receipt)
    off = [replace(each, amount=-each.amount) for each in allocation.take_back(amount, receipt)]
    ages = ledger.AS_BEFORE
    after = ledger.assign(account, receipt, off, on=receipt.booked_on, ages_from=ages)
    after = taken_back.take_back(after, after.receipts[at], amount, on=today)
    gone = replace(after.receipts[at], moved=(*receipt.moved, Moved(amount=amount, to=told.to)))
    receipts = (*after.receipts[:at], gone, *after.receipts[at + 1 :])
    after = ledger.set_off(replace(after, receipts=receipts), on=today)
    entry = LedgerEntry(
        kind="payment",
        name=(told.payment_id, "reassigned", str(account.entries + 1)),
        about=About(payment_id=told.payment_id),
        booked_on=today,
    )
    account, said = post(account, after, entry)
    return resets.after_entry((account, (*unbooked, *said)), "balance_cleared")


def _known(account: Account, payment_id: PaymentId) -> Receipt:
    receipt = account.receipt(payment_id, "payment")
    if receipt is None:
        raise NotYet("payment")
    return receipt


def _too_much(account: Account, receipt: Receipt, amount: int) -> str:
    asked, booked = account.text(amount), account.text(0)
    left, rest = account.text(receipt.left), account.text(amount - receipt.left)
    of = f"{left} are left of payment {receipt.receipt_id} over {account.text(receipt.amount)}"
    return f"money: {asked} asked, {booked} booked, {rest} too much: {of}"
