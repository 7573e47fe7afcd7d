"""What is frozen for the type checker is as any frozen dataclass is, apart from being frozen."""

import dataclasses

import pytest

from schemas.envelope import Event, Raw
from schemas.frozen import replace
from services.dunning.model import Account
from services.runtime.stream.record import Record

EVENT = Event(id="1", source="/x", type="T", time="2026-01-01T00:00:00Z", subject="C", data=b"{}")


def test_equal_values_are_equal_and_have_one_hash() -> None:
    assert Raw(b"k", b"v") == Raw(b"k", b"v")
    assert hash(Raw(b"k", b"v")) == hash(Raw(b"k", b"v"))
    assert Raw(b"k", b"v") != Raw(b"k", None)


def test_an_event_is_said_by_name_only() -> None:
    with pytest.raises(TypeError):
        Event("1", "/x", "T", "2026-01-01T00:00:00Z", "C", b"{}")


@pytest.mark.parametrize("changes", [{}, {"offset": 8}, {"offset": 8, "topic": "b"}])
def test_a_copy_is_what_the_standard_library_makes(changes) -> None:
    record = Record("a", 1, 7, EVENT, 5, Raw(None, None))
    assert replace(record, **changes) == dataclasses.replace(record, **changes)


def test_a_copy_is_checked_as_what_it_is_a_copy_of() -> None:
    with pytest.raises(AssertionError, match="I1"):
        replace(Account(contract_id="C"), balance=1)


def test_a_name_that_is_no_field_is_refused() -> None:
    with pytest.raises(TypeError, match="amount"):
        replace(Account(contract_id="C"), amount=1)
