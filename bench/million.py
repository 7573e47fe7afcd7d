"""A worker with very many contracts: its start, its memory, and a day of which few are due."""

import asyncio
import time
from datetime import timedelta
from typing import Any, NamedTuple

from bench import traffic
from bench.child import WORKERS
from bench.ground import Ground, ask
from bench.measure import Child, until
from bench.traffic import TODAY, Traffic
from schemas.context import Context
from services.runtime.settings import Settings
from services.runtime.store.database import Database
from services.runtime.store.rows import RowMapping
from services.runtime.store.store import Store
from services.runtime.store.tables import STATE
from services.runtime.worker import Worker

TOMORROW = TODAY + timedelta(1)
_ONE_OF = 100
_MULTIPLY = """
insert into "{schema}".state
  (contract_id, partition, legal_entity_id, wake_on, at_new_terms, heard, sequence, waiting,
   value, recent, spilled, acts)
select named.id, named.n % {partitions}, s.legal_entity_id, s.wake_on, s.at_new_terms, s.heard,
  s.sequence, s.waiting,
  convert_to(replace(convert_from(s.value, 'UTF8'), s.contract_id, named.id), 'UTF8'),
  s.recent, s.spilled, s.acts
from (select n, 'C-' || lpad(n::text, 7, '0') as id from generate_series(2, {last}) n) named
join "{schema}".state s on s.contract_id =
  case when (named.n / {partitions}) % {one_of} = 0 then 'C-0000000' else 'C-0000001' end
"""


class Size(NamedTuple):
    """How many contracts there are, how many are heard of, and how many a loop goes through."""

    contracts: int
    touched: int
    looped: int


def measure(size: Size) -> dict[str, Any]:
    """Return what a worker with so many contracts takes, on PostgreSQL."""
    ground, worker = Ground(partitions=12), WORKERS["dunning"]
    try:
        ground.make_topics(worker)
        settings, name = _store(ground, worker, size)
        ground.make_dead_letters(name)
        child = Child(settings, "ours", "dunning", name)
        try:
            started = _start(child)
            touched = _touch(ground, child, size.touched)
            day = _day(ground, child)
        finally:
            child.kill()
        loop = asyncio.run(_loop(worker, settings, name, size.looped))
        # What a loop over all of them would take, from the part that it did.
        day["loop_s"] = round(loop * size.contracts, 1)
        day["times"] = round(day["loop_s"] / day["seconds"], 1)
        return {"restart": started, "memory": touched, "day": day}
    finally:
        ground.close()


def _store(ground: Ground, worker: Worker[Any], size: Size) -> tuple[Settings, str]:
    """Make a store of one contract that is due and one that is not, and multiply these."""
    made = traffic.dunning(2, 0, partitions=ground.partitions)
    for number, due_on in enumerate((TODAY - timedelta(1), TODAY + timedelta(90))):
        contract = traffic.name_of(number)
        issued = traffic.invoice(contract, number, "10.00", due_on=due_on)
        made.add("invoices", issued, number, subject=contract)
    made.age()
    ground.fill(made.records)
    name = ground.name("million")
    settings = ground.old_books(worker, made, on="postgres").copy(name)
    multiply(ground, settings, name, size.contracts)
    return settings, name


def multiply(ground: Ground, settings: Settings, name: str, contracts: int) -> None:
    """Let the store of *name*, which holds two contracts, hold so many that are like them.

    Number n stands on partition n modulo their count; one of a hundred is like the first.
    """
    told = {"schema": name, "last": contracts - 1}
    more = _MULTIPLY.format(partitions=ground.partitions, one_of=_ONE_OF, **told)
    asyncio.run(ask(str(settings.database), more))
    asyncio.run(ask(str(settings.database), f'analyze "{name}".state'))


def _start(child: Child) -> dict[str, Any]:
    """Wait until the worker is ready: the start of the process and the group's join included."""
    until(lambda: bool(child.lines), [child], "the worker is ready")
    first = child.lines[0]
    return {
        "seconds_from_start_to_ready": round(first["at"] - child.started_at, 2),
        "memory_mb": round(first["rss_mb"], 1),
    }


def _touch(ground: Ground, child: Child, count: int) -> dict[str, Any]:
    """Send an invoice to so many contracts; return what memory that took at most."""
    more = Traffic(ground.partitions)
    for number in range(2, count + 2):
        contract = traffic.name_of(number)
        said = traffic.invoice(contract, 10 + number, "10.00", due_on=TODAY + timedelta(90))
        place = "invoices", number % ground.partitions
        more.put(place, said, 10 + number, subject=contract)
    ground.fill(more.records)
    until(lambda: child.last("done") >= count, [child], f"{count} contracts are heard of")
    most = max(line["rss_mb"] for line in list(child.lines))
    return {"contracts_heard_of": count, "most_mb": round(most, 1)}


def _day(ground: Ground, child: Child) -> dict[str, Any]:
    """Begin a day everywhere; return how long it took, and how many were woken."""
    before, more = child.last("applied"), Traffic(ground.partitions)
    more.say(traffic.day(TOMORROW), 1, subject=traffic.ENTITY)
    begun = time.monotonic()
    ground.fill(more.records)

    def is_over() -> bool:
        return child.last("days") == ground.partitions and bool(child.last("idle"))

    until(is_over, [child], "the day is over")
    seconds = child.lines[-1]["at"] - begun
    return {"seconds": round(seconds, 2), "woken": child.last("applied") - before}


async def _loop(worker: Worker[Any], settings: Settings, name: str, most: int) -> float:
    """Go through *most* contracts one by one, as without an index; return seconds for each."""
    store, mapping = Store(Database(str(settings.database), name)), RowMapping(worker)
    began = traffic.day(TOMORROW + timedelta(1))
    context = Context(traffic.terms().including(began))
    begun, done = time.monotonic(), 0
    async for page in store.pages(most=1_000):
        rows = []
        for row in page:
            contract = mapping.contract(row)
            contract.state, _ = worker.process(contract.state, began, context)
            rows.append(mapping.row(row.contract_id, contract, worker.wakes(contract.state)))
        async with store.transaction() as tx:
            await store.write(tx, STATE, rows)
        done += len(page)
        if done >= most:
            break
    await store.close()
    return (time.monotonic() - begun) / done
