"""The intake: generations, room, pauses, and what it does when store or partition break."""

import asyncio
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest
from aiokafka.errors import KafkaConnectionError
from sqlalchemy.exc import IntegrityError

from services.runtime.kafka.intake import Intake
from services.runtime.kafka.retry import Patience
from services.runtime.store.cache import StateCache
from services.runtime.store.store import Fenced
from services.runtime.stream.order import Gap
from tests.support.events import ACME, paid, registered
from tests.support.harness import about, opened
from tests.support.tally import Log, Nobody, day, names

ON = date(2026, 2, 1)


async def pumping(tmp_path, log, *, partitions=1, most=5_000):
    engine = await opened(tmp_path, log, partitions=partitions)
    publisher = Nobody()
    intake = Intake(engine, publisher, owner="one", most=most, patience=Patience())
    await intake.claim(range(partitions), 1)
    return intake, publisher, asyncio.create_task(intake.run())


async def until(done, running):
    for _ in range(4_000):
        if running.done():
            running.result()
        if done():
            return
        await asyncio.sleep(0.002)
    raise AssertionError("never")


def chunks(log, generation=1):
    return [replace(each, generation=generation) for phase in log.phases for each in phase]


def at(intake, topic="contracts", partition=0):
    """Return the position that is in the store: while a transaction runs, none."""
    if intake._busy.locked() or intake._pending:
        return -1
    return intake.engine.transaction.positions.get((topic, partition), 0)


def test_what_is_submitted_is_applied(tmp_path):
    log = Log().say("contracts", registered()).say("payments", paid("p", "1.00", ON))

    async def scenario():
        intake, _, running = await pumping(tmp_path, log)
        for chunk in chunks(log):
            await intake.submit(chunk)
        await until(lambda: at(intake, "payments") == 1, running)
        running.cancel()
        return sorted(await names(intake.engine.store))

    assert asyncio.run(scenario()) == ["C1 p", "C1 p", "C1 registered-0"]


def test_chunks_of_an_older_generation_are_dropped_also_when_they_wait_already(tmp_path):
    log = Log().say("contracts", registered()).then().say("contracts", about(registered(), "C2"))

    async def scenario():
        intake, _, running = await pumping(tmp_path, log)
        running.cancel()
        first, second = chunks(log)
        await intake.submit(first)
        await intake.claim([0], 2)
        await intake.submit(second)
        running = asyncio.create_task(intake.run())
        await intake.submit(replace(first, generation=2))
        await until(lambda: at(intake) == 1, running)
        running.cancel()
        return await names(intake.engine.store)

    assert asyncio.run(scenario()) == ["C1 registered-0"]


def test_the_same_claim_again_does_not_raise_the_epoch_and_another_does(tmp_path):
    async def scenario():
        intake, _, running = await pumping(tmp_path, Log(), partitions=2)
        running.cancel()
        epochs = [intake.engine.epochs]
        await intake.claim([0, 1], 1)
        epochs.append(intake.engine.epochs)
        await intake.claim([0], 1)
        epochs.append(intake.engine.epochs)
        await intake.claim([0], 2)
        return [*epochs, intake.engine.epochs]

    assert asyncio.run(scenario()) == [{0: 2, 1: 2}, {0: 2, 1: 2}, {0: 3}, {0: 4}]


def test_who_submits_waits_for_room(tmp_path):
    log = Log()
    for number in range(6):
        log.say("contracts", about(registered(), f"C{number}"))

    async def scenario():
        intake, _, running = await pumping(tmp_path, log, most=2)
        running.cancel()
        submitted = []

        async def submit():
            for chunk in chunks(log):
                await intake.submit(chunk)
                submitted.append(chunk.start)

        task = asyncio.create_task(submit())
        await asyncio.sleep(0.05)
        before = list(submitted)
        running = asyncio.create_task(intake.run())
        await until(lambda: at(intake) == 6, running)
        await task
        running.cancel()
        return before, submitted

    assert asyncio.run(scenario()) == ([0, 1], [0, 1, 2, 3, 4, 5])


def test_a_pause_lets_go_of_who_waits_for_room_and_drops_what_waits(tmp_path):
    log = Log().say("contracts", *(about(registered(), f"C{n}") for n in range(9)))

    async def scenario():
        intake, _, running = await pumping(tmp_path, log, most=2)
        running.cancel()
        [chunk] = chunks(log)
        task = asyncio.create_task(intake.submit(chunk))
        await asyncio.sleep(0.01)
        assert not task.done()
        await intake.pause()
        await asyncio.wait_for(task, 1)
        await intake.submit(chunk)
        running = asyncio.create_task(intake.run())
        await asyncio.sleep(0.05)
        running.cancel()
        return at(intake)

    assert asyncio.run(scenario()) == 0


