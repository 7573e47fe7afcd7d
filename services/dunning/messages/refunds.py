"""Refunds: money paid back, from credit or by force (R-83)."""

from schemas.message import NotYet, Refused
from schemas.payments import RefundMade
from schemas.receivables import About
from schemas.values import derived_id
from services.dunning.escalation import resets
from services.dunning.ledger import ledger, taken_back
from services.dunning.ledger.entries import LedgerEntry, post
from services.dunning.messages import collection
from services.dunning.model import Account, Outcome
from services.dunning.open_items import OpenItem, Receipt


def make(account: Account, made: RefundMade) -> Outcome:
    """Book money paid back: from the credit, and by force the rest as an item of its own."""
    amount = ledger.money_of(account, made.money)
    named = account.receipt(made.payment_id, "payment") if made.payment_id else None
    if made.payment_id and named is None:
        raise NotYet("payment")
    credit = sum(each.credit for each in account.receipts)
    most = min(credit, named.kept_by_us) if named else credit
    if amount > most and not made.forced:
        raise Refused("excess", _too_much(account, amount, most))
    after = _from_credit(account, min(amount, credit), named)
    excess = amount - min(amount, credit)
    entry = LedgerEntry(
        kind="refund",
        name=(made.refund_id,),
        about=About(refund_id=made.refund_id, payment_id=made.payment_id),
        booked_on=made.made_on,
    )
    if not excess:
        return resets.after_entry(post(account, after, entry), "balance_cleared")
    item = _item(account, made, excess)
    after = ledger.add_item(after, item)
    account, said = resets.after_entry(post(account, after, entry), "balance_cleared")
    account, requested = collection.request(account, (item,), on=made.made_on)
    return account, (*said, *requested)


def _too_much(account: Account, amount: int, most: int) -> str:
    asked, booked = account.text(amount), account.text(0)
    left, rest = account.text(most), account.text(amount - most)
    said = f"money: {asked} asked, {booked} booked, {rest} too much for a credit of {left}"
    return f"{said}; forced pays it back all the same"


def _from_credit(account: Account, amount: int, named: Receipt | None) -> Account:
    """Take *amount* out of the credit: of the named payment first, then of the oldest.

    Other credit takes over what the named one pays, so that it is that one which went back.
    """
    if named is not None and amount > named.credit:
        account = taken_back.take_over(account, named, amount - named.credit)
    names = [(each.receipt_id, each.kind) for each in account.receipts]
    first = (named.receipt_id, named.kind) if named else None
    for name, kind in sorted(names, key=lambda name: name != first):
        receipt = account.receipt(name, kind)
        part = min(amount, receipt.credit) if receipt else 0
        if receipt and part:
            account = taken_back.pay_back(account, receipt, part)
            amount -= part
    return account


def _item(account: Account, made: RefundMade, excess: int) -> OpenItem:
    name, number = derived_id("refund", account.contract_id, made.refund_id), account.entries + 1
    return OpenItem.due_at_once(name, kind="refund", amount=excess, on=made.made_on, entry=number)
