"""Faust bound to the engine: it holds the group and fetches, the store says where to begin.

The one module that knows Faust's inside; a test holds the methods that it leans on.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import aiokafka
import structlog
from aiokafka.errors import (
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
    TopicAuthorizationFailedError,
)
from aiokafka.structs import ConsumerRecord
from faust.transport import drivers
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, Message

from services.runtime.kafka import batches
from services.runtime.kafka.intake import Intake
from services.runtime.kafka.reader import packed
from services.runtime.settings import Settings
from services.runtime.stream.record import Chunk
from services.runtime.stream.wire import unpack

# A transaction marker moves the position without a record; how often to look, and how often
# where a day waits for it.
_LOOK_EVERY_S = 0.5
_LOOK_AT_GATE_S = 0.05

T = TypeVar("T")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Seam:
    """What our side of the transport needs of the application."""

    settings: Settings
    intake: Intake
    fatal: Callable[[BaseException], None]


class Thread(driver.AIOKafkaConsumerThread):
    """Faust's consumer in its own thread, reading only what is committed."""

    def _create_worker_consumer(self, transport: Any) -> aiokafka.AIOKafkaConsumer:
        """Make the consumer ourselves: Faust reads uncommitted and waits 1.5 s for a fetch."""
        conf = self.app.conf
        self._assignor = self.app.assignor
        return aiokafka.AIOKafkaConsumer(
            **_seam(self.app).settings.kafka_client(),
            group_id=conf.id,
            client_id=conf.broker_client_id,
            group_instance_id=conf.consumer_group_instance_id,
            partition_assignment_strategy=[self._assignor],
            enable_auto_commit=False,
            # A position that the log has not must be said, never moved in silence.
            auto_offset_reset="none",
            isolation_level="read_committed",
            max_poll_records=conf.broker_max_poll_records,
            max_poll_interval_ms=int(conf.broker_max_poll_interval * 1000),
            # A fetch that holds only idle partitions makes the busy ones wait.
            fetch_max_wait_ms=50,
            request_timeout_ms=int(conf.broker_request_timeout * 1000),
            session_timeout_ms=int(conf.broker_session_timeout * 1000),
            rebalance_timeout_ms=int(conf.broker_rebalance_timeout * 1000),
            heartbeat_interval_ms=int(conf.broker_heartbeat_interval * 1000),
            metadata_max_age_ms=10_000,
        )

    async def beside(self, work: Coroutine[Any, Any, T]) -> T:
        """Run *work* on the consumer's loop now; Faust's queue would wait for the fetch at hand."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self.thread_loop))

    async def positions(self, places: list[TP]) -> dict[TP, int]:
        """Return where the next fetch of each place begins, behind markers too."""
        found: dict[TP, int] = await self.call_thread(self._positions, places)
        return found

    def bounds(self, place: TP) -> tuple[int | None, int | None]:
        """Return up to where all is decided, and where the log ends, as the last fetch had it."""
        consumer = self._ensure_consumer()
        if place not in self.assignment():
            return None, None
        return consumer.last_stable_offset(place), consumer.highwater(place)

    async def _positions(self, places: list[TP]) -> dict[TP, int]:
        consumer, mine = self._ensure_consumer(), self.assignment()
        return {tp: await consumer.position(tp) for tp in places if tp in mine}

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        """The lag display may fail; Faust's own crashes the worker on any error here."""
        mine = self.assignment()
        known = {aiokafka.TopicPartition(*tp): n for tp, n in offsets.items() if tp in mine}
        try:
            if known:
                await self._ensure_consumer().commit(known)
        except Exception as error:  # noqa: BLE001 - a display is no reason to stop
            log.info("lag.uncommitted", error=repr(error))
            return False
        return True


