"""Promises to pay: they hold the run until their day, and the ledger judges them (R-115).

| what happens | what becomes of it |
|--------------|--------------------|
| as much is paid of what it is for, or nothing of that is owed any more | it is kept |
| its day and the grace are over | it is broken, and what was reached is caught up (R-31) |
| what is owed is given up | it is over without a word: nobody waits for it |
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import TypedDict

from schemas.calendars import A_DAY
from schemas.escalations import PromiseBroken, PromiseKept
from schemas.frozen import replace
from schemas.instructions import AssignCredit, PromiseRecorded, ReverseWriteOff, WriteOff
from schemas.invoices import CreditNoteCancelled, CreditNoteIssued
from schemas.message import Message, Refused
from schemas.terms import Terms
from schemas.values import ContractId, Money
from services.dunning.arrangements import Promise
from services.dunning.escalation import rules
from services.dunning.ledger import claims, ledger
from services.dunning.model import Account, Outcome

# They change what is owed, and nobody pays by them.
_NO_PAYMENT = (AssignCredit, CreditNoteIssued, CreditNoteCancelled, ReverseWriteOff)


class _About(TypedDict):
    contract_id: ContractId
    promise_id: str
    money: Money
    on: date
    decided_on: date
    paid: Money


def record(account: Account, told: PromiseRecorded, terms: Terms) -> Outcome:
    """Wait for the money that was promised; what was paid before does not count.

    Refuses a day that is over: whoever kept such a promise has kept it already.
    """
    today = terms.today(account.registered.legal_entity_id)
    if told.on < today:
        raise Refused("too_late", f"it was promised by {told.on}, and {today} has begun")
    names = tuple(item.receivable_id for item in claims.meant(account, told.receivables))
    policy = rules.policy_in_force(account, terms)
    grace = timedelta(days=policy.promise_grace_days if policy else 0)
    promise = Promise(
        promise_id=told.promise_id,
        receivables=names,
        amount=ledger.money_of(account, told.money),
        on=told.on,
        held_until=told.on + grace,
        owed=claims.owed_of(account, names),
    )
    return replace(account, promises=(*account.promises, promise)), ()


def judge(before: Account, after: Account, message: Message, terms: Terms) -> Outcome:
    """Say which promises are kept since *message*; none is where the debt was given up."""
    if not after.promises:
        return after, ()
    if isinstance(message, WriteOff):
        return replace(after, promises=()), ()
    if isinstance(message, _NO_PAYMENT):
        after = replace(after, promises=tuple(_credited(before, after)))
    today = terms.today(after.registered.legal_entity_id)
    kept = [each for each in after.promises if not missing(after, each)]
    left = tuple(each for each in after.promises if each not in kept)
    said = tuple(PromiseKept(**_about(after, each, on=today)) for each in kept)
    return (replace(after, promises=left) if kept else after), said


def expire(account: Account, day: date) -> Outcome:
    """Say which promises are broken on *day*: what was promised by then is not there."""
    broken = [each for each in account.promises if each.held_until < day]
    left = tuple(each for each in account.promises if each not in broken)
    said = tuple(
        PromiseBroken(
            **_about(account, each, on=day),
            missing=Money.of(missing(account, each), account.currency),
        )
        for each in broken
    )
    return (replace(account, promises=left) if broken else account), said


def days(account: Account) -> Iterable[date]:
    """Yield when promises are judged; after days that were late on the next one (R-34)."""
    for each in account.promises:
        ends = each.held_until + A_DAY
        yield max(ends, (account.evaluated_on or date.min) + A_DAY)


def _credited(before: Account, after: Account) -> Iterable[Promise]:
    for each in after.promises:
        moved = claims.owed_of(after, each.receivables) - claims.owed_of(before, each.receivables)
        yield replace(each, owed=each.owed + moved)


def missing(account: Account, promise: Promise) -> int:
    """Return what is still to be paid of it: no more than is owed of what it is for."""
    left = claims.owed_of(account, promise.receivables)
    return max(0, min(left, left - (promise.owed - promise.amount)))


def _about(account: Account, promise: Promise, *, on: date) -> _About:
    paid = promise.owed - claims.owed_of(account, promise.receivables)
    return {
        "contract_id": account.contract_id,
        "promise_id": promise.promise_id,
        "money": Money.of(promise.amount, account.currency),
        "on": promise.on,
        "decided_on": on,
        "paid": Money.of(max(0, paid), account.currency),
    }
