"""The life of a contract, as far as it matters to who is dunned, and how."""

from datetime import date
from typing import TypeVar

from schemas import dating
from schemas.addresses import Customer
from schemas.contracts import (
    ContractChanged,
    ContractEnded,
    ContractPaused,
    ContractRegistered,
    ContractResumed,
    CustomerChanged,
    InstrumentRegistered,
    InstrumentRemoved,
    SwitchesChanged,
    TerminationRevoked,
)
from schemas.ends import Ends
from schemas.frozen import replace
from schemas.invoices import ContractEndFixed
from schemas.message import ContractMessage, NotYet, Refused
from schemas.terms import Terms
from services.dunning.messages import collection
from services.dunning.model import Account, Contract, Instrument, Outcome, Pause

_T = TypeVar("_T")

METHOD_OF = {"card": "card", "sepa_mandate": "direct_debit"}


def register(account: Account, registered: ContractRegistered, terms: Terms) -> Outcome:
    """Open the account; it waits for its legal entity, whose days it lives by."""
    if registered.legal_entity_id not in terms.entities:
        raise NotYet("legal entity")
    contract = Contract(
        legal_entity_id=registered.legal_entity_id,
        customer_id=registered.customer.customer_id,
        customer_kind=registered.customer.kind,
        currency=registered.currency,
        starts_on=registered.starts_on,
        payment_method=registered.payment_method,
        payment_terms_days=registered.payment_terms_days,
        due_date_is_agreed=registered.due_date_is_agreed,
        interest_rate=registered.interest_rate,
        has_plan=registered.plan_id is not None,
        attributes=registered.attributes,
        recurring_payment=registered.switches.recurring_payment,
    )
    return replace(
        account,
        contract=contract,
        ends=Ends(agreed=registered.ends_on),
        billed_until=registered.billed_until,
        escalation_on=registered.switches.escalation,
    ), ()


def change(account: Account, changed: ContractChanged, terms: Terms) -> Outcome:
    """Change what is named, on the day from which it counts."""
    contract = account.registered
    if changed.currency not in (None, contract.currency):
        raise Refused("currency", "a contract keeps its one currency")
    if changed.legal_entity_id not in (None, contract.legal_entity_id):
        raise Refused("conflict", "a contract keeps its legal entity")
    today = terms.today(contract.legal_entity_id)
    life = _life(account, changed, today=today)
    if changed.effective_on is not None and changed.effective_on > today:
        return replace(account, coming=(*account.coming, changed)), ()
    return _apply(account, changed, life, on=today)


def bring_to(account: Account, day: date) -> Outcome:
    """Make the changes that count by *day*, in the order of the days from which they count."""
    due = [each for each in account.coming if each.effective_on and each.effective_on <= day]
    if not due:
        return account, ()
    account = replace(account, coming=tuple(each for each in account.coming if each not in due))
    said: list[ContractMessage] = []
    for each in sorted(due, key=lambda each: each.effective_on or day):
        try:
            life = _life(account, each, today=day)
        except Refused:
            # It has ended since that was said: then only the rest of it counts.
            life = account.registered.starts_on, account.ends
        account, more = _apply(account, each, life, on=day)
        said += more
    return account, tuple(said)


def change_customer(account: Account, changed: CustomerChanged) -> Outcome:
    """Take over who owes; what was said to them before stays as it was."""
    contract = _with_customer(account.registered, changed.customer)
    return replace(account, contract=contract), ()


def pause(account: Account, paused: ContractPaused) -> Outcome:
    """Let the contract rest; what only confirms our own request suspends nothing (R-64).

    Nor does it lift the pause of somebody else. Where the end of ours is known, no request of
    ours is open any more.
    """
    open_ = account.pause if account.pause is not None and account.pause.until is None else None
    ours = open_ is not None and open_.by == "escalation"
    by = paused.cause or ("escalation" if ours else "operator")
    if open_ is not None and by == "escalation":
        return account, ()
    rests_since = min(open_.rests_since or open_.since, paused.paused_from) if open_ else None
    new = Pause(since=paused.paused_from, by=by, rests_since=rests_since)
    return replace(account, pause=new), ()


def resume(account: Account, resumed: ContractResumed, terms: Terms) -> Outcome:
    """Let the contract go on, with all that a pause switches off switched on (R-64).

    Where it does not rest, or only we wanted it back and somebody else has paused it, this
    confirms our own request and switches nothing.
    """
    pause = account.pause
    if pause is None or (resumed.cause == "escalation" and pause.by != "escalation"):
        return account, ()
    since = pause.rests_since or pause.since
    dating.check_pause(since, pause.until, resumed_on=resumed.resumed_on)
    contract = replace(account.registered, recurring_payment=True)
    is_over = resumed.resumed_on <= terms.today(contract.legal_entity_id)
    left = None if is_over else replace(pause, until=resumed.resumed_on)
    return replace(account, contract=contract, escalation_on=True, pause=left), ()


