"""A recorded order, followed over an empty store: the same is said, and nothing of it again."""

import asyncio
from datetime import date

from services.runtime.following import Follower
from services.runtime.store.chain import orders_behind
from services.runtime.stream.order import runs_of
from tests.support.events import ACME, paid, policy, registered, webhook
from tests.support.harness import about, opened
from tests.support.tally import Log, day, names

ON = date(2026, 2, 1)


def month():
    """Return a log of facts, and of a day in several slices, which other facts follow."""
    contracts = [about(registered(), f"C{n}") for n in range(3)]
    log = Log().say("days", ACME, policy(webhook(3))).then().say("contracts", *contracts)
    log.then().say("days", day("2026-02-02")).then().say("payments", paid("p", "1.00", ON))
    return log


async def worked(tmp_path, log, *, until=None):
    """Return the order records and the outputs of an engine that took the first phases."""
    engine = await opened(tmp_path, log)
    for phase in log.phases[:until]:
        await engine.take(phase)
    return await orders_behind(engine.store, 0, after=-1, most=99), await names(engine.store)


def inputs(log, records):
    at = {
        (each.topic, each.offset): each
        for phase in log.phases
        for chunk in phase
        for each in chunk.records
    }
    runs = [run for record in records for run in runs_of(record.inputs)]
    return [at[topic, n] for topic, start, until in runs for n in range(start, until)]


async def followed(tmp_path, log, records, *, published, batch=99):
    engine = await opened(tmp_path, log)
    follower = Follower(engine, 0, published=published)
    for n in range(0, len(records), batch):
        some = records[n : n + batch]
        await follower.follow(some, inputs(log, some), {})
    follower.end()
    return engine


def folder(tmp_path, name):
    (tmp_path / name).mkdir()
    return tmp_path / name


def test_all_is_said_again_where_nothing_was_published(tmp_path):
    log = month()

    async def scenario():
        records, said = await worked(folder(tmp_path, "one"), log)
        engine = await followed(folder(tmp_path, "two"), log, records, published=-1)
        return said, await names(engine.store)

    said, again = asyncio.run(scenario())
    assert len(said) > 5
    assert again == said


def test_what_is_published_does_not_come_into_the_outbox(tmp_path):
    log = month()

    async def scenario():
        records, said = await worked(folder(tmp_path, "one"), log)
        engine = await followed(folder(tmp_path, "two"), log, records, published=len(said) - 2)
        rows = await engine.store.unpublished(0, after=-1, most=99)
        return len(said), [row.seq for row in rows]

    count, left = asyncio.run(scenario())
    assert left == [count - 1]


def test_the_last_record_and_the_positions_are_those_that_were(tmp_path):
    log = month()

    async def scenario():
        records, _ = await worked(folder(tmp_path, "one"), log)
        engine = await followed(folder(tmp_path, "two"), log, records, published=-1, batch=1)
        await engine.claim([0], "next")
        return records[-1], engine.ordering.last(0), engine.starts()

    last, found, starts = asyncio.run(scenario())
    assert found == last
    assert (starts["days", 0], starts["contracts", 0], starts["payments", 0]) == (3, 3, 1)


def test_what_is_in_the_store_is_skipped_when_it_is_followed_again(tmp_path):
    log = month()

    async def scenario():
        records, said = await worked(folder(tmp_path, "one"), log)
        engine = await followed(folder(tmp_path, "two"), log, records[:2], published=-1)
        follower = Follower(engine, 0, published=-1)
        await follower.follow(records, inputs(log, records), {})
        return said, await names(engine.store)

    said, again = asyncio.run(scenario())
    assert again == said


def test_a_day_that_began_is_finished_before_anything_else(tmp_path):
    log = month()

    async def scenario():
        records, said = await worked(folder(tmp_path, "one"), log)
        begun = next(n for n, each in enumerate(records) if each.day is not None)
        engine = await followed(folder(tmp_path, "two"), log, records[: begun + 1], published=-1)
        left = await engine.take(log.phases[3])
        await engine.take(log.phases[2])
        await engine.take(left)
        return said, left, await names(engine.store)

    said, left, again = asyncio.run(scenario())
    assert len(left) == 1
    assert again == said


def test_a_day_that_was_followed_is_not_taken_again_when_it_comes_in_a_chunk(tmp_path):
    log = month().then().say("days", day("2026-02-03"))
    (first,), (second,), (third,) = ([c for c in p if c.topic == "days"] for p in log.phases[::2])

    async def scenario():
        records, said = await worked(folder(tmp_path, "before"), log)
        engine = await followed(folder(tmp_path, "after"), log, records, published=-1)
        # A step that failed behind it is begun anew, with nothing left to follow.
        Follower(engine, 0, published=-1).end()
        for chunk in (first, second, third):
            await engine.take([chunk])
        return said, await names(engine.store)

    said, again = asyncio.run(scenario())

    assert again == said
    assert again.count("C0 day-2026-02-03") == 1


def stray(*, first):
    """Return a log in which a payment comes where its contract is not; *first* comes first."""
    said = {
        "payment": lambda log: log.say("payments", paid("p", "1.00", ON)),
        "contract": lambda log: log.say("contracts", registered(), partition=1),
    }
    log = Log()
    said[first](log)
    said[{"payment": "contract", "contract": "payment"}[first]](log.then())
    return log


async def orders_of_0(tmp_path, log):
    engine = await opened(tmp_path, log, partitions=2)
    for phase in log.phases:
        await engine.take(phase)
    return await orders_behind(engine.store, 0, after=-1, most=99), await names(engine.store)


def test_who_came_before_its_contract_was_anywhere_waits_again(tmp_path):
    log = stray(first="payment")

    async def scenario():
        records, said = await orders_of_0(folder(tmp_path, "one"), log)
        engine = await opened(folder(tmp_path, "two"), log, partitions=2)
        await engine.take(log.phases[1])  # partition 1 was not lost
        follower = Follower(engine, 0, published=-1)
        await follower.follow(records, inputs(log, records), {})
        follower.end()
        return said, records[0].strays, await names(engine.store)

    assert asyncio.run(scenario()) == ([], {}, [])


def test_who_came_behind_its_contract_is_refused_again_where_that_is_lost_too(tmp_path):
    log = stray(first="contract")

    async def scenario():
        records, said = await orders_of_0(folder(tmp_path, "one"), log)
        engine = await opened(folder(tmp_path, "two"), log, partitions=2)
        follower = Follower(engine, 0, published=-1)
        await follower.follow(records, inputs(log, records), records[0].strays)
        return said, records[0].strays, await names(engine.store)

    letters = ["tally.dead-letters"]
    assert asyncio.run(scenario()) == (letters, {"payments/0/0": 1}, letters)


def test_who_comes_behind_the_order_is_judged_by_where_its_contract_is_now(tmp_path):
    log = stray(first="contract")

    async def scenario():
        engine = await opened(folder(tmp_path, "two"), log, partitions=2)
        await engine.take(log.phases[0])
        follower = Follower(engine, 0, published=-1)
        await follower.follow([], [], {})
        follower.end()
        await engine.take(log.phases[1])
        return await names(engine.store)

    assert asyncio.run(scenario()) == ["tally.dead-letters"]
