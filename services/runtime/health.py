"""What a process says of itself: /livez, /readyz and /metrics on its port."""

from collections.abc import Iterator
from typing import Any

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from services.runtime.engine import Engine
from services.runtime.publisher import KafkaPublisher
from services.runtime.retry import Patience
from services.runtime.settings import Settings


class Health(Collector):
    """Serves the health and the figures of one worker."""

    def __init__(
        self,
        settings: Settings,
        engine: Engine[Any],
        publisher: KafkaPublisher,
        patience: Patience,
    ) -> None:
        self._settings, self._engine = settings, engine
        self._publisher, self._patience = publisher, patience
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
        letters = CounterMetricFamily(
            "duestream_dead_letters", "Records put aside", labels=["service", "reason"]
        )
        for name, count in engine.counts.items():
            if name.startswith("dead letters: "):
                letters.add_metric([service, name.removeprefix("dead letters: ")], count)
        yield letters
        yield from self._gauges(service)

    def _gauges(self, service: str) -> Iterator[Metric]:
        figures = {
            "duestream_partitions_owned": len(self._engine.owned),
            "duestream_partitions_stopped": len(self._engine.stopped),
            "duestream_days_held": len(self._engine.gates.partitions()),
            "duestream_outbox_rows_waiting": self._publisher.waiting,
            "duestream_contracts_cached": len(self._engine.fold.folders),
        }
        for name, figure in figures.items():
            family = GaugeMetricFamily(name, name.removeprefix("duestream_"), labels=["service"])
            family.add_metric([service], figure)
            yield family

    async def _live(self, _request: web.Request) -> web.Response:
        return web.json_response({"live": True})

    async def _ready(self, _request: web.Request) -> web.Response:
        stopped, trouble = self._engine.stopped, self._patience.trouble
        ready = bool(self._engine.owned) and not stopped and not trouble
        content = {
            "ready": ready,
            "partitions": sorted(self._engine.owned),
            "stopped": {str(p): why for p, why in stopped.items()},
            "waiting_for": trouble,
        }
        return web.json_response(content, status=200 if ready else 503)

    async def _metrics(self, _request: web.Request) -> web.Response:
        # Not in a thread: what it reads may change while another counts.
        text = generate_latest(self._registry)
        return web.Response(body=text, content_type="text/plain")
