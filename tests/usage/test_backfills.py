"""Usage that is brought in later as a set: it counts whole, at once, or not at all (U-59)."""

from datetime import date

import pytest

from schemas.message import NotYet, Refused
from schemas.usage import UsageBackfillClosed, UsageBackfillOpened, UsageBackfillReverted
from tests.support.metering import C1, MeterRoom, at, take_back, use
from tests.support.meters import metered, published

CLOSED = UsageBackfillClosed(**C1, backfill_id="b")
REVERTED = UsageBackfillReverted(**C1, backfill_id="b")


def opened(**more):
    said = {"backfill_id": "b", "meter": "seconds", "from_": date(2026, 1, 10)}
    return UsageBackfillOpened(**C1, **said | {"until": date(2026, 1, 20)} | more)


def room(**more):
    found = MeterRoom(published(metered("calls", meter="seconds", unit_price="0.10", **more)))
    return found.register().hear(use("a", "01-05 12:00", "100"), use("b", "01-15 12:00", "40"))


def filled(name, when, quantity):
    return use(name, when, quantity, backfill_id="b", said_at=at("02-10 12:00"))


def test_nothing_of_a_set_counts_before_it_is_closed_and_then_all_of_it_at_once():
    found = room().until(2, 10).hear(opened(), filled("x", "01-10 00:00", "10"))
    found.hear(filled("y", "01-19 23:59", "20")).until(2, 12)
    assert found.story() == ["02-02 calls[01-01,02-01) 140=14.00"]

    found.hear(CLOSED).until(2, 13)

    assert found.story()[1:] == ["02-13 ~calls[01-01,02-01) 30=3.00"]
    assert found.contract.backfills == ()


def test_a_set_that_replaces_takes_the_place_of_what_was_recorded_of_its_days():
    found = room().until(2, 10).hear(opened(replaces=True), filled("x", "01-12 12:00", "10"))

    found.hear(CLOSED).until(2, 13)

    # 100 of the 5th stay, 40 of the 15th go, 10 come.
    assert found.story()[1:] == ["02-11 ~calls[01-01,02-01) -30=-3.00"]
    found.hear(take_back("b")).until(2, 15)
    assert len(found.story()) == 2


def test_a_set_of_a_period_that_is_open_is_in_its_charge():
    found = room().hear(opened(replaces=True), filled("x", "01-12 12:00", "10"), CLOSED)

    assert found.until(2, 2).story() == ["02-02 calls[01-01,02-01) 110=11.00"]


def test_a_set_that_is_reverted_never_counts():
    found = room().hear(opened(replaces=True), filled("x", "01-12 12:00", "10"), REVERTED)

    assert found.until(2, 2).story() == ["02-02 calls[01-01,02-01) 140=14.00"]


def test_what_is_taken_back_of_a_set_does_not_count_when_it_is_closed():
    found = room().hear(opened(), filled("x", "01-12 12:00", "10"), take_back("x"), CLOSED)

    assert found.until(2, 2).story() == ["02-02 calls[01-01,02-01) 140=14.00"]


def test_a_set_of_prices_by_event_is_rated_with_all_others():
    found = room(minimum_per_event="5.00", free_units="60")
    found.hear(opened(), filled("x", "01-12 12:00", "10"), CLOSED).until(2, 2)

    # 40 of 100 at 0.10 are 4.00, at least 5.00; then 1.00 and 4.00, at least 5.00 each.
    assert found.story() == ["02-02 calls[01-01,02-01) 150=15.00"]


def test_what_belongs_to_no_set_that_is_open_waits_or_is_refused():
    with pytest.raises(NotYet):
        room().hear(filled("x", "01-12 12:00", "10"))
    with pytest.raises(NotYet):
        room().hear(CLOSED)
    with pytest.raises(Refused, match="of other days"):
        room().hear(opened(), filled("x", "01-20 00:00", "10"))
    with pytest.raises(Refused, match="too_late"):
        room().until(4, 20).hear(opened())
