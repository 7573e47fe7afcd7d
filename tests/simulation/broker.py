"""What a process sees of the log: producers that may be fenced, readers, marks and ends."""

import asyncio
from contextlib import asynccontextmanager

from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError, ProducerFenced
from aiokafka.structs import RecordMetadata

from services.runtime.kafka.producer import Sender
from services.runtime.kafka.recovery import Astray
from services.runtime.ops.verify.evidence import topics_of
from services.runtime.stream.chain import order_in
from services.runtime.stream.snapshot import cover_in
from services.runtime.stream.wire import Packed


class Producer:
    """What the runtime uses of a transactional producer."""

    def __init__(self, broker, writer):
        self._broker, self._log, self._writer = broker, broker.log, writer
        self._epoch, self._deed = None, None

    async def start(self):
        await self._at("producer init")
        self._epoch = await self._log.init(self._writer)
        await self._at("producer init done")

    @asynccontextmanager
    async def transaction(self):
        """As aiokafka: what goes wrong inside aborts, what goes wrong at the end is unknown."""
        self._deed = None
        try:
            yield self
        except BaseException:
            await self._abort()
            raise
        await self._at("kafka commit")
        self._must_be_mine()
        if self._deed is not None:
            self._log.decide(self._deed, "committed")
        await self._at("kafka committed")

    async def send(self, topic, value, *, key, partition, headers, timestamp_ms):
        await self._at(f"send {topic}")
        await self._begin()
        packed = Packed(key, value, tuple(headers), timestamp_ms)
        offset = self._log.append(topic, partition, packed, self._deed)
        await self._at(f"sent {topic}")
        tp = TopicPartition(topic, partition)
        sent = asyncio.get_running_loop().create_future()
        sent.set_result(RecordMetadata(topic, partition, tp, offset, timestamp_ms, 0, 0))
        return sent

    async def send_offsets_to_transaction(self, offsets, group):
        await self._at("send mark")
        await self._begin()
        self._deed.marks |= {(group, tp): offset for tp, offset in offsets.items()}
        await self._at("sent mark")

    async def stop(self):
        await self._at("producer stop")

    async def _begin(self):
        self._must_be_mine()
        if self._deed is None:
            last = self._log.deeds.get(self._writer)
            if last is not None:
                await last.done.wait()
            self._must_be_mine()
            self._deed = self._log.begin(self._writer, self._epoch)

    async def _abort(self):
        if self._deed is not None and self._broker.process.alive and not self._is_fenced():
            self._log.decide(self._deed, "aborted")

    def _must_be_mine(self):
        if self._is_fenced():
            raise ProducerFenced

    def _is_fenced(self):
        return self._log.is_fenced(self._writer, self._epoch)

    async def _at(self, where):
        await self._broker.at(where)


class Reader:
    """What the clock uses of a consumer without a group."""

    def __init__(self, broker, places):
        self._broker, self._at = broker, dict.fromkeys(places, 0)

    async def rest(self):
        """Return all up to the end that the topics have now."""
        await self._broker.at("read")
        return self._take()

    async def more(self, *, timeout_s):
        """Return what came since, as soon as there is something, at the latest after a while."""
        await self._broker.at("poll")
        log = self._broker.log
        if timeout_s and all(log.end(place) == at for place, at in self._at.items()):
            await log.news(timeout_s)
        return self._take()

    def _take(self):
        found = []
        for (topic, partition), start in self._at.items():
            end = self._broker.log.end((topic, partition))
            found += self._broker.log.records(topic, partition, start, end)
            self._at[topic, partition] = end
        return found


