"""The acts of one partition: begun when their intent is on Kafka, their outcomes said there.

Each partition has a writer of its own on the outcomes topic. Who owns the partition fences the
last owner's, hears all that stands there, and only then begins: ``ActBegan`` is committed before an
act is tried, so that it shows to whoever comes after a crash, also where the store is lost.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol

import structlog

from schemas.frozen import replace
from schemas.message import ContractMessage
from schemas.outcomes import ActBegan, ActOutcome, ActPutOff, ActUnknown, PutOff
from services.runtime.effects import Effect, Effects, Intent
from services.runtime.engine import Engine
from services.runtime.kafka.producer import Outgoing, Sender
from services.runtime.kafka.publisher import KafkaPublisher
from services.runtime.kafka.retry import Patience
from services.runtime.settings import Settings
from services.runtime.store.acts import open_acts
from services.runtime.stream import codec
from services.runtime.stream.acts import OpenAct, begun, event_of, note
from services.runtime.stream.barrier import AsksEnds
from services.runtime.stream.lanes import Lanes

_LOOK_EVERY_S = 0.05

log = structlog.get_logger()


class Opens(Protocol):
    """Opens a sender for a block; an earlier one of the same *writer* is fenced."""

    def __call__(
        self, settings: Settings, /, *, writer: str
    ) -> AbstractAsyncContextManager[Sender]: ...


class World(NamedTuple):
    """What acts need of their process: the way to Kafka, its ends, the time, and patience."""

    settings: Settings
    opens: Opens
    ends: AsksEnds
    now: Callable[[], datetime]
    patience: Patience


@dataclass(slots=True)
class Shared:
    """What the partitions of a worker have in common; *busy* counts slots, by effect."""

    effects: Effects
    engine: Engine[Any]
    publisher: KafkaPublisher
    world: World
    shapes: codec.Shapes
    wake: Callable[[], None]
    busy: Counter[str] = field(default_factory=Counter)
    # Others may take what is mine: nothing more is begun.
    is_loose: bool = False

    @property
    def service(self) -> str:
        """The name of the service."""
        return self.engine.worker.name


class PartitionActs:
    """The acts of one partition, from the claim until it is taken away."""

    def __init__(self, partition: int, shared: Shared) -> None:
        self._partition, self._shared, self._effects = partition, shared, shared.effects
        self._lanes = Lanes(shared.effects, shared.busy)
        self._moved = asyncio.Event()
        # What is to be said next; it stays until Kafka has it.
        self._beginning: list[OpenAct] = []
        self._ended: list[tuple[OpenAct, ContractMessage]] = []
        self._running: dict[str, tuple[OpenAct, asyncio.Task[None]]] = {}
        # While the store is read, what is opened and what is settled: it is older than that.
        self._opened_meanwhile: list[OpenAct] | None = None
        self._settled_meanwhile: set[str] = set()
        self._behind = True
        # Effects of which the store has more than there is room for.
        self._left: set[str] = set()
        self._sending: list[OpenAct] = []

    async def run(self) -> None:
        """Do acts for ever; raise Fenced or ProducerFenced when another worker has them."""
        try:
            await self._shared.world.patience.insist(self._what, self._session)
        finally:
            tasks = [task for _, task in self._running.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._lanes.close()

    def open(self, act: OpenAct) -> None:
        """Take in an intent that is committed; what is not held now is read from the store."""
        if self._opened_meanwhile is not None:
            self._opened_meanwhile.append(act)
        elif not self._behind:
            self._hold(act)
        self.wake()

    def settle(self, effect_id: str) -> None:
        """Forget an act whose outcome was taken."""
        self._lanes.remove(effect_id)
        self._settled_meanwhile.add(effect_id)
        self.wake()

    def reread(self) -> None:
        """Look into the store: what was committed is not known here."""
        self._behind = True
        self.wake()

    def wake(self) -> None:
        """Look whether something may begin, or is to be said."""
        self._moved.set()

    async def rest(self) -> None:
        """Wait until no act is amid that a person would have to be asked about."""
        while self._is_asking():
            await asyncio.sleep(_LOOK_EVERY_S)

    @property
    def _what(self) -> str:
        return f"acts of {self._partition}"

    def _is_asking(self) -> bool:
        """Say whether such an act is amid, or its outcome is not on Kafka."""
        amid = [act.effect for act, _ in self._ended] + [act.effect for act in self._sending]
        amid += [act.effect for act, _ in self._running.values()]
        return any((e := self._effects.named(name)) and e.unknown == "ask" for name in amid)

    async def _session(self) -> None:
        """Work with one sender; raise what passes when it broke."""
        world, writer = self._shared.world, f"{self._shared.service}-outcomes-{self._partition}"
        async with world.opens(world.settings, writer=writer) as sender:
            # Whoever lost the store's partition may have fenced its owner just now.
            await self._must_be_mine()
            world.patience.relax(self._what)
            while True:
                self._moved.clear()
                if self._behind or any(not self._lanes.is_half_full(each) for each in self._left):
                    await self._catch_up()
                await self._step(sender)
                await self._moved.wait()

    def _epoch(self) -> int:
        # Without one it is not mine any more, and the fence will say so.
        return self._shared.engine.epochs.get(self._partition, -1)

    async def _must_be_mine(self) -> None:
        store, epoch = self._shared.engine.store, self._epoch()
        async with store.transaction() as tx:
            await store.fence(tx, {self._partition: epoch})

    async def _catch_up(self) -> None:
        """Take all that is open from the store, when all that is said of it is taken there."""
        engine, place = self._shared.engine, (self._effects.outcomes.name, self._partition)
        end = (await self._shared.world.ends([self._partition])).get(place, 0)
        while not engine.has_committed(place, end):
            await asyncio.sleep(_LOOK_EVERY_S)
        self._behind = False  # before the question: who says reread while it runs is heard
        self._left = {each for each in self._left if self._lanes.is_half_full(each)}
        self._opened_meanwhile, known = [], self._lanes.ids()
        self._settled_meanwhile.clear()
        try:
            found = await self._read()
        except BaseException:
            self._behind = True
            raise
        finally:
            opened, self._opened_meanwhile = self._opened_meanwhile, None
        for effect_id in known - found:
            self._lanes.remove(effect_id)
        for act in opened:
            self._hold(act)

    async def _read(self) -> set[str]:
        """Hold what the store says is open; return all ids of it."""
        found = set()
        async for page in open_acts(self._shared.engine.store, self._partition, self._epoch()):
            for act in page:
                found.add(act.id)
                self._hold(act)
        return found

    def _hold(self, act: OpenAct) -> None:
        """Take in an act as the store has it; one that was amid at a crash is unknown."""
        if act.id in self._lanes or act.id in self._settled_meanwhile:
            return
        if act.effect in self._left or self._lanes.is_full(act.effect):
            self._left.add(act.effect)
            return
        effect = self._effects.named(act.effect)
        rests = act.attempt > 0
        self._lanes.add(act, rests=rests)
        if effect is None or not rests or act.phase == "unknown":
            return
        if act.phase == "began" and effect.unknown == "ask":
            self._ended.append((act, note(ActUnknown, act)))
        else:
            self._try_later(effect, act)

    async def _step(self, sender: Sender) -> None:
        """Say what ended and what begins, all in one transaction; then begin it."""
        published = self._shared.publisher.published(self._partition)
        if not self._shared.is_loose:
            self._beginning += self._lanes.take(published=published)
            self._sending = list(self._beginning)
        ended, beginning = list(self._ended), list(self._sending)
        began = [begun(act, at=self._shared.world.now()) for act in beginning]
        said = [message for _, message in ended] + [note(ActBegan, act) for act in began]
        try:
            await sender.send([self._outgoing(message) for message in said])
        finally:
            self._sending = []
        del self._ended[: len(ended)], self._beginning[: len(beginning)]
        for act, message in ended:
            self._over(act, message)
        for act in began:
            self._begin(act)
        if ended:
            self.wake()

    def _over(self, act: OpenAct, message: ContractMessage) -> None:
        effect = self._effects.named(act.effect)
        if isinstance(message, ActPutOff) and effect is not None:
            self._try_later(effect, replace(act, until=message.until))

    def _begin(self, act: OpenAct) -> None:
        """Do *act* in the background, unless it was settled by hand meanwhile."""
        effect = self._effects.named(act.effect)
        if effect is None or act.id not in self._lanes:
            self._lanes.give_back(act.id)
            return
        self._running[act.id] = act, self._shared.publisher.guard(self._do(effect, act))

    async def _do(self, effect: Effect, act: OpenAct) -> None:
        try:
            said = await self._try(effect, act)
        finally:
            self._running.pop(act.id, None)
            self._lanes.give_back(act.id)
        self._ended.append((act, said))
        self._shared.wake()

    async def _try(self, effect: Effect, act: OpenAct) -> ContractMessage:
        """Return the outcome of *act*, or how it stands without one."""
        message = codec.decode(act.event, act.topic, shapes=self._shared.shapes)
        intent = Intent(act.id, message, act.attempt, act.first_at)
        try:
            # Not wait_for: in Python 3.11 it forgets a cancellation that comes with the answer.
            async with asyncio.timeout(effect.longest.total_seconds()):
                outcome = await effect.act(intent)
            return self._checked(outcome, intent)
        except PutOff as put_off:
            return note(ActPutOff, replace(act, until=put_off.until))
        except Exception as error:  # noqa: BLE001 - whether it happened is settled as declared
            # Its words may name a person.
            log.warning("act.unknown", effect=effect.name, act=act.id, error=type(error).__name__)
            return note(ActPutOff if effect.unknown == "again" else ActUnknown, act)

    def _checked(self, outcome: ActOutcome, intent: Intent) -> ActOutcome:
        same = outcome.effect_id == intent.id and outcome.contract_id == intent.message.contract_id
        if not same or type(outcome) not in self._effects.outcomes.messages:
            raise TypeError("an act returns an outcome of its own intent")
        codec.encoded(outcome)
        return outcome

    def _try_later(self, effect: Effect, act: OpenAct) -> None:
        gap = effect.gap_after(act.attempt)
        gap = gap if act.until is None else act.until - self._shared.world.now()
        gap_s = max(0.0, gap.total_seconds())
        asyncio.get_running_loop().call_later(gap_s, self._offer_again, act)

    def _offer_again(self, act: OpenAct) -> None:
        self._lanes.offer_again(act)
        self.wake()

    def _outgoing(self, message: ContractMessage) -> Outgoing:
        time = self._shared.world.now().isoformat()
        event = event_of(self._shared.service, message, time=time)
        return Outgoing(self._effects.outcomes.name, self._partition, event)
