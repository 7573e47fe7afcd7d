"""Invoicing, declared."""

from typing import get_args

from schemas import charges, contracts, escalations, topics
from services.invoicing import archive, audit
from services.invoicing.documents import numbers
from services.invoicing.model import Contract
from services.invoicing.processor import Input, process
from services.runtime.worker import Archive, Wake, Worker


def wakes(contract: Contract) -> Wake:
    """Return when *contract* wants to hear that a day began."""
    entity = contract.agreed.legal_entity_id if contract.agreed else None
    return Wake(entity, on=contract.wake_on)


worker = Worker(
    name="invoicing",
    reads=(
        topics.DAYS,
        topics.USAGE_DAYS,
        topics.CONTRACTS,
        topics.CHARGES,
        topics.INSTRUCTIONS,
        topics.ESCALATIONS,
    ),
    keeps=Contract,
    writes=(topics.INVOICES,),
    process=process,
    handles=frozenset(get_args(Input)),
    wakes=wakes,
    announces=topics.INVOICING_DAYS,
    archive=Archive(
        holds=archive.Piece,
        wanted=archive.wanted,
        recall=archive.recall,
        file_away=archive.file_away,
    ),
    numbers=numbers.given,
    audit=audit.faults,
    skips=frozenset(
        {
            *(set(topics.INSTRUCTIONS.messages) - set(topics.ORDERS)),
            charges.UsageUnpriced,
            charges.UsageAlert,
            charges.PrepaidLow,
            charges.PrepaidExpired,
            charges.PrepaidDrawn,
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
