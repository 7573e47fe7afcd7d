"""Records folded through a service's process, without any database: the heart of the engine."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Generic, TypeVar

from schemas import dating
from schemas.days import DayBegan
from schemas.frozen import replace
from schemas.message import ContractMessage, Message, NotYet, PartlyRefused, Refused
from schemas.outcomes import ActNote, ActOutcome
from services.runtime.stream import acts, codec, outputs
from services.runtime.stream.calendar import PartitionCalendar
from services.runtime.stream.changes import Changes, Decoded
from services.runtime.stream.contract import ContractRecord, Contracts, Waiting
from services.runtime.stream.dedup import Seen
from services.runtime.stream.pieces import with_pieces, without_settled
from services.runtime.stream.record import Key, Output, Record
from services.runtime.stream.waiting import bounded, elsewhere, on_day, queued, woken_by
from services.runtime.worker import Wake, Worker

S = TypeVar("S")


class Fold(Generic[S]):
    """Applies records to contracts that are in memory already; ``changes`` must be written."""

    def __init__(self, worker: Worker[S], contracts: Contracts[S] | None = None) -> None:
        self.worker = worker
        self._contracts = contracts if contracts is not None else Contracts()
        self.calendars: dict[int, PartitionCalendar] = {}
        self.changes = Changes()
        # Of records at hand, and of days on which one waits: the other partition of its contract.
        self.homes: dict[str, int] = {}
        # On which partition contracts became known: another one may not register them, too.
        self.registered: dict[str, int] = {}
        self._topics = {each: topic.name for topic in worker.writes for each in topic.messages}
        self._shapes = codec.shapes_of(worker.reads)

    def read(self, record: Record) -> Decoded:
        """Open a record; what is wrong with it stands beside it."""
        try:
            event = codec.event_of(record)
            message = codec.decode(event, record.topic, shapes=self._shapes)
            self.worker.admits(message)
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
            self._dead_letter(decoded.record, decoded.refused)
        elif isinstance(decoded.message, ActNote):
            self._note(decoded.record, decoded.message)
        else:
            try:
                applied = self._once(decoded)
            except Refused as why:
                self._throw_away_if_new(decoded)
                self._dead_letter(decoded.record, why)
        self._close_cause(said)
        return applied

    def retry(self, key: Key) -> None:
        """Apply what waited and need not wait any longer, the first that can be, then anew.

        So the order is of what is known alone, however often Missing breaks in: what is applied
        may be what another waits for, which came before it.
        """
        contract, before = self._contracts.get(key), None
        while contract and contract.waiting is not before:
            before = contract.waiting
            for each in before:
                said = len(self.changes.outputs)
                self._try_again(key, each)
                self._close_cause(said)
                if contract.waiting is not before:
                    break

    def steps_of_day(
        self, key: Key, record: Record, began: DayBegan
    ) -> tuple[Callable[[], None], ...]:
        """Return what is to be done of a contract on a day, in order; each Missing as in apply."""
        return (
            partial(self._begin_day, key, record, began),
            partial(self._retry_on_day, key, record),
            partial(self._close_day, key, record, began),
        )

    def _begin_day(self, key: Key, record: Record, began: DayBegan) -> None:
        said = len(self.changes.outputs)
        if self._wake(self._contracts[key]).legal_entity_id == began.legal_entity_id:
            self._run(key, record, began)
            self.changes.changed.add(key)
        self._close_cause(said)

    def _retry_on_day(self, key: Key, record: Record) -> None:
        """Retry, unless the contract has become known elsewhere."""
        places = (on_day(each, record) for each in self._contracts[key].waiting)
        if all(self._home(key, place) is None for place in places):
            self.retry(key)

    def _close_day(self, key: Key, record: Record, began: DayBegan) -> None:
        """Dead-letter what has waited too long, and note that the contract has heard this day."""
        contract = self._contracts[key]
        waiting = bounded(contract.waiting, began.day)
        whys = [(each, self._why_over(key, each, record, began.day)) for each in waiting]
        before, contract.waiting = contract.waiting, tuple(w for w, why in whys if why is None)
        said = len(self.changes.outputs)
        for each, why in ((each, why) for each, why in whys if why):
            self._drop(key, each, why)
        self._close_cause(said)
        if contract.waiting != before:
            self.changes.changed.add(key)
        if self._wake(contract).legal_entity_id == began.legal_entity_id:
            contract.heard = began.day

    def _why_over(self, key: Key, each: Waiting, record: Record, day: date) -> Refused | None:
        place = on_day(each, record)
        if (home := self._home(key, place)) is not None:
            self.changes.strays[place] = home
            return elsewhere(home)
        is_late = each.until is not None and each.until <= day
        return Refused("unreferenced", "what it refers to never came") if is_late else None

    def _refuse_stray(self, key: Key, record: Record) -> None:
        """Raise Refused where the contract is kept on another partition, and not known here."""
        if (home := self._home(key, record.place)) is not None:
            self.changes.strays[record.place] = home
            raise elsewhere(home)

    def _home(self, key: Key, place: str) -> int | None:
        """Return on which other partition the contract of *key* is kept; None where it is here."""
        home = self.homes.get(place, self.registered.get(key[0]))
        return home if home != key[1] and self.is_stranger(self._contracts[key]) else None

    def is_stranger(self, contract: ContractRecord[S]) -> bool:
        """Say whether nothing was applied of a contract here: what came for it only waits."""
        return self._wake(contract).legal_entity_id is None

    def index(self, key: Key) -> Wake:
        """Return when the contract is to be woken: for its service, or for what waits."""
        contract = self._contracts[key]
        return woken_by(contract.waiting, self._wake(contract))

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
        assert decoded.message is not None, "what was refused was dead-lettered"
        record, key = decoded.record, decoded.record.key
        contract = self._contract(key)
        self._refuse_stray(key, record)
        known = self._known(contract, decoded)
        if any(other != decoded.content for other in known):
            raise Refused("conflict", "said before with other content")
        if known:
            self.changes.counts["duplicates"] += 1
            return False
        message = decoded.message
        if isinstance(message, ActOutcome) and not acts.find(contract.acts, message.effect_id):
            raise Refused("conflict", "its act is settled, or was never intended")
        applied = True
        try:
            self._run(key, record, message)
        except NotYet:
            self._wait(key, decoded)
            applied = False
        self._learn(key, decoded)
        if isinstance(message, ActOutcome):
            contract.acts = acts.settled(contract.acts, message.effect_id)
            self.changes.settled.append((record.partition, message.effect_id))
        return applied

    def _known(self, contract: ContractRecord[S], decoded: Decoded) -> list[bytes]:
        """Return the contents that were said under the names of *decoded*, as far as remembered."""
        today = self.calendars[decoded.record.partition].today or date.min
        found = (contract.said_as(name) for name in decoded.names)
        return [each.content for each in found if each and (each.until or date.max) > today]

    def _run(self, key: Key, record: Record, message: Message) -> None:
        contract, calendar = self._contracts[key], self.calendars[record.partition]
        entity = self._wake(contract).legal_entity_id
        dating.check(message, record.event, calendar.terms, entity=entity)
        before = with_pieces(self.worker.archive, key, contract, message)
        after, messages = outputs.outcome(self.worker.process, before, message, calendar.context)
        aside = [each for each in messages if isinstance(each, PartlyRefused)]
        said = [(each, codec.encoded(each)) for each in messages if each not in aside]
        if after is not contract.state:
            contract.state, pieces = without_settled(self.worker.archive, contract, after)
            self.changes.filed |= {(key, name): each for name, each in pieces.items()}
            contract.wake = self.worker.wakes(contract.state)
            if contract.wake.legal_entity_id != entity:
                contract.heard = None  # of another calendar, whose days may be ahead
                self.registered[key[0]] = key[1]
            self.changes.changed.add(key)
        if self.worker.numbers is not None:
            calendar.count(number for each in messages if (number := self.worker.numbers(each)))
        if said:
            self._say(key, record, said)
        for each in aside:
            self._dead_letter(record, Refused(each.code, each.detail))
        self.changes.counts["applied in part" if aside else "applied"] += 1

    def _wake(self, contract: ContractRecord[S]) -> Wake:
        """Return when the state wants to be woken, asked once for each state."""
        if contract.wake is None:
            contract.wake = self.worker.wakes(contract.state)
        return contract.wake

    def _say(self, key: Key, record: Record, said: Sequence[tuple[ContractMessage, bytes]]) -> None:
        contract = self._contracts[key]
        entity = self._wake(contract).legal_entity_id
        time = self.calendars[record.partition].at(entity, record.event)
        for message, data in said:
            contract.sequence += 1
            event = outputs.answer(
                self.worker.name, message, data, cause=record, time=time, sequence=contract.sequence
            )
            if self.worker.counts and (name := self.worker.counts(message)):
                self.changes.counts[f"said: {name}"] += 1
            topic = self._topics[type(message)]
            self.changes.outputs.append(Output(topic, record.partition, event))
            if effect := self.worker.effects and self.worker.effects.of(message):
                contract.acts = acts.opened(contract.acts, effect.name, topic, event)
                self.changes.changed.add(key)

    def _note(self, record: Record, note: ActNote) -> None:
        """Hear how far an act has come; nothing is decided from it."""
        contract = self._contracts.get(record.key)
        if contract is not None:
            contract.acts = acts.noted(contract.acts, note)
            self.changes.changed.add(record.key)

    def _wait(self, key: Key, decoded: Decoded) -> None:
        contract, today = self._contracts[key], self.calendars[key[1]].today
        contract.waiting = queued(contract.waiting, decoded, today=today)

    def _try_again(self, key: Key, each: Waiting) -> None:
        message = codec.decode(each.record.event, each.record.topic, shapes=self._shapes)
        try:
            self._run(key, each.record, message)
        except NotYet:
            return
        except Refused as why:
            self._drop(key, each, why)
        contract = self._contracts[key]
        contract.waiting = tuple(w for w in contract.waiting if w is not each)
        self.changes.changed.add(key)

    def _drop(self, key: Key, each: Waiting, why: Refused) -> None:
        """Dead-letter what waited, and forget it, so that it may be sent again."""
        contract = self._contracts[key]
        for name in each.names:
            contract.forget(name)
            if contract.spilled:
                self.changes.forgotten.add((key, name))
        self._dead_letter(each.record, why)

    def _learn(self, key: Key, decoded: Decoded) -> None:
        """Remember business facts for ever, and (source, id) for as long as the service says."""
        contract, today = self._contracts[key], self.calendars[key[1]].today
        self.changes.changed.add(key)
        contract.kept = True
        bounds = (today + self.worker.remembers if today else None, None)
        for name, until in zip(decoded.names, bounds, strict=False):
            contract.learn(name, Seen(decoded.content, until))

    def _dead_letter(self, record: Record, why: Refused) -> None:
        self.changes.counts["dead letters"] += 1
        self.changes.counts[f"dead letters: {why.code}"] += 1
        self.changes.outputs.append(codec.dead_letter(self.worker.name, record, why))

    def _throw_away_if_new(self, decoded: Decoded) -> None:
        """Let a record that was refused not decide on which partition its contract is kept."""
        key = decoded.record.key
        contract = self._contracts.get(key)
        if contract is not None and not contract.kept:
            del self._contracts[key]

    def _contract(self, key: Key) -> ContractRecord[S]:
        if key not in self._contracts:
            nothing = self.worker.keeps(contract_id=key[0])  # type: ignore[call-arg]
            self._contracts[key] = ContractRecord(key[1], nothing)
        return self._contracts[key]
