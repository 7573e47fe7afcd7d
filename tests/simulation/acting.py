"""Worlds with acts upon the world: a post office that remembers, and a person who is asked."""

import asyncio
import json
from collections import Counter
from datetime import timedelta

from schemas.outcomes import PutOff
from services.runtime.store.rows import acts_of
from services.runtime.stream.acts import event_of
from services.runtime.stream.wire import pack
from tests.simulation.stories import Service, Story, _at, _events, _last
from tests.support.events import ACME, line, paid
from tests.support.letters import OUTCOMES, WORKER, NotSent, Sent, sent, with_acts
from tests.support.traffic import BEGIN

_LOOK_EVERY_S = 1.0


class PostOffice:
    """Does what is intended, now and then later, or without a word; knows what really happened."""

    def __init__(self, world):
        self._world, self._random = world, world.faults.random
        self.done, self.amid, self.wrong = Counter(), Counter(), []
        self._answered = set()

    def bound_to(self, process):
        """Return the service whose acts *process* does."""

        async def act(intent):
            self.amid[intent.id] += 1
            try:
                return await self._act(process, intent)
            finally:
                self.amid[intent.id] -= 1

        return with_acts(act, at_once=self._world.at_once)

    async def _act(self, process, intent):
        self._look(process, intent)
        told = f"{intent.message.channel} {intent.id}, attempt {intent.attempt}"
        self._world.faults.trace.say(process.name, told)
        await process.at("act begun")
        draw = self._random.random()
        if draw < 0.15:
            raise PutOff
        if draw < 0.2:
            raise OSError("cut off before it began, which nobody can tell")
        await asyncio.sleep(self._random.choice((0.0, 0.0, 0.01, 3.0, 20.0)))
        await process.at("act about to happen")
        self.done[intent.id] += 1
        await process.at("act done")
        if draw < 0.25:
            raise OSError("no answer")
        return sent(intent)

    def _look(self, process, intent):
        """Note an act that began before its intent was committed, or before one said earlier."""
        process._must_live()
        before = [_header(slot, "ce_id") for slot in self._intents(intent.message) if slot.is_read]
        if intent.id not in before:
            self.wrong.append(f"{process.name}: {intent.id} is done before it is said")
            return
        untaken = {act.id for _, act in open_acts(self._world)}
        for other in before[: before.index(intent.id)]:
            if other in untaken:
                self.wrong.append(f"{process.name}: {intent.id} is done before {other} is settled")

    def _intents(self, message):
        """Yield the records of the same lane, in order."""
        wanted = f'"channel":"{message.channel}"'.encode()
        for p in range(self._world.partitions):
            for slot in self._world.log.slots["deliveries", p]:
                if slot.packed is not None and _header(slot, "ce_type") == "DeliveryIntended":
                    mine = slot.packed.key == message.contract_id.encode()
                    if mine and wanted in slot.packed.value:
                        yield slot

    def outcomes(self):
        """Return the outcomes on the log, in order, those that were refused included."""
        records = [
            each
            for p in range(self._world.partitions)
            for each in self._world.log.records(OUTCOMES.name, p)
        ]
        kinds = {kind.__name__: kind for kind in (Sent, NotSent)}
        return [
            kinds[each.event.type].model_validate_json(each.event.data)
            for each in records
            if each.event.type in kinds
        ]

    async def ask(self):
        """Answer, for ever, what is unknown: as it was, when nobody is at it any more."""
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            for partition, act in open_acts(self._world):
                free = not self.amid[act.id] and act.id not in self._answered
                if act.phase == "unknown" and free:
                    self._answered.add(act.id)
                    self._answer(partition, act)

    def _answer(self, partition, act):
        kind = Sent if self.done[act.id] else NotSent
        self._world.faults.happened[f"asked: {kind.__name__}"] += 1
        message = kind(contract_id=act.event.subject, effect_id=act.id)
        event = event_of("letters", message, time=self._world.now().isoformat())
        self._world.log.append(OUTCOMES.name, partition, pack(event))

    def waits(self):
        """Yield what is intended and not settled."""
        return (f"{act.effect} {act.id} is open" for _, act in open_acts(self._world))

    def faults(self):
        """Yield what does not hold when the world has come to rest."""
        yield from self.wrong
        ended = self._ids("Dispatched") + self._ids("DispatchFailed")
        for delivery, count in self._ids("DeliveryIntended").items():
            if count != 1 or ended[delivery] != 1:
                yield f"{delivery} is intended {count} times and ends {ended[delivery]} times"
        yield from self.waits()
        letters = {_header(slot, "ce_id") for slot in self._letters()}
        for effect_id, count in self.done.items():
            if effect_id in letters and count > 1:
                yield f"the letter {effect_id} is sent {count} times"
        happened = {each.effect_id: type(each) for each in reversed(self.outcomes())}
        for effect_id, kind in happened.items():
            if (kind is Sent) != bool(self.done[effect_id]):
                yield f"{effect_id} is {kind.__name__}, and was done {self.done[effect_id]} times"

    def _letters(self):
        for p in range(self._world.partitions):
            for slot in self._world.log.slots["deliveries", p]:
                if slot.packed is not None and b'"channel":"letter"' in slot.packed.value:
                    yield slot

    def _ids(self, kind):
        return Counter(
            f"{each.event.subject} {json.loads(each.event.data)['delivery_id']}"
            for p in range(self._world.partitions)
            for each in self._world.log.records("deliveries", p)
            if each.event.type == kind
        )


def open_acts(world):
    """Return what the store says is open, by partition."""
    rows = world.files["letters"].look("select partition, acts from state where acts is not null")
    return [(partition, act) for partition, acts in rows for act in acts_of(acts)]


def acting(random):
    """Payments of few contracts, each to be confirmed by a mail or a letter."""
    days = random.randint(1, 3)
    said = [line(ACME, _at(BEGIN, 0), name="acme")]
    for contract in range(random.randint(1, 4)):
        for number in range(random.randint(1, 5)):
            minute = random.randrange(1, days * 1440)
            day = BEGIN + timedelta(minute // 1440)
            told = paid(f"p{number}", random.choice(("1.00", "2.00")), day)
            told = told.model_copy(update={"contract_id": f"T-{contract}"})
            said.append(line(told, _at(day, minute % 1440), name=f"{contract}-{number}"))
    return Story((Service(WORKER),), _last(days), _events(said, _last(days)), PostOffice)


def one_of_each(_random):
    """Two letters and two mails of one contract."""
    said = [line(ACME, _at(BEGIN, 0), name="acme")]
    for number in range(4):
        told = paid(f"p{number}", f"{number % 2 + 1}.00", BEGIN)
        said.append(line(told, _at(BEGIN, 60 + number), name=f"{number}"))
    return Story((Service(WORKER),), _last(1), _events(said, _last(1)), PostOffice)


def _header(slot, name):
    return dict(slot.packed.headers).get(name, b"").decode()
