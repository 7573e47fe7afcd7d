"""The processes of a world: workers of a service and the clock, made of the product's own code."""

import asyncio
from collections import deque

from services.runtime.engine import Engine
from services.runtime.kafka.acts import WorkerActs
from services.runtime.kafka.clock import KafkaClock
from services.runtime.kafka.intake import Intake
from services.runtime.kafka.partition_acts import World
from services.runtime.kafka.publisher import KafkaPublisher
from services.runtime.kafka.recovery import Recovery
from services.runtime.kafka.retry import Patience
from services.runtime.kafka.silent import Silent
from services.runtime.kafka.snapshots import Snapshots
from services.runtime.projector import Projector
from services.runtime.store.read_model import ReadModel
from services.runtime.store.store import Store
from services.runtime.stream.record import Chunk
from tests.simulation.broker import Broker, Covers, Orders, Outlet
from tests.simulation.database import SimulatedDatabase
from tests.simulation.process import Process

_LOOK_S, _STREAM = 0.5, 6


class Replica(Process):
    """A worker as services.runtime.app builds it, with a stream of chunks in Faust's place."""

    def __init__(self, name, world, service):
        super().__init__(name, world.faults)
        self._world, self._service = world, service
        self._broker = Broker(world.log, self, partitions=world.partitions)
        self._topics = [topic.name for topic in service.worker.reads]
        self._group = world.groups[service.worker.name]
        patience, name_ = Patience(), service.worker.name
        self._store = Store(SimulatedDatabase(world.files[name_], self))
        producers = Outlet(self._broker, name_)
        self._publisher = KafkaPublisher(producers, self._store, patience, fatal=self.end)
        worker = world.office.bound_to(self) if world.office else service.worker
        engine = Engine(
            worker,
            self._store,
            self._publisher,
            ends=self._ends,
            gated=service.gated,
            cached=world.cached,
        )
        engine.wakes_at_once = world.wakes_at_once
        engine.ordering.on_orders = self._publisher.order
        engine.ordering.store_id = world.files[name_].id
        self._publisher.holds = True
        publishing = self._publisher
        if worker.effects:
            way = World(world.settings, self._broker.sending, self._ends, world.now, patience)
            publishing = WorkerActs(worker.effects, engine, self._publisher, way)
        self._feed(engine, publishing, patience)
        self.intake.recovery = Recovery(
            engine,
            self._publisher,
            Orders(self._broker, name_),
            self._broker.inputs,
            Snapshots(engine, Covers(self._broker, worker)),
        )

    def _feed(self, engine, publishing, patience):
        self._publishing, most = publishing, self._world.batch_most
        self.intake = Intake(engine, publishing, owner=self.name, most=most, patience=patience)
        self._stream, self._moved = deque(), asyncio.Event()
        self._chain, self._old = {}, None

    async def run(self):
        """Work until it is killed or ends itself; return why."""
        self.start(self._work())
        await self.ended.wait()
        await self.stop()
        await self._publishing.close()
        return self.why

    async def _work(self):
        await self.intake.patience.insist(
            "database", lambda: self._store.create(self._world.partitions)
        )
        for each in (self.intake.run(), self._publisher.sweep(), self._deliver()):
            self.start(each)
        await self._belong()

    async def _belong(self):
        group = self._group
        while True:
            generation, owned = await group.join(self)
            self._chain = dict(await self.intake.claim(owned, generation))
            while group.generation == generation:
                await self._fetch(generation)
            self._chain = {}
            await self.intake.pause()

    async def _fetch(self, generation):
        """Bring what can be read of each place into the stream, as long as there is room."""
        await self.at("fetch")
        places = [place for place in self._chain if self._world.log.end(place) > self._at(place)]
        if not places or len(self._stream) >= _STREAM:
            await self._world.log.news(_LOOK_S)
            return
        self._world.faults.random.shuffle(places)
        for place in places:
            self._bring(self._chunk(place, generation))

    def _bring(self, chunk):
        faults = self._world.faults
        self._stream.append(chunk)
        if faults.chance("again", self.name, "a chunk comes twice"):
            self._stream.append(chunk)
        if self._old and faults.chance("stale", self.name, "a chunk of an older generation comes"):
            self._stream.append(self._old)
            self._old = None
        if faults.chance("shake", self.name, "a rebalance", of=0.01):
            self._old = chunk
            self._group.shake()
        self._moved.set()

    def _chunk(self, place, generation):
        """Return the next records of *place*; markers behind them come by an empty chunk."""
        start, end = self._chain[place], self._world.log.end(place)
        until = min(end, start + self._world.faults.random.randint(1, self._world.fetch_most))
        records = tuple(self._world.log.records(*place, start, until))
        end = records[-1].offset + 1 if records else until
        self._chain[place] = end
        return Chunk(*place, start, end, records, generation)

    async def _deliver(self):
        """Hand the stream to the pump, one chunk after the other, as Faust's agent does."""
        while True:
            while self._stream:
                await self.at("deliver")
                await self.intake.submit(self._stream.popleft())
            self._moved.clear()
            await self._moved.wait()

    def _at(self, place):
        return self._chain[place]

    async def _ends(self, partitions):
        return await self._broker.ends(self._topics, partitions)


class ProjectionReplica(Replica):
    """A replica of a projection, as services.runtime.kafka.app builds it."""

    def __init__(self, name, world, projection):
        Process.__init__(self, name, world.faults)
        self._world, self._service = world, None
        self._broker = Broker(world.log, self, partitions=world.partitions)
        self._topics = [topic.name for topic in projection.reads]
        self._group = world.groups[projection.name]
        database = SimulatedDatabase(world.files[projection.name], self)
        self._store = ReadModel(projection, database)
        patience = Patience()
        self._publisher = Silent(self._store, patience, fatal=self.end)
        projector = Projector(projection, self._store, ends=self._ends)
        self._feed(projector, self._publisher, patience)


class ClockProcess(Process):
    """The clock as services.runtime.almanac runs it, over the simulated log."""

    def __init__(self, name, world):
        super().__init__(name, world.faults)
        broker = Broker(world.log, self, partitions=world.partitions)
        self._ways = broker.reading, broker.sending
        self._world = world

    async def run(self):
        """Work until it is killed or fenced; return why."""
        self.start(Patience().insist("clock", self._almanac))
        await self.ended.wait()
        await self.stop()
        return self.why

    async def _almanac(self):
        world = self._world
        await KafkaClock(world.settings, now=world.now, last=world.last, ways=self._ways).run()
