"""Feeds records to a real engine over a real store, and holds each to account."""

import hashlib
from array import array
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from schemas.days import DayBegan
from schemas.envelope import Event
from schemas.topics import DAYS
from services.runtime.engine import Engine
from services.runtime.ops.state_reader import StateReader
from services.runtime.store.database import Database
from services.runtime.store.store import Store
from services.runtime.stream.order import expand
from services.runtime.stream.record import Chunk, Record
from services.runtime.stream.wire import CUT, Packed, headers_from_text, unpack
from services.runtime.worker import Worker
from tests.poison.records import PERSON, Sent

CACHED = 100
_LETTER = ("dl-topic", "dl-partition", "dl-offset", "dl-reason", "dl-detail")

Place = tuple[str, int]


@dataclass
class Account:
    """What became of the inputs, by number."""

    inputs: int = 0
    applied: int = 0
    duplicates: int = 0
    skipped: int = 0
    letters: int = 0
    waiting: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: "Account") -> "Account":
        mine = (getattr(self, each.name) for each in fields(self))
        others = (getattr(other, each.name) for each in fields(other))
        return Account(*(a + b for a, b in zip(mine, others, strict=True)))


class Deaf:
    """Publishes nothing and keeps nothing: what is said stands in the outbox."""

    def publish(self, outputs: object) -> None:
        pass


class Inquest:
    """One worker over all partitions; every record gets the next offset of its place."""

    def __init__(self, worker: Worker[Any], folder: Path, *, partitions: int) -> None:
        self.account = Account()
        self.woken, self.partitions = 0, partitions
        self._worker = replace(worker, process=self._counted(worker.process))
        self._store = Store(
            Database(f"sqlite+aiosqlite:///{folder}/books.sqlite", worker.name, synchronous="OFF")
        )
        self._seen: dict[Place, array[int]] = defaultdict(lambda: array("Q"))
        self._read = {topic.name for topic in worker.reads}
        self._lettered: set[tuple[str, int, int]] = set()
        self._seq = dict.fromkeys(range(partitions), -1)

    def _counted(self, process):
        def counted(state, message, context):
            outcome = process(state, message, context)
            self.woken += isinstance(message, DayBegan)
            return outcome

        return counted

    async def open(self) -> None:
        """Claim all partitions of a new store."""
        await self._store.create(self.partitions)
        self.engine = Engine(self._worker, self._store, Deaf(), ends=self._ends, cached=CACHED)
        await self.engine.claim(range(self.partitions), "inquest")

    async def _ends(self, partitions):
        return {(t, p): len(seen) for (t, p), seen in self._seen.items() if p in partitions}

    async def feed(self, batch: Sequence[Sent]) -> None:
        """Let the engine take *batch* at once, then look at what it dead-lettered."""
        records: dict[Place, list[Record]] = defaultdict(list)
        for topic, partition, packed in batch:
            place = topic, partition
            at = len(self._seen[place])
            records[place].append(unpack(topic, partition, at, packed))
            self._seen[place].append(_digest(packed.key, packed.value, packed.headers))
        chunks = [
            Chunk(t, p, some[0].offset, some[-1].offset + 1, tuple(some))
            for (t, p), some in records.items()
        ]
        for record in (each for some in records.values() for each in some):
            self._note(record)
        left = await self.engine.take(chunks)
        assert (left, self.engine.stopped) == ([], {}), "no partition waits or stopped"
        assert len(self.engine.cache) <= CACHED, "memory is bounded by the setting"
        await self._look_at_outbox()

    async def say(self, event: Event) -> None:
        """Say what the clock says, on all partitions."""
        packed = Packed(event.subject.encode(), event.data, _headers(event), event.timestamp)
        await self.feed([Sent(DAYS.name, p, packed) for p in range(self.partitions)])

    def _note(self, record: Record) -> None:
        decoded = self.engine.fold.read(record)
        heard = record.topic == DAYS.name or record.topic.endswith(".days")
        if heard and decoded.message is not None:
            return  # of the calendar, which has no effect of its own
        self.account.inputs += 1
        self.account.skipped += type(decoded.message) in self._worker.skips

    async def _look_at_outbox(self) -> None:
        for partition, seq in self._seq.items():
            while rows := await self._store.unpublished(partition, after=seq, most=2_000):
                for row in rows:
                    assert row.seq == seq + 1, "the outbox has no hole"
                    seq = self._seq[partition] = row.seq
                    if row.topic.endswith(".dead-letters"):
                        self._look_at_letter(row)
        await self._store.forget(self._seq)

    def _look_at_letter(self, row: Any) -> None:
        headers = headers_from_text(row.headers)
        ours = len(_LETTER) + (headers[-1][0] == CUT)
        told = {name: (value or b"").decode() for name, value in headers[-ours:]}
        place = told["dl-topic"], int(told["dl-partition"]), int(told["dl-offset"])
        assert place not in self._lettered, f"dead-lettered twice: {place}"
        self._lettered.add(place)
        if CUT not in told:
            seen = self._seen[place[:2]][place[2]]
            assert seen == _digest(row.key, row.value, headers[:-ours]), f"not as it came: {place}"
        assert PERSON not in told["dl-detail"], f"{place}: {told['dl-detail']}"
        assert len(told["dl-detail"]) <= 1_000, place
        self.account.letters += 1
        self.account.reasons[told["dl-reason"] + (" (cut)" if CUT in told else "")] += 1

    async def close(self) -> Account:
        """Say what became of all inputs; each is one effect, one letter, or waits in the store."""
        await self._hold_to_account()
        starts = self.engine.starts()
        assert starts == {place: len(self._seen[place]) for place in starts}, "all is read"
        for partition in range(self.partitions):
            runs = await self._store.recorded_order(partition)
            order = Counter(place for run in runs for place in expand(run))
            assert set(order.values()) <= {1}, "nothing is taken twice"
            assert len(order) == sum(len(n) for (_, p), n in self._seen.items() if p == partition)
        await self._store.close()
        return self.account

    async def _hold_to_account(self) -> None:
        states = StateReader(self._worker, self._store)
        async for folder in states.contracts():
            for each in folder.waiting:
                place = each.record.topic, each.record.partition, each.record.offset
                assert place not in self._lettered, f"dead-lettered, and waits: {place}"
                self.account.waiting += 1
        told, counts = self.account, self.engine.counts
        told.applied, told.duplicates = counts["applied"] - self.woken, counts["duplicates"]
        # What was applied in part is counted by its dead letter (R-74a).
        outcomes = told.applied + told.duplicates + told.letters + told.skipped + told.waiting
        assert outcomes == told.inputs, f"{outcomes} outcomes of {told.inputs} inputs: {told}"
        assert told.letters == self.engine.counts["dead letters"]


def _headers(event: Event) -> tuple[tuple[str, bytes], ...]:
    told = {n: getattr(event, n) for n in ("id", "source", "type", "time", "subject")}
    told["specversion"] = "1.0"
    return tuple((f"ce_{name}", text.encode()) for name, text in told.items())


def _digest(key: bytes | None, value: bytes | None, headers: Any) -> int:
    content = repr((key, value, tuple(headers))).encode()
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest())
