"""Refunds: money paid back, from credit or by force (R-83)."""

from datetime import date

from schemas.frozen import replace
from schemas.message import NotYet, Refused
from schemas.payments import RefundMade
from schemas.receivables import About
from schemas.values import ReceivableId, derived_id
from services.dunning.escalation import resets
from services.dunning.ledger import ledger
from services.dunning.ledger.entries import Entry, post
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
    most = min(credit, named.left) if named else credit
    if amount > most and not made.forced:
        raise Refused("excess", "more is paid back than there is credit")
    after = _from_credit(account, min(amount, credit), named, on=made.made_on)
    excess = amount - min(amount, credit)
    entry = Entry(
        kind="refund",
        name=(made.refund_id,),
        about=About(refund_id=made.refund_id, payment_id=made.payment_id),
        booked_on=made.made_on,
    )
    if not excess:
        return resets.after_entry(post(account, after, entry), "balance_cleared")
    item = _item(account, made, excess)
    after = ledger.add_item(_by_force(after, named, excess), item)
    account, said = resets.after_entry(post(account, after, entry), "balance_cleared")
    account, requested = collection.request(account, (item,), on=made.made_on)
    return account, (*said, *requested)


def _from_credit(account: Account, amount: int, named: Receipt | None, *, on: date) -> Account:
    """Take *amount* out of the credit: of the named payment first, then of the oldest."""
    names = [(each.receipt_id, each.kind) for each in account.receipts if each is not named]
    for name, kind in [(named.receipt_id, named.kind), *names] if named else names:
        receipt = account.receipt(name, kind)
        part = min(amount, receipt.credit, receipt.left) if receipt else 0
        if receipt and part:
            account = ledger.take_back(account, receipt, part, on=on)
            amount -= part
    return account


def _by_force(account: Account, named: Receipt | None, excess: int) -> Account:
    """Note what went back of the named payment, so that no chargeback takes it again."""
    if named is None:
        return account
    receipts = tuple(
        replace(each, refunded=each.refunded + min(excess, each.left))
        if (each.receipt_id, each.kind) == (named.receipt_id, named.kind)
        else each
        for each in account.receipts
    )
    return replace(account, receipts=receipts)


def _item(account: Account, made: RefundMade, excess: int) -> OpenItem:
    return OpenItem(
        receivable_id=ReceivableId(derived_id("refund", account.contract_id, made.refund_id)),
        kind="refund",
        issued_on=made.made_on,
        due_on=made.made_on,
        amount=excess,
        open=excess,
        anchor_on=made.made_on,
        entry=account.entries + 1,
    )
