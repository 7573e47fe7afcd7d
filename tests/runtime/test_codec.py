"""What a reason says, and what is remembered of types that nobody knows."""

from services.runtime import codec
from tests.runtime.test_wire import read


def test_types_that_nobody_knows_are_not_remembered():
    for number in range(300):
        assert read(type=f"Nonsense{number}".encode())[0] == "unknown_type"
    cached = getattr(codec.message_class, "cache_info", None)
    assert cached is None or cached().currsize < 300


def test_the_reason_names_where_but_nothing_of_what_was_said():
    value = b'{"contract_id":"C1","attributes":{"%s":"x"}}' % (b"Erika\\u0000" * 10_000)
    code, detail = read(value, type=b"ContractChanged", topic="contracts")
    assert code == "invalid"
    assert detail.startswith("attributes.*.")
    assert "Erika" not in detail
    assert len(detail) <= 1_000
