"""What a process says of itself: /livez, /readyz and /metrics on its port."""

import asyncio
from collections.abc import Iterator
from typing import Protocol

import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.registry import Collector

from services.runtime.kafka.intake import Intake
from services.runtime.kafka.retry import PASSING
from services.runtime.settings import Settings
from services.runtime.stream.barrier import AsksEnds

_ASK_S = 2.0
# A transaction of ours takes a few milliseconds; one that is open for longer is worth a word.
_OPEN_S = 5.0
# What is counted by its reason: as an engine or projector counts it, with its name and label here.
_WITH_REASONS = {
    "dead letters": ("dead_letters", "Records dead-lettered", "reason"),
    "stepped over": ("stepped_over", "Records a projection cannot read", "reason"),
    "said": ("said", "What it said that somebody should see", "what"),
}

log = structlog.get_logger()


class OutboxBacklog(Protocol):
    """Says how many outputs wait to be published, and for how long."""

    @property
    def waiting(self) -> int: ...

    @property
    def age_s(self) -> float: ...


class Health(Collector):
    """Serves the health and the figures of one worker."""

    def __init__(
        self, settings: Settings, intake: Intake, publisher: OutboxBacklog, *, ends: AsksEnds
    ) -> None:
        self._settings, self._intake, self._engine = settings, intake, intake.engine
        self._publisher, self._patience, self._ends = publisher, intake.patience, ends
        self._lag: dict[str, int] = {}
        self._registry = CollectorRegistry()
        self._registry.register(self)
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Open the port, where one is set."""
        if not self._settings.port:
            return
        app = web.Application()
        app.add_routes(
            [
                web.get("/livez", self._live),
                web.get("/readyz", self._ready),
                web.get("/metrics", self._metrics),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._settings.host, self._settings.port).start()

    async def stop(self) -> None:
        """Close the port."""
        if self._runner:
            await self._runner.cleanup()

    def collect(self) -> Iterator[Metric]:
        """Yield the figures, read at this moment."""
        engine, service = self._engine, self._engine.worker.name
        counts = {
            "duestream_applied": "Messages applied",
            "duestream_duplicates": "Messages said before",
            "duestream_days": "Days worked off, each on a partition",
            "duestream_transactions": "SQL transactions committed",
        }
        for name, text in counts.items():
            family = CounterMetricFamily(name, text, labels=["service"])
            family.add_metric([service], engine.counts[name.removeprefix("duestream_")])
            yield family
        yield from self._of_reasons(service)
        batches = SummaryMetricFamily(
            "duestream_batch_seconds", "Time to work off what was at hand", labels=["service"]
        )
        batches.add_metric([service], self._intake.batches, self._intake.spent_s)
        yield batches
        lag = GaugeMetricFamily(
            "duestream_lag", "Records in the log, not in the store", labels=["service", "topic"]
        )
        for topic, records in self._lag.items():
            lag.add_metric([service, topic], records)
        yield lag
        yield from self._gauges(service)

    def _of_reasons(self, service: str) -> Iterator[Metric]:
        families = {
            kind: CounterMetricFamily(f"duestream_{name}", text, labels=["service", label])
            for kind, (name, text, label) in _WITH_REASONS.items()
        }
        for name, count in self._engine.counts.items():
            kind, _, reason = name.partition(": ")
            if reason:
                families[kind].add_metric([service, reason], count)
        yield from families.values()

    def _gauges(self, service: str) -> Iterator[Metric]:
        figures = {
            "duestream_partitions_owned": len(self._engine.owned),
            "duestream_partitions_stopped": len(self._engine.stopped),
            "duestream_partitions_recovering": len(self._recovering()),
            "duestream_days_held": len(self._engine.barrier.partitions()),
            "duestream_outbox_rows_waiting": self._publisher.waiting,
            "duestream_outbox_age_seconds": self._publisher.age_s,
            "duestream_contracts_cached": len(self._engine.cache),
        }
        of_terms = {f"duestream_{name}": each for name, each in self._engine.gauges().items()}
        for name, figure in (figures | of_terms).items():
            family = GaugeMetricFamily(name, name.removeprefix("duestream_"), labels=["service"])
            family.add_metric([service], figure)
            yield family

    async def _live(self, _request: web.Request) -> web.Response:
        return web.json_response({"live": True})

    async def _ready(self, _request: web.Request) -> web.Response:
        stopped, trouble = self._engine.stopped, self._patience.trouble
        recovering = self._recovering()
        ready = self._engine.has_claimed and not (stopped or trouble or recovering)
        content = {
            "ready": ready,
            "partitions": sorted(self._engine.owned),
            "stopped": {str(p): why for p, why in stopped.items()},
            "waiting_for": trouble,
            "recovering": recovering,
            "days_wait_for": self._upstream(),
            "open_transactions": self._open_transactions(),
        }
        return web.json_response(content, status=200 if ready else 503)

    def _recovering(self) -> dict[str, str]:
        """Say how far each partition is whose store was behind what is published."""
        recovery = self._intake.recovery
        progress = recovery.progress if recovery else {}
        return {str(p): f"order record {at} of {last}" for p, (at, last) in progress.items()}

    def _upstream(self) -> list[str]:
        """Name the services through which a day that is held here has to pass first."""
        behind = self._engine.barrier.behind_upstream()
        return list(self._engine.worker.waits_for(self._settings.services)) if behind else []

    def _open_transactions(self) -> dict[str, str]:
        """Say behind what days are held: a producer that neither commits nor aborts."""
        now = asyncio.get_running_loop().time()
        return {
            f"{topic}/{partition}": f"open since {now - since:.0f} s, from offset {offset} on"
            for (topic, partition), (offset, since) in sorted(self._intake.undecided.items())
            if now - since >= _OPEN_S
        }

    async def _metrics(self, _request: web.Request) -> web.Response:
        await self._measure_lag()
        # Not in a thread: what it reads may change while another counts.
        text = generate_latest(self._registry)
        return web.Response(body=text, content_type="text/plain")

    async def _measure_lag(self) -> None:
        """Compare the store with the log; without a broker the last figures stand."""
        owned, positions = sorted(self._engine.owned), self._engine.transaction.positions
        try:
            ends = await asyncio.wait_for(self._ends(owned), _ASK_S) if owned else {}
        except PASSING as error:
            log.info("lag.unmeasured", error=repr(error))
            return
        self._lag = dict.fromkeys((topic.name for topic in self._engine.worker.reads), 0)
        for (topic, partition), end in ends.items():
            self._lag[topic] += max(0, end - positions.get((topic, partition), 0))
