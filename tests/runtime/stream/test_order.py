"""The order of inputs: how it is chosen, and that its compact form loses nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.runtime.stream.order import Gap, compact, expand, in_order
from services.runtime.stream.progress import Progress
from services.runtime.stream.record import Chunk, Record, Unreadable

TOPICS = ("days", "contracts", "payments", "chargebacks")


def chunk(topic, start, *times, end=None, partition=0):
    records = tuple(
        Record(topic, partition, start + n, Unreadable("test"), time)
        for n, time in enumerate(times)
    )
    return Chunk(topic, partition, start, end or start + len(records), records)


def order(*chunks, at=None):
    return [(each.topic, each.offset) for each in in_order(chunks, at or {})]


def test_between_topics_time_decides_then_the_rank_of_the_topic():
    assert order(
        chunk("chargebacks", 0, 5, 7), chunk("payments", 0, 7, 9), chunk("contracts", 0, 7)
    ) == [
        ("chargebacks", 0),
        ("contracts", 0),
        ("payments", 0),
        ("chargebacks", 1),
        ("payments", 1),
    ]


def test_a_topic_keeps_its_order_where_its_times_go_back():
    assert order(chunk("contracts", 0, 9, 1), chunk("payments", 0, 2, 8)) == [
        ("payments", 0),
        ("payments", 1),
        ("contracts", 0),
        ("contracts", 1),
    ]


def test_a_record_without_a_time_comes_first():
    assert order(chunk("payments", 0, -1), chunk("contracts", 0, 1)) == [
        ("payments", 0),
        ("contracts", 0),
    ]


def test_what_is_below_the_position_is_left_out_and_again_is_left_out_too():
    some = chunk("payments", 3, 1, 2, 3)
    assert order(some, some, at={("payments", 0): 4}) == [("payments", 4), ("payments", 5)]


def test_chunks_that_overlap_are_taken_once():
    assert order(chunk("payments", 0, 1, 1), chunk("payments", 1, 1, 1)) == [
        ("payments", 0),
        ("payments", 1),
        ("payments", 2),
    ]


@pytest.mark.parametrize(("at", "refused"), [(3, False), (2, True)])
def test_a_chunk_that_starts_behind_the_position_is_a_gap(at, refused):
    some = chunk("payments", 3, 1)
    if refused:
        with pytest.raises(Gap, match="payments/0: at 2, chunk from 3"):
            order(some, at={("payments", 0): at})
    else:
        assert order(some, at={("payments", 0): at}) == [("payments", 3)]


def test_markers_bridge_chunks_and_a_hole_between_chunks_is_a_gap():
    assert order(chunk("payments", 0, 1, end=4), chunk("payments", 4, 1)) == [
        ("payments", 0),
        ("payments", 4),
    ]
    with pytest.raises(Gap):
        order(chunk("payments", 0, 1), chunk("payments", 4, 1))


@given(st.lists(st.tuples(st.sampled_from(TOPICS), st.integers(0, 9)), max_size=40))
def test_what_is_compacted_comes_back_in_its_order(places):
    assert list(expand(compact(places))) == places


def test_neighbours_become_one_run():
    places = [("a", 0), ("a", 1), ("b", 5), ("a", 2), ("a", 4)]
    assert compact(places) == '[["a",0,2],["b",5,6],["a",2,3],["a",4,5]]'


times = st.lists(st.integers(-1, 20), max_size=12)


@given(times, times, times, st.integers(0, 12))
def test_every_record_comes_once_and_each_topic_in_order(first, second, third, at):
    chunks = [chunk("contracts", 0, *first), chunk("payments", 0, *second)]
    chunks.append(chunk("chargebacks", 0, *third))
    found = order(*chunks, at={("contracts", 0): at})
    assert len(found) == max(0, len(first) - at) + len(second) + len(third)
    for topic in TOPICS:
        offsets = [offset for name, offset in found if name == topic]
        assert offsets == sorted(set(offsets))


def test_no_position_is_shown_before_its_outputs_are_published():
    progress = Progress()
    progress.note(0, 4, {"payments": 1})
    progress.note(0, 9, {"payments": 2})
    progress.note(0, 9, {"payments": 3})
    assert progress.reached(0, 3) == {}
    assert progress.reached(0, 8) == {"payments": 1}
    assert progress.reached(0, 9) == {"payments": 3}
    assert progress.reached(1, 9) == {}


def test_no_position_is_shown_before_its_order_is_published():
    progress = Progress()
    progress.note(0, 4, {"payments": 1}, number=0)
    progress.note(0, 4, {"payments": 2}, number=1)
    assert progress.reached(0, 4, said=-1) == {}
    assert progress.reached(0, 4, said=0) == {"payments": 1}
    assert progress.reached(0, 3, said=1) == {"payments": 1}
    assert progress.reached(0, 4, said=1) == {"payments": 2}


def test_a_display_that_is_far_behind_shows_less_not_more():
    progress = Progress()
    for number in range(200):
        progress.note(0, number, {"payments": number})
    assert progress.reached(0, 100) == {}
    assert progress.reached(0, 199) == {"payments": 199}
