"""The projector: records in, rows and positions out in one SQL transaction; knows no broker.

What an engine is for a worker, it is for a projection: an intake feeds either.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple, TypeVar

from schemas.message import Message, Refused
from schemas.topics import OUTSIDE
from services.runtime.projection import Operation, Projection, check
from services.runtime.store.read_model import ReadModel, SeenName
from services.runtime.store.transaction import Transaction
from services.runtime.stream import codec
from services.runtime.stream.acts import Acting, Nobody
from services.runtime.stream.barrier import AsksEnds, DayBarrier
from services.runtime.stream.changes import Broken
from services.runtime.stream.drafts import Drafts, key_of
from services.runtime.stream.order import Place, in_order
from services.runtime.stream.progress import Progress
from services.runtime.stream.record import Chunk, Record

T = TypeVar("T")


class _Heard(NamedTuple):
    """A record that means something here: *names* identify it where others may say it again."""

    record: Record
    message: Message
    names: tuple[SeenName, ...] = ()
    content: bytes = b""


class Projector:
    """Makes the rows of one projection from the partitions that it claimed."""

    def __init__(self, projection: Projection, store: ReadModel, *, ends: AsksEnds) -> None:
        # Who feeds it asks for name and topics, as of a worker.
        self.worker, self.store, self._ends = projection, store, ends
        self.transaction, self.progress = Transaction(), Progress()
        self.counts: Counter[str] = Counter()
        self.stopped: dict[int, str] = {}
        self.paused = self.has_claimed = False
        self.only: frozenset[int] | None = None
        # Told what happens to an edition, and to which.
        self.on_news: Callable[[str, int], None] = lambda _what, _edition: None
        # It holds no day, does no acts and keeps nothing in memory.
        self.barrier = DayBarrier((), ends, gated=False)
        self.acting: Acting = Nobody()
        self.cache: tuple[()] = ()
        self.gauges: Callable[[], Mapping[str, int]] = dict
        self._epochs: dict[int, int] = {}
        self._goals: dict[Place, int] = {}
        # Whether the edition is read, and none stands before it any more.
        self._is_finished = False
        self._shapes = codec.shapes_of(projection.reads)
        self._from_outside = {t.name for t in projection.reads if OUTSIDE in t.writers}

    @property
    def owned(self) -> frozenset[int]:
        """The partitions that are mine."""
        return frozenset(self._epochs)

    @property
    def epochs(self) -> dict[int, int]:
        """The epoch of each partition that is mine."""
        return dict(self._epochs)

    def starts(self) -> dict[Place, int]:
        """Return from where each input is to be read."""
        return {place: self.transaction.positions.get(place, 0) for place in self._places()}

    async def claim(self, owned: Iterable[int], owner: str) -> dict[Place, int]:
        """Own these partitions from here on; return where each input is to be read from.

        An edition that begins is complete when it has come to where its inputs end now: nobody
        reads it before, and whatever the last one knew of these partitions stands before that.
        """
        owned = set(owned)
        self._epochs = {}
        if owned:
            self._epochs = await self.store.claim(owned, owner)
        self.transaction, self.progress, self._goals = Transaction(), Progress(), {}
        self.stopped = {p: why for p, why in self.stopped.items() if p in owned}
        await self.restore()
        if missing := [place for place in self._places() if place not in self._goals]:
            ends = await self._ends(sorted(self._epochs))
            self._goals |= {place: ends.get(place, 0) for place in missing}
            self.on_news("projection.started", self.store.edition.number)
            await self._write(Drafts({}), {}, self._epochs.keys())
        self._is_finished = False
        await self._finish()
        self.paused, self.has_claimed = False, True
        return self.starts()

    async def restore(self) -> None:
        """Go back to what the store says, after a claim or a commit of unknown outcome."""
        rows = await self.store.places(self._epochs) if self._epochs else []
        self.transaction.restore({(row.topic, row.partition): row.next for row in rows})
        self._goals = {(row.topic, row.partition): row.goal for row in rows}
        self._note_progress(self._epochs)

    async def take(self, chunks: Sequence[Chunk]) -> list[Chunk]:
        """Apply all *chunks* at hand in one transaction; none ever has to wait.

        May be called again with the same chunks when it failed: what is in the store is skipped.
        """
        mine = [each for each in chunks if each.partition in self._epochs.keys() - self.stopped]
        records = in_order(mine, self.transaction.positions)
        counts: Counter[str] = Counter()
        heard = [each for record in records if (each := self._hear(record, counts)) is not None]
        new, seen = self._without_repeats(heard, await self._known(heard), counts)
        drafts = await self._drafts(new)
        for record in records:
            self.transaction.take(record)
        for chunk in mine:
            self.transaction.step_over((chunk.topic, chunk.partition), chunk.end)
        touched = self.transaction.touched()
        if not self.store.is_complete:
            touched |= {chunk.partition for chunk in mine}
        if touched:
            await self._write(drafts, seen, touched)
            self.counts += counts + Counter(applied=len(new), transactions=1)
        self._note_progress({chunk.partition for chunk in mine})
        await self._finish()
        return []

    def _hear(self, record: Record, counts: Counter[str]) -> _Heard | None:
        """Return *record* as a message that is handled; count one that is none.

        What cannot be read is stepped over: the services dead-letter it where somebody looks.
        """
        try:
            event = codec.event_of(record)
            message = codec.decode(event, record.topic, shapes=self._shapes)
            if type(message) not in self.worker.source_of(record.topic).handles:
                return None
            if record.topic not in self._from_outside:
                return _Heard(record, message)
            names, content = codec.fingerprints(event, message)
        except Refused as why:
            counts[f"stepped over: {why.code}"] += 1
            return None
        of = record.partition, record.topic, event.subject
        return _Heard(record, message, tuple((*of, name) for name in names), content)

    async def _known(self, heard: Iterable[_Heard]) -> dict[SeenName, bytes]:
        names = {name for each in heard for name in each.names}
        return await self.store.seen(sorted(names)) if names else {}

    def _without_repeats(
        self, heard: Iterable[_Heard], known: Mapping[SeenName, bytes], counts: Counter[str]
    ) -> tuple[list[_Heard], dict[SeenName, bytes]]:
        """Return what is heard for the first time, and under which names: the first counts."""
        new: list[_Heard] = []
        seen: dict[SeenName, bytes] = {}
        for each in heard:
            said = [known.get(name, seen.get(name)) for name in each.names]
            before = {content for content in said if content is not None}
            if before:
                counts["duplicates" if before == {each.content} else "conflicts"] += 1
                continue
            seen |= dict.fromkeys(each.names, each.content)
            new.append(each)
        return new, seen

    async def _drafts(self, heard: Iterable[_Heard]) -> Drafts:
        operations = [(each, op) for each in heard for op in self._operations(each)]
        keys = {key_of(op, each.record.partition) for each, op in operations}
        drafts = Drafts(await self.store.stored(keys) if keys else {})
        for each, op in operations:
            _surely(each.record, partial(drafts.apply, op, each.record.partition))
        return drafts

    def _operations(self, heard: _Heard) -> list[Operation]:
        source = self.worker.source_of(heard.record.topic)

        def checked() -> list[Operation]:
            operations = list(source.rows(heard.message, heard.record.event))
            for each in operations:
                check(each, source)
            return operations

        return _surely(heard.record, checked)

    async def _write(
        self, drafts: Drafts, seen: Mapping[SeenName, bytes], partitions: Iterable[int]
    ) -> None:
        wanted = set(partitions)
        at = self.transaction.positions
        places = {
            place: (at.get(place, 0), self._goals[place])
            for place in self._places()
            if place[1] in wanted
        }
        await self.store.put({p: self._epochs[p] for p in wanted}, drafts, seen=seen, places=places)
        self.transaction.committed(wanted)

    async def _finish(self) -> None:
        """Let an edition be read when it has come to its goals, and drop those before it."""
        if self._is_finished or not self._epochs:
            return
        at = self.transaction.positions
        waits = any(at.get(place, 0) < goal for place, goal in self._goals.items())
        if not (self.store.is_complete or waits) and await self.store.complete(self._epochs):
            self.on_news("projection.completed", self.store.edition.number)
        if self.store.is_complete:
            for edition in await self.store.drop_earlier():
                self.on_news("projection.dropped", edition)
            self._is_finished = True

    def _places(self) -> list[Place]:
        return [(topic.name, p) for topic in self.worker.reads for p in sorted(self._epochs)]

    def _note_progress(self, partitions: Iterable[int]) -> None:
        for partition in partitions:
            self.progress.note(partition, *self.transaction.published_behind(partition))


def _surely(record: Record, step: Callable[[], T]) -> T:
    """Do *step*; say over which record it broke."""
    try:
        return step()
    except Exception as error:
        raise Broken(record, error) from error
