"""What a reason says, also of types that nobody knows."""

from tests.runtime.test_wire import read


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
