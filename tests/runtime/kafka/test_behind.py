"""For how long a reader is behind: counted from when an end was seen that is not reached."""

from services.runtime.kafka.behind import Behind

PLACE = ("payments", 3)


def told(*seen):
    """Return what is told, for (second, end of the log, position) each."""
    behind = Behind()
    return [behind.note(PLACE, end=end, position=at, now_s=now) for now, end, at in seen]


def test_a_reader_at_the_end_is_not_behind():
    assert told((10.0, 0, 0), (20.0, 7, 7), (30.0, 7, 7)) == [0.0, 0.0, 0.0]


def test_it_is_behind_from_when_a_record_was_seen_until_that_one_is_applied():
    seen = told((10.0, 5, 4), (25.0, 9, 4), (40.0, 9, 5), (41.0, 9, 8), (50.0, 9, 9))

    # From 40 on the record seen at 10 is applied, and one seen at 25 is not.
    assert seen == [0.0, 15.0, 15.0, 16.0, 0.0]


def test_a_backlog_that_goes_on_and_on_is_bounded_and_no_younger_for_it():
    behind = Behind()
    for n in range(600):
        behind.note(PLACE, end=n + 1, position=0, now_s=float(n))

    assert behind.note(PLACE, end=600, position=0, now_s=600.0) == 600.0
    # Marks beyond the 500th count as old as that one: rather too old than too young.
    assert behind.note(PLACE, end=600, position=599, now_s=600.0) == 101.0
