"""Projections: what is declared, what messages do to rows, and how rows are made anew."""

import asyncio
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Column, Float, Integer, MetaData, String, Table
from sqlalchemy.exc import OperationalError

from schemas import topics
from schemas.deliveries import DeliveryIntended
from schemas.envelope import Event
from schemas.invoices import InvoiceIssued
from schemas.payments import PaymentFailed, PaymentPending, RefundMade
from services.runtime.embedded.embedded import Embedded
from services.runtime.ops.verify.rows import differences, made_again
from services.runtime.projection import Add, Delete, Misfit, Upsert, check
from services.runtime.projector import Projector
from services.runtime.store.editions import EDITIONS
from services.runtime.store.read_model import OtherShape, Outdated, ReadModel
from services.runtime.store.store import Fenced
from services.runtime.stream.changes import Broken
from services.runtime.stream.drafts import Drafts
from services.runtime.stream.order import Gap
from services.runtime.stream.record import Chunk, Record, Unreadable
from tests.support.events import ACME, eur, line, paid, registered
from tests.support.receipts import (
    DAYS_DONE,
    DELIVERIES,
    PAYMENTS,
    PENDING,
    PROJECTION,
    RECEIVED,
    SENT,
    opened,
    rows,
    version,
)
from tests.support.tally import WORKER, Lost, sqlite

T = "2026-02-01T09:00:00+01:00"
DAY = date(2026, 2, 1)


def record(topic, offset, message, *, name=None, partition=0):
    event = Event.from_line(line(message, T, name=name or f"{topic}-{offset}"))
    return Record(topic, partition, offset, event, event.timestamp)


def chunk(topic, *messages, start=0, partition=0):
    records = [record(topic, start + n, m, partition=partition) for n, m in enumerate(messages)]
    return Chunk(topic, partition, start, start + len(records), tuple(records))


def pending(name):
    return PaymentPending(
        contract_id="C1", payment_id=name, money=eur("1.00"), method="card", initiated_on=DAY
    )


def failed(name):
    return PaymentFailed(contract_id="C1", payment_id=name, failed_on=DAY)


def table(name, *columns):
    return Table(name, MetaData(), *columns)


def key():
    return Column("name", String, primary_key=True)


def declared(**changes):
    return replace(PROJECTION, sources=(replace(PAYMENTS, **changes), DELIVERIES))


@pytest.mark.parametrize(
    ("declare", "said"),
    [
        (
            lambda: declared(skips=frozenset()),
            "receipts: PaymentReassigned, RefundMade: neither handled nor skipped",
        ),
        (
            lambda: declared(skips=PAYMENTS.skips | {PaymentFailed}),
            "receipts: PaymentFailed: handled and skipped",
        ),
        (
            lambda: declared(skips=PAYMENTS.skips | {InvoiceIssued}),
            "receipts: InvoiceIssued: not of payments",
        ),
        (lambda: declared(tables=(SENT,)), "receipts: sent is made from two topics"),
        (
            lambda: replace(PROJECTION, sources=(PAYMENTS, PAYMENTS)),
            "receipts: payments is read twice",
        ),
        (
            lambda: declared(
                topic=topics.TERMS, handles=frozenset(), skips=frozenset(topics.TERMS.messages)
            ),
            "receipts: terms has partitions of its own",
        ),
        (
            lambda: declared(topic=topics.PAYMENTS._replace(retention_days=30)),
            "receipts: payments expires: its rows could not be made again",
        ),
        (lambda: replace(PROJECTION, version=0), "or its version is not 1 or more"),
        (lambda: replace(PROJECTION, name="no-schema"), "its name is no name of a schema"),
        (
            lambda: declared(tables=(table("a", key(), Column("rate", Float)),)),
            "a: rate is none of integer, text, bytes, day, true or false",
        ),
        (lambda: declared(tables=(table("a", Column("b", String)),)), "a: has no primary key"),
        (lambda: declared(tables=(table("seen", key()),)), "seen: is no name for a table"),
        (lambda: declared(tables=(table("a__1", key()),)), "a__1: is no name for a table"),
        (
            lambda: declared(tables=(table("a", key(), Column("partition", Integer)),)),
            "a: has a column named partition",
        ),
    ],
)
def test_a_declaration_that_leaves_something_out_or_open_is_refused(declare, said):
    with pytest.raises(TypeError, match=said):
        declare()


