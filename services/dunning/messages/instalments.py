"""Agreements on instalments: while they are kept nothing else of the debt is demanded (R-117)."""

from collections.abc import Iterable
from datetime import date, timedelta

from schemas.calendars import A_DAY
from schemas.escalations import InstalmentsLapsed
from schemas.frozen import replace
from schemas.instructions import InstalmentsAgreed
from schemas.message import ContractMessage, Refused
from schemas.terms import Terms
from schemas.values import Money, ReceivableId, derived_id
from services.dunning.arrangements import Agreement, Instalment
from services.dunning.escalation import resets
from services.dunning.ledger import claims, ledger
from services.dunning.model import Account, Outcome
from services.dunning.open_items import Deferral, OpenItem


def agree(account: Account, told: InstalmentsAgreed, terms: Terms) -> Outcome:
    """Claim instalments in the place of what they are for; a later agreement replaces others.

    Refuses a plan that is not what is owed, to the cent, one that begins on a day that is over,
    and one over what is disputed: that is to be settled first.
    """
    today = terms.today(account.registered.legal_entity_id)
    names = tuple(item.receivable_id for item in claims.meant(account, told.receivables))
    plan = tuple(_plan(account, told))
    agreement = Agreement(
        agreement_id=told.agreement_id,
        receivables=names,
        plan=plan,
        lapses_after_days=told.lapses_after_days,
        agreed_on=today,
        no_interest=told.no_interest,
    )
    _check(account, agreement)
    replaced = [each for each in account.agreements if set(each.receivables) & set(names)]
    for each in replaced:
        account = _without(account, each, on=today)
    account = replace(account, agreements=(*account.agreements, agreement))
    last = plan[-1].on + timedelta(days=told.lapses_after_days)
    if told.no_interest:
        account = _interest_free(account, agreement, Deferral(since=today, until=last))
    return resets.cancel_drafts(account)


def expire(account: Account, day: date) -> Outcome:
    """Let all fall due again, as old as it is, of which an instalment was missed by *day*."""
    said: list[ContractMessage] = []
    for agreement in account.agreements:
        missed = [each for each in still_to_pay(account, agreement) if _ends(each, agreement) < day]
        if missed:
            lapsed = _lapsed(account, agreement, missed, on=day)
            account, cancelled = resets.cancel_drafts(_without(account, agreement, on=day))
            said += [lapsed, *cancelled]
    return account, tuple(said)


def days(account: Account) -> Iterable[date]:
    """Yield when an instalment is missed that is not paid; after late days the next one (R-34)."""
    for agreement in account.agreements:
        for each in still_to_pay(account, agreement)[:1]:
            yield max(_ends(each, agreement), account.evaluated_on or date.min) + A_DAY


def _plan(account: Account, told: InstalmentsAgreed) -> Iterable[Instalment]:
    for number, each in enumerate(told.plan, 1):
        name = derived_id("instalment", account.contract_id, told.agreement_id, number)
        amount = ledger.money_of(account, each.money)
        yield Instalment(receivable_id=ReceivableId(name), on=each.on, amount=amount)


def _check(account: Account, agreement: Agreement) -> None:
    names, first = set(agreement.receivables), agreement.plan[0].on
    owed = claims.owed_of(account, names)
    if first < agreement.agreed_on:
        raise Refused("too_late", f"it begins on {first}, and {agreement.agreed_on} has begun")
    if owed != agreement.total:
        plan = account.text(agreement.total)
        raise Refused("conflict", f"the plan comes to {plan}, and {account.text(owed)} is owed")
    if any(item.disputed for item in account.open_items if item.receivable_id in names):
        raise Refused("conflict", "what is disputed is to be settled first")


def still_to_pay(account: Account, agreement: Agreement) -> list[OpenItem]:
    """Return the instalments that are still to be paid, in their order; none that is disputed."""
    names = {each.receivable_id for each in agreement.plan}
    return [item for item in claims.undisputed(account) if item.receivable_id in names]


def _ends(instalment: OpenItem, agreement: Agreement) -> date:
    """Return the last day on which an instalment may still come."""
    return instalment.due_on + timedelta(days=agreement.lapses_after_days)


def _without(account: Account, agreement: Agreement, *, on: date) -> Account:
    """Return *account* without *agreement*: from that day on interest runs again."""
    left = tuple(each for each in account.agreements if each is not agreement)
    account = replace(account, agreements=left)
    if not agreement.no_interest:
        return account
    return _interest_free(account, agreement, Deferral(since=agreement.agreed_on, until=on))


def _interest_free(account: Account, agreement: Agreement, time: Deferral) -> Account:
    """Return *account* where *time* is that of *agreement*, in the place of what was planned."""
    items = tuple(
        replace(item, interest_free=(*_others(item, time), time))
        if item.receivable_id in agreement.receivables
        else item
        for item in account.items
    )
    return replace(account, items=items)


def _others(item: OpenItem, time: Deferral) -> Iterable[Deferral]:
    return (each for each in item.interest_free if each.since != time.since)


def _lapsed(
    account: Account, agreement: Agreement, missed: list[OpenItem], *, on: date
) -> InstalmentsLapsed:
    names = set(agreement.receivables)
    owed = claims.owed_of(account, names)
    return InstalmentsLapsed(
        contract_id=account.contract_id,
        agreement_id=agreement.agreement_id,
        missed_on=missed[0].due_on,
        missing=Money.of(sum(item.open for item in missed), account.currency),
        owed=Money.of(owed, account.currency),
        decided_on=on,
    )
