"""What is said does not depend on how the input is cut into transactions, or on crashes between."""

import asyncio
import random
from datetime import date
from pathlib import Path

import pytest

from schemas.topics import DAYS
from services.dunning import app as dunning
from services.runtime.embedded.embedded import Embedded
from services.runtime.embedded.memory_log import MemoryLog
from services.runtime.engine import Engine
from services.runtime.store.database import Database
from services.runtime.store.store import Store
from services.runtime.stream.record import Chunk

EXAMPLES = Path(__file__).parents[2] / "examples" / "events.jsonl"
UNTIL = date(2026, 2, 10)


def whole_run(folder):
    """An embedded run: the inputs of dunning in their order, and all that dunning said."""
    embedded = Embedded((dunning.worker,), folder)
    inputs = []
    for topic in dunning.worker.reads:
        embedded.log.subscribe(topic.name, inputs.append)
    lines = EXAMPLES.read_bytes().splitlines()
    asyncio.run(embedded.run(lines, until=UNTIL))
    return inputs, said(embedded.log)


def said(log):
    names = [*(topic.name for topic in dunning.worker.writes), "dunning.days"]
    lines = {name: [each.to_line() for each in log.topics[name]] for name in names}
    inputs = [letter.to_line() for letter in log.topics["dunning.dead-letters"]]
    return lines | {"dunning.dead-letters": inputs}


def cut(inputs, most, chance):
    """Cut *inputs* into takes of at most *most*; behind a day, which lets nothing overtake it."""
    takes, take = [], []
    for record in inputs:
        take.append(record)
        if record.topic == DAYS.name or len(take) >= chance.randint(1, most):
            takes.append(take)
            take = []
    return [*takes, take]


def chunks(take):
    """The chunks that a fetch would bring: one a topic."""
    by_topic = {}
    for record in take:
        by_topic.setdefault(record.topic, []).append(record)
    return [
        Chunk(topic, 0, records[0].offset, records[-1].offset + 1, tuple(records))
        for topic, records in by_topic.items()
    ]


async def nothing_comes_before(_partitions):
    return {}


async def worked_off(takes, folder, *, crash, chance):
    """All *takes* by a durable engine, which is lost and replaced by another after some."""
    log = MemoryLog()
    url = f"sqlite+aiosqlite:///{folder / 'books.sqlite'}"
    store = Store(Database(url, "dunning", synchronous="OFF"))
    await store.create(1)

    async def begin(owner):
        made = Engine(dunning.worker, store, log, ends=nothing_comes_before, cached=5)
        await made.claim([0], owner)
        return made

    engine = await begin("first")
    for number, take in enumerate(takes):
        await engine.take(chunks(take))
        if chance.random() < crash:
            engine = await begin(f"owner {number}")
    await store.close()
    return said(log)


@pytest.mark.parametrize(("most", "crash"), [(1, 0.0), (7, 0.2), (1000, 0.05)], ids=str)
def test_cuts_and_crashes_between_commits_change_nothing(most, crash, tmp_path):
    (tmp_path / "whole").mkdir()
    inputs, expected = whole_run(tmp_path / "whole")
    chance = random.Random(most)

    takes = cut(inputs, most, chance)
    found = asyncio.run(worked_off(takes, tmp_path, crash=crash, chance=chance))

    assert found == expected
    assert sum(map(len, expected.values())) > 300
