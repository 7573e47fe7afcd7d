"""What all contracts add up to: exact through restarts, lost commits and claims of others."""

import asyncio
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from services.dunning import app as dunning
from services.runtime.figures import Figure, Since
from services.runtime.store.chain import empty_partition
from services.runtime.store.figures import figure_of, topic_of
from services.runtime.store.snapshots import begin_at, lines_of, stands_at, write_lines
from services.runtime.store.tables import FIGURES, PARTITIONS, POSITIONS, STATE
from services.runtime.stream.snapshot import Snapshot
from tests.support.events import ACME, charged_back, invoice, paid, policy, registered, reminder
from tests.support.harness import about, opened
from tests.support.properties import up_to
from tests.support.tally import Log, Lost, day

FEB_1, FEB_9, FEB_10, FEB_24 = (date(2026, 2, n) for n in (1, 9, 10, 24))
# A letter on the 15th day: contracts C1 and C2 owe 50.00 and 30.00, both due on 9 February.
TOLD = [ACME, policy(reminder(15))]


def owing():
    log = Log().say("days", *TOLD).then().say("contracts", registered(), about(registered(), "C2"))
    bills = invoice("A", "50.00", FEB_9), about(invoice("B", "30.00", FEB_9), "C2")
    return log.say("invoices", *bills).then().say("payments", paid("p", "60.00", FEB_1)).then()


async def taken(engine, log):
    for phase in log.phases:
        await engine.take(phase)
    log.phases = [[]]


def shown(engine):
    return {" ".join(place): number for place, number in sorted(engine.cache.totals().items())}


def run(tmp_path, scenario, *, log=None, partitions=1):
    async def whole():
        engine = await opened(
            tmp_path, log or owing(), worker=dunning.worker, partitions=partitions
        )
        try:
            return await scenario(engine)
        finally:
            await engine.store.close()

    return asyncio.run(whole())


def test_what_is_open_and_what_is_credit_counts_at_once_and_what_is_overdue_by_the_day(tmp_path):
    async def scenario(engine):
        log, seen = owing(), []
        await taken(engine, log)
        for on in (FEB_9, FEB_10, FEB_24):
            await taken(engine, log.say("days", day(on)))
            seen.append(shown(engine))
        return seen

    due, overdue, reminded = run(tmp_path, scenario)

    # C1 paid 60.00 for 50.00: 10.00 are credit, and C2 owes its 30.00.
    still = {"credit_minor EUR": 1000, "open_minor EUR": 3000}
    assert due == still | {"overdue_minor EUR": 0}
    assert overdue == still | {"overdue_minor EUR": 3000, "runs 0": 1}
    assert reminded == still | {"overdue_minor EUR": 3000, "runs 0": 0, "runs 1": 1}


def test_whoever_claims_next_goes_on_from_the_same_figures(tmp_path):
    async def scenario(engine):
        log = owing()
        await taken(engine, log)
        await taken(engine, log.say("days", day(FEB_10)))
        before = shown(engine)
        await engine.claim([0], "two")
        return before, shown(engine)

    before, after = run(tmp_path, scenario)

    assert before == after
    assert after["overdue_minor EUR"] == 3000


@pytest.mark.parametrize("how", ["before", "rolled back", "committed"])
def test_a_commit_that_is_lost_counts_once(tmp_path, how):
    async def scenario(engine):
        log = owing()
        await taken(engine, log)
        await taken(engine, log.say("days", day(FEB_10)))
        log.say("payments", about(paid("q", "12.00", FEB_10), "C2"))
        engine.store.plan = {engine.store.begun + 1: how}
        with pytest.raises(Lost):
            await engine.take(log.phases[0])
        await engine.restore()
        await engine.take(log.phases[0])
        return shown(engine)

    totals = run(tmp_path, scenario)

    assert (totals["open_minor EUR"], totals["overdue_minor EUR"]) == (1800, 1800)


