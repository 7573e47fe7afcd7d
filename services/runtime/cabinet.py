"""Folders between memory and the books: loaded when records name them, written when they change."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from services.runtime import tables
from services.runtime.books import Books
from services.runtime.filing import Filing, known_row
from services.runtime.fold import Fold
from services.runtime.work import Letter, Missing, Work

S = TypeVar("S")


class Cabinet(Generic[S]):
    """Keeps the folders of *cached* contracts in memory at most.

    With None it begins with empty books: it keeps all folders, and reads none.
    """

    def __init__(self, fold: Fold[S], books: Books, *, cached: int | None) -> None:
        self._fold, self._books, self._cached = fold, books, cached
        self._filing = Filing(fold.worker)

    async def load(self, letters: Iterable[Letter]) -> None:
        """Bring into memory what the books hold of the contracts of *letters*."""
        if self._cached is None:
            return
        folders = self._fold.folders
        named = [(each.record.event.subject, each.names) for each in letters if each.message]
        await self.load_states(contract_id for contract_id, _ in named)
        unknown = {
            (contract_id, name)
            for contract_id, names in named
            if contract_id in folders and folders[contract_id].spilled
            for name in names
            if name not in folders[contract_id].known
        }
        for row in await self._books.known(sorted(unknown)):
            folders[row.contract_id].known[row.name] = self._filing.known(row)

    async def load_states(self, contract_ids: Iterable[str]) -> None:
        """Bring the folders of *contract_ids* into memory."""
        if self._cached is None:
            return
        wanted, folders = set(contract_ids), self._fold.folders
        for contract_id in wanted & folders.keys():
            folders[contract_id] = folders.pop(contract_id)  # the last used are kept longest
        for row in await self._books.states(sorted(wanted - folders.keys())):
            folders[row.contract_id] = self._filing.folder(row)

    async def look_up(self, missing: Missing) -> None:
        """Bring filed pieces into memory, also the knowledge that there are none."""
        found: Mapping[str, bytes] = {}
        if self._cached is not None:
            found = await self._books.filed(missing.contract_id, missing.names)
        pieces = {name: self._filing.piece(found.get(name)) for name in missing.names}
        self._fold.folders[missing.contract_id].pieces |= pieces

    async def write(self, tx: AsyncConnection, work: Work) -> None:
        """Write what *work* changed of contracts."""
        folders = self._fold.folders
        spilled = [row for contract_id in work.changed for row in self._spill(contract_id)]
        await self._books.forget_known(tx, work.forgotten)
        await self._books.write(tx, tables.KNOWN, spilled)
        await self._books.write(tx, tables.FILED, self._filing.pieces(work))
        # A contract that is new here must be new in the books, too: where a producer spread one
        # over two partitions, the second worker must not overwrite what the first has written.
        new = [each for each in sorted(work.changed) if not folders[each].stored]
        old = [each for each in sorted(work.changed) if folders[each].stored]
        await self._books.append(tx, tables.STATE, [self._row(each) for each in new])
        await self._books.write(tx, tables.STATE, [self._row(each) for each in old])

    def settle(self, work: Work) -> None:
        """Keep no more in memory than was asked, now that *work* is committed."""
        folders = self._fold.folders
        for contract_id in work.changed:
            folders[contract_id].stored = True
        if self._cached is None:
            return
        for contract_id in list(folders)[: max(0, len(folders) - self._cached)]:
            del folders[contract_id]
        for contract_id in work.changed & folders.keys():
            folders[contract_id].known.clear()
            folders[contract_id].pieces.clear()

    def _spill(self, contract_id: str) -> list[dict[str, Any]]:
        """Return rows for the identities that the row of a contract has no room for."""
        folder = self._fold.folders[contract_id]
        spilled = folder.spill(self._fold.desks[folder.partition].today or date.min)
        if self._cached is None:
            folder.known |= spilled
        return [
            known_row(contract_id, name, folder.partition, known) for name, known in spilled.items()
        ]

    def _row(self, contract_id: str) -> dict[str, Any]:
        folder = self._fold.folders[contract_id]
        return self._filing.row(contract_id, folder, self._fold.index(contract_id))
