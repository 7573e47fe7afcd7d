"""What waits to be published: the order of a cause comes before its outputs, never behind."""

from services.runtime.kafka.backlog import Backlog, Row
from services.runtime.stream.chain import OrderRecord
from services.runtime.stream.record import Packed

EMPTY = Packed(None, b"", (), None)


def record(number, first):
    return OrderRecord(number=number, before="", store="b", first=first, rules=1)


def row(seq, *, last=True):
    return Row(seq, "t", EMPTY, last)


def commit(backlog, number, first, *rows):
    backlog.order([record(number, first)])
    backlog.add(rows)


def taken(backlog, *, published=-1, said=-1):
    batch = backlog.take(published=published, said=said)
    return batch and ([each.number for each in batch.orders], [each.seq for each in batch.rows])


def test_the_order_of_a_commit_is_published_with_its_outputs():
    backlog = Backlog()
    commit(backlog, 0, 0, row(0), row(1))
    commit(backlog, 1, 2, row(2))

    assert taken(backlog) == ([0, 1], [0, 1, 2])


def test_an_order_without_outputs_is_published_by_itself_or_with_the_next_outputs():
    backlog = Backlog()
    commit(backlog, 0, 0)
    assert taken(backlog) == ([0], [])

    commit(backlog, 1, 0, row(0))
    assert taken(backlog) == ([0, 1], [0])


def test_an_order_behind_the_last_output_stays():
    backlog = Backlog()
    commit(backlog, 0, 0, row(0))
    commit(backlog, 1, 1)

    assert taken(backlog) == ([0], [0])
    assert [each.number for each in backlog.orders_until(1, said=0)] == [1]


def test_outputs_whose_order_is_missing_are_read_from_the_store():
    backlog = Backlog()
    backlog.order([record(1, 0)])  # of the commit before, nothing is known here
    backlog.add([row(0)])

    assert backlog.take(published=-1, said=-1) is None


def test_outputs_whose_order_is_published_need_no_other():
    backlog = Backlog()
    commit(backlog, 0, 0, row(0), row(1))
    assert taken(backlog, published=0, said=0) == ([], [1])


def test_a_hole_between_outputs_is_read_from_the_store():
    backlog = Backlog()
    backlog.add([row(1)])
    assert backlog.take(published=-1, said=-1) is None


def test_what_is_published_is_forgotten():
    backlog = Backlog()
    commit(backlog, 0, 0, row(0))
    commit(backlog, 1, 1)
    backlog.forget(said=0)

    assert backlog.orders_until(9, said=-1) == []
    assert [each.number for each in backlog.orders_until(9, said=0)] == [1]
    assert taken(backlog, published=0, said=0) == ([1], [])
    assert taken(backlog, published=0, said=1) == ([], [])
