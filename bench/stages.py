"""Where the time of a record goes: the engine over SQLite without Kafka, by stages, in CPU time.

The usage here is that of the service itself, with meters, a filter and a step; what a worker does
beside it (fetching, publishing, heartbeats) is not in the figures.
"""

import asyncio
import gc
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, NamedTuple, ParamSpec, TypeVar

from bench import traffic
from bench.billing import Nobody
from bench.traffic import Traffic
from schemas.usage import UsageRecorded
from services.dunning import app as dunning
from services.runtime.engine import Engine
from services.runtime.store.database import Database
from services.runtime.store.store import Store
from services.runtime.stream.barrier import no_ends
from services.runtime.stream.record import Chunk
from services.runtime.stream.wire import unpack
from services.runtime.worker import Worker
from services.usage import app as usage
from tests.support.events import ACME, registered
from tests.support.meters import metered, published

_P = ParamSpec("_P")
_T = TypeVar("_T")

_PARTITIONS = 4
_CACHED = 50_000
_BEGAN = datetime(2026, 3, 2, 8, tzinfo=UTC)
_STEPS = {"first": "60", "next": "7"}
_PLAN = published(
    metered("calls", meter="calls", unit_price="0.10", step=_STEPS, filters={"kind": ["mobile"]}),
    metered("storage", meter="storage", unit_price="0.20"),
    metered("seats", meter="seats", unit_price="1.00"),
)


class Size(NamedTuple):
    """How many contracts and messages there are, and how many records a transaction takes."""

    contracts: int
    messages: int
    at_once: tuple[int, ...]


class Spent(defaultdict[str, float]):
    """CPU seconds of the process by stage."""

    def __init__(self) -> None:
        super().__init__(float)

    def timed(self, stage: str, work: Callable[_P, _T]) -> Callable[_P, _T]:
        """Return *work*, noted as *stage*."""

        def noted(*args: _P.args, **kwargs: _P.kwargs) -> _T:
            begun = time.process_time()
            found = work(*args, **kwargs)
            self[stage] += time.process_time() - begun
            return found

        return noted

    def awaited(
        self, stage: str, work: Callable[_P, Coroutine[Any, Any, _T]]
    ) -> Callable[_P, Coroutine[Any, Any, _T]]:
        """Return *work* that is awaited, noted as *stage*; threads of SQL are in it."""

        async def noted(*args: _P.args, **kwargs: _P.kwargs) -> _T:
            begun = time.process_time()
            found = await work(*args, **kwargs)
            self[stage] += time.process_time() - begun
            return found

        return noted


def measure(size: Size) -> dict[str, Any]:
    """Return the microseconds of CPU of a record of usage and dunning, by stages."""
    made: dict[str, tuple[Worker[Any], Traffic]] = {
        "usage": (usage.worker, _usage(size.contracts, size.messages)),
        "dunning": (
            dunning.worker,
            traffic.dunning(size.contracts, size.messages, partitions=_PARTITIONS),
        ),
    }
    # As a worker has it: what was imported is never looked at again.
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    return {
        f"{name}, {most:,} records at once": asyncio.run(_stages(worker, some, most))
        for name, (worker, some) in made.items()
        for most in size.at_once
    }


async def _stages(worker: Worker[Any], made: Traffic, at_once: int) -> dict[str, float]:
    spent = Spent()
    with tempfile.TemporaryDirectory(prefix="duestream-bench-") as folder:
        store = Store(Database(f"sqlite+aiosqlite:///{folder}/stages.sqlite", worker.name))
        await store.create(_PARTITIONS)
        engine = Engine(worker, store, Nobody(), ends=no_ends, cached=_CACHED)
        await engine.claim(range(_PARTITIONS), "bench")
        for chunk in made.chunks():
            await engine.take([chunk])
        engine.fold.read = spent.timed("decoding", engine.fold.read)  # type: ignore[method-assign]
        engine.cache.load = spent.awaited("loading", engine.cache.load)  # type: ignore[method-assign]
        engine.commit = spent.awaited("writing", engine.commit)  # type: ignore[method-assign]
        whole = 0.0
        for some in _parts(made, at_once):
            begun = time.process_time()
            await engine.take(spent.timed("unpacking", _chunks)(some))
            whole += time.process_time() - begun
        await store.close()
    each = 1e6 / made.counted
    stages = {name: round(seconds * each, 1) for name, seconds in spent.items()}
    rest = whole - sum(spent.values())
    return {"CPU us": round(whole * each, 1), **stages, "folding and the rest": round(rest * each)}


def _parts(made: Traffic, at_once: int) -> Iterator[list[tuple[str, int, int, int, Traffic]]]:
    """Yield of each place what is next, as many records as a transaction takes."""
    new = {p: (made.before.get(p, 0), len(some)) for p, some in made.records.items()}
    new = {place: stretch for place, stretch in new.items() if stretch[0] < stretch[1]}
    step = max(1, at_once // len(new))
    longest = max(end - start for start, end in new.values())
    for behind in range(0, longest, step):
        yield [
            (*place, start + behind, min(end, start + behind + step), made)
            for place, (start, end) in new.items()
            if start + behind < end
        ]


def _chunks(some: list[tuple[str, int, int, int, Traffic]]) -> list[Chunk]:
    found = []
    for topic, partition, start, end, made in some:
        packed = made.records[topic, partition][start:end]
        records = (unpack(topic, partition, start + n, each) for n, each in enumerate(packed))
        found.append(Chunk(topic, partition, start, end, tuple(records)))
    return found


def _usage(contracts: int, messages: int) -> Traffic:
    """Return what *contracts* with a plan used; one event of fifty is said twice."""
    made, rng = Traffic(_PARTITIONS), Random(1)
    made.say(ACME, 0, subject="acme@1")
    made.say(_PLAN, 1, subject="basic@1")
    made.say(traffic.day(traffic.TODAY), 2, subject=traffic.ENTITY)
    for number in range(contracts):
        name = traffic.name_of(number)
        said = registered(contract_id=name, plan_id="basic")  # type: ignore[no-untyped-call]
        made.add("contracts", said, number, subject=name)
    made.age()
    for number in range(messages):
        name = traffic.name_of(rng.randrange(contracts))
        used = UsageRecorded.model_validate(
            {
                "contract_id": name,
                "meter": rng.choice(("calls", "storage", "seats")),
                "quantity": f"{rng.randrange(1, 500)}.{rng.randrange(10)}",
                "occurred_at": _BEGAN + timedelta(milliseconds=10 * number),
                "properties": {"kind": "mobile"},
            }
        )
        for _ in range(2 if number % 50 == 0 else 1):
            made.add("usage", used, number, subject=name)
    return made
