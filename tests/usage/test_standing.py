"""How a contract's usage stands: rated as it would be charged now, and without effect."""

from datetime import date

from schemas.contracts import ContractPaused
from schemas.orders import GrantPrepaid
from schemas.usage import UsageBackfillOpened
from tests.support.events import eur
from tests.support.metering import C1, MeterRoom, at, use
from tests.support.meters import TIERS, metered, published

DATA = metered("data", meter="megabytes", model="graduated", tiers=TIERS)


def room(*charges, **plan):
    return MeterRoom(published(*(charges or [DATA]), **plan)).register()


def nets(found):
    return [[(each.component_id, each.net) for each in one.lines] for one in found.periods]


def test_a_running_period_has_its_tiers_its_price_and_the_day_of_its_close():
    # 100 at 0.10 and 50 at 0.08.
    found = room().hear(use("a", "01-05 12:00", "150", "megabytes")).standing()

    (january,) = found.periods
    assert (january.period.until, january.closes_on) == (date(2026, 2, 1), date(2026, 2, 2))
    assert (january.net, january.unbilled, found.unbilled) == (1400, 1400, 1400)
    tiers = [(each.up_to, each.quantity, each.net.amount) for each in january.lines[0].tiers]
    assert tiers == [("100", "100", "10.00"), ("500", "50", "4.00")]


def test_what_is_charged_already_is_not_to_be_billed_again():
    asked = room().hear(use("a", "01-05 12:00", "150", "megabytes")).bill_now()

    found = asked.hear(use("b", "01-06 12:00", "10", "megabytes")).standing()

    assert (found.periods[0].net, found.unbilled) == (1480, 80)


def test_to_ask_has_no_effect():
    asked = room().hear(use("a", "01-05 12:00", "150", "megabytes"))
    before = asked.contract

    asked.standing()

    assert asked.contract == before
    assert asked.said == []


def test_a_period_that_is_over_stands_beside_the_one_that_runs_until_it_is_closed():
    found = room().hear(use("a", "01-31 12:00", "1", "megabytes"))

    assert nets(found.until(2, 1).standing()) == [[("data", 10)], [("data", 0)]]
    assert nets(found.until(2, 2).standing()) == [[("data", 0)]]


def test_a_minimum_is_not_in_it_and_a_maximum_is():
    bounded = DATA | {"minimum": "20.00 EUR", "maximum": "30.00 EUR"}

    few = room(bounded).hear(use("a", "01-05 12:00", "150", "megabytes")).standing()
    # 10.00, 32.00 and 5.00 are 47.00.
    many = room(bounded).hear(use("a", "01-05 12:00", "600", "megabytes")).standing()

    assert (few.unbilled, many.unbilled) == (1400, 3000)


def test_marks_say_how_far_it_is_to_them():
    alerts = [{"component_id": "data", "quantity": "200"}, {"net": "14.00 EUR"}]
    found = room(alerts=alerts).hear(use("a", "01-05 12:00", "150", "megabytes")).standing()

    told = [(each.reached, each.at, each.is_reached) for each in found.periods[0].marks]
    assert told == [(150, 200, False), (14, 14, True)]


def test_a_threshold_is_told_where_it_counts():
    assert room(threshold="50.00 EUR").standing().threshold == 5000
    assert room().standing().threshold is None


def test_a_balance_is_told_with_what_it_would_have_left():
    found = room().hear(
        GrantPrepaid(**C1, grant_id="g", money=eur("20.00")),
        use("a", "01-05 12:00", "150", "megabytes"),
    )

    (balance,) = found.standing().balances
    assert (balance.grant.left, balance.left_then) == (2000, 600)


def test_components_that_need_each_event_are_rated_from_their_pieces():
    seats = metered("seats", meter="seats", unit_price="31.00", persistent=True)
    found = room(seats).hear(use("a", "01-01 09:00", "2", "seats")).until(2, 10).standing()

    # Two seats go on through February, in which nothing was said.
    assert nets(found) == [[("seats", 6200)]]


def test_usage_without_a_price_stands_beside_it():
    found = room().hear(use("a", "01-05 12:00", "3", "texts")).standing()

    (unpriced,) = found.periods[0].unpriced
    assert (unpriced.meter, unpriced.events, unpriced.quantity) == ("texts", 1, "3")


def test_usage_of_a_pause_is_not_in_it():
    found = room().hear(
        ContractPaused(**C1, paused_from=date(2026, 1, 10), cause="operator"),
        use("a", "01-09 12:00", "1", "megabytes"),
        use("b", "01-10 12:00", "1", "megabytes"),
    )

    assert found.standing().unbilled == 10


def test_a_closed_period_that_changed_is_rated_again_with_the_next_day():
    found = room().hear(use("a", "01-05 12:00", "1", "megabytes")).until(2, 10)
    found.hear(use("late", "01-06 12:00", "1", "megabytes", said_at=at("02-10 12:00")))

    assert [each.from_on for each in found.standing().rated_again] == [date(2026, 1, 1)]
    assert found.until(2, 11).standing().rated_again == ()


def test_a_set_that_is_open_is_told_and_in_no_price():
    found = room().until(1, 25)
    opened = {"backfill_id": "b", "meter": "megabytes", "from_": date(2026, 1, 20)}
    found.hear(
        UsageBackfillOpened(**C1, **opened, until=date(2026, 1, 25)),
        use("set", "01-22 12:00", "1", "megabytes", backfill_id="b", said_at=at("01-25 12:00")),
    )

    told = found.standing()
    assert (told.backfills[0].backfill_id, told.unbilled) == ("b", 0)
