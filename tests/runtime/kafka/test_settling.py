"""A partition that was claimed is brought to the end of its order, and only then says anything."""

import asyncio
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest

from services.runtime.kafka.recovery import Astray, Recovery
from services.runtime.kafka.snapshots import Snapshots
from services.runtime.store.chain import forget_orders, orders_behind
from services.runtime.stream.chain import OrderRecord
from tests.support.events import ACME, paid, policy, registered, webhook
from tests.support.harness import about, opened
from tests.support.tally import Log, day, names

ON = date(2026, 2, 1)


class Lane:
    """An outbox publisher as far as a recovery has to do with it."""

    def __init__(self, said, published):
        self.said, self.published, self.is_held = said, published, True
        self.opened = asyncio.Event()

    def release(self):
        self.is_held = False


class Publisher:
    def __init__(self, lane):
        self._lane = lane

    def lane(self, partition):
        return self._lane


class Orders:
    def __init__(self, records):
        self._records = records

    async def behind(self, partition, *, number):
        for each in self._records:
            if each.number >= number:
                yield each


class Covers:
    """A snapshot topic on which there is none."""

    async def newest(self, partition):
        return None


def inputs_of(log, asked):
    """Return what opens the inputs of *log*, and notes what of them is *asked* for."""
    at = {
        (each.topic, each.partition, each.offset): each
        for phase in log.phases
        for chunk in phase
        for each in chunk.records
    }

    @asynccontextmanager
    async def opens(partition, positions):
        async def run(topic, start, until):
            asked.append((topic, start, until))
            return [at[topic, partition, n] for n in range(start, until)]

        yield SimpleNamespace(run=run)

    return opens


def month():
    """Return a log of facts, and of a day in several slices, which other facts follow."""
    contracts = [about(registered(), f"C{n}") for n in range(3)]
    log = Log().say("days", ACME, policy(webhook(3))).then().say("contracts", *contracts)
    log.then().say("days", day("2026-02-02")).then().say("payments", paid("p", "1.00", ON))
    return log


def folder(tmp_path, name):
    (tmp_path / name).mkdir()
    return tmp_path / name


async def made(tmp_path, log, *, until=None, store="b1"):
    """Return an engine that took so many phases of *log*."""
    engine = await opened(tmp_path, log)
    engine.ordering.store_id = store
    for phase in log.phases[:until]:
        await engine.take(phase)
    return engine


async def records_of(engine):
    return await orders_behind(engine.store, 0, after=-1, most=99)


async def settled(engine, records, log, *, published, asked=None):
    """Settle partition 0 over an order of *records*; return its lane."""
    lane = Lane(records[-1].number if records else -1, published)
    inputs = inputs_of(log, [] if asked is None else asked)
    recovery = Recovery(
        engine, Publisher(lane), Orders(records), inputs, Snapshots(engine, Covers())
    )
    async with aclosing(recovery.settle(0)) as steps:
        async for _ in steps:
            assert lane.is_held, "nothing is published before all is followed"
    return lane


def test_a_store_that_is_behind_says_what_is_not_published_and_nothing_else(tmp_path):
    log = month()

    async def scenario():
        whole = await made(folder(tmp_path, "one"), log)
        records, said = await records_of(whole), await names(whole.store)
        behind = await made(folder(tmp_path, "two"), log, until=1)
        # All is published but what the last commit said.
        first = records[-1].first
        lane = await settled(behind, records, log, published=first - 1)
        left = await behind.store.unpublished(0, after=-1, most=99)
        return said, first, lane.is_held, [row.seq for row in left], behind.ordering.number(0)

    said, first, is_held, left, number = asyncio.run(scenario())
    assert (is_held, number, len(said) - first) == (False, 4, 2)
    assert left == [first, first + 1]


def test_what_is_said_behind_the_end_of_the_order_is_published_from_the_first_on(tmp_path):
    log = month()

    async def scenario():
        whole = await made(folder(tmp_path, "one"), log)
        said = await names(whole.store)
        behind = await made(folder(tmp_path, "two"), log, until=2)
        records = (await records_of(whole))[: behind.ordering.number(0) + 1]
        # The store is at the end, and all that it said is published.
        await settled(behind, records, log, published=records[-1].first + 2)
        await behind.store.forget({0: records[-1].first + 2})
        for phase in log.phases[2:]:
            await behind.take(phase)
        return said, records[-1].first + 3, await names(behind.store)

    said, count, again = asyncio.run(scenario())
    assert count == 3
    assert again == said[3:]


