"""What publishes for a projection: nothing, for it says nothing."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from services.runtime.kafka.publisher import guarded
from services.runtime.kafka.retry import Patience
from services.runtime.store.read_model import ReadModel

_LOOK_EVERY_S = 5.0


class Silent:
    """Stands where a worker has its publisher and its producers; all there is, is published."""

    waiting = 0
    age_s = 0.0

    def __init__(
        self, store: ReadModel, patience: Patience, *, fatal: Callable[[BaseException], None]
    ) -> None:
        self._store, self._patience, self._fatal = store, patience, fatal
        self.store_id = ""

    async def own(self, owned: Iterable[int], *, kept: Iterable[int]) -> None:
        """Do nothing."""

    def loosen(self) -> None:
        """Do nothing."""

    def reread(self, partitions: Iterable[int]) -> None:
        """Do nothing."""

    def published(self, partition: int) -> int:
        """Return what no count of outputs exceeds."""
        return 0

    def said(self, partition: int) -> int:
        """Return that no order is said."""
        return -1

    async def sweep(self) -> None:
        """Look, for ever, whether a later edition began: where nothing comes, no fence tells."""
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            await self._patience.insist("edition", self._store.remain)

    async def drain(self, timeout_s: float) -> None:
        """Do nothing: nothing is queued."""

    async def close(self) -> None:
        """Do nothing: nothing is open."""

    def guard(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run *work* in the background; what it raises ends the process."""
        return guarded(work, self._fatal)
