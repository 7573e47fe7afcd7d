"""What is said outside of any run: word before an invoice is due, and thanks (R-123).

| said | when | once per |
|------|------|----------|
| word before it is due | so many days before, as the policy says, if issued by then | day |
| thanks | the customer has paid an invoice whole, and not by a debit or card of ours | payment |
| a notice is cancelled | its invoice was told, and is settled before it is due | invoice |
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal

from schemas.calendars import A_DAY
from schemas.days import DayBegan
from schemas.frozen import replace
from schemas.message import ContractMessage
from schemas.payment_reference import payment_reference
from schemas.payments import PaymentReceived
from schemas.reminders import NoticeCancelled, NoticeCreated, ReminderItem
from schemas.terms import Terms
from schemas.values import Money, derived_id
from services.dunning.escalation import rules
from services.dunning.model import Account, Outcome
from services.dunning.open_items import OpenItem


def say(before: Account, after: Account, message: object, terms: Terms) -> Outcome:
    """Return *after* a message, with the notices that it brings or takes back."""
    if after.contract is None:
        return after, ()
    today = terms.today(after.registered.legal_entity_id)
    taken_back = tuple(_cancelled(before, after, today))
    match message:
        case DayBegan() if not message.late:
            after, said = _before_due(after, message.day, terms)
        case PaymentReceived():
            said = tuple(_thanks(after, message, terms))
        case _:
            said = ()
    return after, (*taken_back, *said)


def days(account: Account, terms: Terms) -> Iterator[date]:
    """Yield the days on which a notice is to be said; one that was late is made up for."""
    coming = [item for item in account.open_items if _may_be_told(item)]
    policy = rules.policy_in_force(account, terms) if coming else None
    for item in coming if policy else ():
        for each in policy.notices if policy else ():
            seen_on, due_on = item.noticed_on or item.issued_on, item.falls_due_on
            on = due_on - timedelta(days=each.days_before_due)
            next_on = max(on, (account.evaluated_on or on) + A_DAY) if account.evaluated_on else on
            if seen_on < on and next_on < due_on:
                yield next_on


def _before_due(account: Account, day: date, terms: Terms) -> Outcome:
    policy = rules.policy_in_force(account, terms)
    ahead = [each.days_before_due for each in policy.notices] if policy else []
    said: list[ContractMessage] = []
    for item in account.open_items if ahead else ():
        if _is_reached(item, ahead, on=day):
            is_said = account.balance > 0 and item.open > item.disputed
            told_on = day if is_said else item.told_on
            noticed = replace(item, noticed_on=day, told_on=told_on)
            items = (noticed if each is item else each for each in account.items)
            account = replace(account, items=tuple(items))
            if is_said:
                said.append(_notice(account, noticed, on=day))
    return account, tuple(said)


def _is_reached(item: OpenItem, ahead: list[int], *, on: date) -> bool:
    seen_on, due_on = item.noticed_on or item.issued_on, item.falls_due_on
    reached = (due_on - timedelta(days=each) for each in ahead)
    return _may_be_told(item) and any(seen_on < each <= on < due_on for each in reached)


def _may_be_told(item: OpenItem) -> bool:
    return item.kind == "invoice" and item.reopening == 0


def _notice(account: Account, item: OpenItem, *, on: date) -> NoticeCreated:
    return NoticeCreated(
        contract_id=account.contract_id,
        notice_id=_id_of(account, item),
        kind="before_due",
        created_on=on,
        items=(_listed(account, item),),
        money=Money.of(item.open - item.disputed, account.currency),
        collected_by=_collected_by(account, on=on),
        payment_reference=payment_reference(account.contract_id, item.receivable_id),
    )


def _collected_by(account: Account, *, on: date) -> Literal["direct_debit", "card"] | None:
    method = account.registered.payment_method
    return None if method == "on_account" or not account.pays_by_itself(on=on) else method


def _thanks(account: Account, received: PaymentReceived, terms: Terms) -> Iterator[NoticeCreated]:
    today = terms.today(account.registered.legal_entity_id)
    policy = rules.policy_in_force(account, terms)
    receipt = account.receipt(received.payment_id, "payment")
    if policy is None or not policy.thanks or receipt is None:
        return
    paid = [account.item(each.receivable_id) for each in receipt.assigned]
    settled = [each for each in paid if each and each.kind == "invoice" and not each.is_open]
    if settled and not account.pays_by_itself(on=today):
        yield NoticeCreated(
            contract_id=account.contract_id,
            notice_id=derived_id("thanks", account.contract_id, received.payment_id),
            kind="thanks",
            created_on=today,
            items=tuple(_listed(account, each) for each in settled[:300]),
            money=received.money,
        )


def _cancelled(before: Account, after: Account, today: date) -> Iterator[NoticeCancelled]:
    told = [each for each in before.open_items if each.told_on and _may_be_told(each)]
    told = [each for each in told if today < each.falls_due_on]
    # Looked up one by one, a contract of many open invoices would read all of them for each.
    now = {each.receivable_id: each for each in after.items} if told else {}
    for item in told:
        if item.receivable_id in now and not now[item.receivable_id].is_open:
            yield NoticeCancelled(
                contract_id=after.contract_id, notice_id=_id_of(after, item), reason="paid"
            )


def _id_of(account: Account, item: OpenItem) -> str:
    assert item.told_on is not None, "only what was told has a notice"
    return derived_id("notice", account.contract_id, item.receivable_id, item.told_on)


def _listed(account: Account, item: OpenItem) -> ReminderItem:
    return ReminderItem(
        receivable_id=item.receivable_id,
        kind=item.kind,
        invoice_id=item.receivable_id,
        number=item.number,
        issued_on=item.issued_on,
        due_on=item.falls_due_on,
        original=Money.of(item.amount, account.currency),
        open=Money.of(item.open, account.currency),
        days_overdue=0,
    )
