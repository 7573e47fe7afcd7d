"""Which days count, both sides of each edge."""

from datetime import date

import pytest

from schemas.calendars import add_target_days, is_working_day, next_working_day


@pytest.mark.parametrize(
    ("initiated_on", "days", "held_until"),
    [
        (date(2026, 3, 2), 5, date(2026, 3, 9)),  # Monday to Monday: a weekend lies between
        (date(2026, 4, 2), 1, date(2026, 4, 7)),  # Good Friday, weekend, Easter Monday
        (date(2026, 12, 24), 2, date(2026, 12, 29)),
        (date(2026, 3, 2), 0, date(2026, 3, 2)),
    ],
)
def test_r13_holds_are_counted_in_target_days(initiated_on, days, held_until):
    assert add_target_days(initiated_on, days) == held_until


@pytest.mark.parametrize(
    ("last_day", "subdivision", "moved"),
    [
        (date(2025, 5, 16), "BY", date(2025, 5, 16)),  # Friday
        (date(2025, 5, 17), "BY", date(2025, 5, 19)),  # Saturday to Monday
        (date(2025, 5, 18), "BY", date(2025, 5, 19)),
        (date(2025, 4, 18), None, date(2025, 4, 22)),  # Good Friday to the Tuesday after Easter
        (date(2025, 6, 19), "BY", date(2025, 6, 20)),  # Corpus Christi is none in Berlin
        (date(2025, 6, 19), "BE", date(2025, 6, 19)),
        (date(2025, 10, 31), "HH", date(2025, 11, 3)),  # Reformation Day is none in Bavaria
        (date(2025, 10, 31), "BY", date(2025, 10, 31)),
        (date(2027, 3, 8), "BE", date(2027, 3, 9)),  # Women's Day, a Monday
        (date(2027, 3, 8), None, date(2027, 3, 8)),
        (date(2026, 12, 24), None, date(2026, 12, 24)),  # Christmas Eve is a working day
    ],
)
def test_r91_a_last_day_moves_to_the_next_working_day_of_the_place(last_day, subdivision, moved):
    assert next_working_day(last_day, country="DE", subdivision=subdivision) == moved


def test_a_place_without_known_holidays_is_an_error():
    with pytest.raises(ValueError, match="no holidays are known of DE XX"):
        is_working_day(date(2026, 3, 2), country="DE", subdivision="XX")
