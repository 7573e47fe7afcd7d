"""Follows a recorded order: the inputs of a partition again, in the order that its topic says."""

from collections.abc import Mapping, Sequence
from typing import Any

from schemas.topics import DAYS
from services.runtime.engine import Engine
from services.runtime.stream.chain import OrderRecord
from services.runtime.stream.record import Record
from services.runtime.turns import in_turns


class Follower:
    """Applies to one partition of *engine* what another commit of it took; publishes nothing.

    What is in the store already is skipped, so that it may be stopped anywhere and begun again.
    """

    def __init__(self, engine: Engine[Any], partition: int, *, published: int) -> None:
        self._engine, self._partition = engine, partition
        self._homes: dict[str, int] = {}
        # A step that failed may have left a day there.
        engine.barrier.let_go(partition)
        engine.ordering.follow(partition, published=published)

    async def follow(
        self, records: Sequence[OrderRecord], inputs: Sequence[Record], strays: Mapping[str, int]
    ) -> None:
        """Apply *inputs*, which are those of *records*; *strays* are known from all of these."""
        engine, facts = self._engine, list[Record]()
        engine.cache.recorded = self._homes
        self._homes |= strays
        for record in self._new(inputs):
            if record.topic == DAYS.name:
                await self._take(facts)
                facts = []
                await self._take_day(record)
            else:
                facts.append(record)
        await self._take(facts)
        if engine.paused:
            return
        for last in records[-1:]:
            if last.day is not None:
                engine.transaction.amid(self._partition, last.day)
            await engine.ordering.followed(
                engine.store, self._partition, last, engine.epochs, engine.transaction.positions
            )

    def end(self) -> None:
        """Let the partition go on by itself."""
        self._engine.cache.recorded = None
        self._engine.ordering.lead(self._partition)

    def _new(self, inputs: Sequence[Record]) -> list[Record]:
        at = self._engine.transaction.positions
        return [each for each in inputs if each.offset >= at.get((each.topic, each.partition), 0)]

    async def _take(self, facts: Sequence[Record]) -> None:
        engine = self._engine
        if not facts or engine.paused:
            return
        decoded = [engine.fold.read(each) for each in facts]
        await engine.cache.load(decoded)
        await in_turns(decoded, engine.fold_in, is_over=lambda: engine.paused)
        await engine.commit()

    async def _take_day(self, record: Record) -> None:
        """Work off a whole day, or take a term: whatever stood before it is applied."""
        engine = self._engine
        if engine.paused:
            return
        if engine.barrier.hold(record):
            engine.transaction.begin(record)
        await engine.begin_days()
        await engine.commit()
