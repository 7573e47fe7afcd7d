"""A service as a Faust worker: the declaration, the engine and the outside of the process."""

import asyncio
import os
import socket
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from typing import Any, cast

import faust
import structlog
from faust.types.auth import AuthProtocol

from schemas.topics import dead_letters_of, order_of
from services.runtime.engine import Engine
from services.runtime.kafka import consumer
from services.runtime.kafka.acts import WorkerActs
from services.runtime.kafka.agreement import Agreement, StoreAgreement, topics_of
from services.runtime.kafka.disagreement import Disagreement
from services.runtime.kafka.health import Health
from services.runtime.kafka.input_log import InputLogs
from services.runtime.kafka.intake import Intake, Publishing
from services.runtime.kafka.order_log import OrderLog
from services.runtime.kafka.outlet import Producers
from services.runtime.kafka.partition_acts import World
from services.runtime.kafka.producer import sending
from services.runtime.kafka.publisher import KafkaPublisher, is_fence
from services.runtime.kafka.reader import LogEnds
from services.runtime.kafka.recovery import Recovery
from services.runtime.kafka.retry import Patience
from services.runtime.kafka.silent import Silent
from services.runtime.kafka.snapshot_log import SnapshotLog
from services.runtime.kafka.snapshots import Snapshots
from services.runtime.projection import Projection
from services.runtime.projector import Projector
from services.runtime.settings import Settings
from services.runtime.store.database import Database
from services.runtime.store.read_model import ReadModel
from services.runtime.store.store import Store
from services.runtime.stream.order import Gap
from services.runtime.worker import Worker

_SHOW_LAG_EVERY_S = 0.05
_DRAIN_S = 10.0
# sysexits.h: try again (fenced, or the store moved on), and a fault of ours.
TEMPORARY, FAULT = 75, 70

log = structlog.get_logger()


class App(faust.App):
    """Faust's application; what it delivers goes to the intake."""

    seam: consumer.Seam
    publisher: KafkaPublisher | Silent
    store: Store
    producers: Producers | Silent
    agreement: StoreAgreement
    ends: LogEnds
    patience: Patience
    tasks: list[asyncio.Task[None]]
    health: Health
    acts: WorkerActs | None = None

    async def on_start(self) -> None:
        """Open the port, then wait for database and broker, then join."""
        await self._open_port()
        await self._agree()
        work = self.seam.intake.run(), self.publisher.sweep(), self._show_lag(), self._look_again()
        self.tasks = [self.publisher.guard(each) for each in work]
        self.on_rebalance_complete.connect(self._own_nothing, weak=False)
        worker = self.seam.intake.engine.worker
        upstream = worker.waits_for(self.seam.settings.services)
        if upstream:
            log.info("worker.follows", services=list(upstream))
        await super().on_start()

    async def _agree(self) -> None:
        """Wait until settings, topics and store agree; nothing is written before."""
        insist = self.patience.insist
        await asyncio.gather(
            insist("broker", self.agreement.topics.reach, also=(Disagreement,)),
            insist("database", self.store.migrate),
        )
        reach = partial(self.agreement.reach, self.ends)
        origin = await insist("agreement", reach, also=(Disagreement,))
        self.producers.store_id = origin.id
        if isinstance(engine := self.seam.intake.engine, Engine):
            engine.ordering.store_id = origin.id
        self.seam.intake.objects = partial(self.agreement.objections, self.ends)

    async def _look_again(self) -> None:
        """Stop everything where cluster or topics are not what they were."""
        while True:
            try:
                await self.agreement.topics.remain()
            except Disagreement as error:
                await self.seam.intake.stop_all(str(error))

    async def _own_nothing(self, *_args: Any, **_kwargs: Any) -> None:
        """Claim nothing where a rebalance gave us nothing: Faust does not ask where we stand."""
        if not self.consumer.assignment():
            await self.seam.intake.claim((), self.consumer_generation_id)

    async def _open_port(self) -> None:
        try:
            await self.health.start()
        except OSError as error:
            what = f"no port for health: {error.strerror or error}"
            self.fatal(OSError(f"{what}; free it, or choose another with DUESTREAM_PORT"))

    async def on_stop(self) -> None:
        """Let the running transaction end, publish what is queued, and leave."""
        await super().on_stop()
        await self.seam.intake.pause()
        await self.publisher.drain(_DRAIN_S)
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await (self.acts or self.publisher).close()
        await self.ends.close()
        await self.store.close()
        await self.health.stop()
        log.info("worker.stopped", service=self.seam.intake.engine.worker.name)

    def _create_directories(self) -> None:
        """Make none of Faust's folders for tables: the store is elsewhere."""

    def fatal(self, error: BaseException) -> None:
        """End the process at once: what is not in the store is done again by whoever is next."""
        temporary = isinstance(error, Gap | TimeoutError) or is_fence(error)
        log.error("worker.stopping", service=self.seam.intake.engine.worker.name, error=repr(error))
        sys.stderr.flush()
        os._exit(TEMPORARY if temporary else FAULT)

    async def _show_lag(self) -> None:
        shown: dict[tuple[str, int], int] = {}
        while True:
            await asyncio.sleep(_SHOW_LAG_EVERY_S)
            engine = self.seam.intake.engine
            reached = {
                (topic, p): position
                for p in engine.owned
                for topic, position in engine.progress.reached(
                    p, self.publisher.published(p), said=self.publisher.said(p)
                ).items()
            }
            if reached != shown and await cast(consumer.Consumer, self.consumer).show_lag(reached):
                shown = reached