def test_partitions_are_counted_each_by_itself(tmp_path):
    async def scenario(engine):
        log = Log()
        for partition, name in enumerate(("C1", "C2")):
            log.say("days", *TOLD, partition=partition).then()
            log.say("contracts", about(registered(), name), partition=partition)
            log.say("invoices", about(invoice("A", "50.00", FEB_9), name), partition=partition)
            log.then()
        await taken(engine, log)
        both = shown(engine)["open_minor EUR"]
        await engine.claim([1], "one")
        return both, shown(engine)["open_minor EUR"]

    assert run(tmp_path, scenario, partitions=2) == (10000, 5000)


async def by_an_earlier_version(engine):
    """Do to the store what a version does that knows no figures: own it, and change a contract."""
    async with engine.store.transaction() as tx:
        await tx.execute(update(PARTITIONS).values(epoch=PARTITIONS.c.epoch + 1))
        wrong = POSITIONS.c.topic.startswith(f"{FIGURES}/")
        await tx.execute(update(POSITIONS).where(wrong).values(next=7))


async def by_none(engine):
    """Make of the store one that is older than the figures."""
    async with engine.store.transaction() as tx:
        await tx.execute(delete(POSITIONS).where(POSITIONS.c.topic.startswith(FIGURES)))


@pytest.mark.parametrize("owned", [by_an_earlier_version, by_none])
def test_what_somebody_did_who_does_not_count_is_counted_anew(tmp_path, owned):
    async def scenario(engine):
        log = owing()
        await taken(engine, log)
        before = shown(engine)
        await owned(engine)
        await engine.claim([0], "two")
        return before, shown(engine)

    before, after = run(tmp_path, scenario)

    assert before == after
    assert before["open_minor EUR"] == 3000


def test_a_partition_that_is_counted_is_not_counted_again_when_its_claim_is_retried(tmp_path):
    async def rows(engine, table, where, **values):
        async with engine.store.transaction() as tx:
            await tx.execute(update(table).where(where).values(**values))

    async def scenario(engine):
        log = Log()
        for partition, name in enumerate(("C1", "C2")):
            log.say("days", *TOLD, partition=partition).then()
            log.say("contracts", about(registered(), name), partition=partition)
            log.say("invoices", about(invoice("A", "50.00", FEB_9), name), partition=partition)
            log.then()
        await taken(engine, log)
        [row] = await engine.store.states(["C2"])
        await by_none(engine)
        second, first = STATE.c.partition == 1, POSITIONS.c.partition == 0
        await rows(engine, STATE, second, value=b"it cannot be read yet")
        for _ in range(3):
            with pytest.raises(ValueError, match="JSON"):
                await engine.claim([0, 1], "one")
        await rows(engine, STATE, second, value=row.value)
        await rows(
            engine, POSITIONS, first & (POSITIONS.c.topic == "#figure/open_minor/EUR//"), next=7
        )
        await engine.claim([0, 1], "one")
        return shown(engine)["open_minor EUR"]

    # Seven would be 5,000 if the first partition were counted anew.
    assert run(tmp_path, scenario, partitions=2) == 7 + 5000


@pytest.mark.parametrize("found", [{}, {"#figure-of/1": 1, "#figure/open_minor/EUR//": 7}])
def test_a_store_that_is_made_of_a_snapshot_counts_what_is_in_it(tmp_path, found):
    async def scenario(engine):
        await taken(engine, owing())
        lines = [line async for page in lines_of(engine.store, 0, most=99) for line in page]
        carried = await stands_at(engine.store, 0)
        how = {"id": "s", "number": -1, "order": "", "rules": 1, "first": 0, "pieces": 1}
        snapshot = Snapshot(**how, content="", positions=carried | found)
        async with engine.store.transaction() as tx:
            await empty_partition(tx, 0)
        await engine.claim([0], "anew")
        async with engine.store.transaction() as tx:
            await write_lines(engine.store, tx, lines)
            await begin_at(engine.store, tx, 0, snapshot)
        await engine.restore()
        return [each for each in carried if each.startswith(FIGURES)], shown(engine)

    carried, totals = run(tmp_path, scenario)

    assert (carried, totals["open_minor EUR"], totals["credit_minor EUR"]) == ([], 3000, 1000)


