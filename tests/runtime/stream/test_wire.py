"""Events and dead letters as records and back; and what hostile records come to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.envelope import DeadLetter, Event, Raw
from schemas.receivables import ReceivableSettled
from services.runtime.store.rows import RowMapping, outbox_row
from services.runtime.stream import codec
from services.runtime.stream.contract import ContractRecord, Waiting
from services.runtime.stream.fold import Fold
from services.runtime.stream.outputs import answer
from services.runtime.stream.record import Output, Record, Unreadable
from services.runtime.stream.wire import Packed, headers_from_text, headers_to_text, pack, unpack
from services.runtime.worker import Wake
from tests.support.tally import WORKER, Tally

PLAIN = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\x7f"), min_size=1
)
TEXT = PLAIN.filter(lambda text: len(text) <= 500)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TIMES = st.integers(0, 220_000_000_000_000_000).map(lambda us: EPOCH + timedelta(microseconds=us))
FILING = RowMapping(WORKER)
HEADERS = st.lists(st.tuples(TEXT, st.none() | st.binary()), max_size=5).map(tuple)


@st.composite
def events(draw):
    extensions = draw(st.sets(st.sampled_from(("sequence", "causationid", "causedby"))))
    ordered = [name for name in ("sequence", "causationid", "causedby") if name in extensions]
    return Event(
        id=draw(TEXT),
        source=draw(TEXT),
        type=draw(TEXT),
        time=draw(TIMES).isoformat(),
        subject=draw(TEXT),
        data=draw(st.binary()),
        extensions=tuple((name, draw(TEXT)) for name in ordered),
    )


@given(events())
def test_an_event_comes_back_from_a_record_as_it_was(event):
    record = unpack("payments", 0, 7, pack(event))
    assert record.content == event
    assert record.timestamp == event.timestamp


@given(st.none() | st.binary(), st.none() | st.binary(), HEADERS)
def test_a_dead_letter_keeps_every_byte_with_the_reason_behind(key, value, headers):
    decoded = DeadLetter(raw=Raw(key, value, headers), headers=(("dl-reason", "invalid"),))
    packed = pack(decoded)
    assert packed == Packed(key, value, (*headers, ("dl-reason", b"invalid")), None)
    assert headers_from_text(headers_to_text(packed.headers)) == packed.headers


@given(st.none() | st.binary(), st.none() | st.binary(), HEADERS)
def test_whatever_comes_is_read_and_written_to_the_books_as_it_came(key, value, headers):
    record = unpack("payments", 3, 5, Packed(key, value, headers, -1))
    fold = Fold(WORKER)
    fold.calendars[3] = None
    fold.apply(fold.read(record))

    [output] = fold.changes.outputs
    row = outbox_row(output)
    assert (row["key"], row["value"]) == (key, value)
    assert headers_from_text(row["headers"])[: len(headers)] == headers


@given(events(), st.none() | st.binary(), HEADERS)
def test_what_waits_comes_back_from_the_books_with_how_it_came(event, key, headers):
    readable = replace(event, data='{"a": "Köln"}'.encode())
    raw = Raw(key, b"\xff\x00", headers)
    waiting = Waiting(Record("payments", 0, 9, readable, 12, raw), None, (b"\x00\xff" * 8,))
    row = FILING.row("C1", ContractRecord(0, Tally("C1"), waiting=(waiting,)), Wake())
    assert FILING.contract(type("Row", (), row)).waiting == (waiting,)


GOOD = {
    "ce_id": b"1",
    "ce_source": b"/x",
    "ce_type": b"PaymentReceived",
    "ce_time": b"2026-02-01T00:00:00Z",
    "ce_subject": b"C1",
    "ce_specversion": b"1.0",
}
DATA = (
    b'{"payment_id":"p","contract_id":"C1","received_on":"2026-02-01",'
    b'"money":{"amount":"1.00","currency":"EUR"}%s}'
)


def read(value=DATA % b"", *, key=b"C1", topic="payments", more=(), **headers):
    """Return the code and detail of why the record is refused, None where it is not."""
    told = GOOD | {f"ce_{name}": text for name, text in headers.items()}
    raw = Packed(key, value, (*told.items(), *more), 0)
    why = Fold(WORKER).read(unpack(topic, 0, 0, raw)).refused
    return (why.code, why.detail) if why else None


@pytest.mark.parametrize(
    "extra",
    [
        b"",
        b',"unknown":NaN',
        b',"unknown":1e99999',
        b',"unknown":"\\u0000"',
        b',"unknown":' + b"[" * 150 + b"]" * 150,
        b',"unknown":' + b"9" * 4000,
    ],
    ids=["nothing", "NaN", "infinite", "NUL", "150 deep", "4,000 digits"],
)
def test_what_is_odd_in_an_unknown_field_is_no_reason_to_refuse(extra):
    assert read(DATA % extra) is None


@pytest.mark.parametrize(
    ("value", "detail"),
    [
        (None, "no value"),
        (b"", "the data is no JSON"),
        (b"{", "the data is no JSON"),
        (b"\xef\xbb\xbf" + DATA % b"", "the data is no JSON"),
        (DATA % b',"x":"\xff"', "the data is no JSON"),
        (DATA % b',"x":"\\ud800"', "the data is no JSON"),
        (DATA % (b',"x":' + b"[" * 100_000 + b"]" * 100_000), "the data is no JSON"),
        (DATA % (b',"x":' + b"9" * 5000), "the data is no JSON"),
        (b'{"a":' * 50_000, "the data is no JSON"),
    ],
)
def test_what_is_no_json_is_undecodable(value, detail):
    assert read(value) == ("undecodable", detail)


@pytest.mark.parametrize("key", [None, b"", b"C2", b"\xff", b"C1\x00", "Ç1".encode("latin-1")])
def test_a_key_that_is_not_the_subject_is_undecodable(key):
    assert read(key=key)[0] == "undecodable"


@pytest.mark.parametrize(
    "headers",
    [
        {"id": None},
        {"id": b""},
        {"id": b"x" * 501},
        {"id": b"\xff"},
        {"id": b"a\x00b"},
        {"specversion": b"0.3"},
        {"specversion": None},
        {"subject": b""},
        {"time": b""},
        {"time": b"2026-02-01T00:00:00"},
        {"time": b"2026-02-30T00:00:00Z"},
        {"time": b"0001-01-01T00:00:00+14:00"},
        {"time": b"9999-12-31T23:59:59-14:00"},
        {"time": b"1970-01-01T00:00:00+14:00"},
        {"time": b"9" * 400},
    ],
)
def test_an_envelope_that_says_too_little_or_too_much_is_undecodable(headers):
    assert read(**headers)[0] == "undecodable"


def test_a_header_that_comes_twice_counts_as_it_came_last():
    assert read(more=(("ce_subject", b"C2"),)) == ("undecodable", "the key is not the subject")
    assert read(subject=b"C2", more=(("ce_subject", b"C1"),)) is None


def test_a_structured_event_of_another_content_type_is_undecodable():
    value, headers = b'{"specversion":"1.0"}', (("content-type", b"application/cloudevents+json"),)
    record = unpack("payments", 0, 0, Packed(b"C1", value, headers, 0))
    assert isinstance(record.content, Unreadable)


def test_a_type_of_another_topic_is_unknown():
    assert read(type=b"ContractRegistered") == (
        "unknown_type",
        "ContractRegistered does not belong to payments",
    )


@pytest.mark.parametrize("place", ["key", "value", "headers", "all", "many headers"])
def test_a_dead_letter_fits_into_a_record_however_large_it_came(place):
    big = b"x" * 3_000_000
    key = big if place in ("key", "all") else b"k"
    value = big if place in ("value", "all") else b"v"
    headers = (("h", big),) if place in ("headers", "all") else (("h", b"1"),)
    if place == "many headers":
        headers = tuple((f"h{n}", b"x" * 10) for n in range(100_000))
    record = unpack("payments", 0, 0, Packed(key, value, headers, 0))
    why = Fold(WORKER).read(record).refused
    packed = pack(codec.dead_letter("tally", record, why).content)
    size = len(packed.key) + len(packed.value)
    # Kafka spends up to ten bytes on the two lengths of a header.
    size += sum(len(name.encode()) + len(text) + 10 for name, text in packed.headers)
    assert size < 1_000_000
    assert dict(packed.headers)["dl-reason"] == b"undecodable"


def test_a_dead_letter_just_below_the_limit_is_kept_whole():
    record = unpack("payments", 0, 0, Packed(b"k", b"v" * 890_000, (("h", None),), 0))
    why = Fold(WORKER).read(record).refused
    packed = pack(codec.dead_letter("tally", record, why).content)
    assert (packed.key, packed.value, packed.headers[0]) == (b"k", b"v" * 890_000, ("h", None))


def test_an_output_without_a_time_of_its_own_leaves_that_to_the_broker():
    decoded = DeadLetter(raw=Raw(None, None), headers=())
    assert outbox_row(Output("x", 0, decoded))["timestamp"] is None


@pytest.mark.parametrize(
    ("time", "timestamp"),
    [
        ("2026-02-01T00:00:00.999999+01:00", 1_769_900_400_999),
        ("8999-12-31T23:59:59.999999Z", 221_845_391_999_999),
        ("1970-01-01T00:00:00Z", 0),
    ],
)
def test_a_timestamp_is_in_whole_milliseconds_rounded_down(time, timestamp):
    event = Event(id="1", source="/x", type="T", time=time, subject="s", data=b"")
    assert event.timestamp == timestamp


LINE = (
    b'{"specversion":"1.0","id":"1","source":"/bank","type":"PaymentReceived",'
    b'"time":"2026-03-02T10:00:00Z","subject":"C-1","datacontenttype":"application/json",'
)


def structured(value, kind=b"application/cloudevents+json", key=b"C-1"):
    packed = Packed(key, value, (("content-type", kind),), None)
    return unpack("payments", 0, 7, packed).content


@pytest.mark.parametrize(
    "kind",
    [
        b"application/cloudevents+json",
        b"application/cloudevents+json; charset=UTF-8",
        b"Application/CloudEvents+JSON",
    ],
)
def test_structured_mode_is_read_like_binary_mode(kind):
    event = structured(LINE + b'"data":{"payment_id":"P-1"}}', kind)

    assert event == unpack("payments", 0, 7, pack(event)).content
    assert (event.id, event.subject) == ("1", "C-1")
    assert event.data == b'{"payment_id":"P-1"}'


def test_the_content_type_decides_on_the_mode_and_not_what_stands_beside_it():
    headers = (("ce_id", b"other"), ("Content-Type", b"application/cloudevents+json"))
    packed = Packed(b"C-1", LINE + b'"data":{}}', headers, None)

    assert unpack("payments", 0, 7, packed).content.id == "1"


def test_data_may_stand_there_in_base64():
    assert structured(LINE + b'"data_base64":"eyJhIjoxfQ=="}').data == b'{"a":1}'


@pytest.mark.parametrize(
    ("value", "kind", "why"),
    [
        (b"{}", b"application/cloudevents-batch+json", "an event a record"),
        (b"\x00", b"application/cloudevents+avro", "only application/cloudevents+json is read"),
        (b"[]", b"application/cloudevents+json", "not a JSON object"),
        (b"<a/>", b"application/cloudevents+json", "not JSON"),
        (b"{}", b"application/cloudevents+json", "id, source, type, time, subject: missing"),
        (LINE + b'"data":1,"data_base64":"MQ=="}', b"application/cloudevents+json", "beside data"),
        (LINE + b'"data_base64":"?"}', b"application/cloudevents+json", "is no base64"),
        (LINE + b'"data_base64":7}', b"application/cloudevents+json", "is no base64"),
        (LINE + b'"data":{}}', b"application/json", "no CloudEvent: neither ce_ headers nor"),
        (LINE + b'"data":{}}', b"\xff", "content-type: no UTF-8"),
    ],
)
def test_what_is_in_no_mode_that_is_read_says_so(value, kind, why):
    content = structured(value, kind)

    assert isinstance(content, Unreadable)
    assert why in content.detail


def test_in_structured_mode_too_the_key_is_the_subject():
    assert structured(LINE + b'"data":{}}', key=b"C-2").detail == "the key is not the subject"
    assert structured(LINE + b'"data":{}}', key=None).detail == "the key is not the subject"


def test_a_trace_travels_from_a_cause_to_what_it_leads_to():
    trace = ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    plain = structured(LINE + b'"data":{}}')
    message = ReceivableSettled(contract_id="C-1", receivable_id="I-1", reopening=0, by="payment")

    def said(event):
        cause = Record("payments", 0, 7, event)
        return answer("dunning", message, b"{}", cause=cause, time=event.time, sequence=1)

    assert said(replace(plain, extensions=(trace,))).extensions[3:] == (trace,)
    assert [name for name, _ in said(plain).extensions] == ["sequence", "causationid", "causedby"]
