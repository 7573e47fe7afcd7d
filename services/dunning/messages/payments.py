"""Payments: money on its way, money here, money that will not come."""

from datetime import date

from schemas.frozen import replace
from schemas.message import ContractMessage, NotYet, Refused
from schemas.payments import Designation, PaymentFailed, PaymentPending, PaymentReceived
from schemas.receivables import About
from schemas.terms import Terms
from schemas.values import PaymentId
from services.dunning.escalation import resets, rules
from services.dunning.ledger import allocation, early_payment, instalments, ledger, paid_damages
from services.dunning.ledger.entries import LedgerEntry
from services.dunning.messages import collection, designation, return_codes
from services.dunning.messages.designation import Meant
from services.dunning.model import Account, Outcome
from services.dunning.open_items import OpenItem, Pending, Receipt, Wishes


def pend(account: Account, pending: PaymentPending, terms: Terms) -> Outcome:
    """Let a payment on its way hold the steps (R-13); one that has arrived holds nothing."""
    if account.receipt(pending.payment_id, "payment"):
        return account, ()
    policy = rules.policy_in_force(account, terms)
    held = Pending(
        payment_id=pending.payment_id,
        held_until=rules.hold_of(pending, policy),
        method=pending.method,
        initiated_on=pending.initiated_on,
        amount=ledger.money_of(account, pending.money),
        wishes=wishes(account, pending.designated),
    )
    return replace(account, pending=(*account.pending, held)), ()


def receive(account: Account, received: PaymentReceived, terms: Terms) -> Outcome:
    """Book money at once: it pays what it names, then the oldest (R-80, R-81)."""
    receipt = Receipt(
        receipt_id=received.payment_id,
        kind="payment",
        booked_on=received.received_on,
        amount=ledger.money_of(account, received.money),
    )
    entry = LedgerEntry(
        kind="payment",
        name=(received.payment_id,),
        about=About(payment_id=received.payment_id),
        booked_on=received.received_on,
    )
    said = wishes(account, received.designated)
    meant = designation.meant(account, received, said=said)
    account = _without_pending(account, received.payment_id)
    today = terms.today(account.registered.legal_entity_id)
    account, booked, named = damages_paid(account, receipt, meant, terms)
    named = named if booked else early_payment.first(account.items, named, on=receipt.booked_on)
    account, posted = ledger.post_receipt(account, receipt, entry, wishes=named, came_on=today)
    return resets.after_entry((account, (*booked, *posted)), "balance_cleared")


def damages_paid(
    account: Account, receipt: Receipt, meant: Meant, terms: Terms
) -> tuple[Account, tuple[ContractMessage, ...], Wishes]:
    """Book the damages that *receipt* pays as the last letter demanded them (R-110).

    Return what it is to pay first, them included. What was meant goes first; then the policy
    decides whether costs and interest come before the debt (§ 367 BGB) or after all of it.
    """
    letter, wishes_ = meant.letter or paid_damages.letter(account), meant.wishes
    if letter is None or (account.run is None and meant.letter is None):
        return account, (), wishes_
    left = allocation.beyond(receipt.amount, account.items, wishes=wishes_)
    policy = rules.snapshot(account.run.policy, terms) if account.run else None
    first = policy is not None and policy.damages_first
    if meant.letter is None and not first:
        every = tuple((item.receivable_id, None) for item in account.items)
        left = allocation.beyond(receipt.amount, account.items, wishes=(*wishes_, *every))
    if first and meant.letter is not None:
        left = receipt.amount
    account, said, names = paid_damages.book(
        account,
        letter,
        left,
        payment_id=PaymentId(receipt.receipt_id),
        on=receipt.booked_on,
        order=paid_damages.COSTS_FIRST if first else paid_damages.AS_LISTED,
    )
    damages: Wishes = tuple((name, None) for name in names)
    designated = meant.letter is None or not first
    return account, said, (*wishes_, *damages) if designated else (*damages, *wishes_)


def fail(account: Account, failed: PaymentFailed) -> Outcome:
    """Let what will not come hold nothing (R-13); what a debit was for ages anew (R-99)."""
    arrived = account.receipt(failed.payment_id, "payment")
    if arrived is not None:
        what = f"payment {failed.payment_id} of {account.text(arrived.amount)} has arrived"
        raise Refused("conflict", f"{what}; only a chargeback takes it back")
    pending = next((p for p in account.pending if p.payment_id == failed.payment_id), None)
    if pending is None:
        raise NotYet("payment")
    account = _without_pending(account, failed.payment_id)
    account = replace(account, items=_aged(account, pending, failed.failed_on))
    account, cancelled = resets.cancel_drafts(account)
    if failed.reason_code is None:
        return account, cancelled
    account, stopped = _after_code(account, failed.reason_code)
    return account, (*cancelled, *stopped)


def wishes(account: Account, designated: tuple[Designation, ...]) -> Wishes:
    """Return what the payer wants paid, in the contract's minor unit (R-80)."""
    return tuple(
        (each.invoice_id, ledger.money_of(account, each.amount) if each.amount else None)
        for each in designated
    )


def _aged(account: Account, pending: Pending, failed_on: date) -> tuple[OpenItem, ...]:
    """Return the items; those that a debit in good time was for age from its failure (R-99)."""
    if pending.method != "sepa":
        return account.items
    items, on = account.open_items, pending.initiated_on
    later = instalments.to_come(account.agreements, items, on=on)
    plan = allocation.plan(pending.amount, items, wishes=pending.wishes, on=on, later=later)
    names = {each.receivable_id for each in plan.paid}
    return tuple(
        replace(item, anchor_on=max(item.anchor_on, failed_on))
        if item.receivable_id in names and pending.initiated_on <= item.falls_due_on
        else item
        for item in account.items
    )


def _after_code(account: Account, code: str) -> Outcome:
    """Stop collecting where the bank's code says that another try is useless (R-79)."""
    account, meaning = return_codes.meaning_of(account, code)
    if meaning.may_retry:
        return account, ()
    return collection.stop(account, meaning.name, code)


def _without_pending(account: Account, payment_id: str) -> Account:
    rest = tuple(each for each in account.pending if each.payment_id != payment_id)
    return account if rest == account.pending else replace(account, pending=rest)
