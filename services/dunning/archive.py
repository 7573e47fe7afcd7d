"""What is settled leaves the account, and comes back when a message refers to it.

An account that kept all of its history would be rewritten as a whole by every message. What a
message can name (a payment that is charged back, an invoice that is deferred) is found by name;
what counts without being named (credit, open and written-off items) never leaves the account.
Whoever keeps the pieces asks before every message, also before one that waited is tried again.
"""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from schemas.chargebacks import (
    ChargebackReceived,
    ChargebackReversed,
    DisputeClosed,
    DisputeOpened,
)
from schemas.deliveries import Delivery
from schemas.frozen import replace
from schemas.instructions import (
    AssignCredit,
    AssignPayment,
    ClaimDamages,
    DeferReceivable,
    InstalmentsAgreed,
    Instruction,
    InvoiceDisputed,
    InvoiceDisputeSettled,
    PromiseRecorded,
)
from schemas.invoices import CreditNoteCancelled, CreditNoteIssued
from schemas.message import Message
from schemas.payments import (
    PaymentFailed,
    PaymentPending,
    PaymentReassigned,
    PaymentReceived,
    RefundMade,
)
from services.dunning.ledger import paid_damages
from services.dunning.model import Account
from services.dunning.open_items import Chargeback, OpenItem, Receipt

Piece = OpenItem | Receipt | Chargeback
_P = TypeVar("_P", OpenItem, Receipt, Chargeback)


def wanted(account: Account, message: Message) -> frozenset[str]:
    """Return the names that *message*, or what it names, refers to and *account* does not hold.

    Ask again after each recall, until no new name is wanted: a chargeback names a payment, the
    payment names its receivables. A name that is filed nowhere was never known.
    """
    ahead = [*_named_by(message), *_of_the_letter(account, message)]
    seen, missing = set[str](), set[str]()
    here = _pieces(account) if ahead else {}
    while ahead:
        name = ahead.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in here:
            ahead += _referred_to(here[name])
        else:
            missing.add(name)
    return frozenset(missing)


def recall(account: Account, pieces: Mapping[str, Piece]) -> Account:
    """Return *account* with *pieces* back in their places; what it holds itself is newer."""
    here = _pieces(account)
    back = list({name_of(p): p for p in pieces.values() if name_of(p) not in here}.values())
    if not back:
        return account
    return replace(
        account,
        items=_in_order([*account.items, *(p for p in back if isinstance(p, OpenItem))]),
        receipts=_in_order([*account.receipts, *(p for p in back if isinstance(p, Receipt))]),
        chargebacks=_in_order(
            [*account.chargebacks, *(p for p in back if isinstance(p, Chargeback))]
        ),
    )


def file_away(account: Account) -> tuple[Account, Mapping[str, Piece]]:
    """Return *account* without what nothing but a message that names it can bring up again."""
    pieces = _pieces(account)
    over = {name_of(each) for each in pieces.values() if _is_over(each, account)}
    if not over:
        return account, {}
    filed = {name: piece for name, piece in pieces.items() if name_of(piece) in over}
    return replace(
        account,
        items=tuple(each for each in account.items if name_of(each) not in over),
        receipts=tuple(each for each in account.receipts if name_of(each) not in over),
        chargebacks=tuple(each for each in account.chargebacks if name_of(each) not in over),
    ), filed


def name_of(piece: Piece) -> str:
    """Return the name under which *piece* is filed, unique in its contract."""
    match piece:
        case OpenItem():
            return _item(piece.receivable_id)
        case Receipt():
            return f"{piece.kind}/{piece.receipt_id}"
        case Chargeback():
            return _chargeback(piece.chargeback_id)


def _is_over(piece: Piece, account: Account) -> bool:
    match piece:
        case OpenItem():
            return not piece.is_open and not piece.written_off and not _in_run(piece, account)
        case Receipt():
            return piece.credit == 0
        case Chargeback():
            fought_over = piece.dispute is not None and piece.dispute.is_open
            reopened = (account.item(each.receivable_id) for each in piece.reopened)
            return not fought_over and not any(item and item.is_open for item in reopened)


