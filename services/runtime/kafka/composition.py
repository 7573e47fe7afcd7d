"""What a worker and a rebuild are made of alike."""

from collections.abc import Callable
from typing import Any

from schemas.topics import dead_letters_of, order_of
from services.runtime.engine import Engine
from services.runtime.kafka.input_log import InputLogs
from services.runtime.kafka.order_log import OrderLog
from services.runtime.kafka.outlet import Producers
from services.runtime.kafka.publisher import KafkaPublisher
from services.runtime.kafka.reader import LogEnds
from services.runtime.kafka.recovery import Recovery
from services.runtime.kafka.retry import Patience
from services.runtime.kafka.snapshot_log import SnapshotLog
from services.runtime.kafka.snapshots import Snapshots
from services.runtime.settings import Settings
from services.runtime.store.store import Store
from services.runtime.worker import Worker


def publisher_of(
    producers: Producers,
    store: Store,
    patience: Patience,
    *,
    fatal: Callable[[BaseException], None],
) -> KafkaPublisher:
    """Return a publisher that publishes nothing before it is settled where its store stands."""
    publisher = KafkaPublisher(producers, store, patience, fatal=fatal)
    publisher.holds = True
    return publisher


def engine_of(
    worker: Worker[Any],
    settings: Settings,
    *,
    publisher: KafkaPublisher,
    store: Store,
    ends: LogEnds,
) -> Engine[Any]:
    """Return the engine of *worker*, whose order records go to *publisher*."""
    engine = Engine(
        worker,
        store,
        publisher,
        ends=ends.of,
        gated=bool(worker.waits_for(settings.services)),
        cached=settings.cached_contracts,
    )
    engine.ordering.on_orders = publisher.order
    return engine


def recovery_of(engine: Engine[Any], publisher: KafkaPublisher, settings: Settings) -> Recovery:
    """Return what brings the store of *engine* to the end of its order."""
    worker = engine.worker
    said = [*worker.writes, worker.announces, dead_letters_of(worker.name)]
    snapshots = SnapshotLog(settings, worker.name, [topic.name for topic in said])
    return Recovery(
        engine,
        publisher,
        OrderLog(settings, order_of(worker.name).name),
        InputLogs(settings, [topic.name for topic in worker.reads]),
        Snapshots(engine, snapshots),
    )
