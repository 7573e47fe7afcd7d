"""Each commit of a partition leaves an order record, bound to the one before it."""

import asyncio
from datetime import date

import pytest

from services.runtime.store.chain import forget_orders, orders_behind
from tests.support.events import ACME, paid, policy, registered, webhook
from tests.support.harness import about, opened
from tests.support.tally import Log, Lost, day

ON = date(2026, 2, 1)


async def orders(engine, partition=0):
    return await orders_behind(engine.store, partition, after=-1, most=99)


def told(records):
    return [(each.number, each.first, each.inputs, each.day) for each in records]


def test_a_commit_says_what_it_took_behind_which_output(tmp_path):
    log = Log().say("contracts", registered(), about(registered(), "C2"))
    log.then().say("payments", paid("p", "1.00", ON))

    async def scenario():
        engine = await opened(tmp_path, log)
        engine.ordering.store_id = "b1"
        heard = []
        engine.ordering.on_orders = heard.append
        for phase in log.phases:
            await engine.take(phase)
        return await orders(engine), heard

    found, heard = asyncio.run(scenario())

    assert told(found) == [(0, 0, '[["contracts",0,2]]', None), (1, 2, '[["payments",0,1]]', None)]
    assert [(each.before, each.store, each.rules) for each in found] == [
        ("", "b1", 1),
        (found[0].digest, "b1", 1),
    ]
    assert heard == [{0: found[0]}, {0: found[1]}]


def test_a_commit_that_is_lost_leaves_no_number_out(tmp_path):
    log = Log().say("contracts", registered()).then().say("payments", paid("p", "1.00", ON))

    async def scenario():
        engine = await opened(tmp_path, log)
        await engine.take(log.phases[0])
        engine.store.plan = {engine.store.begun + 1: "rolled back"}
        with pytest.raises(Lost):
            await engine.take(log.phases[1])
        await engine.restore()
        await engine.take(log.phases[1])
        return await orders(engine)

    found = asyncio.run(scenario())

    assert [each.number for each in found] == [0, 1]
    assert found[1].before == found[0].digest


def test_the_next_owner_goes_on_behind_the_last_record(tmp_path):
    log = Log().say("contracts", registered()).then().say("payments", paid("p", "1.00", ON))

    async def scenario():
        engine = await opened(tmp_path, log)
        await engine.take(log.phases[0])
        await forget_orders(engine.store, {0: 0})  # published: the last stays nevertheless
        await engine.claim([0], "another")
        await engine.take(log.phases[1])
        return await orders(engine)

    found = asyncio.run(scenario())

    assert [each.number for each in found] == [0, 1]
    assert found[1].before == found[0].digest


def test_a_day_in_one_slice_is_in_the_order_as_it_ends(tmp_path):
    log = Log().say("days", ACME, policy(webhook(3)))
    log.then().say("contracts", registered()).then().say("days", day("2026-02-02"))

    async def scenario():
        engine = await opened(tmp_path, log)
        for phase in log.phases:
            await engine.take(phase)
        return await orders(engine)

    assert told(asyncio.run(scenario())) == [
        (0, 0, '[["days",0,2]]', None),
        (1, 0, '[["contracts",0,1]]', None),
        (2, 1, '[["days",2,3]]', None),
    ]


def test_a_day_in_several_slices_says_that_it_begins_before_what_it_says(tmp_path):
    contracts = [about(registered(), f"C{n}") for n in range(3)]
    log = Log().say("days", ACME, policy(webhook(3))).then().say("contracts", *contracts)
    log.then().say("days", day("2026-02-02"))

    async def scenario():
        engine = await opened(tmp_path, log)
        for phase in log.phases:
            await engine.take(phase)
        return await orders(engine)

    assert told(asyncio.run(scenario()))[2:] == [
        (2, 3, "[]", 2),
        (3, 5, '[["days",2,3]]', None),
    ]


def test_what_is_published_is_deleted_up_to_the_last(tmp_path):
    log = Log().say("contracts", registered()).then().say("payments", paid("p", "1.00", ON))
    log.then().say("payments", paid("q", "1.00", ON))

    async def scenario():
        engine = await opened(tmp_path, log)
        for phase in log.phases:
            await engine.take(phase)
        await forget_orders(engine.store, {0: 1})
        return await orders(engine)

    assert [each.number for each in asyncio.run(scenario())] == [1, 2]