ONE = {"contract_id": "C1"}


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        (Delete(SENT, ONE | {"delivery_id": "d"}), "sent is not made from payments"),
        (Delete(PENDING, ONE), "pending: .* is not its key"),
        (Delete(RECEIVED, ONE | {"minor": 1}), "received: .* is not its key"),
        (Upsert(RECEIVED, {"minor": 1}), "received: .* is not its key"),
        (Upsert(RECEIVED, ONE | {"major": 1}), "received.major does not take a int"),
        (Upsert(RECEIVED, ONE | {"minor": "1"}), "received.minor does not take a str"),
        (Upsert(RECEIVED, ONE | {"minor": 1.0}), "received.minor does not take a float"),
        (Upsert(RECEIVED, ONE | {"minor": True}), "received.minor does not take a bool"),
        (Upsert(RECEIVED, ONE | {"payments": 2**31}), "received.payments does not take a int"),
        (Upsert(RECEIVED, {"contract_id": None}), "received.contract_id does not take a NoneType"),
        (Add(RECEIVED, ONE, {"minor": None}), "received.minor does not take a NoneType"),
        (Add(RECEIVED, ONE, {"contract_id": 1}), "to a key nothing is added"),
        (Add(RECEIVED, ONE, {"minor": 2**63}), "received.minor does not take a int"),
    ],
)
def test_an_operation_that_the_tables_cannot_take_is_a_mistake(operation, said):
    with pytest.raises(Misfit, match=said):
        check(operation, PAYMENTS)


def test_what_a_column_just_takes_is_no_mistake():
    check(Upsert(RECEIVED, ONE | {"payments": 2**31 - 1, "minor": -(2**63)}), PAYMENTS)


def over(tmp_path, *chunks, partitions=1):
    """Return projector and rows after *chunks*, each a transaction."""

    async def run():
        async with opened(tmp_path, partitions=partitions) as projector:
            for each in chunks:
                assert await projector.take([each]) == []
            tables = (RECEIVED, PENDING, SENT)
            return projector, [await rows(projector.store, each) for each in tables]

    return asyncio.run(run())


def test_messages_become_rows_in_one_transaction_or_in_several(tmp_path):
    said = [pending("p1"), pending("p2"), paid("p1", "1.00", DAY), paid("p3", "2.50", DAY)]
    (tmp_path / "apart").mkdir()
    expected = [
        [("C1", 2, 350)],
        [("C1", "p2", DAY, "/tests")],
        [],
    ]

    assert over(tmp_path, chunk("payments", *said))[1] == expected
    single = [chunk("payments", each, start=n) for n, each in enumerate(said)]
    assert over(tmp_path / "apart", *single)[1] == expected


def test_what_came_before_is_not_counted_again_and_a_hole_is_refused(tmp_path):
    first = chunk("payments", paid("p1", "1.00", DAY), paid("p2", "1.00", DAY))
    overlapping = chunk("payments", paid("p2", "1.00", DAY), paid("p3", "1.00", DAY), start=1)

    _, found = over(tmp_path, first, first, overlapping)
    assert found[0] == [("C1", 3, 300)]
    with pytest.raises(Gap):
        over(tmp_path, chunk("payments", paid("p9", "1.00", DAY), start=4))


def test_what_others_say_again_counts_once_and_the_first_content_counts(tmp_path):
    told = [paid("p1", "1.00", DAY), paid("p1", "1.00", DAY), paid("p1", "9.00", DAY)]
    later = chunk("payments", paid("p1", "1.00", DAY), start=3)

    projector, found = over(tmp_path, chunk("payments", *told), later)

    assert found[0] == [("C1", 1, 100)]
    assert (projector.counts["duplicates"], projector.counts["conflicts"]) == (2, 1)
    assert projector.counts["applied"] == 1


