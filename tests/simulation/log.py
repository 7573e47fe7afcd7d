"""A log of topics as Kafka keeps it: transactions, their markers, marks, and who is fenced."""

import asyncio
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from aiokafka import TopicPartition

from services.runtime.stream.chain import OrderEnd, order_end
from services.runtime.stream.wire import Packed, unpack

_TIMEOUT_S = 30.0  # of a transaction whose producer is gone


@dataclass(eq=False, slots=True)
class Deed:
    """A transaction of *writer*: open, then decided, then done when all its markers stand."""

    writer: str
    epoch: int
    state: str = "open"
    unmarked: set = field(default_factory=set)
    marks: dict = field(default_factory=dict)
    done: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(eq=False, slots=True)
class Slot:
    """A place of a partition: a record, or a marker; *said* counts over the whole log.

    *seen* is the count at which readers of committed data could first have it.
    """

    packed: Packed | None
    deed: Deed | None
    said: int
    seen: int | None = None

    def is_pending(self, place):
        return self.deed is not None and place in self.deed.unmarked

    @property
    def is_read(self):
        """Whether readers of committed data get it."""
        return self.packed is not None and (self.deed is None or self.deed.state == "committed")


class Log:
    """Partitions by (topic, number), the marks of groups, and the epoch of each writer."""

    def __init__(self, random):
        self.slots = defaultdict(list)
        self.stable = defaultdict(int)
        # Behind the last record that readers of committed data get, and how many they get.
        self.last, self.counts = defaultdict(int), Counter()
        self.marks = {}
        self.deeds = {}
        self._epochs = defaultdict(int)
        self._random, self._said = random, 0
        self._waiting = []
        self._tasks = set()

    async def init(self, writer):
        """Fence earlier producers of *writer*; return its epoch when their deeds are done."""
        self._epochs[writer] += 1
        epoch = self._epochs[writer]
        deed = self.deeds.get(writer)
        if deed is not None:
            if deed.state == "open":
                self.decide(deed, "aborted")
            await deed.done.wait()
        return epoch

    def is_fenced(self, writer, epoch):
        return self._epochs[writer] != epoch

    def begin(self, writer, epoch):
        """Open a transaction; one that is forgotten is aborted after a while."""
        deed = self.deeds[writer] = Deed(writer, epoch)
        loop = asyncio.get_running_loop()
        loop.call_later(_TIMEOUT_S, self._expire, deed)
        return deed

    def append(self, topic, partition, packed, deed=None):
        """Put *packed* behind all others of its partition; return its offset."""
        place = topic, partition
        self._said += 1
        self.slots[place].append(Slot(packed, deed, self._said))
        if deed is not None:
            deed.unmarked.add(place)
        self._settle(place)
        return len(self.slots[place]) - 1

    def decide(self, deed, state):
        """Commit or abort; readers see it when the markers stand, each partition in its time."""
        deed.state = state
        places = sorted(deed.unmarked)
        self._random.shuffle(places)
        task = asyncio.ensure_future(self._mark(deed, places))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def end(self, place):
        """Return where readers of committed data must stop."""
        return self.stable[place]

    def has_pending(self):
        """Say whether something is decided, and its markers do not stand everywhere yet."""
        return any(each.state != "open" and each.unmarked for each in self.deeds.values())

    def mark(self, service, partition):
        """Return how many rows of its outbox *service* has published on *partition*."""
        place = TopicPartition(f"{service}.dead-letters", partition)
        return self.marks.get((f"{service}.outbox", place), 0)

    def count(self):
        return self._said

    def records(self, topic, partition, start=0, until=None):
        """Return what readers of committed data get between two offsets."""
        place = topic, partition
        until = self.stable[place] if until is None else until
        slots = enumerate(self.slots[place][start:until], start)
        return [unpack(topic, partition, n, slot.packed) for n, slot in slots if slot.is_read]

    def records_packed(self, topic, partition):
        """Return what readers of committed data get, as it stands there."""
        slots = self.slots[topic, partition][: self.stable[topic, partition]]
        return [slot.packed for slot in slots if slot.is_read]

    def order_end(self, topic, partition):
        """Return what the last record of an order topic says that readers of committed data get."""
        slots = reversed(self.slots[topic, partition][: self.stable[topic, partition]])
        last = next((slot for slot in slots if slot.is_read), None)
        return order_end(last.packed) if last else OrderEnd()

    async def news(self, timeout_s):
        """Wait until something may be read, at most *timeout_s*."""
        loop = asyncio.get_running_loop()
        waiter = loop.create_future()
        self._waiting.append(waiter)
        handle = loop.call_later(timeout_s, _wake, waiter)
        try:
            await waiter
        finally:
            handle.cancel()

    def _expire(self, deed):
        if deed.state == "open":
            self._epochs[deed.writer] += 1
            self.decide(deed, "aborted")

    async def _mark(self, deed, places):
        pause_s = self._random.choice((0.0, 0.0, 0.005, 0.1))
        for place in places:
            if pause_s:
                await asyncio.sleep(pause_s)
            self._said += 1
            self.slots[place].append(Slot(None, None, self._said))
            deed.unmarked.discard(place)
            self._settle(place)
        if deed.state == "committed":
            self.marks |= deed.marks
        deed.done.set()

    def _settle(self, place):
        """Move the end for readers of committed data up to the first undecided record."""
        slots, at = self.slots[place], self.stable[place]
        while at < len(slots) and not slots[at].is_pending(place):
            slots[at].seen = self._said
            at += 1
            if slots[at - 1].is_read:
                self.last[place] = at
                self.counts[place] += 1
        if at > self.stable[place]:
            self.stable[place] = at
            waiting, self._waiting = self._waiting, []
            for waiter in waiting:
                _wake(waiter)


def _wake(waiter):
    if not waiter.done():
        waiter.set_result(None)
