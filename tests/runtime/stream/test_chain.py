"""Order records: their text, what binds them, and what the end of their topic says."""

from dataclasses import replace

from services.runtime.stream.chain import OrderEnd, OrderRecord, order_end, order_in, pack_orders

FIRST = OrderRecord(
    number=0, before="", store="b1", first=0, rules=1, inputs='[["contracts",0,2],["days",0,1]]'
)


def test_a_record_is_written_as_json_of_its_fields():
    assert FIRST.text == (
        '{"number":0,"before":"","store":"b1","first":0,"rules":1,'
        '"inputs":[["contracts",0,2],["days",0,1]]}'
    )


def test_a_day_and_what_is_kept_elsewhere_are_written_where_there_are_any():
    record = replace(FIRST, inputs="[]", day=7, strays={"payments/0/4": 1, "payments/0/3": 2})

    assert record.text == (
        '{"number":0,"before":"","store":"b1","first":0,"rules":1,"inputs":[],'
        '"day":7,"strays":{"payments/0/3":2,"payments/0/4":1}}'
    )


def test_a_record_is_read_as_it_was_written():
    for record in (FIRST, replace(FIRST, inputs="[]", day=7, strays={"payments/0/4": 1})):
        assert OrderRecord.of(record.text) == record


def test_the_digest_of_a_record_depends_on_all_that_it_says():
    other = (
        replace(FIRST, number=1),
        replace(FIRST, before="00"),
        replace(FIRST, store="b2"),
        replace(FIRST, first=1),
        replace(FIRST, rules=2),
        replace(FIRST, inputs='[["contracts",0,3]]'),
        replace(FIRST, day=7),
        replace(FIRST, strays={"payments/0/4": 1}),
    )

    assert len({FIRST.digest, *(each.digest for each in other)}) == 9
    assert len(FIRST.digest) == 32


def test_the_end_of_the_topic_says_the_last_record_and_the_last_output():
    second = replace(FIRST, number=1, before=FIRST.digest)
    packed = pack_orders([FIRST, second], number=-1, until=12)

    assert [order_end(each) for each in packed] == [OrderEnd(0, 12), OrderEnd(1, 12)]
    assert [order_in(each) for each in packed] == [FIRST, second]


def test_a_transaction_without_a_record_leaves_a_mark():
    (mark,) = pack_orders([], number=4, until=13)

    assert (order_end(mark), order_in(mark)) == (OrderEnd(4, 13), None)
