"""The fate of each line of a file of events: from its topic, and from what usage keeps (U-60)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from schemas.envelope import Event, Malformed
from schemas.topics import USAGE, topic_of
from schemas.usage import UsageRecorded, UsageReplaced
from services.cli.plumbing.kept import Kept, kept_by
from services.cli.plumbing.usage_heard import CameIn, UsageHeard, said
from services.cli.views.fates import FateOfLine, Placed
from services.cli.views.lines import InputLine
from services.runtime.ops.state_reader import StateReader
from services.runtime.stream import codec
from services.usage.app import worker
from services.usage.billed import BillableUse, charge_of, document_of
from services.usage.fate import Counted, Fate, fates, pieces_for
from services.usage.metering.reach import name_of
from services.usage.model import Contract
from services.usage.timeline.life import charges_on

# What the reasons of dead letters are called where they are fates of their own.
_OWN_FATES = ("conflict", "too_late")
_COUNTED = (UsageRecorded.__name__, UsageReplaced.__name__)
_Names = tuple[str, str]


@dataclass(frozen=True, slots=True)
class ContractUsage:
    """What became of usage of a contract, by names; None where usage keeps none of it."""

    contract: Contract
    kept: Kept[Contract]
    fates: Mapping[str, Fate]
    waiting: frozenset[_Names]


def events_of(lines: Iterable[InputLine]) -> dict[InputLine, Event | Malformed]:
    """Return what each line is."""
    found = dict[InputLine, Event | Malformed]()
    for line in lines:
        try:
            found[line] = Event.from_line(line.raw)
        except Malformed as error:
            found[line] = error
    return found


async def usage_of(
    states: StateReader[Contract], events: Iterable[Event]
) -> dict[str, ContractUsage]:
    """Return what usage keeps of *events*, by contract, with the pieces that tell of them."""
    names: dict[str, set[str]] = defaultdict(set)
    for event in events:
        names[event.subject].add(name_of(event.source, event.id))
    return {
        contract_id: told
        for contract_id, own in sorted(names.items())
        if (told := await _of_contract(states, contract_id, sorted(own))) is not None
    }


async def _of_contract(
    states: StateReader[Contract], contract_id: str, names: Sequence[str]
) -> ContractUsage | None:
    kept = await kept_by(worker, states, contract_id)
    if kept is None:
        return None
    records = [each.record.event for each in kept.copy.contract.waiting]
    waiting = frozenset((event.source, event.id) for event in records)
    if not kept.is_registered:
        return ContractUsage(kept.state, kept, {}, waiting)
    terms = kept.terms
    contract = await kept.recalled(lambda state: pieces_for(state, names, terms=terms))
    return ContractUsage(contract, kept, fates(contract, names, terms=terms), waiting)


@dataclass(slots=True)
class Judge:
    """Tells the fate of one line after the other; what was told before is a duplicate."""

    heard: UsageHeard
    usage: Mapping[str, ContractUsage]
    told: set[bytes]

    def of(self, line: InputLine, event: Event | Malformed) -> FateOfLine:
        """Return the fate of a line; *line* comes behind those that were asked for before."""
        if isinstance(event, Malformed):
            return FateOfLine(line.place, None, "refused", f"undecodable: {event}")
        topic = topic_of(event.type)
        if topic is None:
            return FateOfLine(line.place, event, "refused", f"unknown_type: {event.type}")
        if topic is not USAGE:
            return FateOfLine(line.place, event, "other")
        came = self.heard.came_in.get(said(event), [])
        if not came:
            return FateOfLine(line.place, event, "absent")
        if all(each.refused for each in came):
            return _refused(line, event, came[-1])
        return self._accepted(line, event)

    def _accepted(self, line: InputLine, event: Event) -> FateOfLine:
        names, _ = codec.fingerprints(event, codec.decode(event, USAGE.name))
        if self.told.intersection(names):
            return FateOfLine(line.place, event, "duplicate")
        self.told.update(names)
        usage = self.usage.get(event.subject)
        if usage is None:
            return FateOfLine(line.place, event, "unknown")
        if (event.source, event.id) in usage.waiting:
            return FateOfLine(line.place, event, "waiting")
        if event.type not in _COUNTED:
            return FateOfLine(line.place, event, "applied")
        fate = usage.fates.get(name_of(event.source, event.id), Fate(kind="unknown"))
        places = tuple(self._places(event, usage, fate))
        return FateOfLine(line.place, event, fate.kind, fate=fate, places=places)

    def _places(self, event: Event, usage: ContractUsage, fate: Fate) -> Iterator[Placed]:
        """Yield what an event counts for, with the charge and the document that it stands on."""
        stated = self.heard.stated.get(event.subject, [])
        for each in fate.counted:
            use = self._use(event, usage, fate, each)
            charge = charge_of(use, stated)
            number = document_of(charge, stated) if charge else None
            yield Placed(each, use.group, charge is not None, number)

    def _use(self, event: Event, usage: ContractUsage, fate: Fate, counted: Counted) -> BillableUse:
        assert fate.number is not None and fate.day is not None, "what counts has both"
        message = codec.decode(event, USAGE.name)
        backfill = message.backfill_id if isinstance(message, UsageRecorded) else None
        closed = self.heard.closed.get((event.subject, backfill)) if backfill else None
        charges = charges_on(usage.contract, fate.day, usage.kept.terms)
        names = next((e.group_by for e in charges if e.component_id == counted.component_id), ())
        group = dict(zip(names or (), counted.group, strict=False))
        return BillableUse(
            number=fate.number,
            day=fate.day,
            component_id=counted.component_id,
            group={name: value for name, value in group.items() if value},
            since=closed.instant if closed else None,
        )


def _refused(line: InputLine, event: Event, came: CameIn) -> FateOfLine:
    assert came.refused is not None, "it was asked before"
    code, detail = came.refused
    if code in _OWN_FATES:
        return FateOfLine(line.place, event, code, detail)
    return FateOfLine(line.place, event, "refused", f"{code}: {detail}")
