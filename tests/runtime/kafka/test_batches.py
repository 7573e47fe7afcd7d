"""Batches as a broker keeps them: what aiokafka cannot read stops nobody."""

import pytest
from aiokafka import TopicPartition
from aiokafka.record._crc32c import crc as calc_crc32c
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy
from aiokafka.record.memory_records import MemoryRecords

from services.runtime.kafka import batches
from services.runtime.kafka.batches import Batches, Fetched, fault_of
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


PLACE = TopicPartition("payments", 3)


def unpacked(content, at=0):
    """Return the offsets that a fetch of *content* from *at* brings, and where the next goes on."""
    records = Fetched(PLACE, Batches(content), None, at, None, None, True, 0)
    return [each.offset for each in records], records.next_fetch_offset


@pytest.fixture(autouse=True)
def _forget_faults():
    batches._faults.clear()


def test_batches_without_a_hole_are_read_also_from_the_middle_of_one():
    content = batch("a", "b", offset=4) + batch("c", offset=6)

    assert unpacked(content, at=5) == ([5, 6], 7)
    assert fault_of(PLACE) is None


@pytest.mark.parametrize(
    ("content", "at", "read", "why"),
    [
        (batch("a") + batch("b", offset=3), 0, ([0], 1), "payments/3/1: records 1 to 2 are gone"),
        (batch("a", offset=9), 7, ([], 7), "payments/3/7: records 7 to 8 are gone"),
    ],
    ids=["between two batches", "before the first"],
)
def test_a_hole_is_never_passed_over(content, at, read, why):
    assert [unpacked(content, at) for _ in range(3)] == [read] * 3
    assert fault_of(PLACE) == why + ": was the topic compacted?"


def test_a_batch_out_of_which_compaction_took_records_is_not_read():
    content = bytearray(batch("a", offset=2))
    content[23:27] = (2).to_bytes(4)  # it ends with 4, and holds one record of three
    content[17:21] = crc(content)

    for _ in range(3):
        assert unpacked(bytes(content), at=2) == ([], 2)
    assert fault_of(PLACE) == (
        "payments/3/2: 2 of records 2 to 4 are gone: was the topic compacted?"
    )


def crc(content):
    return calc_crc32c(bytes(content[21:])).to_bytes(4)


def with_codec(number):
    """Return a batch that says its one record was packed by a codec, and was not."""
    content = bytearray(batch("b", offset=1))
    content[21:23] = number.to_bytes(2)
    content[17:21] = crc(content)
    return bytes(content)


@pytest.mark.parametrize("codec", [1, 2, 3, 4, 7], ids=["gzip", "snappy", "lz4", "zstd", "new"])
def test_what_cannot_be_unpacked_ends_what_is_read_and_raises_nothing(codec):
    content = batch("a") + with_codec(codec) + batch("c", offset=2)

    assert unpacked(content) == ([0], 1)
    assert fault_of(PLACE) is None  # it may be spoiled on its way
    assert unpacked(content, at=1) == ([], 1)
    assert unpacked(content, at=1) == ([], 1)
    assert fault_of(PLACE).startswith("payments/3/1: cannot be read: ")


def test_a_batch_with_a_wrong_checksum_is_not_read():
    content = bytearray(batch("a", "b"))
    content[-1] ^= 1

    for _ in range(3):
        assert unpacked(bytes(content)) == ([], 0)
    assert "Invalid CRC" in fault_of(PLACE)


def test_a_batch_that_came_whole_at_last_stops_nothing():
    spoiled = bytearray(batch("a", "b"))
    spoiled[-1] ^= 1

    for content in (bytes(spoiled), bytes(spoiled), batch("a", "b")):
        unpacked(content)
    assert fault_of(PLACE) is None


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
def test_every_codec_of_kafka_is_read(codec):
    number = ["gzip", "snappy", "lz4", "zstd"].index(codec) + 1

    assert unpacked(batch("a", "b", compression=number)) == ([0, 1], 2)
