"""Records folded through a service's process, without any database: the heart of the engine."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Generic, TypeVar

from schemas import dating
from schemas.days import DayBegan
from schemas.frozen import replace
from schemas.message import ContractMessage, Message, NotYet, PutAside, Refused
from schemas.outcomes import ActNote, Outcome
from services.runtime.stream import acts, codec, outputs
from services.runtime.stream.calendar import PartitionCalendar
from services.runtime.stream.changes import Changes, Decoded
from services.runtime.stream.contract import ContractRecord, Contracts, Waiting
from services.runtime.stream.dedup import Seen
from services.runtime.stream.pieces import with_pieces, without_settled
from services.runtime.stream.record import Output, Record
from services.runtime.worker import Wake, Worker

S = TypeVar("S")

WAITING_MOST = 100
# They stand in one row, beside the contract's state.
WAITING_BYTES = 1_000_000
WAITING_BOUND = timedelta(days=30)


class Fold(Generic[S]):
    """Applies records to folders that are already in memory; what must be written is in work."""

    def __init__(self, worker: Worker[S], contracts: Contracts[S] | None = None) -> None:
        self.worker = worker
        self._contracts = contracts if contracts is not None else Contracts()
        self.calendars: dict[int, PartitionCalendar] = {}
        self.changes = Changes()
        self._topics = {each: topic.name for topic in worker.writes for each in topic.messages}
        self._shapes = codec.shapes_of(worker.reads)

    def read(self, record: Record) -> Decoded:
        """Open a record; what is wrong with it stands in the letter."""
        try:
            event = codec.event_of(record)
            message = codec.decode(event, record.topic, shapes=self._shapes)
            return Decoded(record, message, *codec.fingerprints(event, message))
        except Refused as why:
            return Decoded(record, refused=why.with_traceback(None))

    def apply(self, decoded: Decoded) -> bool:
        """Apply a record, or dead-letter it, or both where a part is left over; say if applied.

        Raise Missing, with nothing done, where filed pieces have to be looked up first.
        """
        said = len(self.changes.outputs)
        applied = False
        if decoded.refused is not None:
            self._put_aside(decoded.record, decoded.refused)
        elif isinstance(decoded.message, ActNote):
            self._note(decoded.record, decoded.message)
        else:
            try:
                applied = self._once(decoded)
            except Refused as why:
                self._throw_away_if_new(decoded)
                self._put_aside(decoded.record, why)
        self._close_cause(said)
        return applied

    def retry(self, contract_id: str) -> None:
        """Apply what waited and need not wait any longer, the first that can be, then anew.

        So the order is of what is known alone, however often Missing breaks in: what is applied
        may be what another waits for, which came before it.
        """
        contract, before = self._contracts.get(contract_id), None
        while contract and contract.waiting is not before:
            before = contract.waiting
            for each in before:
                said = len(self.changes.outputs)
                self._try_again(contract_id, each)
                self._close_cause(said)
                if contract.waiting is not before:
                    break

    def steps_of_day(
        self, contract_id: str, record: Record, began: DayBegan
    ) -> tuple[Callable[[], None], ...]:
        """Return what is to be done of a contract on a day, in order; each Missing as in apply."""
        return (
            partial(self._begin_day, contract_id, record, began),
            partial(self.retry, contract_id),
            partial(self._close_day, contract_id, began),
        )

    def partitions_changed(self) -> set[int]:
        """Return the partitions of what has to be written."""
        said = {output.partition for output in self.changes.outputs}
        return said | {self._contracts[each].partition for each in self.changes.changed}

    def _begin_day(self, contract_id: str, record: Record, began: DayBegan) -> None:
        said = len(self.changes.outputs)
        if self._wake(self._contracts[contract_id]).legal_entity_id == began.legal_entity_id:
            self._run(contract_id, record, began)
        self.changes.changed.add(contract_id)
        self._close_cause(said)

    def _close_day(self, contract_id: str, began: DayBegan) -> None:
        """Put aside what has waited too long, and note that the contract has heard this day."""
        contract = self._contracts[contract_id]
        bound = began.day + WAITING_BOUND
        bounded = [replace(each, until=each.until or bound) for each in contract.waiting]
        expired = [each for each in bounded if each.until and each.until <= began.day]
        contract.waiting = tuple(each for each in bounded if each not in expired)
        said = len(self.changes.outputs)
        for each in expired:
            self._drop(contract_id, each, Refused("unreferenced", "what it refers to never came"))
        self._close_cause(said)
        if self._wake(contract).legal_entity_id == began.legal_entity_id:
            contract.heard = began.day

    def index(self, contract_id: str) -> Wake:
        """Return when the contract is to be woken: for its service, or for what waits.

        What came before the first day has no bound yet; the first day gives it one. What waits
        for a legal entity is woken by the first day of any that is new.
        """
        contract = self._contracts[contract_id]
        wake = self._wake(contract)
        if not contract.waiting:
            return wake
        bounds = [each.until or date.min for each in contract.waiting]
        return replace(
            wake,
            on=min([*bounds, *([wake.on] if wake.on else [])]),
            at_new_terms=wake.at_new_terms or wake.legal_entity_id is None,
        )

    def end_day(self, record: Record, began: DayBegan) -> None:
        """Say that the work of the day is published on this partition."""
        event = outputs.day_done(self.worker.name, record, began)
        output = Output(self.worker.announces.name, record.partition, event, last=True)
        self.changes.outputs.append(output)

    def _close_cause(self, said: int) -> None:
        """Mark the last output behind the first *said*: one cause is published together."""
        if len(self.changes.outputs) > said:
            self.changes.outputs[-1] = replace(self.changes.outputs[-1], last=True)

    def _once(self, decoded: Decoded) -> bool:
        assert decoded.message is not None, "what was refused was put aside"
        record, contract_id = decoded.record, decoded.record.event.subject
        contract = self._contract(contract_id, record.partition)
        if contract.partition != record.partition:
            raise Refused("invalid", f"the contract is kept on partition {contract.partition}")
        known = self._known(contract, decoded)
        if any(other != decoded.content for other in known):
            raise Refused("conflict", "said before with other content")
        if known:
            self.changes.counts["duplicates"] += 1
            return False
        message = decoded.message
        if isinstance(message, Outcome) and not acts.find(contract.acts, message.effect_id):
            raise Refused("conflict", "its act is settled, or was never intended")
        applied = True
        try:
            self._run(contract_id, record, message)
        except NotYet:
            self._wait(contract_id, decoded)
            applied = False
        self._learn(contract_id, decoded)
        if isinstance(message, Outcome):
            contract.acts = acts.settled(contract.acts, message.effect_id)
            self.changes.settled.append((record.partition, message.effect_id))
        return applied

    def _known(self, contract: ContractRecord[S], decoded: Decoded) -> list[bytes]:
        """Return the contents that were said under the letter's names, as far as remembered."""
        today = self.calendars[decoded.record.partition].today or date.min
        found = (contract.said_as(name) for name in decoded.names)
        return [each.content for each in found if each and (each.until or date.max) > today]

    def _run(self, contract_id: str, record: Record, message: Message) -> None:
        contract, calendar = self._contracts[contract_id], self.calendars[record.partition]
        entity = self._wake(contract).legal_entity_id
        dating.check(message, record.event, calendar.terms, entity=entity)
        before = with_pieces(self.worker.archive, contract_id, contract, message)
        after, messages = self.worker.process(before, message, calendar.terms)
        aside = [each for each in messages if isinstance(each, PutAside)]
        said = [(each, codec.encoded(each)) for each in messages if each not in aside]
        if after is not contract.state:
            contract.state, pieces = without_settled(self.worker.archive, contract, after)
            self.changes.filed |= {(contract_id, name): each for name, each in pieces.items()}
            contract.wake = self.worker.wakes(contract.state)
            if contract.wake.legal_entity_id != entity:
                contract.heard = None  # of another calendar, whose days may be ahead
            self.changes.changed.add(contract_id)
        if self.worker.numbers is not None:
            calendar.count(number for each in messages if (number := self.worker.numbers(each)))
        if said:
            self._say(contract_id, record, said)
        for each in aside:
            self._put_aside(record, Refused(each.code, each.detail))
        self.changes.counts["applied in part" if aside else "applied"] += 1

    def _wake(self, contract: ContractRecord[S]) -> Wake:
        """Return when the state wants to be woken, asked once for each state."""
        if contract.wake is None:
            contract.wake = self.worker.wakes(contract.state)
        return contract.wake

    def _say(
        self, contract_id: str, record: Record, said: Sequence[tuple[ContractMessage, bytes]]
    ) -> None:
        contract = self._contracts[contract_id]
        entity = self._wake(contract).legal_entity_id
        time = self.calendars[record.partition].at(entity, record.event)
        for message, data in said:
            contract.sequence += 1
            event = outputs.answer(
                self.worker.name, message, data, cause=record, time=time, sequence=contract.sequence
            )
            topic = self._topics[type(message)]
            self.changes.outputs.append(Output(topic, record.partition, event))
            if effect := self.worker.effects and self.worker.effects.of(message):
                contract.acts = acts.opened(contract.acts, effect.name, topic, event)
                self.changes.changed.add(contract_id)

    def _note(self, record: Record, note: ActNote) -> None:
        """Hear how far an act has come; nothing is decided from it."""
        contract = self._contracts.get(record.event.subject)
        if contract is not None and contract.partition == record.partition:
            contract.acts = acts.noted(contract.acts, note)
            self.changes.changed.add(record.event.subject)

    def _wait(self, contract_id: str, decoded: Decoded) -> None:
        contract = self._contracts[contract_id]
        if len(contract.waiting) == WAITING_MOST:
            raise Refused("unreferenced", "too many records of the contract wait already")
        records = (decoded.record, *(each.record for each in contract.waiting))
        if sum(each.size for each in records) > WAITING_BYTES:
            raise Refused("unreferenced", "too much of the contract waits already")
        today = self.calendars[decoded.record.partition].today
        until = today + WAITING_BOUND if today else None
        contract.waiting = (*contract.waiting, Waiting(decoded.record, until, decoded.names))

    def _try_again(self, contract_id: str, each: Waiting) -> None:
        message = codec.decode(each.record.event, each.record.topic, shapes=self._shapes)
        try:
            self._run(contract_id, each.record, message)
        except NotYet:
            return
        except Refused as why:
            self._drop(contract_id, each, why)
        contract = self._contracts[contract_id]
        contract.waiting = tuple(w for w in contract.waiting if w is not each)
        self.changes.changed.add(contract_id)

    def _drop(self, contract_id: str, each: Waiting, why: Refused) -> None:
        """Put aside what waited, and forget it, so that it may be sent again."""
        contract = self._contracts[contract_id]
        for name in each.names:
            contract.forget(name)
            if contract.spilled:
                self.changes.forgotten.add((contract_id, name))
        self._put_aside(each.record, why)

    def _learn(self, contract_id: str, decoded: Decoded) -> None:
        """Remember business facts for ever, and (source, id) for as long as the service says."""
        contract = self._contracts[contract_id]
        today = self.calendars[decoded.record.partition].today
        self.changes.changed.add(contract_id)
        contract.kept = True
        bounds = (today + self.worker.remembers if today else None, None)
        for name, until in zip(decoded.names, bounds, strict=False):
            contract.learn(name, Seen(decoded.content, until))

    def _put_aside(self, record: Record, why: Refused) -> None:
        self.changes.counts["dead letters"] += 1
        self.changes.counts[f"dead letters: {why.code}"] += 1
        self.changes.outputs.append(codec.dead_letter(self.worker.name, record, why))

    def _throw_away_if_new(self, decoded: Decoded) -> None:
        """Let a record that was refused not decide on which partition its contract is kept."""
        contract_id = decoded.record.event.subject
        contract = self._contracts.get(contract_id)
        if contract is not None and not contract.kept:
            del self._contracts[contract_id]

    def _contract(self, contract_id: str, partition: int) -> ContractRecord[S]:
        if contract_id not in self._contracts:
            self._contracts[contract_id] = ContractRecord(partition, self.nothing_of(contract_id))
        return self._contracts[contract_id]

    def nothing_of(self, contract_id: str) -> S:
        """Return the state of a contract that was never heard of."""
        return self.worker.keeps(contract_id=contract_id)  # type: ignore[call-arg]