def test_only_what_the_store_lacks_is_fetched(tmp_path):
    log, asked = month(), []

    async def scenario():
        whole = await made(folder(tmp_path, "one"), log)
        behind = await made(folder(tmp_path, "two"), log, until=2)
        last = await records_of(whole)
        await settled(behind, last, log, published=len(await names(whole.store)) - 1, asked=asked)

    asyncio.run(scenario())
    assert asked == [("payments", 0, 1), ("days", 2, 3)]


def test_what_a_recovery_that_was_killed_had_applied_is_not_fetched_again(tmp_path):
    log, asked = month(), []

    async def scenario():
        whole = await made(folder(tmp_path, "one"), log)
        records, said = await records_of(whole), await names(whole.store)
        behind = await made(folder(tmp_path, "two"), log, until=2)
        behind.ordering.follow(0, published=len(said) - 1)
        await behind.take(log.phases[3])  # the payment, and no record of it
        behind.ordering.lead(0)
        await settled(behind, records, log, published=len(said) - 1, asked=asked)
        return behind.ordering.last(0) == records[-1], behind.starts()["payments", 0]

    assert asyncio.run(scenario()) == (True, 1)
    assert asked == [("days", 2, 3)]


def test_a_store_beside_the_chain_is_emptied_and_made_again(tmp_path):
    log, other = month(), Log().say("contracts", about(registered(), "X"))
    other.then().say("payments", paid("x", "1.00", ON))

    async def scenario():
        whole = await made(folder(tmp_path, "one"), log)
        records, said = await records_of(whole), await names(whole.store)
        fork = await made(folder(tmp_path, "two"), other, store="b2")
        await settled(fork, records, log, published=len(said) - 1)
        states = [(each.contract_id, each.sequence) for each in await states_of(fork)]
        return states, fork.ordering.last(0) == records[-1], await names(fork.store)

    states, is_last, left = asyncio.run(scenario())
    assert [contract for contract, _ in states] == ["C0", "C1", "C2"]
    assert (is_last, left) == (True, [])


async def states_of(engine):
    return sorted(await engine.store.states(["C0", "C1", "C2", "X"]))


def test_what_is_published_beyond_what_the_store_says_stops_it(tmp_path):
    log = month()

    async def scenario():
        whole = await made(folder(tmp_path, "one"), log)
        records, count = await records_of(whole), len(await names(whole.store))
        with pytest.raises(Astray, match=f"the store has said {count} outputs, and Kafka has"):
            await settled(whole, records, log, published=count)
        return await settled(whole, records, log, published=count - 1)

    assert not asyncio.run(scenario()).is_held


def test_of_a_day_that_began_more_may_be_published_than_is_said(tmp_path):
    log = month()

    async def scenario():
        whole = await made(folder(tmp_path, "one"), log)
        records, said = await records_of(whole), await names(whole.store)
        begun = next(n for n, each in enumerate(records) if each.day is not None)
        behind = await made(folder(tmp_path, "two"), log, until=1)
        await settled(behind, records[: begun + 1], log, published=records[begun].first + 1)
        for phase in log.phases[2:]:
            await behind.take(phase)
        return said[records[begun].first + 2 :], await names(behind.store)

    rest, again = asyncio.run(scenario())
    assert len(rest) > 1
    assert again == rest


@pytest.mark.parametrize("is_open", [True, False])
def test_the_last_owner_is_fenced_off_when_its_lane_is_open(is_open):
    lane = Lane(-1, -1)
    if is_open:
        lane.opened.set()

    assert Recovery(None, Publisher(lane), None, None, None).is_fenced_off(0) is is_open


def test_a_partition_that_has_no_lane_is_not_fenced_off():
    assert Recovery(None, Publisher(None), None, None, None).is_fenced_off(0) is False


