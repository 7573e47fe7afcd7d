"""A day that closes so many contracts, and before it their calls: by prefix and by band."""

import asyncio
import cProfile
import tempfile
import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from bench.billing import Nobody, chunk, day_of, shares_of
from schemas.envelope import Event
from schemas.message import Message
from schemas.price_lists import PriceListPublished
from services.runtime.engine import Engine
from services.runtime.store.database import Database
from services.runtime.store.store import Store
from services.runtime.stream.barrier import no_ends
from services.usage.app import worker
from tests.support.events import ACME, line, registered
from tests.support.metering import BERLIN, use
from tests.support.meters import metered, published

_FIRST, _CLOSES = date(2026, 1, 1), date(2026, 2, 2)
_AT = "2026-01-31T09:00:00+01:00"
_CACHED, _A_PART = 50_000, 5_000
_MINUTE = {"meter": "seconds", "price_base_quantity": "60", "step": {"first": "60", "next": "10"}}
_DAYS = [1, 2, 3, 4, 5, 6, 7]
_BANDS = [
    {"weekdays": _DAYS, "from": "08:00", "until": "20:00", "unit_price": "0.20"},
    {"weekdays": _DAYS, "from": "20:00", "until": "08:00", "unit_price": "0.05"},
]
_PLAN = published(
    metered(
        "abroad",
        **_MINUTE,
        filters={"kind": ["abroad"]},
        price_list={"price_list_id": "abroad", "property": "to"},
    ),
    metered("home", **_MINUTE, filters={"kind": ["home"]}, bands=_BANDS, split=True),
)


@dataclass(frozen=True)
class Size:
    """How many contracts, calls of each, and prefixes; how many contracts are profiled."""

    contracts: int
    calls: int
    prefixes: int
    profiled: int


def measure(size: Size) -> dict[str, dict[str, Any]]:
    """Rate the calls of all contracts and close their month, on SQLite, without Kafka."""
    with tempfile.TemporaryDirectory(prefix="duestream-bench-") as folder:
        url = f"sqlite+aiosqlite:///{folder}"
        found = asyncio.run(_close(f"{url}/month.sqlite", size, size.contracts, profile=None))
        profile = cProfile.Profile()
        asyncio.run(_close(f"{url}/few.sqlite", size, size.profiled, profile=profile))
    found["shares"] = {name: round(share) for name, share in shares_of(profile, "usage").items()}
    return {"calls by prefix and band": found}


async def _close(
    url: str, size: Size, contracts: int, *, profile: cProfile.Profile | None
) -> dict[str, Any]:
    store, nobody = Store(Database(url, worker.name)), Nobody()
    await store.create(1)
    engine = Engine(worker, store, nobody, ends=no_ends, cached=_CACHED)
    await engine.claim([0], "bench")
    terms: list[Message | Event] = [ACME, *_prefixes(size.prefixes), _PLAN, day_of(_FIRST)]
    await engine.take([chunk("days", 0, terms)])
    calls, calls_s = 0, 0.0
    for start in range(0, contracts, 500):
        some = range(start, min(start + 500, contracts))
        await engine.take([chunk("contracts", start, [_registered(n) for n in some])])
        said = [_call(n, number) for n in some for number in range(size.calls)]
        taken = chunk("usage", calls, said)
        begun = time.process_time()
        await engine.take([taken])
        calls, calls_s = calls + len(said), calls_s + time.process_time() - begun
    begun, cpu = time.perf_counter(), time.process_time()
    if profile:
        profile.enable()
    await engine.take([chunk("days", len(terms), [day_of(_CLOSES)])])
    if profile:
        profile.disable()
    seconds, cpu_s = time.perf_counter() - begun, time.process_time() - cpu
    await store.close()
    assert nobody.said["charges"] == 3 * contracts, "two charges and the close of each contract"
    return {
        "contracts": contracts,
        "prefixes": size.prefixes,
        "cpu_us_a_call": round(calls_s / calls * 1e6),
        "close_s": round(seconds, 2),
        "cpu_us_a_contract": round(cpu_s / contracts * 1e6),
        "contracts_per_second": round(contracts / seconds),
    }


def _prefixes(count: int) -> list[PriceListPublished]:
    """Return a list of *count* prefixes of five digits and fewer, in parts."""
    entries = [{"prefix": str(10_000 + n), "unit_price": f"0.{10 + n % 90}"} for n in range(count)]
    parts = [entries[start : start + _A_PART] for start in range(0, count, _A_PART)]
    said = {"price_list_id": "abroad", "version": 1, "legal_entity_id": "acme"}
    return [
        PriceListPublished.model_validate(
            {**said, "part": number, "parts": len(parts), "entries": tuple(part)}
        )
        for number, part in enumerate(parts, start=1)
    ]


def _registered(number: int) -> Message:
    some: Message = registered(plan_id="basic")  # type: ignore[no-untyped-call]
    return some.model_copy(update={"contract_id": f"C-{number:06}"})


def _call(contract: int, number: int) -> Event:
    """Return a call of some minutes: every other one abroad, the others over a bound of bands."""
    at = datetime(2026, 1, 1, 19, 58, tzinfo=BERLIN) + timedelta(days=number % 31)
    kind = ("abroad", "home")[number % 2]
    said = use(f"{contract}-{number}", at, str(61 + 37 * number % 600), kind=kind,
               to=f"{10_000 + (contract * 31 + number) % 1_000}99887")  # fmt: skip
    moved = said.model_copy(update={"contract_id": f"C-{contract:06}"})
    return Event.from_line(line(moved, _AT, name=f"{contract}-{number}"))