def test_what_breaks_stops_its_partition_and_no_other(tmp_path):
    log = Log()
    for p, contract in enumerate(("A", "B")):
        log.say("contracts", about(registered(), contract), partition=p)
        amount = "66.00" if p == 0 else "1.00"
        log.say("payments", about(paid("p", amount, ON), contract), partition=p)
    log.then().say("payments", about(paid("q", "1.00", ON), "A"), partition=0)
    log.say("payments", about(paid("q", "1.00", ON), "B"), partition=1)

    async def scenario():
        intake, publisher, running = await pumping(tmp_path, log, partitions=2)
        for chunk in chunks(log):
            await intake.submit(chunk)
        await until(lambda: at(intake, "payments", 1) == 2, running)
        running.cancel()
        engine = intake.engine
        return engine.stopped, [await names(engine.store, p) for p in (0, 1)], publisher.reread_of

    stopped, (first, second), reread = asyncio.run(scenario())
    assert list(stopped) == [0]
    assert stopped[0].startswith("payments/0/0: AssertionError")
    assert first == []
    assert second == ["B registered-0", "B p", "B p", "B q", "B q"]
    assert reread == [{0, 1}]


def test_records_that_the_database_refuses_stop_their_partition_and_no_other(tmp_path):
    log = Log()
    for p, contract in enumerate(("A", "B")):
        log.say("contracts", about(registered(), contract), partition=p)

    class Refusing(StateCache):
        async def write(self, tx, work):
            if ("A", 0) in work.changed:
                raise IntegrityError("insert", {}, ValueError("refused"))
            await super().write(tx, work)

    async def scenario():
        intake, _, running = await pumping(tmp_path, log, partitions=2)
        engine = intake.engine
        cache = Refusing(engine.worker, engine.store, cached=100)
        cache.fold.calendars = engine.fold.calendars
        engine.cache, engine.fold = cache, cache.fold
        for chunk in chunks(log):
            await intake.submit(chunk)
        await until(lambda: at(intake, "contracts", 1) == 1 and engine.stopped, running)
        running.cancel()
        return engine.stopped, [await names(engine.store, p) for p in (0, 1)]

    stopped, (first, second) = asyncio.run(scenario())
    assert list(stopped) == [0]
    assert "IntegrityError" in stopped[0]
    assert (first, second) == ([], ["B registered-0"])


def spread(tmp_path, first, second):
    """Let two workers, which know nothing of a contract yet, hear of it at once; *first* commits.

    Return the rows of the contract, and what each partition said.
    """

    async def scenario():
        intake, _, running = await pumping(tmp_path, second, partitions=2)
        other = await opened(tmp_path, first, partitions=2, owner="two")
        intake.engine._epochs = await intake.engine.store.claim([1], "one")
        other._epochs.pop(1)
        loaded, committed = asyncio.Event(), asyncio.Event()
        load = intake.engine.cache.load

        async def load_and_wait(letters):
            await load(letters)
            loaded.set()
            await committed.wait()

        intake.engine.cache.load = load_and_wait
        for chunk in chunks(second):
            await intake.submit(chunk)
        await loaded.wait()
        await other.take(first.phases[0])
        committed.set()
        topic = second.phases[0][0].topic
        await until(lambda: at(intake, topic, 1) == 1, running)
        running.cancel()
        rows = await other.store.states(["C1"])
        said = [await names(other.store, p) for p in (0, 1)]
        return sorted((row.partition, row.legal_entity_id) for row in rows), said

    return asyncio.run(scenario())


def test_what_comes_to_another_partition_waits_there_and_the_contract_is_where_it_registered(
    tmp_path,
):
    here = Log().say("contracts", registered(), partition=0)
    there = Log().say("payments", paid("p", "1.00", ON), partition=1)

    rows, said = spread(tmp_path, here, there)

    assert rows == [(0, "acme"), (1, None)]
    assert said == [["C1 registered-0"], []]


def test_of_two_that_register_a_contract_at_once_on_two_partitions_the_first_has_it(tmp_path):
    here = Log().say("contracts", registered(), partition=0)
    there = Log().say("contracts", registered(), partition=1)

    rows, said = spread(tmp_path, here, there)

    assert rows == [(0, "acme")]
    assert said == [["C1 registered-0"], ["tally.dead-letters"]]


@pytest.mark.parametrize("how", ["before", "rolled back", "committed"])
def test_while_the_database_is_away_it_waits_and_says_so(tmp_path, how):
    log = Log().say("contracts", registered())

    async def scenario():
        intake, publisher, running = await pumping(tmp_path, log)
        store = intake.engine.store
        store.plan = {store.begun + n: how for n in (1, 2)}
        for chunk in chunks(log):
            await intake.submit(chunk)
        await until(lambda: intake.patience.trouble, running)
        trouble = dict(intake.patience.trouble)
        await until(lambda: at(intake) == 1 and not intake.patience.trouble, running)
        running.cancel()
        return trouble, publisher.reread_of, await names(store)

    trouble, reread, said = asyncio.run(scenario())
    assert trouble in ({"store": f"Lost: {how}"}, {"restore": f"Lost: {how}"})
    assert reread == [{0}]
    assert said == ["C1 registered-0"]


