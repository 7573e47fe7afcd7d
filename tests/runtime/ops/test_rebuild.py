"""A rebuild deletes only what topics give back, and is judged before anything is gone."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import delete

from services.runtime.kafka.recovery import Recovery
from services.runtime.kafka.snapshots import Snapshots
from services.runtime.ops.rebuild import Rebuild
from services.runtime.store import tables
from services.runtime.stream.snapshot import Snapshot
from tests.runtime.kafka.test_settling import (
    Lane,
    Orders,
    Publisher,
    folder,
    inputs_of,
    made,
    month,
    records_of,
)
from tests.support.tally import names


class Owning(Publisher):
    """A publisher whose lane is open as soon as it is owned."""

    async def own(self, owned, *, kept):
        self._lane.opened.set()


class Bounds:
    """Inputs that begin at 0, or at the offsets in *begin*, and of each so many as in *ends*."""

    def __init__(self, ends, begin):
        self._ends, self._begin = ends, begin

    async def begins(self, partitions):
        return dict.fromkeys(self._ends, 0) | self._begin

    async def of(self, partitions):
        return self._ends


class Covers:
    """A snapshot topic with one snapshot, or none."""

    def __init__(self, newest):
        self._newest = newest

    async def newest(self, partition):
        return self._newest


async def nothing(engine):
    """Change nothing of the store."""


def rebuilt(tmp_path, *, order=lambda records: records, ends=None, **how):
    """Rebuild a store of a whole month over what *order* makes of its records.

    Return what became of it, and how many contracts the store has.
    """
    log = month()

    async def scenario():
        engine = await made(folder(tmp_path, "one"), log)
        records = order(await records_of(engine))
        said = len(await names(engine.store))
        await how.get("amid", nothing)(engine)
        lane = Lane(records[-1].number if records else -1, said - 1)
        recovery = Recovery(
            engine,
            Owning(lane),
            Orders(records),
            inputs_of(log, []),
            Snapshots(engine, Covers(how.get("newest"))),
        )
        bounds = Bounds(log.ends | (ends or {}), how.get("begin", {}))
        fault = asyncio.get_running_loop().create_future()
        anew = Rebuild(engine, Owning(lane), recovery, bounds=bounds, fault=fault)
        done = await anew.one(0, lambda *_: None)
        rows = await engine.store.states(["C0", "C1", "C2"])
        return done, len(rows)

    return asyncio.run(scenario())


def test_what_topics_give_back_is_made_anew(tmp_path):
    done, contracts = rebuilt(tmp_path)

    assert (done.why, done.number, contracts) == ("", 4, 3)


async def is_older_than_the_order(engine):
    async with engine.store.transaction() as tx:
        await tx.execute(delete(tables.CHAIN))


async def has_other_rules(engine):
    engine.worker = replace(engine.worker, rules=2)


SNAPSHOT = Snapshot(id="s", number=2, order="", rules=1, first=0, pieces=1, content="c")


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"order": lambda records: records[:-1]}, "the store knows that more was published"),
        ({"order": lambda _: []}, "the store knows that more was published"),
        ({"order": lambda records: records[1:]}, "the order on Kafka lacks record 0"),
        ({"order": lambda records: [*records[:2], *records[3:]]}, "lacks record 2"),
        (
            {"order": lambda _: [], "amid": is_older_than_the_order},
            "outputs are published, but neither an order nor a snapshot",
        ),
        ({"amid": has_other_rules}, "record 0 of the order is of rules 1, and these are 2"),
        ({"newest": SNAPSHOT}, "the newest snapshot is of record 2, which the order has not"),
        ({"ends": {("payments", 0): 0}}, "payments/0: the log ends at 0"),
        ({"begin": {("payments", 0): 1}}, "payments/0: records are gone unread"),
    ],
    ids=[
        "the order lost its tail",
        "the order is gone",
        "the order has no beginning",
        "the order has a hole",
        "the store is older than the order",
        "the order is of other rules",
        "the snapshot is not of this order",
        "an input lost its tail",
        "an input has no beginning",
    ],
)
def test_what_topics_cannot_give_back_is_not_deleted(tmp_path, how, why):
    done, contracts = rebuilt(tmp_path, **how)

    assert why in done.why
    assert contracts == 3
