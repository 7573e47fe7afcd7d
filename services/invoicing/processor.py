"""Invoicing as a function: a contract and a message give a contract and what is to be said."""

from collections.abc import Iterable
from typing import assert_never

from schemas.charges import PeriodClosed, UsageCharged, UsageCorrected
from schemas.context import Context
from schemas.contracts import (
    ContractChanged,
    ContractEnded,
    ContractPaused,
    ContractRegistered,
    ContractResumed,
    CustomerChanged,
    TerminationRevoked,
)
from schemas.days import DayBegan
from schemas.escalations import (
    ContractEndRequested,
    ContractPauseRequested,
    ContractResumeRequested,
)
from schemas.frozen import replace
from schemas.message import ContractMessage, NotYet
from schemas.orders import (
    AddItem,
    BillInterim,
    CancelCreditNote,
    CorrectInvoice,
    GrantDiscount,
    GrantFreePeriod,
    GrantPrepaid,
    IssueCreditNote,
    IssueInvoice,
    VoidInvoice,
)
from services.invoicing.billing import limits, reconciliation
from services.invoicing.documents import numbers, prepaid
from services.invoicing.messages import (
    contracts,
    grants,
    items,
    pauses,
    requests,
    singles,
    usage,
    voids,
)
from services.invoicing.messages.reach import reach
from services.invoicing.model import Contract, Outcome

Input = (
    ContractRegistered
    | ContractChanged
    | CustomerChanged
    | ContractPaused
    | ContractResumed
    | ContractEnded
    | TerminationRevoked
    | ContractEndRequested
    | ContractPauseRequested
    | ContractResumeRequested
    | AddItem
    | IssueInvoice
    | IssueCreditNote
    | CorrectInvoice
    | VoidInvoice
    | CancelCreditNote
    | GrantDiscount
    | GrantFreePeriod
    | GrantPrepaid
    | BillInterim
    | UsageCharged
    | UsageCorrected
    | PeriodClosed
    | DayBegan
)

# Why there is credit, as credit notes say it.
CAUSES = {
    ContractEnded: "end",
    ContractEndRequested: "end",
    ContractPaused: "pause",
    ContractPauseRequested: "pause",
}
# What may bring an amount to come: a price, or one of its own.
PRICED = ContractRegistered | ContractChanged
VALUED = AddItem | UsageCharged | UsageCorrected


def process(contract: Contract, message: Input, context: Context) -> Outcome:
    """Apply *message*, then bill what is due and credit what is not served after all.

    Whatever is said of a contract waits until it is registered.
    """
    if contract.agreed is None and not isinstance(message, ContractRegistered | DayBegan):
        raise NotYet("contract")
    before, terms = _looking_back(contract, message), context.terms
    after, said = _apply(before, message, context)
    if after.agreed is None:
        return after, ()
    if isinstance(message, PRICED | VALUED):
        limits.check(after, terms, prices=isinstance(message, PRICED))
    # A credit note of no invoice changes nothing but what is named next.
    if after is not before or said:
        told_on = terms.today(after.agreed.legal_entity_id)
        after = replace(after, revision=after.revision + 1, told_on=told_on)
    counted = _counting(context, said)
    after, billed = reconciliation.reconcile(
        after, counted, cause=CAUSES.get(type(message), "change")
    )
    return after, (*said, *billed)


def _counting(context: Context, said: Iterable[ContractMessage]) -> Context:
    """Return *context* after the numbers that *said* took: what is said next takes those behind."""
    for number in filter(None, map(numbers.given, said)):
        context = context.counting(*number)
    return context


def _looking_back(contract: Contract, message: Input) -> Contract:
    day = reach(contract, message)
    return replace(contract, settled_until=day) if day < contract.settled_until else contract


def _apply(contract: Contract, message: Input, context: Context) -> Outcome:  # noqa: C901 - the match
    terms = context.terms
    match message:
        case ContractRegistered():
            return contracts.register(contract, message, terms)
        case ContractChanged():
            return contracts.change(contract, message, terms)
        case CustomerChanged():
            return contracts.change_customer(contract, message)
        case ContractPaused():
            return pauses.pause(contract, message, terms)
        case ContractResumed():
            return pauses.resume(contract, message)
        case ContractEnded():
            return contracts.end(contract, message, terms)
        case TerminationRevoked():
            return contracts.revoke(contract, message, terms)
        case ContractEndRequested():
            return requests.end(contract, message, terms)
        case ContractPauseRequested():
            return requests.pause(contract, message, terms)
        case ContractResumeRequested():
            return requests.resume(contract, message, terms)
        case AddItem():
            return items.add(contract, message, terms)
        case IssueInvoice():
            return singles.invoice(contract, message, context)
        case IssueCreditNote():
            return singles.credit_note(contract, message, context)
        case CorrectInvoice():
            return singles.correct(contract, message, context)
        case VoidInvoice():
            return voids.invoice(contract, message, context)
        case CancelCreditNote():
            return voids.credit_note(contract, message, terms)
        case GrantDiscount():
            return grants.discount(contract, message, terms)
        case GrantFreePeriod():
            return grants.free_period(contract, message, terms)
        case GrantPrepaid():
            return prepaid.grant(contract, message), ()
        case BillInterim():
            return usage.interim(contract, message, context)
        case UsageCharged():
            return usage.charge(contract, message, context)
        case UsageCorrected():
            return usage.correct(contract, message, terms)
        case PeriodClosed():
            return usage.close(contract, message, terms), ()
        case DayBegan():
            return contracts.bring_to(contract, message.day), ()
        case _:
            assert_never(message)
