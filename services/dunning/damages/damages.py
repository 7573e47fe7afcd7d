"""What a reminder demands beside the debt: its fee, the lump sum, default interest (R-92 to R-95).

All three are damages of the default, printed and by default not booked (R-72, R-96): each is said
anew on every reminder, interest and lump sum of a claim from its default on, the fee of this step.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial

from schemas.calendars import next_working_day
from schemas.frozen import replace
from schemas.terms import PolicyPublished, Terms
from schemas.values import Money
from services.dunning.damages import default, fees, interest
from services.dunning.damages.interest import Principal
from services.dunning.model import Account
from services.dunning.open_items import OpenItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Damages:
    """What the default has cost, in the minor unit."""

    fee: int = 0
    lump_sum: int = 0
    interest: int = 0

    @property
    def total(self) -> int:
        return self.fee + self.lump_sum + self.interest


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
    said = _said(fee, currency)
    lump_sums = (fees.lump_sum(kind=kind, issued_on=i.issued_on, currency=currency) for i in late)
    accrued = (interest_of(account, item, on=on, terms=terms) for item in debts)
    return Damages(
        fee=fees.reminder_fee(said, kind=kind, currency=currency, causes_default=not late),
        lump_sum=sum(lump_sums) if policy.lump_sum else 0,
        interest=sum(accrued) if policy.interest else 0,
    )


def interest_of(account: Account, item: OpenItem, *, on: date, terms: Terms) -> int:
    """Return the default interest of one invoice up to but not including a day (R-94)."""
    contract = account.registered
    own = Decimal(contract.interest_rate) if contract.interest_rate is not None else None
    periods = default.periods(
        _claim(account, item, terms), until=on, working_day=_working_day(account, terms)
    )
    # Law is no part of the snapshot: a rate that is published applies at once.
    published = terms.entities[contract.legal_entity_id].base_rates
    rates = interest.Terms(contract.customer_kind, item.issued_on, own, published)
    return interest.interest(principals(item), periods, rates)


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


def _said(fee: Money | None, currency: str) -> int:
    """Return the fee of the policy; one in another currency is none (U-43)."""
    return fee.minor if fee is not None and fee.currency == currency else 0


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
        deferrals=item.deferrals,
    )


def _receipts(account: Account, item: OpenItem) -> Iterable[date]:
    if item.reminded_on is not None:
        yield item.reminded_on
    for each in account.run.reminders if account.run else ():
        if each.dispatched_on is not None and item.receivable_id in dict(each.items):
            received = default.received_on(each.dispatched_on, each.channel)
            yield from [received] if received else []


def _working_day(account: Account, terms: Terms) -> "partial[date]":
    entity = terms.entities[account.registered.legal_entity_id]
    return partial(next_working_day, country=entity.country, subdivision=entity.subdivision)