class Broker:
    """The log as one *process* reaches it; *partitions* of each topic but those named."""

    def __init__(self, log, process, *, partitions, single=frozenset({"terms"})):
        self.log, self.process = log, process
        self._partitions, self._single = partitions, single

    async def at(self, where):
        await self.process.at(where, losing=KafkaConnectionError)

    async def ends(self, topics, partitions):
        """Return the ends as services.runtime.reader.Ends does: what is undecided counts."""
        await self.at("ends")
        found = {(name, p): len(self.log.slots[name, p]) for name in topics for p in partitions}
        await self.at("ends answered")
        return found

    async def producer(self, writer):
        producer = Producer(self, writer)
        await producer.start()
        return producer

    @asynccontextmanager
    async def reading(self, _settings, topics, *, partitions=None):
        """As services.runtime.reader.reading."""
        await self.at("reader opens")
        places = [
            (name, p)
            for name in topics
            for p in range(1 if name in self._single else self._partitions)
            if partitions is None or p in partitions
        ]
        yield Reader(self, places)

    @asynccontextmanager
    async def inputs(self, partition, at):
        """As services.runtime.kafka.input_log."""
        await self.at("inputs open")
        yield Inputs(self, partition, at)

    @asynccontextmanager
    async def sending(self, settings, *, writer):
        """As services.runtime.sender.sending."""
        producer = await self.producer(writer)
        try:
            yield Sender(producer, settings, fenced=True)
        finally:
            await producer.stop()


class Inputs:
    """The inputs of a partition, fetched in a recorded order."""

    def __init__(self, broker, partition, at):
        self._broker, self._partition, self._at = broker, partition, dict(at)

    async def run(self, topic, start, until):
        """As services.runtime.kafka.input_log: all records up to *until*, from *start* on."""
        await self._broker.at("fetch again")
        begin = self._at.get((topic, self._partition), 0)
        found = self._broker.log.records(topic, self._partition, begin, until)
        self._at[topic, self._partition] = until
        if [each.offset for each in found] != list(range(start, until)):
            raise Astray(f"{topic}/{self._partition}: not all from {start} to {until}")
        return found


class Orders:
    """The order topic of *service*."""

    def __init__(self, broker, service):
        self._broker, self._topic = broker, f"{service}.order"

    async def behind(self, partition, *, number):
        """As services.runtime.kafka.order_log."""
        await self._broker.at("read order")
        for each in self._broker.log.records_packed(self._topic, partition):
            record = order_in(each)
            if record is not None and record.number >= number:
                yield record


class Covers:
    """The snapshot topic of *worker*."""

    def __init__(self, broker, worker):
        self._broker, self._topic = broker, f"{worker.name}.snapshots"
        self._outputs = topics_of(worker)

    async def newest(self, partition):
        """As services.runtime.kafka.snapshot_log."""
        await self._broker.at("look for snapshots")
        return newest_of(self._broker.log, self._topic, partition)

    async def pieces(self, partition, snapshot):
        """As services.runtime.kafka.snapshot_log: all that is read from its first piece on."""
        for slot in self._broker.log.slots[self._topic, partition][snapshot.first :]:
            if slot.is_read:
                await self._broker.at("read snapshot")
                yield slot.packed

    async def ends(self, partition):
        """As services.runtime.kafka.snapshot_log."""
        found = await self._broker.ends(self._outputs, [partition])
        return {topic: end for (topic, _), end in found.items()}


def newest_of(log, topic, partition):
    """Return the newest whole snapshot that readers of committed data get."""
    covers = (cover_in(each) for each in log.records_packed(topic, partition))
    return next((each for each in reversed([*covers]) if each), None)


class Outlet:
    """What the lanes of *service* share, over a simulated broker."""

    def __init__(self, broker, service):
        self._broker, self._service = broker, service
        self.service, self.group = service, f"{service}.outbox"

    def place_of(self, partition):
        """Return the place under which the published offset of *partition* is kept."""
        return TopicPartition(f"{self._service}.dead-letters", partition)

    def offsets_at(self, partition, seq):
        """Return what is committed with a transaction of *partition* that ends with *seq*."""
        return {self.place_of(partition): seq + 1}

    async def stamp(self, producer, partition, seq):
        """Do nothing: there is one database."""

    def topic(self, name):
        return name

    async def producer(self, partition):
        """Open the producer of *partition*; that of the last owner is fenced from here on."""
        return await self._broker.producer(f"{self._service}-{partition}")

    async def published(self, partition):
        """Return the last seq that Kafka has; -1 for none."""
        await self._broker.at("ask mark")
        return self._broker.log.marks.get((self.group, self.place_of(partition)), 0) - 1

    async def order_end(self, partition):
        """Return what the order topic says of what is published."""
        await self._broker.at("ask order")
        topic = f"{self._service}.order"
        return self._broker.log.order_end(topic, partition)

    async def close(self):
        """Leave nothing open."""
