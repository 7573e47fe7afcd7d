"""Usage as a function: a contract and a message give a contract and what is to be said."""

from typing import assert_never

from schemas.context import Context
from schemas.contracts import (
    ContractChanged,
    ContractEnded,
    ContractPaused,
    ContractRegistered,
    ContractResumed,
    TerminationRevoked,
)
from schemas.days import DayBegan
from schemas.escalations import (
    ContractEndRequested,
    ContractPauseRequested,
    ContractResumeRequested,
)
from schemas.frozen import replace
from schemas.invoices import ContractEndFixed
from schemas.message import NotYet
from schemas.orders import BillInterim, GrantPrepaid
from schemas.prepaid import PrepaidApplied
from schemas.terms import Terms
from schemas.usage import (
    UsageBackfillClosed,
    UsageBackfillOpened,
    UsageBackfillReverted,
    UsageRecorded,
    UsageReplaced,
    UsageRetracted,
)
from services.usage.messages import backfills, balances, closing, contracts, usage
from services.usage.model import Contract, Outcome
from services.usage.timeline.life import today_of

Input = (
    ContractRegistered
    | ContractChanged
    | ContractPaused
    | ContractResumed
    | ContractEnded
    | TerminationRevoked
    | ContractEndRequested
    | ContractPauseRequested
    | ContractResumeRequested
    | ContractEndFixed
    | BillInterim
    | GrantPrepaid
    | PrepaidApplied
    | UsageRecorded
    | UsageRetracted
    | UsageReplaced
    | UsageBackfillOpened
    | UsageBackfillClosed
    | UsageBackfillReverted
    | DayBegan
)
# After these a mark or the threshold may be reached.
_MAY_REACH = UsageRecorded | UsageReplaced | UsageBackfillClosed | ContractChanged


def process(contract: Contract, message: Input, context: Context) -> Outcome:
    """Apply *message*; whatever is said of a contract waits until it is registered."""
    if contract.agreed is None and isinstance(message, DayBegan):
        return contract, ()
    if contract.agreed is None and not isinstance(message, ContractRegistered):
        raise NotYet("contract")
    terms = context.terms
    after, said = _apply(contract, message, terms)
    if isinstance(message, UsageRecorded) and _is_just_more(contract, after):
        return after, said
    if (speaks := closing.speaks(after, terms)) != after.speaks:
        after = replace(after, speaks=speaks)
    if isinstance(message, _MAY_REACH) or after.coming != contract.coming:
        after, more = closing.watch(after, terms)
        said = (*said, *more)
    wake_on = closing.wakes_on(after, terms)
    return after if wake_on == after.wake_on else replace(after, wake_on=wake_on), said


def _is_just_more(contract: Contract, after: Contract) -> bool:
    """Say whether *after* has but more usage: it need not speak, and is to be woken as before.

    Its plans are pinned, and a published version stays as it is.
    """
    return bool(contract.sums) and not after.speaks and not after.reopened


def _apply(contract: Contract, message: Input, terms: Terms) -> Outcome:  # noqa: C901 - the match
    match message:
        case ContractRegistered():
            return contracts.register(contract, message, terms), ()
        case ContractChanged():
            return contracts.change(contract, message, terms), ()
        case ContractPaused():
            return contracts.pause(contract, message), ()
        case ContractResumed():
            return contracts.resume(contract, message), ()
        case ContractEnded():
            return contracts.end(contract, message, terms), ()
        case TerminationRevoked():
            return contracts.revoke(contract, message, terms), ()
        case ContractEndRequested():
            return contracts.ask_end(contract, message, terms), ()
        case ContractPauseRequested():
            return contracts.ask_pause(contract, message, terms), ()
        case ContractResumeRequested():
            return contracts.ask_resume(contract, message, terms), ()
        case ContractEndFixed():
            return contracts.fix_end(contract, message, terms), ()
        case BillInterim():
            return closing.interim(contract, terms)
        case GrantPrepaid():
            return balances.grant(contract, message), ()
        case PrepaidApplied():
            return balances.mirror(contract, message, today=today_of(contract, terms))
        case UsageRecorded():
            return usage.record(contract, message, terms), ()
        case UsageRetracted():
            return usage.retract(contract, message, terms), ()
        case UsageReplaced():
            return usage.replace_usage(contract, message, terms), ()
        case UsageBackfillOpened():
            return backfills.open_set(contract, message, terms), ()
        case UsageBackfillClosed():
            return backfills.close_set(contract, message, terms), ()
        case UsageBackfillReverted():
            return backfills.revert_set(contract, message), ()
        case DayBegan():
            contract, said = closing.begin_day(contract, message, terms)
            # What counts from today changes nothing that closes today: it is said tomorrow.
            return contracts.bring_to(contract, message.day), said
        case _:
            assert_never(message)
