"""What a reminder demands beside the debt: its fee, the lump sum, default interest (R-92 to R-95).

All three are damages of the default, printed and by default not booked (R-72, R-96): each is said
anew on every reminder, interest and lump sum of a claim from its default on, the fee of this step.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from itertools import pairwise

from schemas.calendars import next_working_day
from schemas.frozen import replace
from schemas.terms import PolicyPublished, Terms
from schemas.values import Money
from services.dunning.damages import default, fees, interest
from services.dunning.damages.interest import Principal
from services.dunning.model import Account, Reminder
from services.dunning.open_items import Assignment, Damage, OpenItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Damages:
    """What the default has cost, in the minor unit."""

    parts: tuple[Damage, ...] = ()
    # What the step says of its fee, before a lump sum is set off against it (R-93a).
    fee_said: int = 0
    # Since when a base rate is lacking that the interest would have needed (R-93b).
    unrated_from: date | None = None

    def of(self, kind: str) -> int:
        """Return what of one kind they come to."""
        return sum(each.amount for each in self.parts if each.kind == kind)

    @property
    def lump_sums(self) -> tuple[Assignment, ...]:
        """The lump sums by claim."""
        return tuple(
            Assignment(receivable_id=each.receivable_id, amount=each.amount)
            for each in self.parts
            if each.kind == "lump_sum" and each.receivable_id
        )

    @property
    def total(self) -> int:
        return sum(each.amount for each in self.parts)


def damages(
    account: Account,
    items: Iterable[OpenItem],
    *,
    policy: PolicyPublished,
    fee: Money | None,
    on: date,
    terms: Terms,
) -> Damages:
    """Return what a reminder of *on* demands beside *items*, its step's *fee* among it.

    Invoices bear interest and the lump sum, fees do not (§ 289 BGB). Raises NoBaseRate.
    """
    kind, currency = account.registered.customer_kind, account.currency
    debts = [item for item in items if item.kind == "invoice"]
    late = [item for item in debts if _is_in_default(account, item, on=on, terms=terms)]
    said = fees.reminder_fee(
        _said(fee, currency), kind=kind, currency=currency, causes_default=not late
    )
    lump_sums = [_lump_sum(account, item) for item in late] if policy.lump_sum else []
    accrued = [interest_of(account, item, on=on, terms=terms) for item in debts]
    accrued = accrued if policy.interest else []
    found = [
        Damage(kind="fee", amount=fees.after_lump_sums(said, _demanded(account, debts, lump_sums))),
        *(damage for damage, _ in accrued),
        *lump_sums,
    ]
    return Damages(
        parts=tuple(each for each in found if each.amount),
        fee_said=said,
        unrated_from=min((day for _, day in accrued if day), default=None),
    )


def interest_of(
    account: Account, item: OpenItem, *, on: date, terms: Terms
) -> tuple[Damage, date | None]:
    """Return the default interest of one invoice up to but not including a day (R-94).

    What was paid of it is not demanded again. A half-year whose base rate is not loaded bears none
    and is said (R-93b), unless the legal entity wants NoBaseRate to be raised.
    """
    entity = terms.entities[account.registered.legal_entity_id]
    accrued, unrated_from = _accrued(
        account, item, on=on, terms=terms, skips=entity.missing_base_rate == "skip"
    )
    name = item.receivable_id
    return Damage(kind="interest", amount=accrued, receivable_id=name), unrated_from


def arisen(account: Account, item: OpenItem, *, on: date, terms: Terms) -> tuple[Damage, Damage]:
    """Return interest and lump sum of one invoice before *on* that nobody has paid or booked.

    It may be paid itself; only while something of it was owed was its debtor in default. A
    half-year whose base rate is not loaded bears none yet (R-93b).
    """
    name = item.receivable_id
    interest_, _ = _accrued(account, item, on=on, terms=terms, skips=True)
    working_day = _working_day(account, terms)
    late = default.periods(_claim(account, item, terms), until=on, working_day=working_day)
    owed = [*principals(item), Principal(date.max, 0)]
    was_late = any(
        before.amount > 0 and max(start, before.from_on) < min(end, after.from_on)
        for start, end in late
        for before, after in pairwise(owed)
    )
    lump_sum = _lump_sum(account, item)
    return (
        Damage(kind="interest", amount=interest_, receivable_id=name),
        lump_sum if was_late else replace(lump_sum, amount=0),
    )


def _accrued(
    account: Account, item: OpenItem, *, on: date, terms: Terms, skips: bool
) -> tuple[int, date | None]:
    """Return what has accrued and is not booked, and the first day without a rate where it skips.

    Raises NoBaseRate where it does not.
    """
    contract = account.registered
    own = Decimal(contract.interest_rate) if contract.interest_rate is not None else None
    periods = default.periods(
        _claim(account, item, terms), until=on, working_day=_working_day(account, terms)
    )
    # Law is no part of the snapshot: a rate that is published applies at once.
    entity = terms.entities[contract.legal_entity_id]
    rates = interest.InterestTerms(contract.customer_kind, item.issued_on, own, entity.base_rates)
    rated, unrated_from = periods, None
    if skips:
        rated, unrated_from = interest.rated(periods, rates)
    accrued = interest.interest(principals(item), rated, rates) - item.interest_booked
    return max(0, accrued), unrated_from


def principals(item: OpenItem) -> list[Principal]:
    """Return what was open of *item* from which day on, from its movements in order of days."""
    owed, found = item.amount, [Principal(date.min, item.amount)]
    for each in sorted(item.movements, key=lambda movement: movement.on):
        owed -= each.amount
        found.append(Principal(each.on, owed))
    return found


def with_receipts(account: Account) -> tuple[OpenItem, ...]:
    """Return the items that remember when they were reminded of, for the run is about to end."""
    return tuple(
        replace(item, reminded_on=min(_receipts(account, item), default=None))
        for item in account.items
    )


def read(account: Account, letter: Reminder) -> Account:
    """Return *account* whose debts know that *letter* left after its run had ended."""
    days = [(item, _reminded_by(letter, item)) for item in account.items]
    items = (
        replace(item, reminded_on=min(item.reminded_on or day, day)) if day else item
        for item, day in days
    )
    return replace(account, items=tuple(items))


def unread(account: Account, letter: Reminder) -> Account:
    """Return *account* whose debts were not reminded of by *letter* of the run that was."""
    rest = account.former.reminders if account.former else ()
    others = [r for r in rest if r.dunning_id != letter.dunning_id and r.counts]
    return replace(account, items=tuple(_unread(item, letter, others) for item in account.items))


def _unread(item: OpenItem, letter: Reminder, others: Iterable[Reminder]) -> OpenItem:
    day = _reminded_by(letter, item)
    if day is None or item.reminded_on != day:
        return item
    about = (_reminded_by(each, item) for each in others)
    return replace(item, reminded_on=min((on for on in about if on), default=None))


def _reminded_by(letter: Reminder, item: OpenItem) -> date | None:
    """Return when *letter* was received as a reminder of *item*, if that was owed then (R-92)."""
    on = letter.dispatched_on
    day = default.received_on(on, letter.channel) if on else None
    if day is None or item.receivable_id not in dict(letter.items):
        return None
    owed = next(each.amount for each in reversed(principals(item)) if each.from_on <= day)
    return day if owed > 0 else None


def _said(fee: Money | None, currency: str) -> int:
    """Return the fee of the policy; one in another currency is none (U-43)."""
    return fee.minor if fee is not None and fee.currency == currency else 0


def _lump_sum(account: Account, item: OpenItem) -> Damage:
    kind, currency = account.registered.customer_kind, account.currency
    amount = fees.lump_sum(kind=kind, issued_on=item.issued_on, currency=currency)
    left = max(0, amount - item.lump_sum_booked)
    return Damage(kind="lump_sum", amount=left, receivable_id=item.receivable_id)


def _demanded(
    account: Account, debts: Iterable[OpenItem], lump_sums: Iterable[Damage]
) -> fees.Demanded:
    """Return what the letters of the run have demanded, the new one's lump sums among it.

    What was claimed of the lump sum of a debt is demanded by that.
    """
    of_run = account.run.reminders if account.run else ()
    letters = [each for each in of_run if each.counts and not each.after_its_run]
    of_claims = {each.receivable_id: each.lump_sum_booked for each in debts}
    of_claims |= {each.receivable_id: each.amount for r in letters for each in r.lump_sums}
    for each in lump_sums:
        if each.receivable_id is not None:
            of_claims[each.receivable_id] = max(each.amount, of_claims.get(each.receivable_id, 0))
    return fees.Demanded(
        said=sum(r.fee_said for r in letters),
        fees=sum(r.fee for r in letters),
        lump_sums=sum(of_claims.values()),
    )


def _is_in_default(account: Account, item: OpenItem, *, on: date, terms: Terms) -> bool:
    working_day = _working_day(account, terms)
    return default.in_default(_claim(account, item, terms), on=on, working_day=working_day)


def _claim(account: Account, item: OpenItem, terms: Terms) -> default.Claim:
    contract = account.registered
    # A debit that failed is late from that day, not from the printed one.
    moved = item.anchor_on if not (item.reopening or item.deferrals) else item.due_on
    return default.Claim(
        kind=contract.customer_kind,
        invoiced_on=item.issued_on,
        due_on=max(item.due_on, moved),
        due_date_is_agreed=item.due_date_is_agreed,
        told=item.says_default,
        reminded_on=tuple(_receipts(account, item)),
        deferrals=tuple(sorted((*item.deferrals, *item.interest_free), key=lambda d: d.since)),
    )


def _receipts(account: Account, item: OpenItem) -> Iterable[date]:
    if item.reminded_on is not None:
        yield item.reminded_on
    letters = account.run.reminders if account.run else ()
    yield from (day for each in letters if (day := _reminded_by(each, item)) is not None)


def _working_day(account: Account, terms: Terms) -> "partial[date]":
    entity = terms.entities[account.registered.legal_entity_id]
    return partial(next_working_day, country=entity.country, subdivision=entity.subdivision)
