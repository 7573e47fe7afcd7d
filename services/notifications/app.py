"""Notifications, declared; what it does to the world is given to it, by a run or a worker."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import get_args

from schemas import contracts, deliveries, instructions, topics
from schemas.deliveries import DeliveryIntended
from schemas.drafts import DocumentDrafted
from schemas.message import ContractMessage, Message
from schemas.outcomes import ActOutcome, PutOff
from schemas.templates import TemplatesPublished
from services.notifications import archive, audit
from services.notifications.model import Correspondence
from services.notifications.processor import Input, process
from services.notifications.ways.announcing import LANES
from services.runtime.effects import Effect, Effects, Intent
from services.runtime.worker import Archive, Wake, Worker

Service = Worker[Correspondence]
Act = Callable[[Intent], Awaitable[ActOutcome]]


def wakes(correspondence: Correspondence) -> Wake:
    """Return when *correspondence* wants to hear that a day began."""
    return Wake(correspondence.legal_entity_id, on=correspondence.wake_on)


def effects(*, make: Act, mail: Act, post: Act, hook: Act) -> Effects:
    """Return the acts: all but letters are done again where nobody knows.

    A document made again is the same file, a mail has its Message-ID from its delivery; a letter
    that may have been handed over waits for a person (R-56).
    """
    return Effects(
        outcomes=topics.NOTIFICATIONS_OUTCOMES,
        effects=(
            Effect(
                name="document",
                intent=DocumentDrafted,
                act=make,
                unknown="again",
                at_once=2,
                longest=timedelta(minutes=2),
            ),
            _delivering("email", mail, unknown_is_done_again=True, longest=timedelta(minutes=5)),
            # Longer than an attempt at a printer's server: that knows whether a letter is there.
            _delivering("letter", post, unknown_is_done_again=False, longest=timedelta(minutes=10)),
            *(_posting(lane, hook) for lane in range(LANES)),
        ),
    )


def declare(acts: Effects) -> Service:
    """Return the service with its acts."""
    return Worker(
        name="notifications",
        reads=(
            topics.DAYS,
            topics.CONTRACTS,
            topics.INVOICES,
            topics.RECEIVABLES,
            topics.REMINDERS,
            topics.ESCALATIONS,
            topics.INSTRUCTIONS,
            topics.DELIVERIES,
            topics.DUNNING_DAYS,
            topics.NOTIFICATIONS_OUTCOMES,
        ),
        keeps=Correspondence,
        writes=(topics.DOCUMENTS, topics.DELIVERIES),
        process=process,
        handles=frozenset(get_args(Input)),
        wakes=wakes,
        announces=topics.NOTIFICATIONS_DAYS,
        archive=Archive(
            holds=archive.Piece,
            wanted=archive.wanted,
            recall=archive.recall,
            file_away=archive.file_away,
        ),
        audit=audit.faults,
        counts=_counted,
        effects=acts,
        admits=_admit,
        skips=_SKIPPED,
    )


def _admit(term: Message) -> None:
    if isinstance(term, TemplatesPublished):
        # What sets pages is dear to import, and without templates of its own nobody needs it.
        from services.notifications.rendering.templates import admit

        admit(term)


async def _nowhere(_intent: Intent) -> ActOutcome:
    raise PutOff


def _delivering(
    channel: str, act: Act, *, unknown_is_done_again: bool, longest: timedelta
) -> Effect:
    return Effect(
        name=channel,
        intent=DeliveryIntended,
        takes=lambda intent: bool(intent.channel == channel),
        act=act,
        unknown="again" if unknown_is_done_again else "ask",
        longest=longest,
    )


def _posting(lane: int, act: Act) -> Effect:
    """Return the posting of events to the endpoints of a lane: they hold back no other lane."""
    return Effect(
        name=f"webhook-{lane}",
        intent=DeliveryIntended,
        takes=lambda intent: intent.posting is not None and bool(intent.posting.lane == lane),
        act=act,
        unknown="again",
        at_once=4,
    )


def _counted(message: ContractMessage) -> str | None:
    """Return what *message* counts as among the figures of a process."""
    return "endpoint_disabled" if isinstance(message, deliveries.EndpointDisabled) else None


_ORDERED = {instructions.ResendDocument, instructions.SendStatement}
_SKIPPED: frozenset[type[Message]] = frozenset(
    {
        *(set(topics.INSTRUCTIONS.messages) - _ORDERED),
        # What it says itself, and what somebody else says of deliveries that are not ours.
        *(set(topics.DELIVERIES.messages) - {deliveries.DeliveryReturned}),
        contracts.ContractPaused,
        contracts.ContractResumed,
        contracts.ContractEnded,
        contracts.TerminationRevoked,
    }
)
# What it reads and says, for whoever asks; what it does is bound where the world is known.
worker = declare(effects(make=_nowhere, mail=_nowhere, post=_nowhere, hook=_nowhere))
