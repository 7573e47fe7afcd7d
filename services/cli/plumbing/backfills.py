"""The sets of usage of one name, by contract: their state, and what closing them would change."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from schemas.envelope import Event
from schemas.topics import USAGE
from schemas.usage import UsageBackfillClosed, UsageBackfillOpened, UsageBackfillReverted
from services.cli.plumbing.kept import Kept, kept_by
from services.cli.plumbing.usage_heard import UsageHeard, backfill_of
from services.cli.views.backfills import ChangeBySet, SetOfUsage
from services.runtime.ops.source import RecordSource
from services.runtime.ops.state_reader import StateReader
from services.usage.app import worker
from services.usage.billed import Stated, document_of
from services.usage.model import Backfill, Contract
from services.usage.preview import EffectOfSet, effects, pieces_for

_STATES = {
    UsageBackfillOpened.__name__: "waiting",
    UsageBackfillClosed.__name__: "closed",
    UsageBackfillReverted.__name__: "reverted",
}


@dataclass(frozen=True, slots=True)
class LastSaid:
    """What was said last of a set on its topic, as far as it was not dead-lettered."""

    contract_id: str
    state: str
    at: datetime


async def contracts_with(source: RecordSource, backfill_id: str) -> frozenset[str]:
    """Return the contracts of which a set of that name was opened."""
    return frozenset([event.subject async for event in _said(source, backfill_id)])


def last_said(heard: UsageHeard, backfill_id: str) -> dict[str, LastSaid]:
    """Return what was said last of the set of each contract."""
    found = dict[str, LastSaid]()
    for came in (each for some in heard.came_in.values() for each in some):
        event = came.event
        if came.refused is None and event.type in _STATES and backfill_of(event) == backfill_id:
            state = _STATES[event.type]
            known = found.get(event.subject)
            if known is None or state != "waiting":
                found[event.subject] = LastSaid(event.subject, state, event.instant)
    return found


async def told(
    states: StateReader[Contract], said: LastSaid, heard: UsageHeard, backfill_id: str
) -> SetOfUsage:
    """Return how the set of a contract stands, with what closing it would change where it can."""
    kept = await kept_by(worker, states, said.contract_id)
    known = kept.state.backfills if kept is not None else ()
    backfill = next((each for each in known if each.backfill_id == backfill_id), None)
    if kept is None or backfill is None:
        return SetOfUsage(said.contract_id, said.state, said.at)
    contract = await kept.recalled(lambda state: pieces_for(state, backfill))
    own = [e for e in contract.events.values() if e.backfill_id == backfill_id]
    stated = heard.stated.get(said.contract_id, [])
    return SetOfUsage(
        contract_id=said.contract_id,
        state="open",
        at=said.at,
        backfill=backfill,
        events=sum(not each.retracted for each in own),
        currency=contract.agreement.currency,
        changes=tuple(_changes(kept, contract, backfill, stated)),
    )


def _changes(
    kept: Kept[Contract], contract: Contract, backfill: Backfill, stated: list[Stated]
) -> list[ChangeBySet]:
    found = effects(contract, backfill, kept.terms)
    return [ChangeBySet(each, _document(each, stated)) for each in found]


def _document(effect: EffectOfSet, stated: list[Stated]) -> str | None:
    """Return the document that has what was charged of a closed period before."""
    if effect.charged is None:
        return None
    for each in stated:
        if getattr(each.message, "charge_id", None) == effect.charged.charge_id:
            return document_of(each, stated)
    return None


async def _said(source: RecordSource, backfill_id: str) -> AsyncIterator[Event]:
    async for record in source.each([USAGE.name]):
        event = record.content
        if isinstance(event, Event) and event.type in _STATES and backfill_of(event) == backfill_id:
            yield event
