"""Invoicing, declared."""

from schemas import contracts, escalations, topics
from services.invoicing import numbers
from services.invoicing.model import Contract
from services.invoicing.processor import process
from services.runtime.worker import Wake, Worker


def wakes(contract: Contract) -> Wake:
    """Return when *contract* wants to hear that a day began."""
    entity = contract.agreed.legal_entity_id if contract.agreed else None
    return Wake(entity, on=contract.wake_on)


worker = Worker(
    name="invoicing",
    reads=(topics.DAYS, topics.CONTRACTS, topics.CHARGES, topics.INSTRUCTIONS, topics.ESCALATIONS),
    keeps=Contract,
    writes=(topics.INVOICES,),
    process=process,
    wakes=wakes,
    announces=topics.INVOICING_DAYS,
    numbers=numbers.given,
    skips=frozenset(
        {
            *topics.INSTRUCTIONS.messages,
            *topics.CHARGES.messages,
            contracts.InstrumentRegistered,
            contracts.InstrumentRemoved,
            escalations.EscalationStarted,
            escalations.PaymentEscalated,
            escalations.PaymentEscalationReset,
            escalations.EscalationExhausted,
            escalations.PaymentProcessStatusChanged,
            escalations.CollectionRequested,
        }
    ),
)
