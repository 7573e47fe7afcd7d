"""Worlds in which a service gets other rules, and loses its store behind that."""

from dataclasses import replace

from services.runtime.stream.chain import OrderRecord
from tests.simulation.broker import newest_of
from tests.simulation.losing import LosingWorld

_LOOK_S = 0.05


def _silent(process):
    """Return *process* by other rules: it does not tell what it only thought about."""

    def told(state, message, context):
        state, said = process(state, message, context)
        return state, tuple(each for each in said if not _is_thought(each))

    return told


def _is_thought(message):
    if type(message).__name__ == "Bounced":
        return message.delivery_id.startswith("day-")
    return type(message).__name__ == "StepDecided"


def _next_rules(worker):
    """Return *worker* by its next rules; every other time they say something else."""
    return replace(worker, rules=worker.rules + 1, process=_silent(worker.process))


class ChangingWorld(LosingWorld):
    """Each service is stopped and started by its next rules; then its store is lost, or a copy
    from before comes back. Between the two it is not: who changes both at once is told to go back.
    """

    def __init__(self, seed, folder, trace, **how):
        super().__init__(seed, folder, trace, **how)
        self.in_step, self._made = False, []

    async def live(self, name, kind, *parts):
        """Start a process by the rules that are in force by then."""

        def newest(name, world, *service):
            wanted = {each.worker.name: each for each in self.story.services}
            made = kind(name, world, *(wanted[each.worker.name] for each in service))
            self._made.append(made)
            return made

        await super().live(name, newest, *parts)

    async def _lose(self, service):
        for _ in range(self.faults.random.choice((1, 1, 2))):
            await self._pause(6.0)
            while not self._is_recovered(service):
                await self._pause(_LOOK_S)
            before = self.files[service].copy()
            self._change(service)
            while not self._is_covered(service):
                await self._pause(_LOOK_S)
            if self.faults.random.random() < 0.5:
                await self._pause(3.0)
                self._lost.append(self.files[service])
                self._put(service, before, "a copy from before the change")
        await super()._lose(service)

    def _change(self, service):
        self.faults.trace.say(service, "CHANGES its rules")
        self.faults.happened["changed rules"] += 1
        services = tuple(
            each._replace(worker=_next_rules(each.worker)) if each.worker.name == service else each
            for each in self.story.services
        )
        self.story = self.story._replace(services=services)
        self.workers = [each.worker for each in services]
        for process in self._made:
            if process.name.startswith(f"{service}-"):
                process.end("killed")

    def _is_recovered(self, service):
        """Say whether the store has all that its order says: before that nobody changes rules."""
        query = "select partition, max(number) from chain group by partition"
        numbers = dict(self.files[service].look(query))
        ends = (self.log.order_end(f"{service}.order", p).number for p in range(self.partitions))
        return all(numbers.get(p, -1) >= end for p, end in enumerate(ends))

    def _is_covered(self, service):
        """Say whether no partition has an order by older rules only, without a snapshot."""
        (rules,) = (each.rules for each in self.workers if each.name == service)
        for partition, text in self.files[service].look("select partition, record from chain"):
            cover = newest_of(self.log, f"{service}.snapshots", partition)
            by_older = OrderRecord.of(text).rules != rules
            if by_older and (cover is None or cover.rules != rules):
                return False
        return True
