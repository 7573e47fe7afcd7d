"""Collection: whether what is open is collected by itself, and what is to be collected now."""

from collections.abc import Sequence
from datetime import date

from schemas.escalations import CollectionRequested, PaymentProcessStatusChanged
from schemas.frozen import replace
from schemas.values import Money
from services.dunning.ledger.claims import claimed
from services.dunning.model import Account, Outcome
from services.dunning.open_items import OpenItem

# Receivables in one request, so that it fits into what a broker takes.
_COLLECTED_MOST = 1_000


def stop(account: Account, reason: str, code: str | None) -> Outcome:
    """Switch recurring payment off until there is new payment data (R-70)."""
    if account.recurring_stopped or not account.registered.recurring_payment:
        return account, ()
    account = replace(account, recurring_stopped=True)
    return _changed(account, reason, code)


def restart(account: Account, *, on: date) -> Outcome:
    """Switch it on again with new payment data, and collect all that is owed, once (R-73)."""
    said: Outcome = account, ()
    if account.recurring_stopped:
        again = replace(account, recurring_stopped=False, unspecified_returns=0)
        said = _changed(again, "new_payment_data", None)
    account, changed = said
    # What is to be paid in instalments is not collected as a whole.
    agreed = {name for each in account.agreements for name in each.receivables}
    agreed |= {each.receivable_id for some in account.agreements for each in some.plan}
    items = [item for item in claimed(account) if item.receivable_id not in agreed]
    account, requested = request(account, items, on=on)
    return account, (*changed, *requested)


def switch_on(account: Account) -> Outcome:
    """Switch recurring payment on again because somebody says so."""
    if not account.recurring_stopped:
        return account, ()
    return _changed(replace(account, recurring_stopped=False), "switched_on", None)


def request(account: Account, items: Sequence[OpenItem], *, on: date) -> Outcome:
    """Ask for the collection of *items*, where collecting is switched on at all."""
    if not items or not account.pays_by_itself(on=on):
        return account, ()
    parts = [items[n : n + _COLLECTED_MOST] for n in range(0, len(items), _COLLECTED_MOST)]
    said = tuple(
        CollectionRequested(
            contract_id=account.contract_id,
            request=request,
            receivables=tuple(item.receivable_id for item in part),
            total=Money.of(sum(item.open for item in part), account.currency),
        )
        for request, part in enumerate(parts, account.collections + 1)
    )
    return replace(account, collections=account.collections + len(parts)), said


def _changed(account: Account, reason: str, code: str | None) -> Outcome:
    account = replace(account, status_changes=account.status_changes + 1)
    said = PaymentProcessStatusChanged(
        contract_id=account.contract_id,
        change=account.status_changes,
        recurring_payment=not account.recurring_stopped,
        reason=reason,
        reason_code=code,
    )
    return account, (said,)
