"""Projections in an embedded run: made from the log in memory, a batch at a time."""

from collections import defaultdict

from services.runtime.embedded.memory_log import MemoryLog
from services.runtime.projector import Projector
from services.runtime.stream.order import Place
from services.runtime.stream.record import Chunk, Record


class EmbeddedProjection:
    """Makes the rows of *projector* from what is appended to *log* from here on."""

    def __init__(self, projector: Projector, log: MemoryLog) -> None:
        self.projector = projector
        self._inbox: dict[Place, list[Record]] = defaultdict(list)
        for topic in projector.worker.reads:
            log.subscribe(topic.name, self._hear)

    async def commit(self) -> None:
        """Take all that came since the last time."""
        inbox, self._inbox = self._inbox, defaultdict(list)
        chunks = [
            Chunk(topic, partition, some[0].offset, some[-1].offset + 1, tuple(some))
            for (topic, partition), some in inbox.items()
        ]
        if chunks:
            await self.projector.take(chunks)

    def _hear(self, record: Record) -> None:
        self._inbox[record.topic, record.partition].append(record)
