"""What a set of usage would change is what it changes when it is closed (U-59)."""

from datetime import date

from services.usage import archive
from services.usage.preview import effects, pieces_for
from tests.support.metering import MeterRoom, use
from tests.support.meters import metered, published
from tests.usage.test_backfills import CLOSED, filled, opened, room


def previewed(found):
    (backfill,) = found.contract.backfills
    contract, known = found.contract, frozenset()
    while wanted := pieces_for(contract, backfill) - known:
        pieces = {name: found.filed[name] for name in wanted if name in found.filed}
        contract, known = archive.recall(contract, pieces), known | wanted
    return [
        (f"{e.period.from_on:%m-%d}", e.component_id, e.quantity, e.net, e.is_closed)
        for e in effects(contract, backfill, found.terms)
    ]


def test_a_closed_period_is_told_with_its_difference_and_nothing_is_changed():
    found = room().until(2, 10).hear(opened(), filled("x", "01-10 00:00", "10"))
    found.hear(filled("y", "01-19 23:59", "20"))
    before = found.contract

    assert previewed(found) == [("01-01", "calls", 30, 300, True)]
    assert found.contract == before
    found.hear(CLOSED).until(2, 11)
    assert found.story()[1:] == ["02-11 ~calls[01-01,02-01) 30=3.00"]


def test_what_a_set_replaces_goes_off():
    found = room().until(2, 10).hear(opened(replaces=True), filled("x", "01-12 12:00", "10"))

    # 40 of the 15th go, 10 come.
    assert previewed(found) == [("01-01", "calls", -30, -300, True)]


def test_a_set_of_an_open_period_changes_what_runs():
    found = room().hear(opened(replaces=True), filled("x", "01-12 12:00", "10"))

    assert previewed(found) == [("01-01", "calls", -30, -300, False)]


def test_what_is_late_already_is_not_in_it():
    found = room().until(2, 10).hear(opened(), filled("x", "01-10 00:00", "10"))
    found.hear(
        use("late", "01-06 12:00", "7", said_at=filled("y", "01-10 00:00", "1").origin.said_at)
    )

    assert previewed(found) == [("01-01", "calls", 10, 100, True)]


def test_levels_of_the_set_go_on_into_the_periods_behind_it():
    seats = metered("seats", meter="seconds", unit_price="31.00", persistent=True)
    found = MeterRoom(published(seats)).register().hear(use("a", "01-01 09:00", "1"))
    found.until(2, 10).hear(
        opened(from_=date(2026, 1, 31), until=date(2026, 2, 1)),
        filled("x", "01-31 12:00", "1"),
        use("b", "02-01 09:00", "1"),
    )

    # One seat more for the last of 31 days, and through February.
    assert [(each[0], each[3]) for each in previewed(found)] == [("01-01", 100), ("02-01", 3100)]
    assert previewed(found)[0][2] * 31 == 1