def end(account: Account, ended: ContractEnded, terms: Terms) -> Outcome:
    """Note the end, or that invoicing will fix it; the debt is dunned on (R-32)."""
    if ended.when != "on_date" and account.registered.has_plan:
        return replace(account, ends=account.ends.wished()), ()
    return _told(account, ended.ends_on, terms), ()


def fix_end(account: Account, fixed: ContractEndFixed, terms: Terms) -> Outcome:
    """Note the date of an end that we or others asked for, unless it was revoked since.

    It waits for the request or the wish that it answers (wire.md, Waiting).
    """
    process_id, starts_on = fixed.payment_escalation_process_id, account.registered.starts_on
    if process_id is None:
        today = terms.today(account.registered.legal_entity_id)
        ends = account.ends.answered(fixed.ends_on, starts_on=starts_on, today=today)
    else:
        day = fixed.at_our_request or fixed.ends_on
        ends = account.ends.fixed(process_id, day, starts_on=starts_on)
    return replace(account, ends=ends), ()


def revoke(account: Account, revoked: TerminationRevoked, terms: Terms) -> Outcome:
    """Let the contract go on after all; only before its end, and only when told to (R-63).

    Where it names a process, that process ends the contract no more, whatever was agreed.
    """
    today = terms.today(account.registered.legal_entity_id)
    goes_on = account.ends.revoked(revoked.payment_escalation_process_id, today=today)
    return replace(account, ends=goes_on), ()


def register_instrument(account: Account, given: InstrumentRegistered, terms: Terms) -> Outcome:
    """Take new payment data: collecting goes on, and all that is open is collected (R-73)."""
    new = Instrument(instrument_id=given.instrument_id, kind=given.kind, expires=given.expires)
    if new in account.instruments:
        return account, ()
    others = tuple(i for i in account.instruments if i.instrument_id != given.instrument_id)
    account = replace(account, instruments=(*others, new))
    if METHOD_OF[given.kind] != account.registered.payment_method:
        return account, ()
    return collection.restart(account, on=terms.today(account.registered.legal_entity_id))


def remove_instrument(account: Account, removed: InstrumentRemoved) -> Outcome:
    """Forget a card or a mandate."""
    left = tuple(i for i in account.instruments if i.instrument_id != removed.instrument_id)
    if left == account.instruments:
        raise NotYet("instrument")
    return replace(account, instruments=left), ()


def _told(account: Account, ends_on: date, terms: Terms) -> Account:
    contract = account.registered
    today = terms.today(contract.legal_entity_id)
    told = account.ends.told(ends_on, starts_on=contract.starts_on, today=today)
    return replace(account, ends=told)


def _life(account: Account, changed: ContractChanged, *, today: date) -> tuple[date, Ends]:
    """Return from when to when the contract runs once *changed* counts; Refused as in Ends."""
    starts_on = changed.starts_on or account.registered.starts_on
    if changed.ends_on is not None:
        return starts_on, account.ends.told(changed.ends_on, starts_on=starts_on, today=today)
    account.ends.check_start(starts_on)
    return starts_on, account.ends


def _apply(
    account: Account, changed: ContractChanged, life: tuple[date, Ends], *, on: date
) -> Outcome:
    was, (starts_on, ends) = account.registered, life
    switches = changed.switches or SwitchesChanged()
    account = replace(
        account,
        contract=replace(_changed(was, changed, switches), starts_on=starts_on),
        ends=ends,
        billed_until=_or(changed.billed_until, account.billed_until),
        escalation_on=_or(switches.escalation, account.escalation_on),
    )
    if account.registered.payment_method != was.payment_method and _can_collect(account):
        return collection.restart(account, on=on)
    return collection.switch_on(account) if switches.recurring_payment else (account, ())


def _changed(contract: Contract, changed: ContractChanged, switches: SwitchesChanged) -> Contract:
    if changed.customer is not None:
        contract = _with_customer(contract, changed.customer)
    return replace(
        contract,
        payment_method=_or(changed.payment_method, contract.payment_method),
        payment_terms_days=_or(changed.payment_terms_days, contract.payment_terms_days),
        due_date_is_agreed=_or(changed.due_date_is_agreed, contract.due_date_is_agreed),
        interest_rate=_or(changed.interest_rate, contract.interest_rate),
        has_plan=contract.has_plan or changed.plan_id is not None,
        attributes=_or(changed.attributes, contract.attributes),
        recurring_payment=_or(switches.recurring_payment, contract.recurring_payment),
    )


def _can_collect(account: Account) -> bool:
    """Say whether there is payment data for the method; where none was ever told, there may be."""
    known = {METHOD_OF[each.kind] for each in account.instruments}
    return not known or account.registered.payment_method in known


def _with_customer(contract: Contract, customer: Customer) -> Contract:
    return replace(contract, customer_id=customer.customer_id, customer_kind=customer.kind)


def _or(said: _T | None, otherwise: _T) -> _T:
    return otherwise if said is None else said
