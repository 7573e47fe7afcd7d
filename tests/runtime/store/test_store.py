"""The store on SQLite; tests/kafka/test_postgres.py runs all of it on PostgreSQL, too."""

import asyncio
from contextlib import asynccontextmanager
from datetime import date, timedelta
from functools import partial

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from schemas.days import DayBegan
from services.runtime.engine import Engine
from services.runtime.kafka.retry import Patience, passes
from services.runtime.store import database, tables
from services.runtime.store.database import Database, upgrade
from services.runtime.store.origin import OtherPartitions
from services.runtime.store.store import Fenced, Store
from services.runtime.store.wakes import Wakes
from services.runtime.stream.barrier import HeldDay
from services.runtime.stream.record import Record
from tests.runtime.store.test_recovery import story
from tests.support.tally import WORKER, Lost, Nobody, Small, names

ON = date(2026, 2, 1)


@pytest.fixture
def address(tmp_path):
    """Where an empty database is."""
    return f"sqlite+aiosqlite:///{tmp_path}/books.sqlite"


@pytest.fixture
def elsewhere(tmp_path):
    """Where there is no database, and none can be made."""
    return f"sqlite+aiosqlite:///{tmp_path}/nowhere/books.sqlite"


def on_books(address, scenario, *, partitions=4):
    """Run *scenario* with a store that is closed behind it."""

    async def run():
        store = Store(Database(address, "tally"))
        try:
            await store.create(partitions)
            return await scenario(store)
        finally:
            await store.close()

    return asyncio.run(run())


def held_day(entity, day):
    began = DayBegan(legal_entity_id=entity, day=day)
    return HeldDay(Record("days", 0, 0, None, 0), began)


def state(contract_id, **more):
    row = {
        "contract_id": contract_id,
        "partition": 0,
        "legal_entity_id": "acme",
        "wake_on": None,
        "at_new_terms": False,
        "heard": None,
        "sequence": 0,
        "waiting": None,
        "value": b"{}",
        "recent": None,
        "spilled": False,
        "acts": None,
    }
    return row | more


def test_the_migrations_make_exactly_the_tables_of_the_code(address):
    def differences(connection):
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, tables.META)

    async def scenario(store):
        async with store.transaction() as tx:
            return await tx.run_sync(differences)

    assert on_books(address, scenario) == []


def test_every_new_file_is_what_the_migrations_make_of_an_empty_one(tmp_path):
    """The first of a process is migrated; what that made is made again in the others."""

    async def content(name, bring_up):
        database = Database(f"sqlite+aiosqlite:///{tmp_path / name}", "tally")
        await bring_up(database)
        async with database.transaction() as tx:
            made = await tx.exec_driver_sql("select type, name, sql from sqlite_master order by 2")
            version = await tx.exec_driver_sql("select * from alembic_version")
            found = [tuple(row) for row in made], [tuple(row) for row in version]
        await database.close()
        return found

    async def by_migrations(database):
        async with database.transaction() as tx:
            await tx.run_sync(upgrade)

    async def scenario():
        several = [await content(f"{n}.sqlite", Database.migrate) for n in range(3)]
        return [await content("migrated.sqlite", by_migrations), *several]

    migrated, *others = asyncio.run(scenario())
    assert len(migrated[0]) > 10
    assert others == [migrated] * 3


def test_several_workers_may_start_at_once_on_an_empty_database(address):
    async def scenario():
        workers = [Store(Database(address, "tally")) for _ in range(4)]
        waits = Patience()  # as a worker does: SQLite has one writer, and says so to the others
        await asyncio.gather(
            *(waits.insist("database", partial(each.create, 3)) for each in workers)
        )
        epochs = await workers[0].claim([0, 1, 2], "one")
        for each in workers:
            await each.close()
        return epochs

    assert asyncio.run(scenario()) == {0: 1, 1: 1, 2: 1}