def test_what_cannot_be_read_is_stepped_over_and_counted(tmp_path):
    broken = Record("payments", 0, 0, Unreadable("no value"))
    unknown = record("payments", 1, InvoiceIssued.model_construct(contract_id="C1"))
    good = record("payments", 2, paid("p1", "1.00", DAY))

    projector, found = over(tmp_path, Chunk("payments", 0, 0, 3, (broken, unknown, good)))

    assert found[0] == [("C1", 1, 100)]
    assert projector.counts["stepped over: undecodable"] == 1
    assert projector.counts["stepped over: unknown_type"] == 1


def test_what_is_skipped_makes_no_row_and_is_not_remembered(tmp_path):
    refund = RefundMade(contract_id="C1", refund_id="r1", money=eur("1.00"), made_on=DAY)

    projector, found = over(tmp_path, chunk("payments", refund, refund))

    assert (found, projector.counts["duplicates"]) == ([[], [], []], 0)


def test_rows_of_two_partitions_stay_apart(tmp_path):
    here, there = (chunk("payments", paid("p1", "1.00", DAY), partition=p) for p in (0, 1))

    _, found = over(tmp_path, here, there, partitions=2)

    assert found[0] == [("C1", 1, 100), ("C1", 1, 100)]


def test_a_character_that_postgresql_refuses_is_replaced():
    drafts = Drafts({})
    drafts.apply(Upsert(PENDING, ONE | {"payment_id": "p", "said_by": "a\0b"}), 0)

    [row] = drafts.written()["pending"]
    assert row["said_by"] == "a\ufffdb"


def test_a_message_that_breaks_an_invariant_names_its_record_and_leaves_nothing(tmp_path):
    def rows_of(_message, _event):
        return [Upsert(RECEIVED, ONE | {"minor": "1"})]

    broken = declared(rows=rows_of)

    async def run():
        async with opened(tmp_path, projection=broken) as projector:
            with pytest.raises(Broken, match=r"payments/0/0: Misfit\('received.minor"):
                await projector.take([chunk("payments", paid("p1", "1.00", DAY))])
            await projector.restore()
            assert projector.starts()["payments", 0] == 0

    asyncio.run(run())


def test_a_sum_that_no_column_takes_breaks_and_is_no_float(tmp_path):
    def rows_of(_message, _event):
        return [Add(RECEIVED, ONE, {"payments": 2**30, "minor": 1})]

    async def run():
        async with opened(tmp_path, projection=declared(rows=rows_of)) as projector:
            await projector.take([chunk("payments", paid("p1", "1.00", DAY))])
            with pytest.raises(Broken, match=r"received\.payments: the sum is too large"):
                await projector.take([chunk("payments", paid("p2", "1.00", DAY), start=1)])

    asyncio.run(run())


def test_a_zombie_is_fenced_and_writes_nothing(tmp_path):
    async def run():
        async with opened(tmp_path) as old, opened(tmp_path, owner="two") as new:
            with pytest.raises(Fenced):
                await old.take([chunk("payments", paid("p1", "1.00", DAY))])
            assert await rows(new.store, RECEIVED) == []
            await new.take([chunk("payments", paid("p1", "1.00", DAY))])
            assert await rows(new.store, RECEIVED) == [("C1", 1, 100)]

    asyncio.run(run())


def test_markers_alone_are_stepped_over_and_not_forgotten(tmp_path):
    async def run():
        async with opened(tmp_path) as projector:
            await projector.take([Chunk("payments", 0, 0, 2, ())])
            await projector.restore()
            await projector.take([chunk("payments", paid("p1", "1.00", DAY), start=2)])
            return projector.starts()

    assert asyncio.run(run()) == {
        ("payments", 0): 3,
        ("deliveries", 0): 0,
        ("dunning.days", 0): 0,
    }


def at(payments):
    async def ends(_partitions):
        return {("payments", 0): payments}

    return ends


def test_of_the_first_version_nobody_reads_half(tmp_path):
    async def run():
        async with opened(tmp_path, ends=at(2)) as projector:
            await projector.take([chunk("payments", paid("p1", "1.00", DAY))])
            with pytest.raises(OperationalError, match="no such table: received"):
                await rows(projector.store, RECEIVED)
            await projector.take([chunk("payments", paid("p2", "1.00", DAY), start=1)])
            return await rows(projector.store, RECEIVED)

    assert asyncio.run(run()) == [("C1", 2, 200)]


