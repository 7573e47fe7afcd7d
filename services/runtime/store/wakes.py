"""Which contracts a day wakes: the index of the store says it, and is asked only where it may."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import ColumnElement, func, or_, select

from schemas.values import LegalEntityId
from services.runtime.store.store import Store
from services.runtime.store.tables import STATE
from services.runtime.stream.barrier import HeldDay


class Wakes:
    """Asks for the contracts of a day in slices, and remembers where all sleep, and until when."""

    def __init__(self, store: Store) -> None:
        self._store = store
        # How far a day has come on a partition: the last contract that it woke.
        self._woken: dict[int, str] = {}
        # On which day the first one of a legal entity wakes on a partition.
        self._asleep: dict[tuple[int, LegalEntityId], date] = {}

    def clear(self) -> None:
        """Forget all: other partitions are mine, or the store is not where it was taken to be."""
        self._woken.clear()
        self._asleep.clear()

    def changed(self, partitions: Collection[int]) -> None:
        """Hear that contracts of *partitions* changed, which may wake sooner now."""
        for place in [each for each in self._asleep if each[0] in partitions]:
            del self._asleep[place]

    async def next(self, day: HeldDay, *, news: bool, most: int) -> list[str]:
        """Return the next contracts that *day* wakes; fewer than *most* are the last ones.

        With *news* the terms of the legal entity are new. All that changed is in the store.
        """
        partition, began = day.record.partition, day.began
        place = partition, began.legal_entity_id
        if not news and self._asleep.get(place, date.min) > began.day:
            return []
        after = self._woken.pop(partition, "")
        due = await self._due(place, began.day, news=news, after=after, most=most)
        if len(due) == most:
            self._woken[partition] = due[-1]
        if not due and not after:
            self._asleep[place] = await self._first(*place)
        return due

    async def _due(
        self,
        place: tuple[int, LegalEntityId],
        day: date,
        *,
        news: bool,
        after: str,
        most: int,
    ) -> list[str]:
        """Return the first contracts behind *after* that *day* wakes.

        The ``heard`` day tells what a crash in the middle of a day left undone: nobody is woken
        twice.
        """
        partition, entity = place
        asks = or_(STATE.c.wake_on <= day, STATE.c.at_new_terms) if news else STATE.c.wake_on <= day
        rows = (
            select(STATE.c.contract_id)
            .where(STATE.c.partition == partition, or_(*_concerned(entity)), asks)
            .where(or_(STATE.c.heard.is_(None), STATE.c.heard < day), STATE.c.contract_id > after)
            .order_by(STATE.c.contract_id)
            .limit(most)
        )
        async with self._store.transaction() as tx:
            return list((await tx.execute(rows)).scalars())

    async def _first(self, partition: int, entity: LegalEntityId) -> date:
        """Return the first day on which a contract wakes; the last day where none does.

        Each side is asked for by itself, so that the index of a partition is not gone through.
        """
        here = STATE.c.partition == partition
        first = select(func.min(STATE.c.wake_on))
        sides = (first.where(here, each).scalar_subquery() for each in _concerned(entity))
        async with self._store.transaction() as tx:
            found = (await tx.execute(select(*sides))).one()
        return min((day for day in found if day is not None), default=date.max)


def _concerned(entity: LegalEntityId) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Contracts without a legal entity only wait for facts; any day, and any news, moves them."""
    return STATE.c.legal_entity_id == entity, STATE.c.legal_entity_id.is_(None)
