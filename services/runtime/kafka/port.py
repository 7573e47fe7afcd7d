"""The port on which a process answers: /livez, /readyz and /metrics."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from importlib.metadata import version
from typing import Any

from aiohttp import web
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from services.runtime.settings import Settings

_EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"


def gauges(service: str, figures: Mapping[str, tuple[str, float]]) -> Iterator[Metric]:
    """Yield *figures*, each a text and a number by its name, and the version that runs."""
    for name, (text, figure) in figures.items():
        family = GaugeMetricFamily(f"duestream_{name}", text, labels=["service"])
        family.add_metric([service], figure)
        yield family
    about = GaugeMetricFamily(
        "duestream_build_info", "The version that runs", labels=["service", "version"]
    )
    about.add_metric([service, version("duestream")], 1)
    yield about


class Port:
    """Serves what *ready* says, its ``ready`` among it, and the figures of *collector*.

    *measure* is awaited before figures are read.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        collector: Collector,
        ready: Callable[[], Mapping[str, Any]],
        measure: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._settings, self._ready, self._measure = settings, ready, measure
        self._registry = CollectorRegistry()
        self._registry.register(collector)
        ProcessCollector(registry=self._registry)
        self._runner: web.AppRunner | None = None

    async def open(self) -> None:
        """Listen, where a port is set; raise OSError where another process has it."""
        if not self._settings.port:
            return
        app = web.Application()
        app.add_routes(
            [
                web.get("/livez", self._live),
                web.get("/readyz", self._readyz),
                web.get("/metrics", self._metrics),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._settings.host, self._settings.port).start()

    async def close(self) -> None:
        """Listen no more."""
        if self._runner:
            await self._runner.cleanup()

    async def _live(self, _request: web.Request) -> web.Response:
        return web.json_response({"live": True})

    async def _readyz(self, _request: web.Request) -> web.Response:
        content = self._ready()
        return web.json_response(content, status=200 if content["ready"] else 503)

    async def _metrics(self, _request: web.Request) -> web.Response:
        if self._measure:
            await self._measure()
        # Not in a thread: what it reads may change while another counts.
        text = generate_latest(self._registry)
        return web.Response(body=text, headers={"Content-Type": _EXPOSITION})
