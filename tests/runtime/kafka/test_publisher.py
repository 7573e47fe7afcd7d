"""Outbox publishers over a real store and a transactional log: once, in order, whole causes."""

import asyncio
import inspect
from contextlib import asynccontextmanager, suppress

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError, ProducerFenced

from schemas.envelope import DeadLetter, Raw
from services.runtime.kafka.outbox import OutboxPublisher
from services.runtime.kafka.publisher import KafkaPublisher, guarded
from services.runtime.kafka.retry import Patience
from services.runtime.store import tables
from services.runtime.store.rows import outbox_row
from services.runtime.store.store import Store
from services.runtime.stream.chain import OrderEnd, order_end, pack_orders
from services.runtime.stream.record import Output, Packed
from tests.support.tally import sqlite

CALLS = ("start", "begin", "send", "mark", "commit", "committed", "stop")


class Broker:
    """What is committed, the marks, and who may write; *fails* at a call of a name, once."""

    def __init__(self, **fails):
        self.log, self.marks, self.epoch, self.group = [], {}, 0, "tally.outbox"
        self.service, self.orders = "tally", []
        self.transactions, self.fails, self.calls = [], fails, {}
        self.slow = asyncio.Event()
        self.slow.set()

    def called(self, name):
        self.calls[name] = self.calls.get(name, 0) + 1
        if self.fails.get(name) == self.calls[name]:
            raise KafkaConnectionError(name)

    def place_of(self, partition):
        return TopicPartition("tally.dead-letters", partition)

    def offsets_at(self, partition, seq):
        return {self.place_of(partition): seq + 1}

    async def stamp(self, producer, partition, seq):
        """Do nothing: there is one database."""

    def topic(self, name):
        return name

    async def producer(self, partition):
        self.called("start")
        self.epoch += 1
        return Producer(self, self.epoch)

    async def published(self, partition):
        self.called("published")
        return self.marks.get(self.place_of(partition), 0) - 1

    async def order_end(self, partition):
        self.called("ends")
        return order_end(self.orders[-1]) if self.orders else OrderEnd()

    async def close(self):
        pass


class Producer:
    def __init__(self, broker, epoch):
        self.broker, self.epoch, self.open, self.offsets = broker, epoch, [], {}

    @asynccontextmanager
    async def transaction(self):
        self._call("begin")
        self.open, self.offsets = [], {}
        yield
        await self.broker.slow.wait()
        self._call("commit")
        self.broker.log += [each for each in self.open if each[0] != "tally.order"]
        self.broker.orders += [each[-1] for each in self.open if each[0] == "tally.order"]
        self.broker.marks |= self.offsets
        self.broker.transactions.append(sum(each[0] != "tally.order" for each in self.open))
        # The answer is lost, the transaction is not.
        self._call("committed")

    async def send(self, topic, value, *, key, partition, headers, timestamp_ms):
        self._call("send")
        packed = Packed(key, value, tuple(headers), timestamp_ms)
        self.open.append((topic, partition, packed if topic == "tally.order" else value))

    async def send_offsets_to_transaction(self, offsets, group):
        self._call("mark")
        assert group == "tally.outbox"
        self.offsets = offsets

    async def stop(self):
        self.broker.called("stop")

    def _call(self, name):
        if self.epoch != self.broker.epoch:
            raise ProducerFenced
        self.broker.called(name)


def output(seq, *, last=True, partition=0):
    letter = DeadLetter(raw=Raw(None, str(seq).encode()), headers=())
    return Output("t", partition, letter, last, seq)


async def opened(tmp_path, *outputs):
    store = Store(sqlite(tmp_path))
    await store.create(2)
    await write(store, *outputs)
    return store


async def write(store, *outputs):
    async with store.transaction() as tx:
        await store.append(tx, tables.OUTBOX, [outbox_row(each) for each in outputs])


async def until(done):
    for _ in range(2_000):
        if done():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("never")


async def running(publisher, partitions=(0,), kept=()):
    await publisher.own(partitions, kept=kept)


def values(broker, partition=0):
    return [int(value) for _, p, value in broker.log if p == partition]


def publisher(broker, store, ended=None):
    return KafkaPublisher(broker, store, Patience(), fatal=([] if ended is None else ended).append)


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("name", [*CALLS, "published"])
def test_whatever_fails_every_row_is_published_once_and_in_order(tmp_path, name, nth):
    async def scenario():
        broker = Broker(**{name: nth})
        store = await opened(tmp_path, *(output(n) for n in range(3)))
        made = publisher(broker, store)
        await running(made)
        await until(lambda: made.published(0) == 2)
        for start in (3, 5):
            some = [output(start), output(start + 1)]
            await write(store, *some)
            made.publish(some)
            await until(lambda start=start: made.published(0) == start + 1)
        await made.close()
        await store.close()
        return values(broker)

    assert asyncio.run(scenario()) == [0, 1, 2, 3, 4, 5, 6]


