"""What an engine knows after it went back to its store, and what a claim brings with it."""

import asyncio
from datetime import date, timedelta

import pytest

from services.runtime.store.store import PUBLISHED, Fenced
from services.runtime.stream.barrier import BEGUN
from services.runtime.stream.order import Gap
from tests.support.events import ACME, paid, policy, registered, webhook
from tests.support.harness import about, applied, opened
from tests.support.tally import Log, Lost, Small, day, names, said

ON = date(2026, 2, 1)


def test_positions_behind_markers_survive_a_lost_connection(tmp_path):
    log = Log().say("contracts", registered()).then().say("contracts", markers=2)
    log.then().say("contracts", about(registered(), "C2"))

    async def scenario():
        engine = await opened(tmp_path, log)
        first, marker, second = log.phases
        await engine.take(first)
        await engine.take(marker)
        engine.store.plan = {engine.store.begun + 2: "rolled back"}
        with pytest.raises(Lost):
            await engine.take(second)
        await engine.restore()
        await engine.take(second)
        return await names(engine.store)

    assert asyncio.run(scenario()) == ["C1 registered-0", "C2 registered-0"]


def test_markers_behind_markers_that_another_commit_wrote_survive_a_lost_connection(tmp_path):
    log = Log().say("contracts", registered()).then().say("contracts", markers=1)
    log.then().say("payments", paid("p", "1.00", ON)).then().say("contracts", markers=2)
    log.then().say("contracts", about(registered(), "C2"))

    async def scenario():
        engine = await opened(tmp_path, log)
        *before, last = log.phases
        for phase in before:
            await engine.take(phase)
        engine.store.plan = {engine.store.begun + 2: "rolled back"}
        with pytest.raises(Lost):
            await engine.take(last)
        await engine.restore()
        await engine.take(last)
        return await names(engine.store)

    assert asyncio.run(scenario()) == ["C1 registered-0", "C1 p", "C1 p", "C2 registered-0"]


def test_markers_in_front_of_a_record_survive_that_its_commit_is_lost_with_markers_behind(tmp_path):
    log = Log().say("contracts", markers=2).then().say("contracts", registered(), markers=1)

    async def scenario():
        engine = await opened(tmp_path, log)
        await engine.take(log.phases[0])
        engine.store.plan = {engine.store.begun + 2: "rolled back"}
        with pytest.raises(Lost):
            await engine.take(log.phases[1])
        await engine.restore()
        await engine.take(log.phases[1])
        return await names(engine.store)

    assert asyncio.run(scenario()) == ["C1 registered-0"]


def test_what_is_not_committed_is_not_handed_on(tmp_path):
    log = Log().say("contracts", registered())

    async def scenario():
        engine = await opened(tmp_path, log)
        engine.store.plan = {engine.store.begun + 2: "rolled back"}
        with pytest.raises(Lost):
            await engine.take(log.phases[0])
        before = list(engine.publisher.said)
        await engine.restore()
        await engine.take(log.phases[0])
        return before, [output.seq for output in engine.publisher.said]

    assert asyncio.run(scenario()) == ([], [0])


def test_a_chunk_behind_what_a_lost_commit_took_is_a_gap(tmp_path):
    log = Log().say("contracts", registered()).say("contracts", markers=2)
    log.then().say("contracts", about(registered(), "C2"))

    async def scenario():
        engine = await opened(tmp_path, log)
        engine.store.plan = {engine.store.begun + 2: "rolled back"}
        with pytest.raises(Lost):
            await engine.take(log.phases[0])
        await engine.restore()
        await engine.take(log.phases[1])

    with pytest.raises(Gap, match="contracts/0: at 0, chunk from 3"):
        asyncio.run(scenario())


def test_a_new_owner_begins_where_the_books_stand_not_behind_markers(tmp_path):
    log = Log().say("contracts", registered()).then().say("contracts", markers=2)

    async def scenario():
        engine = await applied(tmp_path, log)
        return await engine.claim([0], "one")

    assert asyncio.run(scenario())["contracts", 0] == 1


def days(first, count):
    return [day(first + timedelta(days=n)) for n in range(count)]


def story():
    log = Log().say("days", ACME)
    log.say("contracts", *(about(registered(), f"C{n}") for n in range(5)))
    log.then().say("days", *days(date(2026, 2, 2), 1))
    return log


async def stopped_in_the_middle(tmp_path, log):
    """Return who died after two of the three slices of the day."""
    engine = await opened(tmp_path, log)
    await engine.take(log.phases[0])
    # The day asks, and writes, two contracts at a time: the third question is never answered.
    engine.store.plan = {engine.store.begun + 5: "before"}
    with pytest.raises(Lost):
        await engine.take(log.phases[1])
    return engine


def test_a_day_that_a_crash_stopped_is_finished_before_any_fact_is_applied(tmp_path):
    log = story()

    async def scenario():
        await stopped_in_the_middle(tmp_path, log)
        log.then().say("payments", paid("p", "1.00", ON))
        log.then().say("contracts", about(registered(), "C9"))
        engine = await opened(tmp_path, log, owner="two")
        positions = dict(engine.transaction.positions)
        withheld = await engine.take([*log.phases[2], *log.phases[3]])
        before = await names(engine.store)
        await engine.take([*log.phases[0], *withheld, *log.phases[1]])
        return positions, withheld, before, await names(engine.store)

    positions, withheld, before, after = asyncio.run(scenario())

    assert (positions[BEGUN, 0], positions["days", 0]) == (2, 1)
    assert withheld == [*log.phases[2], *log.phases[3]]
    assert before == after[: len(before)]
    assert after[5:] == [
        *(f"C{n} day-2026-02-02" for n in range(5)),
        "dunning.days",
        "C9 registered-0",
        "C1 p",
        "C1 p",
    ]