def test_a_day_on_which_nothing_is_due_any_more_leaves_no_row(tmp_path):
    async def scenario(engine):
        log = owing()
        await taken(engine, log)
        await taken(engine, log.say("payments", about(paid("q", "30.00", FEB_1), "C2")))
        async with engine.store.transaction() as tx:
            rows = await tx.execute(POSITIONS.select().order_by(POSITIONS.c.topic))
            return {row.topic: row.next for row in rows if row.topic.startswith(f"{FIGURES}/")}

    assert run(tmp_path, scenario) == {
        "#figure/credit_minor/EUR//": 1000,
        "#figure/open_minor/EUR//": 0,
    }


@pytest.mark.parametrize(
    ("figure", "topic"),
    [
        (Figure("runs", "2"), "#figure/runs/2//"),
        (Figure("a", "b", Since(FEB_9, "acme/north//")), "#figure/a/b/2026-02-09/acme/north//"),
    ],
)
def test_a_figure_is_read_as_it_was_written(figure, topic):
    assert (topic_of(figure), figure_of(topic)) == (topic, figure)


CONTRACTS, NAMES = st.sampled_from(["C1", "C2"]), st.sampled_from("ABC")
AMOUNTS = st.integers(1, 9_999).map(lambda minor: f"{minor // 100}.{minor % 100:02}")
DATES = st.integers(0, 40).map(lambda n: date.fromordinal(FEB_1.toordinal() + n))
FACTS = st.one_of(
    st.tuples(st.just("invoices"), st.builds(invoice, NAMES, AMOUNTS, DATES)),
    st.tuples(st.just("payments"), st.builds(paid, NAMES, AMOUNTS, DATES)),
    st.tuples(st.just("chargebacks"), st.builds(charged_back, NAMES, NAMES, AMOUNTS, DATES)),
)
STEPS = st.one_of(
    st.tuples(st.just("fact"), FACTS, CONTRACTS),
    st.tuples(st.just("day"), st.integers(1, 9), st.none()),
    st.tuples(st.just("claimed"), st.none(), st.none()),
    st.tuples(st.just("lost"), st.integers(1, 3), st.sampled_from(["rolled back", "committed"])),
)


@pytest.mark.long
@given(st.lists(STEPS, max_size=15))
@settings(max_examples=up_to(60), deadline=None)
def test_the_figures_are_what_the_states_add_up_to(tmp_path_factory, steps):
    log = Log()

    async def scenario(engine):
        on = FEB_1
        log.say("days", *TOLD).then()
        await taken(engine, log.say("contracts", registered(), about(registered(), "C2")))
        for what, said, how in steps:
            if what == "lost":
                engine.store.plan = {engine.store.begun + said: how}
                continue
            if what == "claimed":
                engine.store.plan = {}
                await engine.claim([0], "next")
                continue
            if what == "day":
                on = date.fromordinal(on.toordinal() + said)
            log.say(*(("days", day(on)) if what == "day" else (said[0], about(said[1], how))))
            try:
                await taken(engine, log)
            except Lost:
                engine.store.plan = {}
                await engine.restore()
                await taken(engine, log)
        engine.store.plan, summed = {}, shown(engine)
        await by_none(engine)
        await engine.claim([0], "counts anew")
        return summed, shown(engine)

    summed, counted = run(tmp_path_factory.mktemp("figures"), scenario, log=log)

    # Of what is nothing any more, only who went on knows that it was there.
    assert {name: n for name, n in summed.items() if n} == {n: s for n, s in counted.items() if s}
