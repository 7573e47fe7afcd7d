"""Rows of a partition as lines and back: what a store keeps is what a snapshot of it makes."""

import asyncio
from dataclasses import replace
from datetime import date

import pytest

from services.runtime.store import tables
from services.runtime.store.rebuilding import begin_rebuild, is_rebuilding
from services.runtime.store.snapshots import (
    OfAnotherVersion,
    begin_at,
    empty,
    line_of,
    lines_of,
    row_of,
    stands_at,
    write_lines,
)
from services.runtime.store.store import Store
from services.runtime.stream.snapshot import Snapshot
from tests.runtime.store.test_following import folder, month
from tests.support.events import paid, registered
from tests.support.harness import about, opened
from tests.support.tally import FILING, Log, day, names, sqlite

ON = date(2026, 2, 1)


async def kept(store, most=99):
    """Return all that a snapshot of partition 0 holds, and how large its pages were."""
    pages = [page async for page in lines_of(store, 0, most=most)]
    return [line for page in pages for line in page], [len(page) for page in pages]


def test_a_row_is_written_legibly_and_read_as_it_was():
    row = dict.fromkeys(tables.STATE.columns.keys())
    row |= {"contract_id": "Ä-1", "partition": 3, "wake_on": date(2026, 2, 1), "sequence": 7}
    row |= {"at_new_terms": False, "spilled": True, "value": b'{"a":1}', "recent": b"\x00\xff\n"}

    line = line_of(tables.STATE, row)

    assert line.decode() == (
        '["state",{"contract_id":"Ä-1","partition":3,"wake_on":"2026-02-01",'
        '"at_new_terms":false,"sequence":7,"value":"{\\"a\\":1}",'
        '"recent":"\\u0000ÿ\\n","spilled":true}]'
    )
    assert row_of(line) == (tables.STATE, row)


@pytest.mark.parametrize(
    "line", [b'["acts",{"id":1}]', b'["filed",{"contract_id":"C","colour":1}]']
)
def test_what_a_newer_version_keeps_is_refused(line):
    with pytest.raises(OfAnotherVersion):
        row_of(line)


def test_pages_hold_so_many_rows_at_most_and_each_row_once(tmp_path):
    async def scenario():
        engine = await opened(folder(tmp_path, "one"), log := month())
        for phase in log.phases:
            await engine.take(phase)
        return [await kept(engine.store, most) for most in (1, 2, 99)]

    (lines, ones), (again, twos), (whole, one) = asyncio.run(scenario())

    assert lines == again == whole
    assert len(set(lines)) == len(lines)
    assert (set(ones), max(twos), sum(one)) == ({1}, 2, len(lines))


@pytest.mark.parametrize("filing", [False, True])
def test_a_store_that_is_made_of_a_snapshot_goes_on_as_the_one_that_it_was_made_of(
    tmp_path, filing
):
    log, more = month(), Log()
    more.ends = dict(log.ends)
    more.say("payments", paid("q", "2.00", ON), paid("p", "1.00", ON))
    more.say("contracts", about(registered(), "C9")).then().say("days", day("2026-02-03"))
    told = {"worker": FILING} if filing else {}

    async def scenario():
        first = await opened(folder(tmp_path, "one"), log, **told)
        for phase in log.phases:
            await first.take(phase)
        lines, positions = (await kept(first.store))[0], await stands_at(first.store, 0)
        last = first.ordering.last(0)
        cover = Snapshot(
            id="s", number=last.number, order=last.text, rules=2, first=0, pieces=1, content=""
        )
        second = await opened(folder(tmp_path, "two"), log, **told)
        async with second.store.transaction() as tx:
            await write_lines(second.store, tx, lines)
            await begin_at(second.store, tx, 0, replace(cover, positions=positions))
        await second.restore()
        said = len(await names(first.store))
        for engine in (first, second):
            for phase in more.phases:
                await engine.take(phase)
        there = [(await kept(each.store))[0] for each in (first, second)]
        return there, (await names(first.store))[said:], await names(second.store)

    (one, two), said, again = asyncio.run(scenario())

    assert one == two
    assert said == again != []


def test_an_empty_partition_has_no_line(tmp_path):
    async def scenario():
        store = Store(sqlite(tmp_path))
        await store.create(1)
        try:
            return await kept(store), await stands_at(store, 0)
        finally:
            await store.close()

    assert asyncio.run(scenario()) == (([], []), {})


def test_what_is_summed_is_no_part_of_a_snapshot_and_counted_anew_behind_it(tmp_path):
    cover = Snapshot(
        id="s",
        number=-1,
        order="",
        rules=1,
        first=0,
        pieces=0,
        content="",
        positions={"payments": 3},
    )
    rows = [
        {"topic": topic, "partition": partition, "next": 5}
        for topic in ("payments", "#published", "#rebuilding", "#figure/open", "#figure-of/x")
        for partition in (0, 1)
    ]

    async def scenario():
        store = Store(sqlite(tmp_path))
        await store.create(2)
        async with store.transaction() as tx:
            await store.write(tx, tables.POSITIONS, rows)
        before = await stands_at(store, 0)
        async with store.transaction() as tx:
            await begin_at(store, tx, 0, cover)
            left = await tx.execute(tables.POSITIONS.select().order_by(tables.POSITIONS.c.topic))
            found = [(row.topic, row.partition, row.next) for row in left]
        await store.close()
        return before, found

    before, found = asyncio.run(scenario())

    assert before == {"payments": 5}
    assert found == [
        ("#figure-of/x", 1, 5),
        ("#figure/open", 1, 5),
        ("#published", 0, 5),
        ("#published", 1, 5),
        ("#rebuilding", 0, 5),
        ("#rebuilding", 1, 5),
        ("payments", 0, 3),
        ("payments", 1, 5),
    ]


@pytest.mark.parametrize("begun", [True, False])
def test_that_a_rebuild_has_begun_outlives_what_is_emptied_for_a_snapshot(tmp_path, begun):
    async def scenario():
        engine = await opened(folder(tmp_path, "one"), log := month())
        await engine.take(log.phases[0])
        if begun:
            await begin_rebuild(engine.store, 0, engine.epochs)
        await empty(engine.store, 0, engine.epochs)
        return await is_rebuilding(engine.store, 0), await stands_at(engine.store, 0)

    assert asyncio.run(scenario()) == (begun, {})