def test_a_day_stopped_on_one_partition_withholds_nothing_of_another(tmp_path):
    log = story()
    log.say("contracts", about(registered(), "D1"), partition=1)

    async def scenario():
        engine = await opened(tmp_path, log, partitions=2)
        await engine.take(log.phases[0])
        engine.store.plan = {engine.store.begun + 6: "before"}
        with pytest.raises(Lost):
            await engine.take(log.phases[1])
        log.then().say("payments", paid("p", "1.00", ON))
        log.say("payments", about(paid("q", "1.00", ON), "D1"), partition=1)
        again = await opened(tmp_path, log, partitions=2, owner="two")
        withheld = await again.take(log.phases[2])
        return withheld, await names(again.store, 1)

    withheld, other = asyncio.run(scenario())

    assert [(each.topic, each.partition) for each in withheld] == [("payments", 0)]
    assert other == ["D1 registered-0", "D1 q", "D1 q"]


def test_terms_said_behind_a_stopped_day_do_not_reach_its_rest(tmp_path):
    log = story()
    log.say("days", policy(webhook(3)))

    async def scenario():
        await stopped_in_the_middle(tmp_path, log)
        engine = await opened(tmp_path, log, owner="two")
        await engine.take(log.phases[0])
        await engine.take(log.phases[1])
        return await engine.store.recorded_order(0)

    assert asyncio.run(scenario())[-2:] == ['[["days",1,2]]', '[["days",2,3]]']


def test_a_zombie_in_the_middle_of_a_day_says_nothing_more(tmp_path):
    log = story()

    async def scenario():
        zombie = await opened(tmp_path, log)
        await zombie.take(log.phases[0])
        owner = await opened(tmp_path, log, owner="two")
        with pytest.raises(Fenced):
            await zombie.take(log.phases[1])
        await owner.take(log.phases[1])
        return await names(owner.store)

    said_ = asyncio.run(scenario())
    assert said_.count("C0 day-2026-02-02") == 1
    assert said_.count("dunning.days") == 1


def test_a_paused_engine_ends_a_day_after_its_slice_and_goes_on_when_it_claims(tmp_path):
    log = story()

    class Pausing(Small):
        async def _pass_on(self):
            await super()._pass_on()
            self.paused = bool(self.fold.calendars[0].begun) and self.store.pauses

    async def scenario():
        engine = await opened(tmp_path, log)
        pausing = Pausing(
            engine.worker, engine.store, engine.publisher, ends=engine.barrier._ends, cached=100
        )
        pausing.store.pauses = True
        await pausing.claim([0], "two")
        for phase in log.phases:
            await pausing.take(phase)
        amid = await names(pausing.store)
        pausing.store.pauses = False
        await pausing.claim([0], "two")
        await pausing.take([*log.phases[0], *log.phases[1]])
        return amid, await names(pausing.store)

    amid, after = asyncio.run(scenario())
    assert amid[5:] == ["C0 day-2026-02-02", "C1 day-2026-02-02"]
    assert after[5:] == [*(f"C{n} day-2026-02-02" for n in range(5)), "dunning.days"]


def test_a_paused_engine_commits_what_it_has_applied_and_reads_the_rest_again(tmp_path):
    log = Log()
    for number in range(120):
        log.say("contracts", about(registered(), f"C{number:03}"))

    async def scenario():
        engine = await opened(tmp_path, log)
        taking = asyncio.create_task(engine.take(log.phases[0]))
        while not engine.transaction.touched():
            await asyncio.sleep(0)
        engine.paused = True
        await taking
        first = await names(engine.store)
        starts = await engine.claim([0], "one")
        await engine.take(log.phases[0])
        return first, starts["contracts", 0], await names(engine.store)

    first, start, all_of_them = asyncio.run(scenario())
    expected = [f"C{number:03} registered-0" for number in range(120)]
    assert (first, start, all_of_them) == (expected[:50], 50, expected)


def test_how_far_the_outbox_is_published_is_not_written_over_by_a_commit(tmp_path):
    log = Log().say("contracts", registered()).then().say("payments", paid("p", "1.00", ON))

    async def scenario():
        engine = await opened(tmp_path, log)
        await engine.take(log.phases[0])
        await engine.store.forget({0: 0})
        await engine.restore()
        assert (PUBLISHED, 0) not in engine.transaction.positions
        await engine.store.forget({0: 7})
        await engine.take(log.phases[1])
        return await engine.store.published(0)

    assert asyncio.run(scenario()) == 7


def test_published_rows_are_forgotten_and_numbers_go_on_behind_them(tmp_path):
    log = Log().say("contracts", registered()).then().say("payments", paid("p", "1.00", ON))

    async def scenario():
        engine = await opened(tmp_path, log)
        await engine.take(log.phases[0])
        await engine.store.forget({0: 0})
        again = await opened(tmp_path, log, owner="two")
        await again.take(log.phases[0])
        await again.take(log.phases[1])
        return [row[:2] for row in await said(again.store)]

    assert asyncio.run(scenario()) == [(1, "deliveries"), (2, "deliveries")]