class Consumer(driver.Consumer):
    """Yields one message per fetched chunk of a partition, from where the store stands."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._chain: dict[TP, int] = {}
        self._looked_at = 0.0

    def _new_consumer_thread(self) -> Thread:
        return Thread(self, loop=self.loop, beacon=self.beacon)

    @property
    def _own(self) -> Thread:
        return cast(Thread, self._thread)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Message]]:
        """Fetch; each chunk carries the position it starts from, so that none can be missing."""
        held = bool(_seam(self.app).intake.engine.barrier.partitions())
        wait_s = _LOOK_AT_GATE_S if held else min(timeout, _LOOK_EVERY_S)
        try:
            records, active = await self._wait_next_records(wait_s)
        except OffsetOutOfRangeError as error:
            await self._stop_lost(error)
            return
        except NoOffsetForPartitionError:
            # Of a partition that was assigned just now: its claim says where to begin.
            await asyncio.sleep(_LOOK_AT_GATE_S)
            return
        except TopicAuthorizationFailedError as error:
            _seam(self.app).intake.patience.complain("broker", error)
            await asyncio.sleep(_LOOK_EVERY_S)
            return
        generation = self.app.consumer_generation_id
        self._stop_unreadable()
        if records is None or self.should_stop or not self.flow_active:
            return  # Faust would seek here: a second claim of what is being revoked
        # All that was fetched moves the chain: what is not delivered must show as a gap.
        chunks = [
            (tp, self._chunk(tp, some, some[-1].offset + 1, generation))
            for tp, some in records.items()
            if some and tp in self._chain
        ]
        for tp, chunk in chunks:
            if not self._goes_on(generation):
                return
            if active is None or tp in active:
                yield tp, chunk
        for tp, end in (await self._stepped_over(held=held)).items():
            if self._goes_on(generation) and self._chain.get(tp, end) < end:
                yield tp, self._chunk(tp, [], end, generation)

    async def _stop_lost(self, error: OffsetOutOfRangeError) -> None:
        """Stop the partitions whose logs have not what comes next in the store, and say why."""
        intake = _seam(self.app).intake
        owned, positions = intake.engine.owned, intake.engine.transaction.positions
        faults = await intake.patience.insist("log", lambda: intake.objects(owned, positions))
        for tp, offset in error.args[0].items():
            why = f"{tp.topic}/{tp.partition}: {offset} is next, and not in the log"
            intake.stop(tp.partition, faults.get(tp.partition, why))
        self._leave_out(intake.engine.stopped)

    def _stop_unreadable(self) -> None:
        """Stop the partitions of which a batch cannot be read, or is gone."""
        intake = _seam(self.app).intake
        for tp in self._chain:
            if (why := batches.fault_of(tp)) is not None:
                intake.stop(tp.partition, why)
        if intake.engine.stopped:
            self._leave_out(intake.engine.stopped)

    def _leave_out(self, stopped: Collection[int]) -> None:
        """Fetch nothing of *stopped* partitions: they would be asked for again and again."""
        places = {tp for tp in self._chain if tp.partition in stopped}
        if places:
            self.pause_partitions(places)

    def _goes_on(self, generation: int) -> bool:
        return self.flow_active and self.app.consumer_generation_id == generation

    def _chunk(self, tp: TP, records: list[ConsumerRecord], end: int, generation: int) -> Message:
        start, self._chain[tp] = self._chain[tp], end
        topic = _seam(self.app).settings.off_kafka(tp.topic)
        chunk = Chunk(
            topic,
            tp.partition,
            start,
            end,
            tuple(_record(topic, each) for each in records),
            generation,
        )
        return self._to_message(tp, _carrier(tp, end - 1, chunk))

    async def _stepped_over(self, *, held: bool) -> dict[TP, int]:
        """Ask, now and then, which positions lie behind transaction markers."""
        now = asyncio.get_running_loop().time()
        if not self._chain or now - self._looked_at < (0 if held else _LOOK_EVERY_S):
            return {}
        self._looked_at = now
        positions = await self._own.positions(list(self._chain))
        self._note_undecided(positions, now)
        return positions

    def _note_undecided(self, positions: Mapping[TP, int], now: float) -> None:
        """Note where days wait for records that a transaction, still open, has not decided."""
        seam = _seam(self.app)
        held, known = seam.intake.engine.barrier.partitions(), seam.intake.undecided
        found = {}
        for tp, at in positions.items():
            stable, end = self._own.bounds(tp) if tp.partition in held else (None, None)
            if stable is not None and end is not None and at >= stable and stable < end:
                place = seam.settings.off_kafka(tp.topic), tp.partition
                since = known[place][1] if known.get(place, (-1,))[0] == stable else now
                found[place] = stable, since
        seam.intake.undecided = found

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Deliver nothing until the store has been asked again."""
        self._chain = {}
        await _seam(self.app).intake.pause()
        await super().on_partitions_revoked(revoked)

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Claim what is assigned, and go to where the store stands."""
        generation = self.app.consumer_generation_id
        try:
            return await self._seek_to_books(generation)
        except asyncio.CancelledError:
            # Faust gives up after broker_request_timeout, and would idle for ever.
            if generation == self.app.consumer_generation_id and not self.app.should_stop:
                _seam(self.app).fatal(TimeoutError("no answer from the store while claiming"))
            raise
        except Exception as error:
            _seam(self.app).fatal(error)
            raise

    async def _seek_to_books(self, generation: int) -> Mapping[TP, int]:
        seam = _seam(self.app)
        topics = {seam.settings.on_kafka(t.name) for t in seam.intake.engine.worker.reads}
        assigned = {tp for tp in self.assignment() if tp.topic in topics}
        partitions = {tp.partition for tp in assigned}
        starts = await seam.intake.claim(partitions, generation)
        if len(assigned) != len(topics) * len(partitions):
            missing = topics - {tp.topic for tp in assigned}
            why = f"{', '.join(sorted(missing)) or 'a topic'}: partitions of it are missing"
            for partition in sorted(partitions):
                seam.intake.stop(partition, why)
        where = {tp: starts[seam.settings.off_kafka(tp.topic), tp.partition] for tp in assigned}
        if where:
            await self.seek_wait(where)
        self._chain = dict(where)
        self._leave_out(_seam(self.app).intake.engine.stopped)
        return where

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        """Faust's own progress says nothing; show_lag commits what the store holds."""
        return True

    async def show_lag(self, reached: Mapping[tuple[str, int], int]) -> bool:
        """Commit to Kafka what is applied and published, for displays only."""
        on_kafka = _seam(self.app).settings.on_kafka
        offsets = {TP(on_kafka(topic), p): n for (topic, p), n in reached.items()}
        return await self._own.beside(self._own._commit(offsets))


class Transport(driver.Transport):
    """The transport that ``kafka://`` stands for in this process."""

    Consumer = Consumer


def _seam(app: Any) -> Seam:
    seam: Seam = app.seam
    return seam


def install() -> None:
    """Make Faust use this transport."""
    batches.install()
    drivers.TRANSPORTS.aliases["kafka"] = f"{__name__}:Transport"


def _record(topic: str, found: ConsumerRecord) -> Any:
    return unpack(topic, found.partition, found.offset, packed(found))


def _carrier(tp: TP, offset: int, chunk: Chunk) -> ConsumerRecord:
    """Return a record that carries *chunk* through Faust as its value."""
    return ConsumerRecord(tp.topic, tp.partition, offset, 0, 0, None, chunk, 0, 0, 0, ())
