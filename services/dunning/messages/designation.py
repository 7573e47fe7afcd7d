"""What a payer wants paid, also where he says so by the amount or in the reference alone (R-80)."""

import re
from itertools import accumulate
from typing import NamedTuple

from schemas.payment_reference import payment_reference, references_in
from schemas.payments import PaymentReceived
from schemas.values import ReceivableId
from services.dunning.ledger import allocation, early_payment, paid_damages
from services.dunning.messages import instalments, promises
from services.dunning.model import Account, Reminder
from services.dunning.open_items import OpenItem, Wishes

# A shorter group of digits may be a year, a day or a customer's own number.
_DIGITS_LEAST = 6


class Meant(NamedTuple):
    """What is to be paid first; with a letter all that it lists, and its damages."""

    wishes: Wishes = ()
    letter: Reminder | None = None


def meant(account: Account, received: PaymentReceived, *, said: Wishes) -> Meant:
    """Return what a payer means who *said* what, else by reference, else by the exact amount.

    The reference or amount of the last letter means what that listed, whatever else is open
    (R-110); one invoice's number, or exactly its amount, means that invoice (§ 366 (1) BGB), as
    exactly what was promised, or an instalment, means what that is for.
    """
    if said:
        return Meant(said)
    sent, reference = paid_damages.letter(account), received.reference or ""
    references = references_in(reference)
    if sent and payment_reference(account.contract_id, sent.dunning_id) in references:
        return Meant(_listed(account, sent), sent)
    named = [item for item in _claimable(account) if _is_named(account, item, reference)]
    if named:
        return Meant(tuple((item.receivable_id, None) for item in named))
    amount = received.money.minor
    if sent and amount in (sent.demanded, _still_demanded(account, sent)):
        return Meant(_listed(account, sent), sent)
    found = _as_arranged(account, amount, _exactly(account, received))
    return Meant(tuple((item.receivable_id, None) for item in found))


def _exactly(account: Account, received: PaymentReceived) -> list[OpenItem]:
    """Return the one invoice that *received* is exactly of, less its discount where it is in time.

    What is not disputed of an invoice goes first: that is what is demanded of it (R-116). Else all
    of them, where it is exactly their sum less their discounts (R-84a).
    """
    amount, invoices = received.money.minor, _claimable(account)
    exact = [item for item in invoices if item.open - item.disputed == amount]
    exact += [item for item in invoices if item.open == amount]
    asked = [early_payment.suffices(item, on=received.received_on) for item in invoices]
    exact += [item for item, enough in zip(invoices, asked, strict=True) if enough == amount]
    if exact or not any(asked):
        return exact[:1]
    least = (enough or item.open for item, enough in zip(invoices, asked, strict=True))
    return invoices if sum(least) == amount else []


def _as_arranged(account: Account, amount: int, exact: list[OpenItem]) -> list[OpenItem]:
    """Return what *amount* is for: exactly a promise, else the *exact* invoice, or an instalment.

    Of those two the one that falls due first; instalments are also paid ahead (R-115, R-117).
    """
    for promise in account.promises:
        if promises.missing(account, promise) == amount:
            return _open(account, promise.receivables)
    for agreement in account.agreements:
        parts = instalments.still_to_pay(account, agreement)
        sums = accumulate(each.open for each in parts)
        is_first = parts and not (exact and exact[0].falls_due_on <= parts[0].due_on)
        if is_first and amount in sums:
            return _open(account, agreement.receivables)
    return exact


def _open(account: Account, names: tuple[ReceivableId, ...]) -> list[OpenItem]:
    found = [item for item in account.open_items if item.receivable_id in names]
    return sorted(found, key=allocation.seniority)


def _claimable(account: Account) -> list[OpenItem]:
    """Return the invoices that may be meant, the senior one first."""
    invoices = (item for item in account.items if item.kind == "invoice")
    claimed = [item for item in invoices if allocation.claim(item)]
    return sorted(claimed, key=allocation.seniority)


def _is_named(account: Account, item: OpenItem, reference: str) -> bool:
    if payment_reference(account.contract_id, item.receivable_id) in references_in(reference):
        return True
    number = item.number or ""
    if not number or (number.isdigit() and len(number) < _DIGITS_LEAST):
        return False
    found = rf"(?<![A-Za-z0-9]){re.escape(number)}(?![A-Za-z0-9])"
    return re.search(found, reference, re.IGNORECASE) is not None


def _listed(account: Account, sent: Reminder) -> Wishes:
    """Return what is open of what *sent* listed, and its fee where that is booked already."""
    names = [*(name for name, _ in sent.items), paid_damages.fee_id(account, sent)]
    items = (account.item(name) for name in names)
    return tuple((item.receivable_id, None) for item in items if item and item.is_open)


def _still_demanded(account: Account, sent: Reminder) -> int:
    listed = (account.item(name) for name, _ in _listed(account, sent))
    damages = sum(each.amount for each in sent.damages)
    return sum(item.open for item in listed if item) + damages if damages else 0
