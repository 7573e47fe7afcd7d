"""Where a store stands on the chain: at its end, behind it, beside it, or ahead of Kafka."""

import asyncio
from dataclasses import replace

import pytest

from services.runtime.kafka.recovery import Astray, Recovery
from services.runtime.store import tables
from services.runtime.store.chain import chain_row
from services.runtime.store.ordering import Ordering
from services.runtime.store.store import Store
from services.runtime.stream.chain import OrderRecord
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


class Stands:
    """An engine as far as a recovery asks it where its store stands."""

    def __init__(self, store, last):
        self.store, self.ordering = store, Ordering(rules=1)
        self.ordering.restore({0: last} if last else {})


def course(tmp_path, mine, there, *, published):
    """Return how a store with the records *mine* comes to the end of those *there*."""

    async def scenario():
        store = Store(sqlite(tmp_path))
        await store.create(1)
        async with store.transaction() as tx:
            await store.append(tx, tables.CHAIN, [chain_row(0, each) for each in mine])
        engine = Stands(store, mine[-1] if mine else None)
        recovery = Recovery(engine, None, Orders(there), None)
        try:
            return await recovery._course(0, Lane(there[-1].number if there else -1, published))
        finally:
            await store.close()

    return tuple(asyncio.run(scenario()))


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
        "up to where a fork begins",
    ],
)
def test_a_store_follows_from_where_it_stands(tmp_path, mine, there, published, follow, anew):
    assert course(tmp_path, mine, there, published=published) == (follow, anew)


@pytest.mark.parametrize(("there", "published"), [(FIVE[:3], 3), ([], 0), (FIVE[:4], 4)])
def test_where_kafka_is_behind_the_store_nothing_goes_on(tmp_path, there, published):
    with pytest.raises(Astray, match="the store knows that more was published"):
        course(tmp_path, FIVE, there, published=published)
