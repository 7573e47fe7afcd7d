"""A worker that comes to millions of messages over very many contracts: its pace and memory."""

from collections.abc import Iterator
from dataclasses import asdict
from random import Random
from typing import Any, NamedTuple

from bench import traffic
from bench.child import WORKERS
from bench.ground import Ground
from bench.measure import Child, watch
from bench.million import multiply
from bench.traffic import Traffic

_AT_ONCE = 200_000
_GIVEN_UP_S = 3_600


class Size(NamedTuple):
    """How many contracts there are, and how many messages wait for the worker."""

    contracts: int
    messages: int


def measure(size: Size) -> dict[str, Any]:
    """Return what the worker that is shaped like usage takes, on PostgreSQL, bounds as set."""
    ground, worker = Ground(partitions=12), WORKERS["usage"]
    try:
        ground.make_topics(worker)
        made = traffic.usage(2, 0, partitions=ground.partitions)
        ground.fill(made.records)
        name = ground.name("backlog")
        settings = ground.old_books(worker, made, on="postgres").copy(name)
        multiply(ground, settings, name, size.contracts)
        ground.make_dead_letters(name)
        for part in _parts(size, ground.partitions):
            ground.fill(part.records)
        figures = watch([Child(settings, "ours", "usage", name)], size.messages, most_s=_GIVEN_UP_S)
        return {"postgres": {"contracts": size.contracts, **asdict(figures)}}
    finally:
        ground.close()


def _parts(size: Size, partitions: int) -> Iterator[Traffic]:
    """Yield the messages, as many as memory likes at once."""
    rng = Random(1)
    for first in range(0, size.messages, _AT_ONCE):
        part = Traffic(partitions)
        for number in range(first, min(first + _AT_ONCE, size.messages)):
            # The first two stand where their names put them, the others where multiply did.
            at = rng.randrange(2, size.contracts)
            contract = traffic.name_of(at)
            used = traffic.use(contract, number, rng)
            part.put(("usage", at % partitions), used, number, subject=contract)
        yield part