def chain(*, rules=1, length=3, runs=None):
    """Return so many records, each of one input, or of those in *runs*."""
    found = []
    for number in range(length):
        inputs = f'[["payments",{number},{number + 1}]]' if runs is None else runs[number]
        one = OrderRecord(
            number=number,
            before=found[-1].digest if found else "",
            store="b1",
            first=number,
            rules=rules,
            inputs=inputs,
        )
        found.append(one)
    return found


def batches(records, *, number=0, rules=1):
    """Return the numbers of the records that are followed at once."""
    last = records[number - 1] if number else None
    ordering = SimpleNamespace(last=lambda partition: last)
    engine = SimpleNamespace(worker=SimpleNamespace(rules=rules), ordering=ordering)
    recovery = Recovery(engine, None, Orders(records), None, None)

    async def scenario():
        return [[each.number for each in some] async for some in recovery._batches(0, number)]

    return asyncio.run(scenario())


@pytest.mark.parametrize(
    ("sizes", "found"),
    [
        ([1, 1, 1], [[0, 1, 2]]),
        # Each counts its inputs and one for itself: at 2,000 a batch is full.
        ([1998, 1, 1], [[0, 1], [2]]),
        ([1999, 1, 1], [[0], [1, 2]]),
        ([998, 998, 1], [[0, 1, 2]]),
        ([998, 999, 1], [[0, 1, 2]]),
        ([999, 999, 1], [[0, 1], [2]]),
        ([5000, 5000, 1], [[0], [1], [2]]),
        ([0, 0, 0], [[0, 1, 2]]),
    ],
)
def test_so_many_records_are_followed_at_once_that_memory_is_bounded(sizes, found):
    runs = [f'[["payments",0,{size}]]' if size else "[]" for size in sizes]

    assert batches(chain(runs=runs)) == found


def test_records_without_inputs_are_bounded_too():
    assert [len(some) for some in batches(chain(length=4_500, runs=["[]"] * 4_500))] == [
        2_000,
        2_000,
        500,
    ]


def test_what_a_store_has_is_not_followed_again():
    assert batches(chain(length=5), number=3) == [[3, 4]]


def test_nothing_behind_the_end_is_nothing_to_follow():
    assert batches(chain(), number=3) == []


@pytest.mark.parametrize("lacking", [0, 1])
def test_an_order_that_lacks_a_record_stops_it(lacking):
    records = chain()
    del records[lacking]

    with pytest.raises(Astray, match=f"the order on Kafka lacks record {lacking}"):
        batches(records)


def test_an_order_of_other_rules_stops_it():
    assert batches(chain(rules=2), rules=2) == [[0, 1, 2]]
    with pytest.raises(Astray, match="record 0 of the order is of rules 2, and these are 1"):
        batches(chain(rules=2))


def test_a_record_that_is_not_bound_to_the_one_before_it_stops_it():
    records = chain()
    records[2] = replace(records[2], before=records[0].digest)

    for number in (0, 2):
        with pytest.raises(Astray, match="record 2 of the order is not bound to the one before"):
            batches(records, number=number)


def test_a_fork_whose_order_has_no_beginning_keeps_what_it_has(tmp_path):
    log, other = month(), Log().say("contracts", about(registered(), "X"))

    async def scenario():
        whole = await made(folder(tmp_path, "one"), log)
        records = (await records_of(whole))[1:]
        fork = await made(folder(tmp_path, "two"), other, store="b2")
        with pytest.raises(Astray, match="has no beginning: restore a copy of the store"):
            await settled(fork, records, log, published=9)
        return [each.contract_id for each in await states_of(fork)]

    assert asyncio.run(scenario()) == ["X"]


def test_a_lane_that_is_released_publishes_and_is_not_judged_again(tmp_path):
    log = month()

    async def scenario():
        engine = await made(folder(tmp_path, "one"), log)
        # Its sweeper has deleted what was published since the lane was asked how far it is.
        await forget_orders(engine.store, {0: 3})
        lane = Lane(0, 0)
        lane.release()
        recovery = Recovery(
            engine, Publisher(lane), Orders([]), inputs_of(log, []), Snapshots(engine, Covers())
        )
        async with aclosing(recovery.settle(0)) as steps:
            async for _ in steps:
                pass

    asyncio.run(scenario())