def test_rows_that_are_out_already_are_not_published_by_the_next_owner(tmp_path):
    async def scenario():
        broker = Broker()
        store = await opened(tmp_path, *(output(n) for n in range(5)))
        broker.marks[broker.place_of(0)] = 3
        made = publisher(broker, store)
        await running(made)
        await until(lambda: made.published(0) == 4)
        await made.close()
        await store.close()
        return values(broker)

    assert asyncio.run(scenario()) == [3, 4]


def test_where_the_mark_has_expired_the_books_know(tmp_path):
    async def scenario():
        broker = Broker()
        store = await opened(tmp_path, *(output(n) for n in range(5)))
        await store.forget({0: 2})
        made = publisher(broker, store)
        await running(made)
        await until(lambda: made.published(0) == 4)
        await made.close()
        await store.close()
        return values(broker)

    assert asyncio.run(scenario()) == [3, 4]


@pytest.mark.parametrize("offset", [0, 2, 3])
def test_where_the_mark_is_late_or_has_expired_the_end_of_the_order_knows(tmp_path, offset):
    async def scenario():
        broker = Broker()
        store = await opened(tmp_path, *(output(n) for n in range(5)))
        broker.orders += pack_orders([], number=-1, until=2)
        broker.marks |= {broker.place_of(0): offset} if offset else {}
        made = publisher(broker, store)
        await running(made)
        await until(lambda: made.published(0) == 4)
        await made.close()
        await store.close()
        return values(broker)

    assert asyncio.run(scenario()) == [3, 4]


def test_what_was_published_and_not_deleted_by_a_dead_owner_is_deleted(tmp_path):
    async def scenario():
        broker = Broker()
        store = await opened(tmp_path, *(output(n) for n in range(5)))
        broker.marks[broker.place_of(0)] = 5
        made = publisher(broker, store)
        await running(made)
        sweeping = made.guard(made.sweep())
        rows = [0]
        while rows:
            rows = await store.unpublished(0, after=-1, most=9)
            await asyncio.sleep(0.01)
        sweeping.cancel()
        await made.close()
        return values(broker), await store.published(0)

    assert asyncio.run(scenario()) == ([], 4)


def test_a_commit_of_unknown_outcome_is_found_in_the_books(tmp_path):
    async def scenario():
        broker = Broker()
        store = await opened(tmp_path)
        made = publisher(broker, store)
        await running(made)
        await write(store, output(0), output(1))
        made.reread([0])
        await until(lambda: made.published(0) == 1)
        # The engine never heard of 2 and 3; what it hands on next leaves a hole.
        await write(store, output(2), output(3), output(4))
        made.publish([output(4)])
        await until(lambda: made.published(0) == 4)
        await made.close()
        await store.close()
        return values(broker)

    assert asyncio.run(scenario()) == [0, 1, 2, 3, 4]


async def at_work(tmp_path):
    """Return a broker, what ended, a store and a publisher that has its producer."""
    broker, ended = Broker(), []
    store = await opened(tmp_path)
    made = publisher(broker, store, ended)
    await running(made)
    await until(lambda: broker.epoch == 1)
    await until(lambda: made._outboxes[0][0]._producer is not None)
    return broker, ended, store, made


def test_a_fenced_lane_ends_its_process(tmp_path):
    async def scenario():
        broker, ended, store, made = await at_work(tmp_path)
        await broker.producer(0)
        await write(store, output(0))
        made.publish([output(0)])
        await until(lambda: ended)
        with suppress(ProducerFenced):
            await made.close()
        await store.close()
        return ended, values(broker)

    ended, published = asyncio.run(scenario())
    assert [type(each) for each in ended] == [ProducerFenced]
    assert published == []


def test_a_lane_that_was_given_back_may_be_fenced_and_begins_anew_where_it_is_mine_again(tmp_path):
    async def scenario():
        broker, ended, store, made = await at_work(tmp_path)
        made.loosen()
        await broker.producer(0)
        await write(store, output(0))
        made.publish([output(0)])
        await until(lambda: made._outboxes[0][1].done())
        await running(made, kept=(0,))
        await until(lambda: made.published(0) == 0)
        await made.close()
        await store.close()
        return ended, values(broker)

    assert asyncio.run(scenario()) == ([], [0])


