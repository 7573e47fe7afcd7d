"""Batches as a broker keeps them: what aiokafka cannot read stops nobody."""

import pytest
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy
from aiokafka.record.memory_records import MemoryRecords

from services.runtime.kafka.batches import Batches
from tests.support.headers import Spoiled


def batch(*names, offset=0, compression=0):
    """Return a batch of records, each with a header of one of *names*."""
    built = _DefaultRecordBatchBuilderPy(
        2,
        compression,
        is_transactional=0,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=0,
        batch_size=100_000,
    )
    for number, name in enumerate(names):
        headers = [("ce_id", b"1"), (name, b"\xff")]
        built.append(number, 7, b"C1", b"{}" if number else None, headers=headers)
    content = bytearray(built.build())
    content[:8] = offset.to_bytes(8)
    return bytes(content)


def read(batches):
    found = []
    while batches.has_next():
        some = batches.next_batch()
        found += [
            (some.base_offset, each.offset, each.timestamp, each.key, each.value, each.headers)
            for each in some
        ]
    return found


@pytest.mark.parametrize("compression", [0, 1])
def test_a_header_name_that_is_no_utf8_is_written_with_escapes(compression):
    spoiled = batch("trace", Spoiled(b"tr\xff"), "trace", offset=3, compression=compression)
    content = batch("a", "b") + spoiled + batch("c", offset=6)

    with pytest.raises(UnicodeDecodeError):
        read(MemoryRecords(content))
    found = [
        (offset, value, headers[1][0]) for _, offset, _, _, value, headers in read(Batches(content))
    ]
    assert found == [
        (0, None, "a"),
        (1, b"{}", "b"),
        (3, None, "trace"),
        (4, b"{}", "tr\\xff"),
        (5, b"{}", "trace"),
        (6, None, "c"),
    ]


def test_all_else_is_read_as_before():
    content = batch("a", "💶", "") + batch("c", offset=3)

    assert read(Batches(content)) == read(MemoryRecords(content))
    assert Batches(content).size_in_bytes() == len(content)


def test_a_batch_that_is_not_whole_is_left():
    assert len(read(Batches(batch("a") + batch("b", offset=1)[:-1]))) == 1
