"""Contracts between memory and the store: loaded when records name them, written when changed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.envelope import Event
from services.runtime.store import tables
from services.runtime.store.figures import Sums
from services.runtime.store.rows import RowMapping, known_row
from services.runtime.store.store import Store
from services.runtime.stream import acts
from services.runtime.stream.acts import OpenAct
from services.runtime.stream.changes import Changes, Decoded, Missing
from services.runtime.stream.contract import Contracts, Waiting
from services.runtime.stream.fold import Fold
from services.runtime.stream.record import Key, Output, Record
from services.runtime.stream.waiting import on_day
from services.runtime.worker import Worker

S = TypeVar("S")


class StateCache(Generic[S]):
    """Owns what is in memory: the records of *cached* contracts at most, for the fold to work on.

    With None it begins with an empty store: it keeps all contracts, and reads none.
    """

    def __init__(self, worker: Worker[S], store: Store, *, cached: int | None) -> None:
        self._contracts = Contracts[S]()
        self.fold = Fold(worker, self._contracts)
        self._worker, self._store, self._cached = worker, store, cached
        self._rows = RowMapping(worker)
        # An embedded run is asked for no figures.
        declared = worker.sums if cached is not None else None
        self.sums = Sums(declared, store, self._rows)
        # While an order is followed: on which other partitions contracts were kept then, by place.
        self.recorded: Mapping[str, int] | None = None

    def __len__(self) -> int:
        """Return how many contracts are in memory."""
        return len(self._contracts)

    def totals(self) -> Mapping[tuple[str, str], int]:
        """Return the figures over all contracts of my partitions, by name and of what."""
        return self.sums.read(self.fold.calendars)

    def has_waiting(self, key: Key) -> bool:
        """Say whether something waits at a contract."""
        return bool(self._contracts[key].waiting)

    def waiting(self) -> list[Waiting]:
        """Return what waits at the contracts in memory, in order of contract_id."""
        return [each for _, kept in sorted(self._contracts.items()) for each in kept.waiting]

    async def restore(self, epochs: Mapping[int, int]) -> None:
        """Forget all but what the store says of my partitions, which have these *epochs*."""
        self._contracts.clear()
        self.fold.registered.clear()
        await self.sums.restore(epochs)

    async def load(self, inputs: Sequence[Decoded]) -> None:
        """Bring into memory what the store holds of the contracts of *inputs*."""
        if self._cached is None:
            return
        contracts = self._contracts
        named = [(each.record.key, each) for each in inputs if each.message]
        homes = await self._load_states({key for key, _ in named})
        unknown = set()
        for key, each in named:
            if key in contracts and contracts[key].spilled:
                unknown |= {(*key, n) for n in each.names if n not in contracts[key].known}
            if homes.get(key[0], key[1]) != key[1]:
                self.fold.homes[each.record.place] = homes[key[0]]
        self._go_by_what_was()
        for row in await self._store.known(sorted(unknown)):
            contracts[row.contract_id, row.partition].known[row.name] = self._rows.known(row)
        await self._look_up(self._wanted(inputs))

    async def load_due(self, keys: Sequence[Key], day: Record) -> None:
        """Bring the records of *keys* into memory, and where that is kept what waits there."""
        if self._cached is None:
            return
        homes = await self._load_states(set(keys))
        for key in keys:
            for each in self._contracts[key].waiting if homes.get(key[0], key[1]) != key[1] else ():
                self.fold.homes[on_day(each, day)] = homes[key[0]]
        self._go_by_what_was()

    def _go_by_what_was(self) -> None:
        """Where an order is followed, let no contract be where it came only later."""
        if self.recorded is not None:
            self.fold.homes.clear()
            self.fold.homes |= self.recorded

    async def _load_states(self, wanted: set[Key]) -> dict[str, int]:
        """Bring the records of *wanted* into memory; return where their contracts are kept."""
        contracts = self._contracts
        for key in wanted & contracts.keys():
            contracts[key] = contracts.pop(key)  # the last used are kept longest
        strangers = {key[0] for key in wanted & contracts.keys() if self._waits_only(key)}
        homes = await self._store.homes(sorted(strangers))
        missing = wanted - contracts.keys()
        for row in await self._store.states(sorted({key[0] for key in missing})):
            key = row.contract_id, row.partition
            if key in missing:
                contracts[key] = self.sums.note(self._rows.contract(row))
            if row.legal_entity_id is not None:
                homes[row.contract_id] = row.partition
        return homes

    def _waits_only(self, key: Key) -> bool:
        return self.fold.is_stranger(self._contracts[key])

    async def look_up(self, missing: Missing) -> None:
        """Bring filed pieces into memory, also the knowledge that there are none."""
        await self._look_up({(missing.key, name) for name in missing.names})

    async def _look_up(self, wanted: set[tuple[Key, str]]) -> None:
        contracts = self._contracts
        for key, name in wanted:
            contracts[key].pieces[name] = None
        if self._cached is not None:
            for row in await self._store.filed(sorted((*key, name) for key, name in wanted)):
                found = contracts[row.contract_id, row.partition]
                found.pieces[row.name] = self._rows.piece(row.value)

    def _wanted(self, inputs: Iterable[Decoded]) -> set[tuple[Key, str]]:
        """Return what *inputs* want of what is filed, as far as it shows before they are applied.

        To ask for each when its turn comes would be a question to the database a record.
        """
        archive, contracts = self._worker.archive, self._contracts
        if archive is None:
            return set()
        return {
            (key, name)
            for each in inputs
            if each.message and (key := each.record.key) in contracts
            for name in archive.wanted(contracts[key].state, each.message)
            if name not in contracts[key].pieces
        }

    def number(self, outputs: Iterable[Output]) -> list[tuple[int, OpenAct]]:
        """Note the places of intents in the outbox; return their acts, by partition."""
        found: list[tuple[int, OpenAct]] = []
        for each in outputs:
            if not isinstance(each.content, Event):
                continue
            contract = self._contracts.get((each.content.subject, each.partition))
            if contract and acts.find(contract.acts, each.content.id):
                contract.acts = acts.numbered(contract.acts, each.content.id, each.seq)
                act = acts.find(contract.acts, each.content.id)
                found += [(each.partition, act)] if act else []
        return found

    async def write(self, tx: AsyncConnection, changes: Changes) -> None:
        """Write what *work* changed of contracts."""
        contracts = self._contracts
        spilled = [row for key in changes.changed for row in self._spill(key)]
        await self._store.forget_known(tx, ((*key, name) for key, name in changes.forgotten))
        await self._store.write(tx, tables.STRAYS, self._rows.strays(changes))
        await self._store.write(tx, tables.KNOWN, spilled)
        await self._store.write(tx, tables.FILED, self._rows.pieces(changes))
        # A contract that is new here must be new in the store, too; an index lets it be registered
        # on one partition only, where a producer spread it over two.
        new = [each for each in sorted(changes.changed) if not contracts[each].stored]
        old = [each for each in sorted(changes.changed) if contracts[each].stored]
        await self._store.append(tx, tables.STATE, [self._row(each) for each in new])
        await self._store.write(tx, tables.STATE, [self._row(each) for each in old])
        await self.sums.write(tx, (contracts[each] for each in changes.changed))

    def settle(self, changes: Changes) -> None:
        """Keep no more in memory than was asked, now that *work* is committed."""
        contracts = self._contracts
        for key in changes.changed:
            contracts[key].stored = True
        if self._cached is None:
            return
        self.fold.homes.clear()
        self.fold.registered.clear()
        for key in list(contracts)[: max(0, len(contracts) - self._cached)]:
            del contracts[key]
        for key in changes.changed & contracts.keys():
            contracts[key].known.clear()
            contracts[key].pieces.clear()

    def _spill(self, key: Key) -> list[dict[str, Any]]:
        """Return rows for the identities that the row of a contract has no room for."""
        contract = self._contracts[key]
        spilled = contract.spill(self.fold.calendars[contract.partition].today or date.min)
        if self._cached is None:
            contract.known |= spilled
        return [known_row(key, name, known) for name, known in spilled.items()]

    def _row(self, key: Key) -> dict[str, Any]:
        return self._rows.row(key[0], self._contracts[key], self.fold.index(key))
