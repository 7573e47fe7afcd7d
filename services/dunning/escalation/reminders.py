"""Reminders: written with their content frozen (R-54, R-55), and what their fee books (R-72)."""

from datetime import date
from typing import Any

from schemas.deliveries import Channel
from schemas.frozen import replace
from schemas.payment_reference import payment_reference
from schemas.receivables import About
from schemas.reminders import LeftOut, ReminderCreated, ReminderItem
from schemas.terms import Terms
from schemas.values import DunningId, Money, derived_id
from services.dunning.damages import damages
from services.dunning.damages.damages import Damages
from services.dunning.escalation import letters, notice, rules
from services.dunning.escalation.firing import Firing
from services.dunning.ledger import claims, ledger, paid_damages
from services.dunning.ledger.entries import LedgerEntry
from services.dunning.model import Account, Outcome, Reminder
from services.dunning.open_items import Damage, OpenItem, Receipt

# So that the message fits into what a broker takes, however long the names are.
_LISTED_MOST = 300


def write(firing: Firing) -> tuple[Reminder, ReminderCreated]:
    """Write a reminder over all that is overdue, its content frozen."""
    account, run, step, day = firing.account, firing.run, firing.step, firing.on
    about = firing.item.anchor, firing.number
    ours = [each for each in run.reminders if not each.after_its_run]
    before = [each for each in ours if (each.anchor, each.step) == about]
    still = [each.stopped_on for each in before if each.stopped_on >= firing.item.anchor_on]
    due = rules.overdue(account, on=day)
    beside = damages.damages(
        account, due, policy=firing.policy, fee=step.fee, on=day, terms=firing.terms
    )
    # The attempt makes a draft made anew another reminder than the one that was cancelled.
    attempt = (run.process_id, *firing.item.anchor, firing.number, len(before))
    # By default notifications choose; as long as they say nothing, the slower way counts.
    channel: Channel = "letter" if step.dispatch == "default" else step.dispatch
    reminder = Reminder(
        dunning_id=DunningId(derived_id("reminder", *attempt)),
        anchor=firing.item.anchor,
        step=firing.number,
        level=letters.level_of(run, firing.policy, firing.number, firing.item.anchor),
        items=tuple((each.receivable_id, each.open) for each in due),
        listed=tuple(each.anchor for each in due),
        fee=beside.of("fee"),
        fee_said=beside.fee_said,
        lump_sums=beside.lump_sums,
        damages=_paid_later(firing, beside),
        demanded=sum(each.open for each in due) + beside.total,
        created_on=day,
        # The clock stands still since the first attempt, and goes on when one is sent.
        stopped_on=min(still, default=day),
        dispatched_on=day if step.send == "automatic" else None,
        channel=channel,
        notice_until=notice.until(day, channel, policy=firing.policy, entity=firing.entity),
    )
    return reminder, _created(firing, reminder, due, beside)


def _paid_later(firing: Firing, beside: Damages) -> tuple[Damage, ...]:
    """Return what is booked when it is paid: a fee that the letter itself books is not (R-72)."""
    booked = firing.policy.fees_block_reset
    return tuple(each for each in beside.parts if not (booked and each.kind == "fee"))


def is_true(account: Account, draft: Reminder) -> bool:
    """Say whether what *draft* lists is owed as it says, and was overdue as it says (R-98)."""
    due = {item.receivable_id: item.open for item in rules.overdue(account, on=draft.created_on)}
    return all(due.get(name) == open_ for name, open_ in draft.items)


def changed(account: Account, reminder: Reminder, **changes: Any) -> Account:
    """Return *account* with *changes* made to a reminder of its run, or of the one before."""
    run = account.run_of(reminder.dunning_id)
    if run is None:
        return account
    known = (
        replace(each, **changes) if each.dunning_id == reminder.dunning_id else each
        for each in run.reminders
    )
    after = replace(run, reminders=tuple(known))
    return replace(account, run=after) if run is account.run else replace(account, former=after)


def known(account: Account, reminder: Reminder) -> Reminder:
    """Return *reminder* as it is now."""
    run = account.run_of(reminder.dunning_id)
    assert run is not None, "a reminder belongs to a run"
    return next(each for each in run.reminders if each.dunning_id == reminder.dunning_id)


