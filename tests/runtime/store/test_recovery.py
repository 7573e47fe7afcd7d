"""What an engine and its pump make of a database that fails at any moment, and of crashes."""

import asyncio
from datetime import date

import pytest

from tests.support.events import ACME, charged_back, paid, policy, registered, webhook
from tests.support.tally import FILING, WORKER, Flaky, Log, Lost, Nobody, Small, day, said, sqlite

ON = date(2026, 2, 1)


def story():
    """Terms, facts, days and what comes between them, on two partitions."""
    log = Log()
    for p, prefix in enumerate("AB"):
        log.say("days", ACME, policy(webhook(3)), partition=p)
        some = [registered(contract_id=f"{prefix}{n}") for n in range(4 - 3 * p)]
        log.say("contracts", *some, partition=p, markers=1)
        early = about(charged_back("cb", "p", "1.00", ON), f"{prefix}0")
        log.say("chargebacks", early, partition=p)
        unlucky = about(paid("bad", "13.00", ON), f"{prefix}0")
        log.say("payments", about(paid("p", "1.00", ON), f"{prefix}0"), unlucky, partition=p)
    log.then()
    for p, prefix in enumerate("AB"):
        new = policy(webhook(5), version=2)
        log.say("days", day(date(2026, 2, 2)), new, day(date(2026, 2, 3)), partition=p)
        log.say("payments", about(paid("q", "1.00", ON), f"{prefix}0"), partition=p, markers=2)
        log.say("contracts", registered(contract_id=f"{prefix}9"), partition=p)
    log.then()
    for p, prefix in enumerate("AB"):
        log.say("payments", about(paid("r", "1.00", ON), f"{prefix}9"), partition=p)
    return log


def about(message, contract):
    return message.model_copy(update={"contract_id": contract})


async def insist(engine, chunks):
    """Do what the pump does over *chunks*, without its pauses; return what is withheld."""
    while True:
        try:
            return await engine.take(chunks)
        except Lost:
            await go_back(engine)


async def go_back(engine):
    while True:
        try:
            return await engine.restore()
        except Lost:
            continue


async def outcome(path, *, worker=WORKER, plan=None):
    """Return what is said and in which recorded order, whatever *plan* does to the database."""
    log, store = story(), Flaky(sqlite(path.parent, path.stem))
    await store.create(2)

    async def asked(partitions):
        return {place: end for place, end in log.ends.items() if place[1] in partitions}

    engine = Small(worker, store, Nobody(), ends=asked, cached=3)
    await engine.claim([0, 1], "one")
    store.begun, store.plan = 0, dict(plan or {})
    for phase in log.phases:
        withheld = await insist(engine, phase)
        assert not withheld
    begun, store.plan = store.begun, {}
    found = [await said(store, p) for p in (0, 1)]
    orders = [await store.recorded_order(p) for p in (0, 1)]
    await store.close()
    return found, orders, begun


@pytest.fixture(scope="module", params=[WORKER, FILING], ids=["keeps all", "files away"])
def undisturbed(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("undisturbed") / "books.sqlite"
    return request.param, *asyncio.run(outcome(path, worker=request.param))


def test_the_story_says_what_one_expects_of_it(undisturbed):
    _, found, _, _ = undisturbed

    # Registered 5 and 2, each heard two days; three payments of two messages each, a chargeback,
    # a dead letter, two days done.
    assert [len(rows) for rows in found] == [5 + 10 + 6 + 1 + 1 + 2, 2 + 4 + 6 + 1 + 1 + 2]
    assert [row[1] for row in found[1]].count("tally.dead-letters") == 1
    assert [row[1] for row in found[1]].count("dunning.days") == 2


@pytest.mark.parametrize("how", ["rolled back", "committed"])
def test_a_connection_lost_in_any_transaction_changes_nothing_of_what_is_said(
    tmp_path, undisturbed, how
):
    worker, found, orders, begun = undisturbed

    async def scenario():
        wrong = []
        # Pieces are looked up in transactions of their own; every third of all will do there.
        for number in range(1, begun + 1, 3 if worker is FILING else 1):
            path = tmp_path / f"{number}.sqlite"
            disturbed = await outcome(path, worker=worker, plan={number: how})
            if disturbed[:2] != (found, orders):
                wrong.append(number)
        return wrong

    assert asyncio.run(scenario()) == []
