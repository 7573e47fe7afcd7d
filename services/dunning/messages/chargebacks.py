"""Chargebacks: money taken back, perhaps given back, and the disputes about it (R-70 to R-78)."""

from datetime import date

from schemas.chargebacks import (
    ChargebackReceived,
    ChargebackReversed,
    DisputeClosed,
    DisputeOpened,
)
from schemas.frozen import replace
from schemas.message import ContractMessage, NotYet, PartlyRefused, Refused
from schemas.receivables import About
from schemas.values import Money, ReceivableId, derived_id
from services.dunning.escalation import resets
from services.dunning.ledger import allocation, ledger, paid_damages, taken_back
from services.dunning.ledger.entries import LedgerEntry, post
from services.dunning.messages import collection, return_codes
from services.dunning.model import Account, Outcome
from services.dunning.open_items import Assignment, Chargeback, Dispute, OpenItem, Receipt, Wishes


def receive(account: Account, back: ChargebackReceived) -> Outcome:
    """Reopen what the payment had settled, demand the fee, stop collecting (R-70 to R-72)."""
    receipt = account.receipt(back.payment_id, "payment")
    if receipt is None:
        raise NotYet("payment")
    asked = receipt.left if _foreign(account, back.money) else back.money.minor
    amount, aside = _sure_part(account, asked, receipt.left, of=_what(account, receipt))
    damages = min(amount, paid_damages.booked_on(account, receipt))
    account, unbooked = paid_damages.unbook(account, receipt, damages, on=back.booked_on)
    receipt = account.receipt(back.payment_id, "payment")
    assert receipt is not None, "it is there as before"
    after = taken_back.take_back(
        account, receipt, amount, on=back.booked_on, ages_from=back.booked_on
    )
    taken = replace(_noted(account, after, back, amount, receipt), damages=damages)
    after = replace(after, chargebacks=(*after.chargebacks, taken))
    account, said = post(account, ledger.set_off(after, on=back.booked_on), _entry(account, back))
    account, charged = _charge(account, back)
    account, meaning = return_codes.meaning_of(account, back.reason_code)
    account, stopped = collection.stop(account, meaning.name, back.reason_code)
    said = (*unbooked, *said, *charged, *stopped, *aside)
    return resets.after_entry((account, said), "balance_cleared")


def reverse(account: Account, reversal: ChargebackReversed) -> Outcome:
    """Book what came back: it pays again what the chargeback had reopened (R-77)."""
    back = _known(account, reversal.chargeback_id)
    receipt = account.receipt(back.payment_id, "payment")
    assert receipt is not None, "a chargeback belongs to a payment"
    foreign = _foreign(account, reversal.money)
    asked = left = back.amount - back.reversed
    if reversal.money and not foreign:
        asked = reversal.money.minor
    amount, aside = _sure_part(account, asked, left, of=f"chargeback {back.chargeback_id}")
    entry = LedgerEntry(
        kind="chargeback_reversal",
        name=tuple(each for each in (back.chargeback_id, reversal.reversal_id) if each),
        about=About(chargeback_id=back.chargeback_id, payment_id=back.payment_id),
        booked_on=reversal.booked_on,
        foreign=foreign,
    )
    account = _annotated(account, replace(back, reversed=back.reversed + amount))
    wishes: Wishes = tuple((each.receivable_id, each.amount) for each in back.reopened)
    account, booked, names = _book_again(account, back, amount, wishes, on=reversal.booked_on)
    wishes = (*wishes, *((name, None) for name in names))
    account, said = ledger.post_return(account, receipt, amount, entry, wishes=wishes)
    return resets.after_entry((account, (*booked, *said, *aside)), "balance_cleared")


def _book_again(
    account: Account, back: Chargeback, amount: int, wishes: Wishes, *, on: date
) -> tuple[Account, tuple[ContractMessage, ...], tuple[ReceivableId, ...]]:
    """Book again the damages that *back* had taken back first, where the letter still stands."""
    letter = paid_damages.letter(account)
    if letter is None or not back.damages:
        return account, (), ()
    every: Wishes = tuple((item.receivable_id, None) for item in account.items)
    left = allocation.beyond(amount, account.items, wishes=(*wishes, *every))
    available = min(left, back.damages)
    return paid_damages.book(account, letter, available, payment_id=back.payment_id, on=on)


