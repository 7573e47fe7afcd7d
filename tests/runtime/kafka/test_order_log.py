"""An order topic, read from its end or behind a number, whatever markers stand between."""

import asyncio

import pytest

from services.runtime.kafka.order_log import OrderLog
from services.runtime.settings import Settings
from services.runtime.stream.chain import OrderEnd, OrderRecord, pack_orders
from tests.support.consumer import ListConsumer

TOLD = Settings(kafka="localhost:9", topic_prefix="its.")
MARKER = [None]


def order(number):
    return OrderRecord(number=number, before="", store="b1", first=number, rules=1)


def one(number, *, until):
    """Return a transaction that says one order record."""
    return pack_orders([order(number)], number=number - 1, until=until) + MARKER


def mark(number, *, until):
    """Return a transaction without one: outputs alone were published."""
    return pack_orders([], number=number, until=until) + MARKER


def log_of(*transactions, gone=0):
    said = [each for transaction in transactions for each in transaction]
    consumer = ListConsumer({("its.tally.order", 1): said}, begins={("its.tally.order", 1): gone})
    return OrderLog(TOLD, "tally.order", opens=consumer.opened()), consumer


def end(*transactions, **how):
    return asyncio.run(log_of(*transactions, **how)[0].end(1))


def numbers(*transactions, number, **how):
    log, consumer = log_of(*transactions, **how)

    async def read():
        return [each.number async for each in log.behind(1, number=number)]

    return asyncio.run(read()), consumer.fetched


def test_an_empty_topic_says_that_nothing_is_published():
    assert end() == OrderEnd(number=-1, until=-1)


def test_the_last_record_says_what_is_published():
    assert end(one(0, until=0), one(1, until=4)) == OrderEnd(number=1, until=4)


def test_a_mark_says_it_too():
    assert end(one(0, until=0), mark(0, until=7)) == OrderEnd(number=0, until=7)


def test_the_last_of_a_transaction_with_several_records_counts():
    several = pack_orders([order(n) for n in range(5)], number=-1, until=9)

    assert end(several + MARKER) == OrderEnd(number=4, until=9)


@pytest.mark.parametrize("markers", [15, 16, 17, 63, 200])
def test_whatever_was_aborted_behind_the_last_record_is_looked_past(markers):
    assert end(one(0, until=0), one(1, until=4), MARKER * markers) == OrderEnd(1, 4)


def test_a_topic_whose_records_are_all_gone_says_nothing():
    assert end(one(0, until=0), MARKER * 3, gone=2) == OrderEnd(-1, -1)


@pytest.mark.parametrize(
    ("number", "found"), [(0, [0, 1, 2, 3]), (1, [1, 2, 3]), (3, [3]), (4, []), (9, [])]
)
def test_all_from_a_number_on_is_found(number, found):
    said = [one(n, until=n) for n in range(4)]

    assert numbers(*said, number=number)[0] == found


def test_marks_between_records_are_no_records():
    said = [one(0, until=0), mark(0, until=1), one(1, until=1), mark(1, until=2)]

    assert numbers(*said, number=0)[0] == [0, 1]


@pytest.mark.parametrize("number", range(40))
def test_however_long_the_topic_is_the_first_is_never_missed(number):
    said = [one(n, until=n) + MARKER * (n % 5) for n in range(40)]

    assert numbers(*said, number=number)[0] == list(range(number, 40))


def test_a_mark_that_carries_the_number_does_not_hide_its_record():
    # Looking back 16 places meets the mark of number 1; the record 1 stands right before it.
    said = [one(0, until=0), one(1, until=1), mark(1, until=2), MARKER * 14]

    assert numbers(*said, number=1)[0] == [1]


def test_of_a_transaction_with_many_records_none_is_missed():
    several = pack_orders([order(n) for n in range(30)], number=-1, until=9) + MARKER

    assert numbers(several, number=5)[0] == list(range(5, 30))


def test_who_is_near_the_end_does_not_read_it_all():
    found, fetched = numbers(*[one(n, until=n) for n in range(1_000)], number=998)

    assert found == [998, 999]
    assert fetched < 20


def test_where_the_beginning_is_gone_the_first_that_there_is_comes_first():
    assert numbers(*[one(n, until=n) for n in range(4)], number=0, gone=4)[0] == [2, 3]
