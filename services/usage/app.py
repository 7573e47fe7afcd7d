"""Usage, declared."""

from typing import get_args

from schemas import contracts, escalations, invoices, orders, prepaid, topics
from services.runtime.worker import Archive, Wake, Worker
from services.usage import archive, audit
from services.usage.archive import Piece
from services.usage.model import Contract
from services.usage.processor import Input, process


def wakes(contract: Contract) -> Wake:
    """Return when *contract* wants to hear that a day began."""
    entity = contract.agreed.legal_entity_id if contract.agreed else None
    return Wake(entity, on=contract.wake_on)


worker = Worker(
    name="usage",
    reads=(
        topics.DAYS,
        topics.CONTRACTS,
        topics.USAGE,
        topics.INSTRUCTIONS,
        topics.ESCALATIONS,
        topics.INVOICES,
    ),
    keeps=Contract,
    writes=(topics.CHARGES,),
    process=process,
    handles=frozenset(get_args(Input)),
    wakes=wakes,
    announces=topics.USAGE_DAYS,
    archive=Archive(
        holds=Piece,
        wanted=archive.wanted,
        recall=archive.recall,
        file_away=archive.file_away,
    ),
    audit=audit.faults,
    skips=frozenset(
        {
            *(set(topics.INSTRUCTIONS.messages) - {orders.BillInterim, orders.GrantPrepaid}),
            # Of what invoicing says only the end that it alone could know counts, and what it drew.
            *(set(topics.INVOICES.messages) - {invoices.ContractEndFixed, prepaid.PrepaidApplied}),
            contracts.CustomerChanged,
            contracts.InstrumentRegistered,
            contracts.InstrumentRemoved,
            escalations.EscalationStarted,
            escalations.PaymentEscalated,
            escalations.PaymentEscalationReset,
            escalations.EscalationExhausted,
            escalations.PaymentProcessStatusChanged,
            escalations.CollectionRequested,
            escalations.PromiseKept,
            escalations.PromiseBroken,
            escalations.InstalmentsLapsed,
        }
    ),
)