def build(worker: Worker[Any] | Projection, settings: Settings) -> App:
    """Return the application that runs *worker*; nothing is opened yet."""
    database = Database(settings.database_url(worker.name), worker.name)
    if isinstance(worker, Projection):
        return compose_projection(worker, settings, store=ReadModel(worker, database))
    store = Store(database)
    producers = Producers(worker.name, f"{worker.name}.dead-letters", settings)
    return compose(worker, settings, store=store, producers=producers)


def compose(worker: Worker[Any], settings: Settings, *, store: Store, producers: Producers) -> App:
    """Return the application that runs *worker* on this *store* and with these *producers*."""
    app = _faust_app(settings.on_kafka(worker.name), settings)
    app.patience, app.tasks, app.store, app.producers = Patience(), [], store, producers
    topics = Agreement(settings, topics_of(worker))
    app.agreement = StoreAgreement(topics, store, worker.name, settings)
    app.publisher = publisher = KafkaPublisher(producers, store, app.patience, fatal=app.fatal)
    app.ends = LogEnds(settings, [topic.name for topic in worker.reads])
    engine = Engine(
        worker,
        store,
        publisher,
        ends=app.ends.of,
        gated=bool(worker.waits_for(settings.services)),
        cached=settings.cached_contracts,
    )
    engine.ordering.on_orders, publisher.holds = publisher.order, True
    publishing = _acting(app, engine, publisher, settings) if worker.effects else publisher
    _feed(app, engine, publishing, settings)
    orders = OrderLog(settings, order_of(worker.name).name)
    inputs = InputLogs(settings, [topic.name for topic in worker.reads])
    outputs = [*worker.writes, worker.announces, dead_letters_of(worker.name)]
    snapshots = SnapshotLog(settings, worker.name, [topic.name for topic in outputs])
    app.seam.intake.recovery = Recovery(
        engine, publisher, orders, inputs, Snapshots(engine, snapshots)
    )
    return app


def compose_projection(projection: Projection, settings: Settings, *, store: ReadModel) -> App:
    """Return the application that runs *projection*: as a worker's, but it says nothing."""
    app = _faust_app(settings.on_kafka(projection.name), settings)
    app.patience, app.tasks, app.store = Patience(), [], store
    app.publisher = app.producers = Silent(store, app.patience, fatal=app.fatal)
    topics = Agreement(settings, projection.reads)
    app.agreement = StoreAgreement(topics, store, projection.name, settings)
    app.ends = LogEnds(settings, [topic.name for topic in projection.reads])
    projector = Projector(projection, store, ends=app.ends.of)
    about = {"projection": projection.name, "version": projection.version}
    projector.on_news = lambda what, edition: log.info(what, edition=edition, **about)
    _feed(app, projector, app.publisher, settings)
    return app


def _feed(
    app: App, engine: Engine[Any] | Projector, publishing: Publishing, settings: Settings
) -> None:
    """Let what Faust delivers reach *engine*."""
    owner = settings.instance_id or f"{socket.gethostname()}-{os.getpid()}"
    intake = Intake(
        engine, publishing, owner=owner, most=settings.batch_most, patience=app.patience
    )
    app.seam = consumer.Seam(settings, intake, app.fatal)
    app.health = Health(settings, intake, app.publisher, ends=app.ends.of)
    _deliver(app, [topic.name for topic in engine.worker.reads], settings)


def _acting(
    app: App, engine: Engine[Any], publisher: KafkaPublisher, settings: Settings
) -> WorkerActs:
    """Return what does the acts of *engine*'s worker, and publishes."""
    assert engine.worker.effects is not None, "asked before"
    now = lambda: datetime.now(UTC)  # noqa: E731, TID251 - an act has the time of the world
    world = World(settings, sending, app.ends.of, now, app.patience)
    app.acts = WorkerActs(engine.worker.effects, engine, publisher, world)
    return app.acts


def _faust_app(name: str, settings: Settings) -> App:
    consumer.install()
    return App(
        name,
        broker=[f"kafka://{host.strip()}" for host in settings.kafka.split(",")],
        broker_credentials=_credentials(settings),
        store="memory://",
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        # Without standby replicas Faust silently takes an assignor that tears partitions apart.
        table_standby_replicas=1,
        stream_wait_empty=False,
        stream_recovery_delay=0.0,
        # Each holds up to 2,000 records: with 64 a backlog took 140 MB more, and was no faster.
        stream_buffer_maxsize=4,
        broker_max_poll_records=2_000,
        broker_request_timeout=max(60.0, settings.session_timeout_s),
        broker_session_timeout=settings.session_timeout_s,
        broker_heartbeat_interval=settings.session_timeout_s / 4,
        broker_rebalance_timeout=settings.rebalance_timeout_s,
        consumer_group_instance_id=settings.instance_id,
    )


def _deliver(app: App, topics: Iterable[str], settings: Settings) -> None:
    source = app.topic(
        *map(settings.on_kafka, topics),
        key_type=bytes,
        key_serializer="raw",
        value_type=bytes,
        value_serializer="raw",
        partitions=settings.partitions,
    )

    @app.agent(source)
    async def deliver(stream: Any) -> None:
        async for chunk in stream:
            await app.seam.intake.submit(chunk)


def _credentials(settings: Settings) -> Any:
    """Return what Faust's own producer needs to reach the broker."""
    context = settings.tls()
    if settings.sasl_password:
        protocol = AuthProtocol(settings.security_protocol)
        credentials = faust.SASLCredentials(
            username=settings.sasl_username,
            password=settings.sasl_password.get_secret_value(),
            mechanism=settings.sasl_mechanism,
            ssl_context=context,
        )
        credentials.protocol = protocol
        return credentials
    return faust.SSLCredentials(context) if context else None
