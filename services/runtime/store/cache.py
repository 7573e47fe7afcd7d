"""Contracts between memory and the store: loaded when records name them, written when changed."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from services.runtime.store import tables
from services.runtime.store.rows import RowMapping, known_row
from services.runtime.store.store import Store
from services.runtime.stream.changes import Changes, Decoded, Missing
from services.runtime.stream.contract import ContractRecord, Contracts, Waiting
from services.runtime.stream.fold import Fold
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

    def __len__(self) -> int:
        """Return how many contracts are in memory."""
        return len(self._contracts)

    def has_waiting(self, contract_id: str) -> bool:
        """Say whether something waits at a contract."""
        return bool(self._contracts[contract_id].waiting)

    def waiting(self) -> list[Waiting]:
        """Return what waits at the contracts in memory, in order of contract_id."""
        return [each for _, kept in sorted(self._contracts.items()) for each in kept.waiting]

    def clear(self) -> None:
        """Forget all: what the store says is to be read again."""
        self._contracts.clear()

    def keep_elsewhere(self, contract_id: str, partition: int) -> None:
        """Note that a contract is kept on a *partition* that is not worked on here."""
        nothing = self.fold.nothing_of(contract_id)
        self._contracts[contract_id] = ContractRecord(partition, nothing, kept=True)

    async def load(self, inputs: Sequence[Decoded]) -> None:
        """Bring into memory what the store holds of the contracts of *inputs*."""
        if self._cached is None:
            return
        contracts = self._contracts
        named = [(each.record.event.subject, each.names) for each in inputs if each.message]
        await self.load_states(contract_id for contract_id, _ in named)
        unknown = {
            (contract_id, name)
            for contract_id, names in named
            if contract_id in contracts and contracts[contract_id].spilled
            for name in names
            if name not in contracts[contract_id].known
        }
        for row in await self._store.known(sorted(unknown)):
            contracts[row.contract_id].known[row.name] = self._rows.known(row)
        await self._look_up(self._wanted(inputs))

    async def load_states(self, contract_ids: Iterable[str]) -> None:
        """Bring the records of *contract_ids* into memory."""
        if self._cached is None:
            return
        wanted, contracts = set(contract_ids), self._contracts
        for contract_id in wanted & contracts.keys():
            contracts[contract_id] = contracts.pop(contract_id)  # the last used are kept longest
        for row in await self._store.states(sorted(wanted - contracts.keys())):
            contracts[row.contract_id] = self._rows.contract(row)

    async def look_up(self, missing: Missing) -> None:
        """Bring filed pieces into memory, also the knowledge that there are none."""
        await self._look_up({(missing.contract_id, name) for name in missing.names})

    async def _look_up(self, wanted: set[tuple[str, str]]) -> None:
        contracts = self._contracts
        for contract_id, name in wanted:
            contracts[contract_id].pieces[name] = None
        if self._cached is not None:
            for row in await self._store.filed(sorted(wanted)):
                contracts[row.contract_id].pieces[row.name] = self._rows.piece(row.value)

    def _wanted(self, inputs: Iterable[Decoded]) -> set[tuple[str, str]]:
        """Return what *inputs* want of what is filed, as far as it shows before they are applied.

        To ask for each when its turn comes would be a question to the database a record.
        """
        archive, contracts = self._worker.archive, self._contracts
        if archive is None:
            return set()
        return {
            (contract_id, name)
            for each in inputs
            if each.message and (contract_id := each.record.event.subject) in contracts
            for name in archive.wanted(contracts[contract_id].state, each.message)
            if name not in contracts[contract_id].pieces
        }

    async def write(self, tx: AsyncConnection, changes: Changes) -> None:
        """Write what *work* changed of contracts."""
        contracts = self._contracts
        spilled = [row for contract_id in changes.changed for row in self._spill(contract_id)]
        await self._store.forget_known(tx, changes.forgotten)
        await self._store.write(tx, tables.KNOWN, spilled)
        await self._store.write(tx, tables.FILED, self._rows.pieces(changes))
        # A contract that is new here must be new in the books, too: where a producer spread one
        # over two partitions, the second worker must not overwrite what the first has written.
        new = [each for each in sorted(changes.changed) if not contracts[each].stored]
        old = [each for each in sorted(changes.changed) if contracts[each].stored]
        await self._store.append(tx, tables.STATE, [self._row(each) for each in new])
        await self._store.write(tx, tables.STATE, [self._row(each) for each in old])

    def settle(self, changes: Changes) -> None:
        """Keep no more in memory than was asked, now that *work* is committed."""
        contracts = self._contracts
        for contract_id in changes.changed:
            contracts[contract_id].stored = True
        if self._cached is None:
            return
        for contract_id in list(contracts)[: max(0, len(contracts) - self._cached)]:
            del contracts[contract_id]
        for contract_id in changes.changed & contracts.keys():
            contracts[contract_id].known.clear()
            contracts[contract_id].pieces.clear()

    def _spill(self, contract_id: str) -> list[dict[str, Any]]:
        """Return rows for the identities that the row of a contract has no room for."""
        contract = self._contracts[contract_id]
        spilled = contract.spill(self.fold.calendars[contract.partition].today or date.min)
        if self._cached is None:
            contract.known |= spilled
        return [
            known_row(contract_id, name, contract.partition, known)
            for name, known in spilled.items()
        ]

    def _row(self, contract_id: str) -> dict[str, Any]:
        contract = self._contracts[contract_id]
        return self._rows.row(contract_id, contract, self.fold.index(contract_id))