def test_what_has_one_cause_is_never_cut(tmp_path):
    causes = [output(n, last=n % 700 == 699 or n == 4_999) for n in range(5_000)]

    async def scenario(by_queue):
        broker = Broker()
        store = await opened(tmp_path, *([] if by_queue else causes))
        made = publisher(broker, store)
        await running(made)
        if by_queue:
            await until(lambda: made._outboxes[0][0]._behind is False)
            made.publish(causes)
        await until(lambda: made.published(0) == 4_999)
        await made.close()
        await store.close()
        return values(broker), broker.transactions

    for by_queue in (False, True):
        found, transactions = asyncio.run(scenario(by_queue))
        assert found == list(range(5_000))
        ends = [sum(transactions[: n + 1]) for n in range(len(transactions))]
        assert all(end % 700 == 0 or end == 5_000 for end in ends), ends
        if not by_queue:
            asyncio.run(_empty(tmp_path))


async def _empty(tmp_path):
    store = Store(sqlite(tmp_path))
    await store.forget({0: 10_000})
    async with store.transaction() as tx:
        await tx.execute(tables.POSITIONS.delete())
    await store.close()


def test_a_cause_larger_than_a_transaction_is_read_whole(tmp_path):
    async def scenario():
        rows = [output(n, last=n == 4) for n in range(5)]
        store = await opened(tmp_path, *rows, output(5))
        outbox = OutboxPublisher(0, Broker(), store, Patience())
        found = await outbox._from_books(2)
        await store.close()
        return [row.seq for row in found.rows]

    assert asyncio.run(scenario()) == [0, 1, 2, 3, 4, 5]


def test_the_lane_of_a_partition_that_was_kept_goes_on_and_others_begin_anew(tmp_path):
    async def scenario():
        broker = Broker()
        store = await opened(tmp_path)
        made = publisher(broker, store)
        await running(made, (0, 1))
        await until(lambda: broker.epoch == 2)
        outboxes = {p: outbox for p, (outbox, _) in made._outboxes.items()}
        await running(made, (0, 1), kept=(0,))
        after = {p: outbox for p, (outbox, _) in made._outboxes.items()}
        await until(lambda: broker.epoch == 3)
        await made.close()
        await store.close()
        return outboxes[0] is after[0], outboxes[1] is after[1], made.published(0)

    assert asyncio.run(scenario()) == (True, False, -1)


def test_a_lane_that_is_ended_while_it_closes_a_producer_ends(tmp_path):
    class Ending(Broker):
        """Ends the lane at the moment in which its producer has stopped."""

        def called(self, name):
            super().called(name)
            if name == "stop":
                self.task.cancel()

    async def scenario():
        broker = Ending(committed=1)
        store = await opened(tmp_path, output(0))
        outbox = OutboxPublisher(0, broker, store, Patience())
        broker.task = asyncio.create_task(outbox.run())
        done, _ = await asyncio.wait([broker.task], timeout=1)
        ended = broker.task in done and broker.task.cancelled()
        for _ in range(3):  # one that goes on holds up who ended it
            broker.task.cancel()
            await asyncio.wait([broker.task], timeout=1)
        await store.close()
        return ended

    assert asyncio.run(scenario())


def test_to_leave_waits_for_the_transaction_that_is_on_its_way(tmp_path):
    async def scenario():
        broker = Broker()
        store = await opened(tmp_path)
        made = publisher(broker, store)
        await running(made)
        await until(lambda: made._outboxes[0][0]._behind is False)
        broker.slow.clear()
        await write(store, output(0))
        made.publish([output(0)])
        await until(lambda: broker.calls.get("mark") == 1)
        asyncio.get_running_loop().call_later(0.1, broker.slow.set)
        await made.drain(5)
        await made.close()
        await store.close()
        return values(broker)

    assert asyncio.run(scenario()) == [0]


def test_to_leave_does_not_wait_longer_than_told(tmp_path):
    async def scenario():
        broker = Broker()
        broker.slow.clear()
        store = await opened(tmp_path)
        made = publisher(broker, store)
        await running(made)
        await write(store, output(0))
        made.publish([output(0)])
        begun = asyncio.get_running_loop().time()
        await made.drain(0.1)
        took = asyncio.get_running_loop().time() - begun
        await made.close()
        left = [row.seq for row in await store.unpublished(0, after=-1, most=9)]
        await store.close()
        return took < 2, left

    assert asyncio.run(scenario()) == (True, [0])


def test_work_that_is_cancelled_before_its_first_step_is_closed():
    async def work():
        await asyncio.sleep(0)

    async def scenario():
        begun = work()
        task = guarded(begun, lambda _: None)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return inspect.getcoroutinestate(begun)

    assert asyncio.run(scenario()) == "CORO_CLOSED"