def test_a_store_of_before_keeps_its_contracts_where_they_are(address):
    """Kept by contract alone, they are kept by contract and partition from then on."""

    def before(connection):
        config = Config()
        config.set_main_option("script_location", str(database._MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        names = "contract_id, partition, legal_entity_id, at_new_terms, sequence, value, spilled"
        for statement in (
            f"insert into state ({names}) values ('C1', 3, 'acme', false, 7, :x, true)",
            "insert into filed values ('C1', 'a', :x)",
            "insert into known values ('C1', :x, 3, :x, null)",
        ):
            connection.execute(text(statement), {"x": b"x"})

    async def scenario():
        made = Database(address, "tally")
        async with made.transaction() as tx:
            if made.is_postgresql:
                await tx.execute(text("create schema tally"))
            await tx.run_sync(before)
        store = Store(made)
        await store.migrate()
        [state], [filed] = await store.states(["C1"]), await store.filed([("C1", 3, "a")])
        [known] = await store.known([("C1", 3, b"x")])
        await store.close()
        return state.partition, state.sequence, filed.value, known.content

    assert asyncio.run(scenario()) == (3, 7, b"x", b"x")


class Dies(Database):
    """A process that ends before it commits."""

    @asynccontextmanager
    async def transaction(self):
        async with super().transaction() as tx:
            yield tx
            raise Lost


def test_a_start_that_was_killed_in_its_migrations_is_started_again(address):
    async def killed():
        store = Store(Dies(address, "tally"))
        with pytest.raises(Lost):
            await store.create(1)
        await store.close()

    async def scenario(store):
        return await store.claim([0], "one")

    asyncio.run(killed())
    assert on_books(address, scenario, partitions=1) == {0: 1}


@pytest.mark.parametrize("other", [3, 6])
def test_the_number_of_partitions_is_that_of_the_first_claim(address, other):
    async def scenario(store):
        await store.claim([3], "one")
        with pytest.raises(OtherPartitions, match="made for 4 partitions, not"):
            await store.create(other)
        return await store.claim(range(4), "two"), await store.partitions()

    assert on_books(address, scenario) == ({0: 1, 1: 1, 2: 1, 3: 2}, [0, 1, 2, 3])


@pytest.mark.parametrize(("wrong", "claimed"), [(12, []), (2, []), (12, [0, 1])])
def test_what_a_start_with_a_wrong_number_left_is_put_right(address, wrong, claimed):
    async def scenario(store):
        if claimed:
            await store.claim(claimed, "one")
        await store.create(4)
        return await store.partitions()

    assert on_books(address, scenario, partitions=wrong) == [0, 1, 2, 3]


def test_of_two_that_claim_a_partition_the_last_has_it(address):
    async def scenario(store):
        first, second = await store.claim([0, 1], "one"), await store.claim([1], "two")
        async with store.transaction() as tx:
            await store.fence(tx, {0: first[0], 1: second[1]})
        with pytest.raises(Fenced, match="1 of 2 partitions"):
            async with store.transaction() as tx:
                await store.fence(tx, first)
        with pytest.raises(Fenced):
            await store.standing(first)
        return True

    assert on_books(address, scenario)


def test_two_workers_that_fight_for_a_partition_never_both_write_it(address):
    """Each claims, writes the next number of a list, and gives up when it is fenced."""

    async def fight(store, name, log):
        for _ in range(8):
            epochs = await store.claim([0], name)
            try:
                for _ in range(3):
                    async with store.transaction() as tx:
                        await store.fence(tx, epochs)
                        rows = len(log)
                        await store.append(
                            tx, tables.APPLIED, [{"partition": 0, "seq": rows, "runs": name}]
                        )
                        log.append(name)
            except Fenced:
                continue

    async def scenario(store):
        other, log = Store(Database(address, "tally")), []
        await asyncio.gather(fight(store, "one", log), fight(other, "two", log))
        await other.close()
        return log, await store.recorded_order(0)

    log, written = on_books(address, scenario)
    assert written == log
    assert set(log) == {"one", "two"}


def test_what_is_not_committed_was_never_written(address):
    async def scenario(store):
        with pytest.raises(Lost):
            async with store.transaction() as tx:
                await store.write(tx, tables.STATE, [state("C1")])
                raise Lost
        return await store.states(["C1"])

    assert on_books(address, scenario) == []


def test_rows_of_the_same_key_replace_each_other_and_new_ones_must_be_new(address):
    async def scenario(store):
        async with store.transaction() as tx:
            await store.write(tx, tables.STATE, [state("C1"), state("C2"), state("C1", sequence=7)])
            await store.append(tx, tables.APPLIED, [{"partition": 0, "seq": 0, "runs": "[]"}])
        with pytest.raises(IntegrityError) as raised:
            async with store.transaction() as tx:
                await store.append(tx, tables.APPLIED, [{"partition": 0, "seq": 0, "runs": "[1]"}])
        assert not passes(raised.value)
        found = await store.states(["C1", "C2", "C3"])
        return sorted((row.contract_id, row.sequence) for row in found)

    assert on_books(address, scenario) == [("C1", 7), ("C2", 0)]


def test_more_contracts_than_fit_into_a_statement_are_found(address):
    async def scenario(store):
        ids = [f"C{n}" for n in range(5_003)]
        known = [
            {"contract_id": c, "name": b"n", "partition": 0, "content": b"c", "until": None}
            for c in ids
        ]
        async with store.transaction() as tx:
            await store.write(tx, tables.STATE, [state(each) for each in ids])
            await store.write(tx, tables.KNOWN, known)
        return len(await store.states(ids)), len(await store.known([(c, 0, b"n") for c in ids]))

    assert on_books(address, scenario) == (5_003, 5_003)


def test_identities_are_forgotten_one_by_one_or_when_their_day_has_come(address):
    rows = [
        {"contract_id": "C1", "name": name, "partition": p, "content": b"c", "until": until}
        for name, p, until in (
            (b"\x00\xff", 0, None),
            (b"today", 0, ON),
            (b"tomorrow", 0, ON + timedelta(days=1)),
            (b"other", 1, ON),
            (b"sent again", 0, None),
        )
    ]

    async def scenario(store):
        async with store.transaction() as tx:
            await store.write(tx, tables.KNOWN, rows)
            await store.expire_known(tx, 0, ON)
            await store.forget_known(tx, {("C1", 0, b"sent again"), ("C1", 0, b"never there")})
        found = await store.known([("C1", row["partition"], row["name"]) for row in rows])
        return sorted(row.name for row in found)

    assert on_books(address, scenario) == [b"\x00\xff", b"other", b"tomorrow"]


def test_a_contract_is_registered_on_one_partition_and_may_wait_on_others(address):
    async def scenario(store):
        async with store.transaction() as tx:
            rows = [state("C1"), state("C1", partition=1, legal_entity_id=None)]
            await store.append(tx, tables.STATE, rows)
        with pytest.raises(IntegrityError):
            async with store.transaction() as tx:
                await store.append(tx, tables.STATE, [state("C1", partition=2)])
        pages = [[row.partition for row in page] async for page in store.pages(most=1)]
        return pages, await store.homes(["C1", "C2"])

    assert on_books(address, scenario) == ([[0], [1]], {"C1": 0})


def test_a_day_wakes_those_whose_turn_it_is_in_the_order_of_code_points(address):
    rows = [
        state("b", wake_on=ON),
        state("Z", wake_on=ON),
        state("ä", wake_on=ON),
        state("a", wake_on=ON - timedelta(days=9)),
        state("early", wake_on=ON + timedelta(days=1)),
        state("never"),
        state("heard", wake_on=ON, heard=ON),
        state("heard before", wake_on=ON, heard=ON - timedelta(days=1)),
        state("elsewhere", wake_on=ON, partition=1),
        state("of another", wake_on=ON, legal_entity_id="other"),
        state("of nobody", wake_on=date.min, legal_entity_id=None),
        state("at new terms", at_new_terms=True),
    ]

    async def scenario(store):
        async with store.transaction() as tx:
            await store.write(tx, tables.STATE, rows)
        wakes, day = Wakes(store), held_day("acme", ON)
        plain = await wakes.next(day, news=False, most=100)
        news = [await wakes.next(day, news=True, most=3) for _ in range(3)]
        return plain, news

    plain, news = on_books(address, scenario)
    assert plain == ["Z", "a", "b", "heard before", "of nobody", "ä"]
    assert news == [["Z", "a", "at new terms"], ["b", "heard before", "of nobody"], ["ä"]]


def test_the_store_is_not_asked_before_the_first_one_wakes_unless_one_changed(address):
    early = state("early", wake_on=ON + timedelta(days=2))

    async def put(store, *rows):
        async with store.transaction() as tx:
            await store.write(tx, tables.STATE, rows)

    async def scenario(store):
        wakes, found = Wakes(store), {}
        await put(store, state("late", wake_on=ON + timedelta(days=3)))

        async def ask(what, after, **how):
            day = held_day("acme", ON + timedelta(days=after))
            found[what] = await wakes.next(day, news=False, most=10)

        await ask("all sleep", 0)
        await put(store, early)  # and nobody says so
        await ask("not asked", 2)
        wakes.changed({1})
        await ask("another partition changed", 2)
        wakes.changed({0})
        await ask("changed", 2)
        await ask("the day on which the last one wakes", 3)
        await put(store, state("early"), state("late", at_new_terms=True))
        wakes.clear()
        await ask("nobody has a day", 4)
        found["but one waits for news"] = await wakes.next(
            held_day("acme", ON + timedelta(days=5)), news=True, most=10
        )
        return found

    assert on_books(address, scenario) == {
        "all sleep": [],
        "not asked": [],
        "another partition changed": [],
        "changed": ["early"],
        "the day on which the last one wakes": ["early", "late"],
        "nobody has a day": [],
        "but one waits for news": ["late"],
    }


def test_the_outbox_is_read_in_its_order_and_forgotten_up_to_the_mark(address):
    def row(seq, partition=0):
        return {
            "partition": partition,
            "seq": seq,
            "topic": "t",
            "key": None,
            "headers": "[]",
            "value": b"\x00",
            "timestamp": 2**41,
            "last": True,
        }

    async def scenario(store):
        async with store.transaction() as tx:
            await store.append(tx, tables.OUTBOX, [row(n) for n in (2, 0, 1, 3)])
            await store.append(tx, tables.OUTBOX, [row(0, 1)])
        first = [r.seq for r in await store.unpublished(0, after=0, most=2)]
        none = await store.published(0)
        await store.forget({0: 1})
        rest = [r.seq for r in await store.unpublished(0, after=-1, most=9)]
        other = [r.seq for r in await store.unpublished(1, after=-1, most=9)]
        return first, none, await store.published(0), rest, other

    assert on_books(address, scenario) == ([1, 2], -1, 1, [2, 3], [0])


def test_one_that_lost_a_partition_does_not_move_its_mark_back(address):
    async def scenario(store):
        await store.forget({0: 9, 1: 4})
        await store.forget({0: 3, 1: 5})
        await store.forget({})
        return await store.published(0), await store.published(1)

    assert on_books(address, scenario) == (9, 5)


def test_filed_pieces_are_found_by_contract_and_name(address):
    rows = [
        {"contract_id": c, "partition": 0, "name": n, "value": n.encode()}
        for c in ("C1", "C2")
        for n in ("a", "b")
    ]

    async def scenario(store):
        async with store.transaction() as tx:
            await store.write(tx, tables.FILED, rows)
        found = await store.filed(
            [("C1", 0, "a"), ("C1", 0, "nothing"), ("C2", 0, "b"), ("C2", 1, "a")]
        )
        return sorted((row.contract_id, row.name, row.value) for row in found)

    assert on_books(address, scenario) == [("C1", "a", b"a"), ("C2", "b", b"b")]


def test_a_database_that_cannot_be_reached_is_waited_for(elsewhere):
    async def scenario():
        store = Store(Database(elsewhere, "tally"))
        with pytest.raises(Exception) as raised:
            await store.create(1)
        await store.close()
        return raised.value

    error = asyncio.run(scenario())
    assert passes(error), repr(error)


def test_an_engine_says_the_same_on_every_database(address):
    async def scenario(store):
        log = story()

        async def asked(partitions):
            return {place: end for place, end in log.ends.items() if place[1] in partitions}

        engine: Engine = Small(WORKER, store, Nobody(), ends=asked, cached=3)
        await engine.claim([0, 1], "one")
        for phase in log.phases:
            assert await engine.take(phase) == []
        return await names(store, 1), await store.recorded_order(1)

    said, order = on_books(address, scenario, partitions=2)
    assert said == [
        "B0 registered-0",
        "B0 p",
        "B0 p",
        "tally.dead-letters",
        "B0 cb",
        "B9 registered-1",
        "B0 q",
        "B0 q",
        "B9 r",
        "B9 r",
        "B0 day-2026-02-02",
        "B9 day-2026-02-02",
        "dunning.days",
        "B0 day-2026-02-03",
        "B9 day-2026-02-03",
        "dunning.days",
    ]
    assert order[-1] == '[["days",4,5]]'
