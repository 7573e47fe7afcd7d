"""Acts upon the world in an embedded run: one after the other, in the time of the run."""

from collections import Counter
from functools import partial
from typing import Any

from schemas.frozen import replace
from schemas.message import ContractMessage
from schemas.outcomes import ActBegan, ActOutcome, ActPutOff, PutOff
from services.runtime.effects import Effect, Effects, Intent
from services.runtime.embedded.memory_log import MemoryLog
from services.runtime.stream import codec
from services.runtime.stream.acts import OpenAct, event_of, note
from services.runtime.stream.lanes import Lanes
from services.runtime.stream.record import Record
from services.runtime.worker import Worker


class EmbeddedActs:
    """Does what *worker* intends when that stands on the log, and says there what came of it.

    What is put off is tried again when the next day begins. Nothing is unknown here: a run that
    dies is run again, and what an act raises besides ends it.
    """

    def __init__(self, worker: Worker[Any], effects: Effects, log: MemoryLog) -> None:
        self._service, self._effects, self._log = worker.name, effects, log
        self._lanes = Lanes(effects, Counter())
        self._shapes = codec.shapes_of(worker.writes)
        self._put_off: list[OpenAct] = []
        self._partitions: dict[str, int] = {}
        self._time = ""
        for topic in worker.writes:
            log.subscribe(topic.name, self._see)
        log.subscribe(effects.outcomes.name, self._hear)

    def begin_again(self, time: str) -> None:
        """Try again what was put off, now that it is *time*."""
        self._time, put_off, self._put_off = time, self._put_off, []
        for act in put_off:
            self._lanes.offer_again(act)

    async def act(self) -> bool:
        """Do all that may begin; say whether there was something."""
        acts = self._lanes.take(published=0)
        for act in acts:
            effect = self._effects.named(act.effect)
            assert effect is not None, "only what is declared is ever taken"
            await self._do(effect, replace(act, attempt=act.attempt + 1))
        return bool(acts)

    async def _do(self, effect: Effect, act: OpenAct) -> None:
        say = partial(self._say, self._partitions[act.id], max(self._time, act.event.time))
        say(note(ActBegan, act))
        message = codec.decode(act.event, act.topic, shapes=self._shapes)
        try:
            say(await effect.act(Intent(act.id, message, act.attempt)))
        except PutOff:
            say(note(ActPutOff, act))
            self._put_off.append(act)
        finally:
            self._lanes.give_back(act.id)

    def _see(self, record: Record) -> None:
        """Take in what this service intends."""
        if record.event.source != f"/duestream/{self._service}":
            return
        message = codec.decode(record.event, record.topic, shapes=self._shapes)
        if isinstance(message, ContractMessage) and (effect := self._effects.of(message)):
            self._partitions[record.event.id] = record.partition
            self._lanes.add(OpenAct(effect.name, record.topic, record.event, seq=0))

    def _hear(self, record: Record) -> None:
        """Let the next act of a lane come when an outcome is said."""
        shapes = codec.shapes_of((self._effects.outcomes,))
        message = codec.decode(record.event, record.topic, shapes=shapes)
        if isinstance(message, ActOutcome):
            self._lanes.remove(message.effect_id)
            self._partitions.pop(message.effect_id, None)

    def _say(self, partition: int, time: str, message: ContractMessage) -> None:
        event = event_of(self._service, message, time=time)
        self._log.append(self._effects.outcomes.name, partition, event)
