"""Dead letters as Kafka records, and back: nothing of what came is lost or mixed with ours."""

import pytest

from schemas.envelope import DeadLetter, Event, Raw
from services.dunning import app as dunning
from services.dunning.model import Account
from services.runtime.store.rows import RowMapping
from services.runtime.stream.contract import ContractRecord, Waiting
from services.runtime.stream.record import Record
from services.runtime.stream.wire import headers_from_text, headers_to_text, letter_of, pack

WHY = (("dl-topic", "payments"), ("dl-offset", "7"), ("dl-detail", "Köln"))


@pytest.mark.parametrize(
    "raw",
    [
        Raw(b"C1", b"{}", (("ce_id", b"1"),)),
        Raw(None, None, ()),
        Raw(b"\xff", b"\x00\xff", (("trace", None), ("trace", b""), ("trace", b"\xff"))),
    ],
)
def test_a_letter_gives_back_the_record_as_it_came(raw):
    letter = DeadLetter(raw=raw, headers=WHY)
    packed = pack(letter)

    assert letter_of(Raw(packed.key, packed.value, packed.headers)) == letter


def test_headers_that_a_producer_wrote_in_our_name_come_before_ours():
    lie = Raw(b"C1", b"{}", (("dl-offset", b"9"), ("ce_id", b"1")))
    packed = pack(DeadLetter(raw=lie, headers=WHY))

    letter = letter_of(Raw(packed.key, packed.value, packed.headers))

    assert letter.raw.headers == (("ce_id", b"1"),)
    assert letter.headers == (("dl-offset", "9"), *WHY)
    assert dict(letter.headers)["dl-offset"] == "7"


def test_any_header_survives_in_the_books():
    headers = (("ce_id", b"1"), ("trace", None), ("trace", b""), ("trace", bytes(range(256))))

    assert headers_from_text(headers_to_text(headers)) == headers


def test_a_record_that_waits_comes_back_from_the_books_as_it_came():
    event = Event(
        id="1", source="/psp", type="T", time="2026-02-01T10:00Z", subject="C1", data=b"1"
    )
    raw = Raw(b"C1", b"\xff", (("trace", None), ("trace", b"\xff")))
    waiting = Waiting(Record("payments", 0, 7, event, raw=raw), until=None, names=(b"n",))
    folder = ContractRecord(0, Account(contract_id="C1"), waiting=(waiting,))
    rows = RowMapping(dunning.worker)

    row = rows.row("C1", folder, dunning.wakes(folder.state))

    assert rows.contract(Row(row)).waiting == (waiting,)


class Row:
    """A row as SQLAlchemy has it."""

    def __init__(self, columns):
        self.__dict__ = columns
