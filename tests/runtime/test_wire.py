"""Dead letters as Kafka records, and back: nothing of what came is lost or mixed with ours."""

import pytest

from schemas.envelope import DeadLetter, Raw
from services.runtime.wire import headers_from_text, headers_to_text, letter_of, pack

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
