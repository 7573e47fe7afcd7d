"""The store of a worker, read beside it: page by page, on SQLite and on PostgreSQL."""

import asyncio
from contextlib import asynccontextmanager
from datetime import date

import pytest

from schemas.days import DayBegan
from schemas.envelope import Event
from services.dunning import app as dunning
from services.runtime.embedded.memory_log import MemoryLog
from services.runtime.engine import Engine
from services.runtime.ops.state_reader import NoStore, reading_states
from services.runtime.store.database import Database
from services.runtime.store.store import Store
from services.runtime.stream.record import Chunk, Record
from tests.support.events import ACME, line, registered

T = "2026-02-01T09:00:00+01:00"


@pytest.fixture(params=["sqlite", "postgres"])
def url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/books.sqlite"
    return request.getfixturevalue("postgres").database("survey")


def chunk(topic, partition, *events):
    records = tuple(Record(topic, partition, n, each) for n, each in enumerate(events))
    return Chunk(topic, partition, 0, len(events), records)


def day(on):
    data = DayBegan(legal_entity_id="acme", day=on).model_dump_json().encode()
    told = {"id": f"d{on}", "source": "/clock", "type": "DayBegan", "subject": "acme"}
    return Event(**told, time=f"{on}T00:00:00+01:00", data=data)


def days(partition, *on):
    return chunk("days", partition, Event.from_line(line(ACME, T, name="a")), *map(day, on))


def contracts(partition, *names):
    events = [line(registered(), T, name=name).replace(b"C1", name.encode()) for name in names]
    return chunk("contracts", partition, *map(Event.from_line, events))


@asynccontextmanager
async def worker(url):
    """Two partitions, of which the second is a day behind the first."""
    store = Store(Database(url, "dunning"))
    await store.create(2)

    async def ends(_):
        return {}

    engine = Engine(dunning.worker, store, MemoryLog(), ends=ends, gated=False, cached=0)
    await engine.claim([0, 1], "worker")
    await engine.take([days(0, date(2026, 2, 1), date(2026, 2, 2)), days(1, date(2026, 2, 1))])
    await engine.take([contracts(0, "C2", "C0", "Ca"), contracts(1, "C1")])
    yield engine
    await store.close()


async def surveyed(url):
    async with worker(url), reading_states(dunning.worker, url) as states:
        folders = [(f.state.contract_id, f.partition) async for f in states.contracts()]
        return folders, states.come_to, states.entities["acme"].time_zone


def test_every_contract_is_read_with_where_it_is_kept(url):
    folders, come_to, zone = asyncio.run(surveyed(url))

    assert folders == [("C0", 0), ("C1", 1), ("C2", 0), ("Ca", 0)]
    assert come_to == date(2026, 2, 1)
    assert zone == "Europe/Berlin"


@pytest.mark.parametrize("most", [1, 2, 3, 4, 5])
def test_pages_of_any_size_hold_each_contract_once(tmp_path, most):
    async def pages(url):
        async with worker(url) as engine:
            found = [page async for page in engine.store.pages(most=most)]
            return [[row.contract_id for row in page] for page in found]

    found = asyncio.run(pages(f"sqlite+aiosqlite:///{tmp_path}/books.sqlite"))

    assert [each for page in found for each in page] == ["C0", "C1", "C2", "Ca"]
    assert [len(page) for page in found[:-1]] == [most] * (len(found) - 1)


def test_a_survey_fences_nobody(url):
    async def scenario():
        async with worker(url) as engine:
            async with reading_states(dunning.worker, url) as states:
                _ = [each async for each in states.contracts()]
            await engine.take([chunk("contracts", 1)])
            return engine.owned

    assert asyncio.run(scenario()) == {0, 1}


def test_a_database_without_books_says_so(url):
    async def scenario():
        async with reading_states(dunning.worker, url):
            pass

    with pytest.raises(NoStore):
        asyncio.run(scenario())