def _in_run(item: OpenItem, account: Account) -> bool:
    """Say whether the running run may look *item* up: as an anchor, in a reminder, as its fee."""
    if account.run is None:
        return False
    names = {each.anchor[0] for each in account.run.decisions}
    for reminder in account.run.reminders:
        names |= {name for name, _ in reminder.items}
    return item.kind == "fee" or item.receivable_id in names


def _named_by(message: Message) -> Iterable[str]:
    match message:
        case PaymentPending() | PaymentFailed() | PaymentReassigned() | ChargebackReceived():
            return [_payment(message.payment_id)]
        case PaymentReceived():
            return _documents(each.invoice_id for each in message.designated)
        case RefundMade():
            return [_payment(message.payment_id)] if message.payment_id else []
        case ChargebackReversed() | DisputeOpened() | DisputeClosed():
            return [_chargeback(message.chargeback_id)]
        case CreditNoteIssued():
            named = [each.invoice_id for each in message.credited]
            return _documents([name for name in (message.invoice_id, *named) if name])
        case CreditNoteCancelled():
            return [f"credit/{message.credit_note_id}"]
        case Instruction():
            return _named_by_a_clerk(message)
        case _:
            return []


def _named_by_a_clerk(message: Instruction) -> Iterable[str]:
    match message:
        case DeferReceivable():
            return [_item(message.invoice_id)]
        case InvoiceDisputed() | InvoiceDisputeSettled():
            return _documents([message.invoice_id])
        case PromiseRecorded() | InstalmentsAgreed():
            return _documents(message.receivables)
        case AssignPayment():
            items = _documents(each.invoice_id for each in message.designated)
            return [_payment(message.payment_id), *items]
        case ClaimDamages():
            return _documents(message.invoices)
        case AssignCredit():
            items = _documents(each.invoice_id for each in message.designated)
            note = message.credit_note_id
            return [f"credit/{note}", *items] if note else items
        case _:
            return []


def _of_the_letter(account: Account, message: Message) -> Iterable[str]:
    """Return the debts of a letter: a payment is for its damages (R-110), or word of it is late."""
    if isinstance(message, Delivery):
        known = account.former.reminders if account.former else ()
        about = (each for each in known if each.dunning_id == message.dunning_id)
        return [_item(name) for each in about for name, _ in each.items]
    sent = paid_damages.letter(account)
    if sent is None or not isinstance(message, PaymentReceived | ChargebackReversed):
        return []
    return [_item(each.receivable_id) for each in sent.damages if each.receivable_id]


def _referred_to(piece: Piece) -> Iterable[str]:
    match piece:
        case OpenItem():
            return [_item(each.receivable_id) for each in piece.caused_by]
        case Receipt():
            named = _documents(each.receivable_id for each in piece.credits)
            return [*(_item(each.receivable_id) for each in piece.assigned), *named]
        case Chargeback():
            items = [_item(each.receivable_id) for each in piece.reopened]
            return [_payment(piece.payment_id), *items]


def _pieces(account: Account) -> dict[str, Piece]:
    held: tuple[Piece, ...] = (*account.items, *account.receipts, *account.chargebacks)
    numbered = {_number(item.number): item for item in account.items if item.number is not None}
    return {**numbered, **{name_of(piece): piece for piece in held}}


def _in_order(pieces: list[_P]) -> tuple[_P, ...]:
    return tuple(sorted(pieces, key=lambda piece: piece.entry))


def _documents(names: Iterable[str]) -> list[str]:
    """Return under what documents are filed that somebody names, by id or by number (R-16)."""
    return [filed for name in names for filed in (_item(name), _number(name))]


def _number(number: str) -> str:
    """Return the other name of an item: who names a number wants to know whether there is one."""
    return f"number/{number}"


def _item(receivable_id: str) -> str:
    return f"item/{receivable_id}"


def _payment(payment_id: str) -> str:
    return f"payment/{payment_id}"


def _chargeback(chargeback_id: str) -> str:
    return f"chargeback/{chargeback_id}"