def test_another_version_is_made_anew_and_the_old_rows_are_read_until_it_is_complete(tmp_path):
    doubled = replace(PAYMENTS, rows=lambda m, e: [*PAYMENTS.rows(m, e)] * 2)
    second = replace(version(2), sources=(doubled, DELIVERIES))
    said = chunk("payments", paid("p1", "1.00", DAY), paid("p2", "1.00", DAY))

    async def run():
        async with opened(tmp_path) as projector:
            await projector.take([said])
        async with opened(tmp_path, projection=second, ends=at(3)) as projector:
            assert projector.starts()["payments", 0] == 0
            await projector.take([said])
            assert await rows(projector.store, RECEIVED) == [("C1", 2, 200)]
            # A marker of Kafka stands before the end.
            await projector.take([Chunk("payments", 0, 2, 3, ())])
            assert await rows(projector.store, RECEIVED) == [("C1", 4, 400)]
            assert await editions(projector) == [(2, 2, True)]
            await projector.take([chunk("payments", paid("p3", "1.00", DAY), start=3)])
            return await rows(projector.store, RECEIVED)

    assert asyncio.run(run()) == [("C1", 6, 600)]


async def editions(projector):
    columns = EDITIONS.c.edition, EDITIONS.c.version, EDITIONS.c.is_complete
    async with projector.store.transaction() as tx:
        found = await tx.execute(EDITIONS.select().order_by(EDITIONS.c.edition))
        return [tuple(row._mapping[column.name] for column in columns) for row in found]


async def kept(projector):
    async with projector.store.transaction() as tx:
        found = await tx.exec_driver_sql(
            "select name from sqlite_master where name like '%\\_\\_%' escape '\\'"
            " and name not like 'sqlite%' order by name"
        )
        return list(found.scalars())


def test_of_an_edition_that_is_not_read_any_more_nothing_stays(tmp_path):
    async def run():
        async with opened(tmp_path, projection=version(1)):
            pass
        async with opened(tmp_path, projection=version(4)) as projector:
            return await kept(projector), await editions(projector)

    tables = [
        "days_done__2",
        "pending__2",
        "pending_since__2",
        "positions__2",
        "received__2",
        "seen__2",
        "sent__2",
    ]
    assert asyncio.run(run()) == (tables, [(2, 4, True)])


def test_what_a_later_version_does_not_have_is_not_read_any_more(tmp_path):
    fewer = replace(version(2), sources=(PAYMENTS,))

    async def run():
        async with opened(tmp_path):
            pass
        async with opened(tmp_path, projection=fewer) as projector:
            with pytest.raises(OperationalError, match="no such table: sent"):
                await rows(projector.store, SENT)

    asyncio.run(run())


def test_an_edition_that_was_left_amid_is_gone_on_with(tmp_path):
    async def run():
        async with opened(tmp_path, ends=at(2)) as projector:
            await projector.take([chunk("payments", paid("p1", "1.00", DAY))])
        async with opened(tmp_path, ends=at(9)) as projector:
            assert projector.starts()["payments", 0] == 1
            await projector.take([chunk("payments", paid("p2", "1.00", DAY), start=1)])
            return await rows(projector.store, RECEIVED), await editions(projector)

    assert asyncio.run(run()) == ([("C1", 2, 200)], [(1, 1, True)])


def test_an_earlier_version_leaves_without_fencing_the_later(tmp_path):
    async def run():
        async with opened(tmp_path, projection=version(2)) as later:
            with pytest.raises(Outdated, match="version 2 is there, and this is 1"):
                async with opened(tmp_path, projection=version(1)):
                    pass
            await later.take([chunk("payments", paid("p1", "1.00", DAY))])

    asyncio.run(run())


def test_another_declaration_needs_another_version(tmp_path):
    handles = PAYMENTS.handles - {PaymentFailed}
    other = declared(handles=handles, skips=PAYMENTS.skips | {PaymentFailed})

    async def run():
        async with opened(tmp_path):
            pass
        with pytest.raises(OtherShape, match="raise the version"):
            async with opened(tmp_path, projection=other):
                pass

    asyncio.run(run())


