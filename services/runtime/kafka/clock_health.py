"""What the clock says of itself on its port."""

from collections.abc import Iterator, Mapping
from typing import Any

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from services.runtime.clock.pacing import DayPacing
from services.runtime.kafka.port import Port, gauges
from services.runtime.kafka.retry import Patience
from services.runtime.kafka.unanswered import Watching
from services.runtime.settings import Settings

_SERVICE = "clock"


class ClockHealth(Collector):
    """Serves the health and the figures of the clock; *pace* is that of the one at work."""

    def __init__(self, settings: Settings, patience: Patience) -> None:
        self.pace: DayPacing | None = None
        self._patience = patience
        self.letters = Watching(settings)
        self.port = Port(settings, collector=self, ready=self.ready)

    def follow(self, pace: DayPacing) -> None:
        """Take the pace of a clock that is at work; what it waited for is there."""
        self.pace = pace
        self._patience.relax(_SERVICE)

    def ready(self) -> Mapping[str, Any]:
        """Say whether the clock has read what it said before, and which days it waits for."""
        undone = self.pace.undone() if self.pace else {}
        days = {f"{entity} on {p}": str(day.day) for (p, entity), day in sorted(undone.items())}
        return {
            "ready": self.pace is not None and not self._patience.trouble,
            "days_not_done": days,
            "waiting_for": self._patience.trouble,
        }

    def collect(self) -> Iterator[Metric]:
        """Yield the figures, read at this moment."""
        pace = self.pace
        undone = pace.undone().values() if pace else ()
        last = pace.last_began() if pace else None
        # No word of a name may be a unit: to promtool "days" would be one.
        figures = {
            "clock_not_done": (
                "Days that began and that the last service has not done, by partition",
                len(undone),
            ),
            "clock_oldest_day_not_done_timestamp_seconds": (
                "When the earliest of them began, in seconds since 1970; 0 for none",
                min((each.began_at.timestamp() for each in undone), default=0),
            ),
            "clock_last_day_began_timestamp_seconds": (
                "When the last day began that is known here, in seconds since 1970; 0 for none",
                last.timestamp() if last else 0,
            ),
            "clock_unsaid": (
                "Terms and days not yet said, in sum over partitions",
                pace.waiting() if pace else 0,
            ),
            "waits": ("Servers that cannot be had at this moment", len(self._patience.trouble)),
        }
        yield from gauges(_SERVICE, figures)
        yield from self._unanswered()

    def _unanswered(self) -> Iterator[Metric]:
        """Yield what stands on all dead-letter topics, each under its own service."""
        if (found := self.letters.found) is None:
            return
        labels = ["service", "reason"]
        count = GaugeMetricFamily(
            "duestream_dead_letters_open", "Dead letters that were not sent again", labels=labels
        )
        oldest = GaugeMetricFamily(
            "duestream_dead_letters_oldest_timestamp_seconds",
            "When the oldest of them was written, in seconds since 1970; 0 for none",
            labels=labels,
        )
        for kind, number, since_s in found.figures():
            count.add_metric(kind, number)
            oldest.add_metric(kind, since_s)
        yield from (count, oldest)
