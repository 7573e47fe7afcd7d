"""Where a store stands on the chain: at its end, behind it, beside it, or ahead of Kafka."""

import asyncio
from dataclasses import replace
from types import SimpleNamespace

import pytest

from services.runtime.kafka.recovery import Astray, Recovery
from services.runtime.kafka.snapshots import Snapshots
from services.runtime.store import tables
from services.runtime.store.chain import chain_row
from services.runtime.store.ordering import Ordering
from services.runtime.store.store import Store
from services.runtime.stream.chain import OrderRecord
from services.runtime.stream.snapshot import Snapshot
from tests.support.tally import sqlite


def chain(length, store="b1"):
    """Return so many records; each commit says one output."""
    found = []
    for number in range(length):
        before = found[-1].digest if found else ""
        one = OrderRecord(number=number, before=before, store=store, first=number, rules=1)
        found.append(one)
    return found


class Lane:
    def __init__(self, said, published):
        self.said, self.published = said, published


class Orders:
    def __init__(self, records):
        self.records = records

    async def behind(self, partition, *, number):
        for each in self.records:
            if each.number >= number:
                yield each


class Covers:
    """Has one snapshot, or none."""

    def __init__(self, newest):
        self._newest = newest

    async def newest(self, partition):
        return self._newest


class Stands:
    """An engine as far as a recovery asks it where its store stands."""

    def __init__(self, store, last, taken):
        self.transaction = SimpleNamespace(positions={("#applied", 0): taken} if taken else {})
        self.store, self.ordering = store, Ordering(rules=1)
        self.ordering.restore({0: last} if last else {})


def course(tmp_path, mine, there, *, published, newest=None, taken=0):
    """Return how a store with the records *mine* comes to the end of those *there*."""

    async def scenario():
        store = Store(sqlite(tmp_path))
        await store.create(1)
        async with store.transaction() as tx:
            await store.append(tx, tables.CHAIN, [chain_row(0, each) for each in mine])
        engine = Stands(store, mine[-1] if mine else None, taken)
        recovery = Recovery(engine, None, Orders(there), None, Snapshots(engine, Covers(newest)))
        try:
            return await recovery._course(0, Lane(there[-1].number if there else -1, published))
        finally:
            await store.close()

    return asyncio.run(scenario())


FIVE, OTHERS = chain(5), chain(5, "b2")
# At record 2 another store went on.
FORKED = [*FIVE[:2], replace(FIVE[2], store="b2")]
FORKED.append(replace(FIVE[3], before=FORKED[2].digest))


@pytest.mark.parametrize(
    ("mine", "there", "published", "follow", "anew"),
    [
        ([], [], -1, None, False),
        (FIVE, FIVE, 4, None, False),
        (FIVE[:4], FIVE, 4, 4, False),
        ([], FIVE, 4, 0, False),
        (FIVE, FIVE[:4], 3, None, False),
        (FIVE, [], -1, None, False),
        (FIVE, OTHERS, 4, 0, True),
        (FIVE[:4], OTHERS, 4, 0, True),
        (FORKED, FIVE, 4, 0, True),
        (FIVE, FORKED[:3], 2, 0, True),
        (FIVE, FORKED[:3], 3, 0, True),
        (FORKED[:2], FIVE, 4, 2, False),
    ],
    ids=[
        "nothing was ever taken",
        "at the end",
        "one behind",
        "empty",
        "one not published yet",
        "none published yet",
        "another chain, as long",
        "another chain, longer",
        "a fork that is behind",
        "a fork that is ahead",
        "a fork that is ahead, and has said less",
        "up to where a fork begins",
    ],
)
def test_a_store_follows_from_where_it_stands(tmp_path, mine, there, published, follow, anew):
    assert course(tmp_path, mine, there, published=published) == (follow, anew, None)


@pytest.mark.parametrize(("there", "published"), [(FIVE[:3], 3), ([], 0), (FIVE[:4], 4)])
def test_where_kafka_is_behind_the_store_nothing_goes_on(tmp_path, there, published):
    with pytest.raises(Astray, match="the store knows that more was published"):
        course(tmp_path, FIVE, there, published=published)


def cover(records):
    """Return the snapshot of a store that has taken *records*."""
    number, order = len(records) - 1, records[-1].text if records else ""
    return Snapshot(id="s", number=number, order=order, rules=2, first=0, pieces=1, content="c")


@pytest.mark.parametrize(
    ("mine", "there", "newest", "follow"),
    [
        ([], FIVE, FIVE[:3], 3),
        ([], FIVE, FIVE, None),
        ([], FIVE, [], 0),
        ([], FIVE[3:], FIVE[:3], 3),
        (FIVE[:2], FIVE, FIVE[:3], 3),
        (FORKED, FIVE, FIVE[:3], 3),
        (FORKED, FIVE, FIVE[:1], 1),
    ],
    ids=[
        "empty",
        "empty, and nothing came behind it",
        "empty, and the order began with it",
        "empty, and the order before it is gone",
        "an older copy than it",
        "a fork that began before it",
        "a fork that began behind it",
    ],
)
def test_what_is_made_anew_begins_at_the_newest_snapshot(tmp_path, mine, there, newest, follow):
    base = cover(newest)

    found = course(tmp_path, mine, there, published=4, newest=base)

    assert found == (follow, True, base)


@pytest.mark.parametrize("mine", [FIVE[:3], FIVE[:4]])
def test_a_store_that_is_at_the_snapshot_or_behind_it_goes_on_from_where_it_stands(tmp_path, mine):
    found = course(tmp_path, mine, FIVE, published=4, newest=cover(FIVE[:3]))

    assert found == (len(mine), False, None)


@pytest.mark.parametrize("there", [FIVE, FIVE[4:], OTHERS], ids=["beside", "gone", "another"])
def test_a_snapshot_that_is_not_on_the_order_is_refused(tmp_path, there):
    with pytest.raises(Astray, match="the newest snapshot is of record 2, which the order has not"):
        course(tmp_path, [], there, published=4, newest=cover(FORKED[:3]))


@pytest.mark.parametrize(("taken", "is_older"), [(0, True), (6, True), (7, False)])
def test_a_store_from_before_there_was_an_order_is_held_against_the_snapshot(
    tmp_path, taken, is_older
):
    base = replace(cover([]), positions={"#applied": 7})

    found = course(tmp_path, [], [], published=4, newest=base, taken=taken)

    assert found == ((None, True, base) if is_older else (None, False, None))
