"""Dead letters that nobody has sent again: counted by service and reason, and since when."""

import pytest

from schemas.envelope import Raw
from services.runtime.kafka.unanswered import Kind, Unanswered
from services.runtime.stream.record import Record, Unreadable

INVALID, CONFLICT = Kind("dunning", "invalid"), Kind("dunning", "conflict")


def letter(offset, reason, *, at_s, service="dunning"):
    raw = Raw(b"C1", b"{}", (("dl-reason", b"a lie"), ("dl-reason", reason.encode())))
    return Record(f"{service}.dead-letters", 3, offset, Unreadable(""), at_s * 1000, raw)


def note(offset, *, of):
    raw = Raw(b"C1", b"", (("dl-redriven", of.encode()),))
    return Record("redrives", 0, offset, Unreadable(""), 0, raw)


def found(*records):
    unanswered = Unanswered()
    for each in records:
        unanswered.take([each])
    return list(unanswered.figures())


def test_without_a_dead_letter_nothing_is_told():
    assert found() == []


def test_they_are_counted_by_service_and_reason_with_the_age_of_the_oldest():
    letters = (
        letter(0, "invalid", at_s=200),
        letter(1, "conflict", at_s=150),
        letter(2, "invalid", at_s=100),
        letter(0, "invalid", at_s=50, service="usage"),
    )

    assert found(*letters) == [
        (CONFLICT, 1, 150.0),
        (INVALID, 2, 100.0),
        (Kind("usage", "invalid"), 1, 50.0),
    ]


@pytest.mark.parametrize("early", [False, True], ids=["note behind", "note before"])
def test_one_that_was_sent_again_is_answered_whichever_is_read_first(early):
    letters = [letter(0, "invalid", at_s=100), letter(1, "invalid", at_s=200)]
    notes = [note(0, of="dunning.dead-letters/3/0")]

    assert found(*([*notes, *letters] if early else [*letters, *notes])) == [(INVALID, 1, 200.0)]


def test_when_all_are_answered_0_is_told_so_that_a_graph_ends():
    answered = letter(7, "invalid", at_s=100), note(0, of="dunning.dead-letters/3/7")

    assert found(*answered) == [(INVALID, 0, 0.0)]


def test_a_note_on_what_is_not_watched_counts_for_nothing():
    records = note(0, of="input.dead-letters/0/0"), letter(0, "invalid", at_s=100)

    assert found(*records) == [(INVALID, 1, 100.0)]


def test_one_that_is_dead_lettered_again_is_a_new_one():
    first, again = letter(0, "invalid", at_s=100), letter(1, "invalid", at_s=900)

    assert found(first, note(0, of="dunning.dead-letters/3/0"), again) == [(INVALID, 1, 900.0)]