def dispute(account: Account, opened: DisputeOpened) -> Outcome:
    """Note that a chargeback is fought over; no money moves (R-77)."""
    back = _known(account, opened.chargeback_id)
    noted = Dispute(opened_on=opened.on, stage=opened.stage)
    return _annotated(account, replace(back, dispute=noted)), ()


def settle(account: Account, closed: DisputeClosed) -> Outcome:
    """Note how the fight, or this stage of it, ended; no money moves (R-77)."""
    back = _known(account, closed.chargeback_id)
    opened = back.dispute or Dispute(opened_on=closed.on)
    noted = replace(
        opened,
        stage=closed.stage or opened.stage,
        closed_on=closed.on,
        outcome=closed.outcome,
    )
    return _annotated(account, replace(back, dispute=noted)), ()


def _known(account: Account, chargeback_id: str) -> Chargeback:
    back = account.chargeback(chargeback_id)
    if back is None:
        raise NotYet("chargeback")
    return back


def _annotated(account: Account, back: Chargeback) -> Account:
    return replace(
        account,
        chargebacks=tuple(
            back if each.chargeback_id == back.chargeback_id else each
            for each in account.chargebacks
        ),
    )


def _sure_part(
    account: Account, asked: int, left: int, *, of: str
) -> tuple[int, tuple[PartlyRefused, ...]]:
    """Return what of *asked* moved for certain, and what is dead-lettered of it (R-74a).

    The bank moved no more than was *left* to be moved; where nothing was, all is refused. *of*
    names what is concerned.
    """
    if 0 < asked <= left:
        return asked, ()
    booked, rest = account.text(left), account.text(asked - left)
    detail = f"money: {account.text(asked)} asked, {booked} booked, {rest} too much: {of}"
    if not left or asked <= 0:
        raise Refused("excess", detail)
    aside = PartlyRefused(contract_id=account.contract_id, code="excess", detail=detail)
    return left, (aside,)


def _what(account: Account, receipt: Receipt) -> str:
    """Name a payment, and to which contracts what of it went: the bank took that back there."""
    moved = (
        f", of which {account.text(each.amount)} went to {each.to or 'another contract'}"
        for each in receipt.moved
    )
    return "".join([f"payment {receipt.receipt_id}", *moved])


def _foreign(account: Account, money: Money | None) -> Money | None:
    return money if money and money.currency != account.currency else None


def _noted(
    before: Account, after: Account, back: ChargebackReceived, amount: int, receipt: Receipt
) -> Chargeback:
    known = {item.receivable_id for item in before.items}
    owed = [item for item in after.items if item.receivable_id not in known]
    new = (Assignment(receivable_id=item.receivable_id, amount=item.amount) for item in owed)
    return Chargeback(
        chargeback_id=back.chargeback_id,
        payment_id=back.payment_id,
        kind=back.kind,
        booked_on=back.booked_on,
        amount=amount,
        entry=before.entries + 1,
        reopened=(*allocation.take_back(amount, receipt), *new),
        reason_code=back.reason_code,
        stage=back.stage,
    )


def _entry(account: Account, back: ChargebackReceived) -> LedgerEntry:
    return LedgerEntry(
        kind="chargeback",
        name=(back.chargeback_id,),
        about=About(chargeback_id=back.chargeback_id, payment_id=back.payment_id),
        booked_on=back.booked_on,
        reason_code=back.reason_code,
        foreign=_foreign(account, back.money),
        foreign_fee=_foreign(account, back.fee),
    )


def _charge(account: Account, back: ChargebackReceived) -> Outcome:
    """Book the bank's fee as an item of its own, due at once (R-72)."""
    if back.fee is None or back.fee.minor == 0 or _foreign(account, back.fee):
        return account, ()
    name, number = derived_id("fee", account.contract_id, back.chargeback_id), account.entries + 1
    fee, on = back.fee.minor, back.booked_on
    item = OpenItem.due_at_once(name, kind="fee", amount=fee, on=on, entry=number)
    entry = replace(_entry(account, back), kind="fee", foreign=None, foreign_fee=None)
    return ledger.post_item(account, item, entry)
