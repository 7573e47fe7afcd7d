"""How far back a message reaches: from where what was billed may have to be looked at again."""

from collections.abc import Iterable, Iterator
from datetime import date

from schemas.calendars import A_DAY
from schemas.charges import UsageCharged, UsageCorrected
from schemas.contracts import (
    ContractChanged,
    ContractEnded,
    ContractPaused,
    ContractResumed,
    TerminationRevoked,
)
from schemas.days import DayBegan
from schemas.escalations import (
    ContractEndRequested,
    ContractPauseRequested,
    ContractResumeRequested,
)
from schemas.message import Message
from schemas.orders import (
    CancelCreditNote,
    CorrectInvoice,
    GrantDiscount,
    IssueCreditNote,
    VoidInvoice,
)
from services.invoicing.billed import Invoice
from services.invoicing.given_back import invoices_of
from services.invoicing.model import FOREVER, Contract


def reach(contract: Contract, message: Message) -> date:
    """Return the first day that *message* may make different; FOREVER where there is none."""
    return min(_days(contract, message), default=FOREVER) if contract.agreed else FOREVER


def names(contract: Contract, message: Message) -> Iterable[str]:
    """Return the ids of documents that *message* names; a credit note names its invoices."""
    match message:
        case CorrectInvoice() | VoidInvoice():
            return [message.invoice_id]
        case CancelCreditNote():
            note = contract.note(message.credit_note_id)
            return [message.credit_note_id] if note is None else invoices_of(note)
        case IssueCreditNote():
            return [message.invoice_id] if message.invoice_id else []
        case _:
            return []


def _days(contract: Contract, message: Message) -> Iterable[date]:  # noqa: C901 - the match
    # Usage of what is after the end counts on the last day before it, in whose period that is.
    last = (contract.agreement.ends_on or FOREVER) - A_DAY
    match message:
        case ContractChanged():
            yield from _changed(contract, message)
        case DayBegan():
            for each in contract.coming:
                if each.effective_on and each.effective_on <= message.day:
                    yield from _changed(contract, each)
        case ContractPaused():
            yield message.paused_from
        case ContractPauseRequested() if message.paused_from:
            yield message.paused_from
        case ContractResumed() | ContractResumeRequested() if message.resumed_on:
            yield message.resumed_on
            yield from (each.since for each in contract.pauses[-1:])
        case ContractEnded() | ContractEndRequested() if message.ends_on:
            yield message.ends_on - A_DAY
            yield last
        case GrantDiscount() if message.from_on:
            yield message.from_on
        case TerminationRevoked():
            yield last
        case UsageCharged() | UsageCorrected():
            # What its period costs at least or at most is found anew (U-25).
            yield min(message.period.from_, last)
        case CancelCreditNote():
            note = contract.note(message.credit_note_id)
            for name in invoices_of(note) if note else ():
                yield from _begun(contract.invoice(name))
        case CorrectInvoice():
            yield from _begun(contract.invoice(message.invoice_id))


def _begun(invoice: Invoice | None) -> Iterator[date]:
    """Yield when the periods began that *invoice* has something of."""
    if invoice is not None:
        yield from (time.whole.from_on for _, time in invoice.times)
        for line in invoice.lines:
            if line.settles is not None:
                yield line.settles.whole.from_on
            elif line.kind == "usage" and line.period is not None:
                yield line.period.from_on


def _changed(contract: Contract, changed: ContractChanged) -> Iterable[date]:
    agreed = contract.agreement
    if changed.effective_on and (changed.plan_id or changed.plan_version or changed.quantities):
        yield changed.effective_on
    if changed.starts_on:
        yield min(changed.starts_on, agreed.starts_on)
    if changed.ends_on:
        yield min(changed.ends_on, agreed.ends_on or FOREVER) - A_DAY
    if changed.trial_until:
        yield min(changed.trial_until, agreed.trial_until or agreed.starts_on)
    if changed.billed_until and agreed.billed_until:
        yield min(changed.billed_until, agreed.billed_until)
