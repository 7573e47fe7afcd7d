"""What a reason says, also of types that nobody knows."""

import resource
import subprocess
import sys
from datetime import date

import pytest

from schemas.envelope import Event
from schemas.invoices import InvoiceIssued
from schemas.message import Refused
from schemas.values import Money
from services.runtime.stream import codec
from services.runtime.stream.record import Record
from tests.runtime.stream.test_wire import DATA, read
from tests.support.events import charged_back, eur, line


def test_a_type_that_nobody_knows_is_said_to_be_unknown():
    for number in range(3):
        assert read(type=f"Nonsense{number}".encode())[0] == "unknown_type"


def test_the_reason_names_where_but_nothing_of_what_was_said():
    value = b'{"contract_id":"C1","attributes":{"%s":"x"}}' % (b"Erika\\u0000" * 10_000)
    code, detail = read(value, type=b"ContractChanged", topic="contracts")
    assert code == "invalid"
    assert detail.startswith("attributes.*.")
    assert "Erika" not in detail
    assert len(detail) <= 1_000


@pytest.mark.parametrize("values", [b"1,", b"{},", b'"",', b"[],"])
def test_a_record_of_very_many_values_is_refused_for_their_number(values: bytes):
    code, detail = read(_with_many(values, 100_000))
    assert (code, detail) == ("invalid", "the data has more than 100,000 values")


def test_what_nobody_reads_may_hold_as_many_as_that():
    assert read(_with_many(b"1,", 99_950)) is None


def test_a_record_in_which_everything_is_wrong_takes_no_more_memory_than_one():
    code = (
        "from tests.runtime.stream.test_codec import peak_mib\n"
        "few, many = peak_mib(1), peak_mib(49_000)\n"
        "print(many - few)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 20, "MiB; with all mistakes named it takes 47"


def peak_mib(many: int) -> int:
    """Return how much memory this process took at most, after a record with mistakes."""
    data = _with_many(b"{},", many, name=b"designated")
    assert "designated.0" in read(data)[1]
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _with_many(values: bytes, count: int, *, name: bytes = b"unknown") -> bytes:
    return DATA % (b',"%s":[%s{}]' % (name, values * count))


@pytest.mark.parametrize(
    ("minor", "refused"),
    [(99_999_999_999_999_999, False), (100_000_000_000_000_000, True)],
    ids=["15 digits", "16 digits"],
)
@pytest.mark.parametrize("sign", [1, -1])
def test_what_its_readers_would_refuse_for_its_amount_is_not_said(minor, refused, sign):
    message = InvoiceIssued.model_construct(contract_id="C1", gross=Money.of(sign * minor, "EUR"))
    if not refused:
        assert b"999999999999999.99" in codec.encoded(message)
        return
    with pytest.raises(Refused) as raised:
        codec.encoded(message)
    assert (raised.value.code, raised.value.detail) == (
        "too_large",
        "a InvoiceIssued that follows would have an amount of over 15 digits",
    )


def test_long_numbers_that_are_no_amounts_are_said():
    message = InvoiceIssued.model_construct(contract_id='"amount":"1234567890123456789"')

    assert b"1234567890123456789" in codec.encoded(message)


NAMED = "chargeback_id b-7, payment_id p-1, 20.00 EUR, 3.00 EUR"


@pytest.mark.parametrize(
    ("code", "why", "detail"),
    [
        (
            "conflict",
            "said before with other content",
            f"said before with other content: {NAMED}",
        ),
        (
            "unreferenced",
            "what it refers to never came",
            f"what it refers to never came: {NAMED}",
        ),
        (
            "excess",
            "20.00 EUR asked, 3.00 EUR booked: payment p-1",
            "20.00 EUR asked, 3.00 EUR booked: payment p-1: chargeback_id b-7",
        ),
        ("currency", "the contract is in CHF", "the contract is in CHF"),
    ],
)
def test_a_dead_letter_names_ids_and_money_of_what_it_is_about(code, why, detail):
    message = charged_back("b-7", "p-1", "20.00", date(2026, 3, 1), fee=eur("3.00"))

    assert detail_of(message, Refused(code, why)) == detail


@pytest.mark.parametrize("name", ["Erika", "Erika Muster 7", "x7" * 33])
def test_no_name_of_a_person_and_no_sentence_is_taken_for_an_id(name):
    message = charged_back(name, "p-1", "20.00", date(2026, 3, 1))

    found = detail_of(message, Refused("conflict", "said before"))

    assert found == "said before: payment_id p-1, 20.00 EUR"


def test_a_field_that_no_message_has_is_not_named():
    message = charged_back("b-7", "p-1", "20.00", date(2026, 3, 1))
    spoiled = line(message, "2026-03-01T10:00:00+01:00").replace(b"payment_id", b"Erika_id")

    assert why_of(Event.from_line(spoiled)) == "said before: chargeback_id b-7, 20.00 EUR"


def detail_of(message, why):
    return why_of(Event.from_line(line(message, "2026-03-01T10:00:00+01:00")), why)


def why_of(event, why=Refused("conflict", "said before")):  # noqa: B008 - never changed
    letter = codec.dead_letter("dunning", Record("chargebacks", 0, 7, event), why)
    return dict(letter.content.headers)["dl-detail"]