def test_made_anew_the_rows_are_those_that_were_and_whoever_was_at_work_is_fenced(tmp_path):
    said = chunk("payments", pending("p1"), paid("p1", "1.00", DAY), pending("p2"))

    async def run():
        async with opened(tmp_path) as old:
            await old.take([said])
            before = [await rows(old.store, each) for each in (RECEIVED, PENDING)]
            await old.store.make_anew()
            with pytest.raises(Fenced):
                await old.take([chunk("payments", failed("p2"), start=3)])
            async with opened(tmp_path, ends=at(3)) as new:
                assert [await rows(new.store, each) for each in (RECEIVED, PENDING)] == before
                assert await editions(new) == [(1, 1, True), (2, 1, False)]
                await new.take([said])
                assert [await rows(new.store, each) for each in (RECEIVED, PENDING)] == before
                assert await editions(new) == [(2, 1, True)]

    asyncio.run(run())


class Stumbling(ReadModel):
    """A store that loses its connection where it would drop what nobody reads."""

    async def drop_earlier(self):
        raise Lost("gone")


def test_what_a_crash_left_of_an_earlier_edition_is_dropped_by_whoever_comes_next(tmp_path):
    async def run():
        async with opened(tmp_path):
            pass
        store = Stumbling(version(2), sqlite(tmp_path, "receipts", service="receipts"))
        with pytest.raises(Lost):
            await Projector(version(2), store, ends=at(0)).claim([0], "two")
        await store.close()
        async with opened(tmp_path, projection=version(2)) as projector:
            return await editions(projector)

    assert asyncio.run(run()) == [(2, 2, True)]


async def none_else(records):
    for each in records:
        yield each


def test_rows_equal_those_made_again_and_any_that_do_not_are_named(tmp_path):
    said = chunk("payments", pending("p1"), pending("p2"), paid("p1", "1.00", DAY))
    more = chunk("deliveries", intended("d1"))

    async def run():
        async with opened(tmp_path) as projector:
            store = projector.store
            await projector.take([said, more])
            content = await store.content(0)
            # What came since is not in the rows yet.
            later = record("payments", 3, paid("p3", "1.00", DAY))
            records = [*said.records, later, *more.records]
            again = await made_again(PROJECTION, none_else(records), content, 0)
            assert list(differences(content, again, "partition 0")) == []

            tables = store.edition.rows
            async with store.transaction() as tx:
                await tx.execute(tables["received"].update().values(minor=101))
                await tx.execute(tables["sent"].delete())
                stray = {"payments": 1, "minor": 1, "partition": 0}
                await tx.execute(tables["received"].insert().values(contract_id="C2", **stray))
            return list(differences(await store.content(0), again, "partition 0"))

    assert [f"{each.where}: {each.what}" for each in asyncio.run(run())] == [
        "partition 0: received ('C1',) is not what its messages make: minor",
        "partition 0: received ('C2',) is there, and no message makes it",
        "partition 0: sent ('C1', 'd1') is missing",
    ]


def intended(name):
    return DeliveryIntended(contract_id="C1", delivery_id=name, channel="email")


def test_an_embedded_run_makes_rows_of_what_came_in_and_of_what_was_said(tmp_path):
    events = [
        line(ACME, "2026-02-01T08:00:00+01:00", name="acme"),
        line(registered(), "2026-02-01T08:30:00+01:00", name="c1"),
        line(paid("p1", "1.00", DAY), T, name="p1"),
        line(paid("p1", "1.00", DAY), T, name="p1"),
        line(paid("p2", "2.50", DAY), T, name="p2"),
    ]

    async def run():
        embedded = Embedded([WORKER], tmp_path, partitions=3, projections=[PROJECTION])
        await embedded.run(events, until=DAY)
        store = embedded.read_model_of(PROJECTION)
        try:
            return [await rows(store, each) for each in (RECEIVED, SENT, DAYS_DONE)]
        finally:
            await store.close()

    assert asyncio.run(run()) == [
        [("C1", 2, 350)],
        [
            ("C1", "p1", "sent", DAY),
            ("C1", "p2", "sent", DAY),
            ("C1", "registered-0", "bounced", None),
        ],
        [("acme", 1)] * 3,  # on each partition
    ]
