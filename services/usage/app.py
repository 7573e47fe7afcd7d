"""Usage, declared."""

from typing import get_args

from schemas import topics
from services.runtime.worker import Archive, Wake, Worker
from services.usage import archive, audit, processor
from services.usage.archive import Piece
from services.usage.model import Contract

_READ = (topics.CONTRACTS, topics.USAGE, topics.INSTRUCTIONS, topics.ESCALATIONS, topics.INVOICES)


def wakes(contract: Contract) -> Wake:
    """Return when *contract* wants to hear that a day began."""
    entity = contract.agreed.legal_entity_id if contract.agreed else None
    return Wake(entity, on=contract.wake_on)


worker = Worker(
    name="usage",
    reads=(topics.DAYS, *_READ),
    keeps=Contract,
    writes=(topics.CHARGES,),
    process=processor.process,
    wakes=wakes,
    announces=topics.USAGE_DAYS,
    archive=Archive(
        holds=Piece,
        wanted=archive.wanted,
        recall=archive.recall,
        file_away=archive.file_away,
    ),
    audit=audit.faults,
    # What it does not match on says nothing about usage.
    skips=frozenset(each for topic in _READ for each in topic.messages)
    - frozenset(get_args(processor.Input)),
)
