"""Inputs, fetched in a recorded order: all of them, and where one is missing nothing."""

import asyncio

import pytest
from aiokafka import TopicPartition

from services.runtime.kafka.input_log import InputLog, InputLogs
from services.runtime.kafka.recovery import Astray
from services.runtime.settings import Settings
from services.runtime.stream.record import Packed
from tests.support.consumer import ListConsumer

TOLD = Settings(kafka="localhost:9", topic_prefix="its.")


def said(*names):
    """Return records by the name that is their key; a dash is a marker."""
    return [None if name == "-" else Packed(name.encode(), b"{}", (), 7) for name in names]


def fetch(*runs, payments="ab-c", contracts="xy", at=None):
    """Return the keys and offsets of *runs* of (topic, start, until), one after the other."""
    logs = {("its.payments", 1): said(*payments), ("its.contracts", 1): said(*contracts)}
    opens = ListConsumer(logs).opened()

    async def scenario():
        found = []
        async with InputLogs(TOLD, ["payments", "contracts"], opens=opens)(1, at or {}) as inputs:
            for run in runs:
                found += await inputs.run(*run)
        return [(each.topic, each.partition, each.raw.key.decode(), each.offset) for each in found]

    return asyncio.run(scenario())


def test_runs_of_several_topics_come_in_the_order_in_which_they_are_asked_for():
    assert fetch(("payments", 0, 1), ("contracts", 0, 2), ("payments", 1, 2)) == [
        ("payments", 1, "a", 0),
        ("contracts", 1, "x", 0),
        ("contracts", 1, "y", 1),
        ("payments", 1, "b", 1),
    ]


def test_a_run_goes_on_behind_a_marker():
    assert [place[2:] for place in fetch(("payments", 0, 2), ("payments", 3, 4))] == [
        ("a", 0),
        ("b", 1),
        ("c", 3),
    ]


def test_each_topic_is_read_from_its_position():
    assert fetch(("payments", 3, 4), at={("payments", 1): 2, ("payments", 0): 9}) == [
        ("payments", 1, "c", 3)
    ]


def test_what_the_order_leaves_out_stops_it():
    with pytest.raises(Astray, match=r"payments/1/1 is next in the order, and 0 in the log"):
        fetch(("payments", 1, 2))


def test_what_is_not_in_the_log_stops_it():
    with pytest.raises(Astray, match=r"payments/1/2 is next in the order, and 3 in the log"):
        fetch(("payments", 0, 4))


@pytest.mark.parametrize(("until", "ends"), [(3, "its.contracts/1 ends at 2"), (2, None)])
def test_an_order_that_is_longer_than_the_log_stops_it(until, ends):
    if ends is None:
        assert len(fetch(("contracts", 0, until))) == 2
        return
    with pytest.raises(Astray, match=ends):
        fetch(("contracts", 0, until))


def test_a_log_is_waited_for_as_long_as_it_has_more():
    place = TopicPartition("its.payments", 1)
    consumer = ListConsumer({("its.payments", 1): said(*"abcdefgh")}, at_once=1)
    consumer.assign([place])

    async def scenario():
        found = await InputLog(consumer, TOLD, 1).run("payments", 0, 8)
        return [each.offset for each in found]

    assert asyncio.run(scenario()) == [0, 1, 2, 3, 4, 5, 6, 7]