class Distant(dict):
    """The ends of a log that cannot be asked for at first."""

    asked = 0

    def items(self):
        self.asked += 1
        if self.asked == 1:
            raise KafkaConnectionError("no route")
        return super().items()


def test_while_the_broker_does_not_say_where_inputs_end_a_day_waits_and_says_for_whom(tmp_path):
    log = Log().say("days", ACME, day(ON))
    log.ends = Distant(log.ends)

    async def scenario():
        intake, _, running = await pumping(tmp_path, log)
        for chunk in chunks(log):
            await intake.submit(chunk)
        await until(lambda: intake.patience.trouble, running)
        trouble = dict(intake.patience.trouble)
        await until(lambda: at(intake, "days") == 2 and not intake.patience.trouble, running)
        running.cancel()
        return trouble

    assert asyncio.run(scenario()) == {"broker": "KafkaConnectionError: no route"}


@pytest.mark.parametrize("error", [Gap, Fenced])
def test_a_gap_or_a_fence_is_nothing_to_wait_for(tmp_path, error):
    log = Log().say("contracts", registered())

    async def scenario():
        intake, _, running = await pumping(tmp_path, log)
        [chunk] = chunks(log)
        if error is Fenced:
            await intake.engine.store.claim([0], "two")
        else:
            chunk = replace(chunk, start=1)
        await intake.submit(chunk)
        await asyncio.wait_for(running, 5)

    with pytest.raises(error):
        asyncio.run(scenario())


class Owner(Nobody):
    """Notes of what it is asked to publish."""

    def __init__(self):
        super().__init__()
        self.owned = []

    async def own(self, owned, *, kept):
        self.owned.append(sorted(owned))


def two_partitions():
    log = Log()
    for partition in (0, 1):
        log.say("contracts", about(registered(), f"C{partition}"), partition=partition)
    return log


def test_a_partition_whose_log_and_books_contradict_each_other_takes_and_says_nothing(tmp_path):
    log, asked = two_partitions(), []

    async def object_to(owned, positions):
        asked.append((owned, dict(positions)))
        return {1: "the store has said 7 outputs, and Kafka has 8"}

    async def scenario():
        engine, publisher = await opened(tmp_path, log, partitions=2), Owner()
        intake = Intake(engine, publisher, owner="one", most=50, patience=Patience())
        intake.objects = object_to
        await intake.claim([0, 1], 1)
        running = asyncio.create_task(intake.run())
        for chunk in chunks(log):
            await intake.submit(chunk)
        await until(lambda: at(intake) == 1, running)
        running.cancel()
        written = [await names(engine.store, p) for p in (0, 1)]
        return engine.stopped, publisher.owned, written

    stopped, owned, written = asyncio.run(scenario())
    assert asked == [(frozenset({0, 1}), {})]
    assert stopped == {1: "the store has said 7 outputs, and Kafka has 8"}
    assert owned == [[0]]
    assert written == [["C0 registered-0"], []]


def test_while_partitions_are_claimed_it_is_not_known_where_their_stores_stand(tmp_path):
    seen = []

    async def scenario():
        engine = await opened(tmp_path, two_partitions(), partitions=2)
        intake = Intake(engine, Nobody(), owner="one", most=50, patience=Patience())
        intake.recovery = SimpleNamespace(unsettled=lambda: {1})

        async def object_to(owned, positions):
            seen.append(intake.unsettled)
            return {}

        intake.objects = object_to
        await intake.claim([0, 1], 1)
        return intake.unsettled

    assert asyncio.run(scenario()) == [1]
    assert seen == [[0, 1]]


def test_where_nothing_can_be_relied_on_all_stops_and_nothing_more_is_published(tmp_path):
    log = two_partitions()

    async def scenario():
        engine, publisher = await opened(tmp_path, log, partitions=2), Owner()
        intake = Intake(engine, publisher, owner="one", most=50, patience=Patience())
        await intake.claim([0, 1], 1)
        await intake.stop_all("contracts was deleted and made anew")
        running = asyncio.create_task(intake.run())
        for chunk in chunks(log):
            await intake.submit(chunk)
        await until(lambda: not intake._pending and not intake._busy.locked(), running)
        running.cancel()
        return engine.stopped, publisher.owned, await names(engine.store)

    stopped, owned, written = asyncio.run(scenario())
    assert stopped == dict.fromkeys((0, 1), "contracts was deleted and made anew")
    assert owned == [[0, 1], []]
    assert written == []
