"""What a process says of itself: /livez, /readyz and /metrics on its port."""

import asyncio
import time
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import structlog
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.registry import Collector

from services.runtime.engine import Engine
from services.runtime.kafka.behind import Behind
from services.runtime.kafka.intake import Intake
from services.runtime.kafka.port import Port, gauges
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
        self._behind, self._late_s = Behind(), dict[str, float]()
        self._port = Port(settings, collector=self, ready=self._ready, measure=self._measure_lag)

    async def start(self) -> None:
        """Open the port, where one is set."""
        await self._port.open()

    async def stop(self) -> None:
        """Close the port."""
        await self._port.close()

    def collect(self) -> Iterator[Metric]:
        """Yield the figures, read at this moment."""
        engine, service = self._engine, self._engine.worker.name
        counts = {
            "applied": ("Messages applied", "applied"),
            "duplicates": ("Messages said before", "duplicates"),
            # No word of its name may be a unit: to promtool "days" would be one.
            "day_barriers_passed": ("Days worked off, each on a partition", "days"),
            "transactions": ("SQL transactions committed", "transactions"),
        }
        for name, (text, kind) in counts.items():
            family = CounterMetricFamily(f"duestream_{name}", text, labels=["service"])
            family.add_metric([service], engine.counts[kind])
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
        late = GaugeMetricFamily(
            "duestream_lag_seconds",
            "For how long scrapes have seen a record of the log that is not in the store",
            labels=["service", "topic"],
        )
        for topic, late_s in self._late_s.items():
            late.add_metric([service, topic], late_s)
        yield late
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
        engine, publisher = self._engine, self._publisher
        oldest = engine.barrier.oldest_day()
        figures = {
            "partitions_owned": ("Partitions that this worker has", len(engine.owned)),
            "partitions_stopped": (
                "Of them, those of which nothing is taken any more, until somebody has mended it",
                len(engine.stopped),
            ),
            "partitions_recovering": (
                "Partitions whose store comes to the end of what is published by itself",
                len(self._recovering()),
            ),
            "day_barriers_held": (
                "Partitions on which a day is held",
                len(engine.barrier.partitions()),
            ),
            "oldest_day_held_timestamp_seconds": (
                "When the earliest day began that is held, in seconds since 1970; 0 for none",
                oldest.timestamp() if oldest else 0,
            ),
            "outbox_rows_waiting": ("Outputs that are committed, and not out", publisher.waiting),
            "outbox_age_seconds": (
                "For how long the partition that is furthest behind has had something to publish",
                publisher.age_s,
            ),
            "contracts_cached": ("Contracts that are kept in memory", len(engine.cache)),
            "waits": ("Servers that cannot be had at this moment", len(self._patience.trouble)),
        }
        yield from self._sums(service)
        of_terms = {name: (name.replace("_", " "), n) for name, n in engine.gauges.items()}
        yield from gauges(service, figures | of_terms)

    def _sums(self, service: str) -> Iterator[Metric]:
        """Yield what the states of all contracts of its partitions add up to."""
        engine = self._engine
        if not isinstance(engine, Engine) or engine.worker.sums is None:
            return
        totals = engine.cache.totals()
        for name, (text, label) in engine.worker.sums.told.items():
            family = GaugeMetricFamily(f"duestream_{name}", text, labels=["service", label])
            for figure, of in sorted(totals):
                if figure == name:
                    family.add_metric([service, of], totals[figure, of])
            yield family

    def _ready(self) -> Mapping[str, Any]:
        stopped, trouble = self._engine.stopped, self._patience.trouble
        recovering = self._recovering()
        ready = self._engine.has_claimed and not (stopped or trouble or recovering)
        return {
            "ready": ready,
            "partitions": sorted(self._engine.owned),
            "stopped": {str(p): why for p, why in stopped.items()},
            "waiting_for": trouble,
            "recovering": recovering,
            "days_wait_for": self._upstream(),
            "open_transactions": self._open_transactions(),
        }

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

    async def _measure_lag(self) -> None:
        """Compare the store with the log; without a broker the last figures stand."""
        owned, positions = sorted(self._engine.owned), self._engine.transaction.positions
        try:
            ends = await asyncio.wait_for(self._ends(owned), _ASK_S) if owned else {}
        except PASSING as error:
            log.info("lag.unmeasured", error=repr(error))
            return
        names, now_s = (topic.name for topic in self._engine.worker.reads), time.monotonic()
        self._lag = dict.fromkeys(names, 0)
        self._late_s = dict.fromkeys(self._lag, 0.0)
        for place, end in ends.items():
            position, topic = positions.get(place, 0), place[0]
            self._lag[topic] += max(0, end - position)
            late_s = self._behind.note(place, end=end, position=position, now_s=now_s)
            self._late_s[topic] = max(self._late_s[topic], late_s)
