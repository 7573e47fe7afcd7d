"""A billing day: so many contracts are due at once, beside bare inserts of the same rows."""

import asyncio
import cProfile
import pstats
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from schemas.days import DayBegan
from schemas.envelope import Event
from schemas.message import Message
from schemas.values import LegalEntityId
from services.invoicing.app import worker
from services.runtime.engine import Engine
from services.runtime.store import tables
from services.runtime.store.database import Database
from services.runtime.store.store import Store
from services.runtime.stream.barrier import no_ends
from services.runtime.stream.record import Chunk, Output, Record
from tests.support.events import ACME, line, registered
from tests.support.servers import Postgres
from tests.support.tariffs import flat, plan, seats

_BEFORE, _DUE = date(2026, 1, 31), date(2026, 2, 1)
_AT = "2026-01-31T09:00:00+01:00"
_PLAN = plan(flat("base", "29.90"), seats("4.50"))
_CACHED = 50_000
# What a billing day writes, but for a few rows.
_WRITTEN = (tables.STATE, tables.OUTBOX)
# Where the time goes, by a part of the path of the code.
_PARTS = {
    "messages (schemas, pydantic)": ("schemas/", "pydantic"),
    "engine (services/runtime)": "services/runtime",
    "SQL": ("sqlalchemy", "sqlite", "asyncpg"),
}


class Nobody:
    """Takes what is said, and counts it."""

    def __init__(self) -> None:
        self.said: Counter[str] = Counter()

    def publish(self, outputs: Sequence[Output]) -> None:
        """Count *outputs*."""
        self.said.update(output.topic for output in outputs)


@dataclass(frozen=True)
class Day:
    """What a billing day took: seconds, and what stands in the store after it."""

    invoices: int
    seconds: float
    bare_s: float
    parts: Mapping[str, float]

    @property
    def row(self) -> dict[str, Any]:
        """The figures as plain values, shares in percent of the profiled time."""
        return {
            "invoices": self.invoices,
            "seconds": round(self.seconds, 2),
            "invoices_per_second": round(self.invoices / self.seconds),
            "bare_inserts_s": round(self.bare_s, 2),
            "times_bare_inserts": round(self.seconds / self.bare_s, 1),
            "shares": {name: round(share) for name, share in self.parts.items()},
        }


def measure(contracts: int, *, profiled: int) -> dict[str, dict[str, Any]]:
    """Bill *contracts* on one day, on SQLite and on PostgreSQL; profile *profiled* of as many."""
    found = {}
    with tempfile.TemporaryDirectory(prefix="duestream-bench-") as folder:
        urls = [f"sqlite+aiosqlite:///{folder}/{name}.sqlite" for name in ("day", "bare", "few")]
        found["sqlite"] = _measured(urls, contracts, profiled)
        postgres = Postgres()
        postgres.start()
        try:
            urls = [postgres.database(name) for name in ("day", "bare", "few")]
            found["postgres"] = _measured(urls, contracts, profiled)
        finally:
            postgres.close()
    return {name: day.row for name, day in found.items()}


def _measured(urls: Sequence[str], contracts: int, profiled: int) -> Day:
    invoices, seconds = asyncio.run(_bill(urls[0], contracts))
    bare_s = asyncio.run(_insert_again(urls[0], urls[1]))
    profile = cProfile.Profile()
    asyncio.run(_bill(urls[2], profiled, profile=profile))
    return Day(invoices, seconds, bare_s, shares_of(profile, "invoicing"))


async def _bill(
    url: str, contracts: int, *, profile: cProfile.Profile | None = None
) -> tuple[int, float]:
    """Return how many invoices the day made of *contracts* that are due, and in which time."""
    store, nobody = Store(Database(url, worker.name)), Nobody()
    await store.create(1)
    engine = Engine(worker, store, nobody, ends=no_ends, cached=_CACHED)
    await engine.claim([0], "bench")
    await engine.take([chunk("days", 0, [ACME, _PLAN, day_of(_BEFORE)])])
    for start in range(0, contracts, 1_000):
        some = [_registered(n) for n in range(start, min(start + 1_000, contracts))]
        await engine.take([chunk("contracts", start, some)])
    assert not nobody.said["invoices"], "nothing is due before its day"
    begun = time.perf_counter()
    if profile:
        profile.enable()
    await engine.take([chunk("days", 3, [day_of(_DUE)])])
    if profile:
        profile.disable()
    seconds = time.perf_counter() - begun
    await store.close()
    assert nobody.said["invoices"] == contracts, "each is billed once"
    return contracts, seconds


async def _insert_again(source: str, target: str) -> float:
    """Return how long it takes to insert the rows of *source*, by one statement for each 5,000."""
    there, here = Database(source, worker.name), Database(target, worker.name)
    rows = {}
    async with there.transaction() as tx:
        for table in _WRITTEN:
            rows[table] = [dict(row) for row in (await tx.execute(select(table))).mappings()]
    await there.close()
    await Store(here).create(1)
    begun = time.perf_counter()
    for table, some in rows.items():
        for start in range(0, len(some), 5_000):
            async with here.transaction() as tx:
                await tx.execute(insert(table), some[start : start + 5_000])
    seconds = time.perf_counter() - begun
    await here.close()
    return seconds


def shares_of(profile: cProfile.Profile, service: str) -> dict[str, float]:
    """Return where the time of *service* went, in percent."""
    spent: Counter[str] = Counter()
    stats: Any = pstats.Stats(profile)
    for (file, _, name), (_, _, own, _, _) in stats.stats.items():
        spent[_part(f"{Path(file).as_posix()} {name}", service)] += own
    total = sum(spent.values())
    return {part: 100 * own / total for part, own in spent.most_common()}


def _part(place: str, service: str) -> str:
    rules = {f"rules (services/{service})": (f"services/{service}", "services/tariffs")}
    for name, paths in (rules | _PARTS).items():
        if any(path in place for path in ([paths] if isinstance(paths, str) else paths)):
            return name
    return "Python and waiting"


def _registered(number: int) -> Message:
    known = {"contract_id": f"C-{number:06}", "plan_id": "basic", "starts_on": _DUE}
    some: Message = registered()  # type: ignore[no-untyped-call]
    return some.model_copy(update=known | {"quantities": {"seats": str(number % 7)}})


def day_of(day: date) -> Event:
    """Return that *day* begins."""
    said = DayBegan(legal_entity_id=LegalEntityId("acme"), day=day)
    return Event(
        id=f"day-{day}",
        source="/duestream/clock",
        type="DayBegan",
        time=f"{day}T00:00:00+01:00",
        subject="acme",
        data=said.model_dump_json().encode(),
    )


def chunk(topic: str, start: int, said: Sequence[Message | Event]) -> Chunk:
    """Return *said* as records of partition 0 from *start* on."""
    events = [
        each if isinstance(each, Event) else Event.from_line(line(each, _AT)) for each in said
    ]
    records = [Record(topic, 0, start + n, each, each.timestamp) for n, each in enumerate(events)]
    return Chunk(topic, 0, start, start + len(records), tuple(records))
