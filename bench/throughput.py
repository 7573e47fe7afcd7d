"""Messages a second: all variants over the same topics, in turns."""

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from bench import traffic
from bench.child import WORKERS
from bench.ground import Ground, Old
from bench.measure import Child, Figures, Left, middle, watch
from deploy.kafka.broker import Failed

Made = Callable[..., traffic.Traffic]
_MAKERS: dict[str, Made] = {"dunning": traffic.dunning, "usage": traffic.usage}


@dataclass(frozen=True)
class Size:
    """How much is measured, and how often; Faust alone is slow and gets a part of it."""

    contracts: int
    messages: int
    stock: int
    runs: int


_TRIES = 3
VARIANTS = (
    "empty loop",
    "stock Faust",
    "plain loop, postgres",
    "postgres",
    "sqlite",
    "postgres, 2 workers",
)


def measure(shape: str, size: Size) -> dict[str, Any]:
    """Return the figures of each variant, the middle one of its runs."""
    ground = Ground(partitions=12)
    try:
        field = _Field(ground, shape, size)
        found: dict[str, list[Figures]] = defaultdict(list)
        for _ in range(size.runs):
            for variant in VARIANTS:
                found[variant].append(field.run(variant))
        return {variant: middle(runs) for variant, runs in found.items()}
    finally:
        ground.close()


class _Field:
    """The topics, filled, and the store that all variants begin with."""

    def __init__(self, ground: Ground, shape: str, size: Size) -> None:
        self._ground, self._shape, self._size = ground, shape, size
        worker = WORKERS[shape]
        ground.make_topics(worker)
        self._traffic = _MAKERS[shape](size.contracts, size.messages, partitions=ground.partitions)
        ground.fill(self._traffic.records)
        self._old = {
            on: ground.old_books(worker, self._traffic, on=on) for on in ("sqlite", "postgres")
        }

    def run(self, variant: str) -> Figures:
        """Let *variant* run once."""
        name = self._ground.name(self._shape)
        match variant:
            case "empty loop":
                return self._empty(name)
            case "stock Faust":
                settings = self._ground.settings()
                child = Child(settings, "stock", self._shape, name, str(self._size.contracts))
                return watch([child], self._size.stock)
        on = "sqlite" if "sqlite" in variant else "postgres"
        kind = "plain" if "plain" in variant else "ours"
        workers = 2 if "2 workers" in variant else 1
        for _ in range(_TRIES):
            try:
                return self._store(self._old[on], kind, name, workers)
            except Left:
                # Whoever came first had all for a moment; where it is fenced, the run says nothing.
                name = self._ground.name(self._shape)
        raise Failed(f"{variant}: fenced {_TRIES} times")

    def _empty(self, name: str) -> Figures:
        topics = self._ends()
        child = Child(self._ground.settings(), "empty", self._shape, name, json.dumps(topics))
        return watch([child], 3 * sum(topics.values()))

    def _ends(self) -> dict[str, int]:
        ends: dict[str, int] = defaultdict(int)
        for (topic, _), some in self._traffic.records.items():
            if topic not in ("days", "contracts"):
                ends[topic] += len(some)
        return ends

    def _store(self, old: Old, kind: str, name: str, workers: int) -> Figures:
        settings = old.copy(name)
        self._ground.make_dead_letters(name)
        before = old.size(settings, name)
        children = [Child(settings, kind, self._shape, name) for _ in range(workers)]
        figures = watch(children, self._traffic.counted)
        each = (old.size(settings, name) - before) / figures.messages
        return replace(figures, bytes_each=round(each, 1))