def sent(
    account: Account, reminder: Reminder, terms: Terms, *, on: date, channel: Channel
) -> Account:
    """Return *account* knowing that a reminder was sent: its notice counts from that day."""
    run = account.run_of(reminder.dunning_id)
    assert run is not None, "a reminder belongs to a run"
    policy = rules.snapshot(run.policy, terms)
    entity = terms.entities[account.registered.legal_entity_id]
    ends = notice.until(on, channel, policy=policy, entity=entity)
    known = {"channel": channel, "notice_until": ends, "failed_on": None}
    return changed(account, reminder, dispatched_on=on, **known)


def post_fee(account: Account, reminder: Reminder, *, on: date) -> Outcome:
    """Book the fee of a reminder that was sent as an item of its own, due at once."""
    name, number = paid_damages.fee_id(account, reminder), account.entries + 1
    fee = OpenItem.due_at_once(name, kind="fee", amount=reminder.fee, on=on, entry=number)
    about = About(dunning_id=reminder.dunning_id)
    named = ("reminder", *paid_damages.fee_name(reminder))
    entry = LedgerEntry(kind="fee", name=named, about=about, booked_on=on)
    return ledger.post_item(account, fee, entry)


def take_fee_back(account: Account, reminder: Reminder) -> Outcome:
    """Credit the fee of a reminder that reached nobody, on the day on which it was booked."""
    if reminder.charged_on is None or reminder.fee_taken_back:
        return account, ()
    account = changed(account, reminder, fee_taken_back=True)
    fee_id = paid_damages.fee_id(account, reminder)
    named = paid_damages.fee_name(reminder)
    receipt = Receipt(
        receipt_id=derived_id("fee taken back", account.contract_id, *named),
        kind="credit",
        booked_on=reminder.charged_on,
        amount=reminder.fee,
    )
    entry = LedgerEntry(
        kind="credit",
        name=("reminder", *named),
        about=About(dunning_id=reminder.dunning_id),
        booked_on=reminder.charged_on,
    )
    # One that was paid already may be filed away: then the credit pays what else is open.
    wishes = ((fee_id, None),) if account.item(fee_id) else ()
    came_on = receipt.booked_on
    return ledger.post_receipt(account, receipt, entry, wishes=wishes, came_on=came_on)


def _created(
    firing: Firing, reminder: Reminder, due: tuple[OpenItem, ...], beside: Damages
) -> ReminderCreated:
    account, step, day = firing.account, firing.step, firing.on
    others = tuple(item for item in claims.claimed(account) if item not in due)
    room = max(0, _LISTED_MOST - len(due))
    return ReminderCreated(
        **firing.about,
        dunning_id=reminder.dunning_id,
        level=reminder.level,
        created_on=day,
        dispatch=step.dispatch,
        send=step.send,
        template=step.template,
        items=tuple(_listed(firing, each) for each in due[:_LISTED_MOST]),
        further_open=tuple(_listed(firing, each) for each in others[:room]),
        items_left_out=_left_out(firing, due[_LISTED_MOST:]),
        further_left_out=_left_out(firing, others[room:]),
        fees=_money(firing, beside.of("fee")),
        lump_sum=_money(firing, beside.of("lump_sum")),
        interest=_money(firing, beside.of("interest")),
        no_base_rate_from=beside.unrated_from,
        payment_reference=payment_reference(account.contract_id, reminder.dunning_id),
        demanded=firing.money(reminder.demanded),
        pay_until=notice.last_day(day, policy=firing.policy, entity=firing.entity),
        as_of=account.entries,
    )


def _money(firing: Firing, amount: int) -> Money | None:
    return firing.money(amount) if amount else None


def _left_out(firing: Firing, items: tuple[OpenItem, ...]) -> LeftOut | None:
    if not items:
        return None
    return LeftOut(count=len(items), open=firing.money(sum(each.open for each in items)))


def _listed(firing: Firing, item: OpenItem) -> ReminderItem:
    return ReminderItem(
        receivable_id=item.receivable_id,
        kind=item.kind,
        invoice_id=item.receivable_id if item.kind == "invoice" else None,
        number=item.number,
        issued_on=item.issued_on,
        due_on=item.falls_due_on,
        original=firing.money(item.amount),
        open=firing.money(item.open),
        days_overdue=max(0, rules.age(item, on=firing.on)),
    )
