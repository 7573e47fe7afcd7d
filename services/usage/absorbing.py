"""Usage taken in many at once: a faster way to the very state that ``process`` leaves.

The law, held by a property test: where ``takes(contract)``, absorbing any cut of usage is what
``process`` makes of it one by one, and that says nothing and lets nothing that waits go. Whatever
is doubtful ``gather`` declines, and it goes one by one; what is pending is absorbed first.

Pieces are not made here: the events themselves stand where they were absorbed from. ``pieces_of``
says what the archive must give back for them, by name and by number.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from schemas.frozen import replace
from schemas.message import Refused
from schemas.terms import Terms
from schemas.usage import UsageRecorded
from services.usage.archive import Piece
from services.usage.messages.usage import admitted, event_of, is_late
from services.usage.metering.counting import added, needs_events, shares
from services.usage.model import Contract, KeptEvent, Pointer, Sum


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """What is to be added to a contract: how many events, and their sums."""

    events: int = 0
    sums: dict[str, Sum] = field(default_factory=dict)
    by_event: frozenset[str] = frozenset()


def takes(contract: Contract) -> bool:
    """Say whether usage of *contract* needs no answer, and whether it is woken when it should."""
    return contract.agreed is not None and not contract.speaks and contract.wake_on is not None


def gather(
    contract: Contract, recorded: UsageRecorded, pending: Pending, *, terms: Terms
) -> Pending | None:
    """Return *pending* with *recorded* in it, None where that must be processed by itself.

    *contract* is as it was before anything that is pending, and takes usage.
    """
    event = _event(contract, recorded, pending)
    late = is_late(contract, contract.agreement.day_of(event.occurred_at))
    if late or event.backfill_id is not None:
        return None
    try:
        event = admitted(contract, event, recorded, terms, sums=contract.sums | pending.sums)
    except Refused:
        return None
    return Pending(
        events=pending.events + 1,
        sums=added(pending.sums, event.shares),
        by_event=pending.by_event | needs_events(contract, event, terms),
    )


def absorb(contract: Contract, pending: Pending) -> Contract:
    """Return *contract* with all that was pending."""
    if not pending.events:
        return contract
    return replace(
        contract,
        taken=contract.taken + pending.events,
        sums=added(contract.sums, pending.sums),
        by_event=contract.by_event | pending.by_event,
    )


def pieces_of(
    contract: Contract, recorded: UsageRecorded, pending: Pending, *, terms: Terms
) -> Mapping[str, Piece]:
    """Return what the archive holds of *recorded*, which is the next behind what is pending."""
    event = _event(contract, recorded, pending)
    event = replace(event, shares=shares(contract, event, terms))
    pointer = Pointer(points_to=event.number)
    return {f"use/{event.number}": event, f"name/{event.name}": pointer}


def _event(contract: Contract, recorded: UsageRecorded, pending: Pending) -> KeptEvent:
    return event_of(contract, recorded, number=contract.taken + pending.events + 1)
