"""What an event costs by itself: steps, fees, bands, lists, amounts (U-13, U-50 to U-52)."""

import json
from datetime import datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from schemas.plans import Charge
from schemas.price_lists import PriceListPublished
from schemas.terms import Terms
from services.tariffs.bands import Place, cuts
from services.tariffs.cumulative import walk
from services.tariffs.events import Use, measure, stepped
from tests.support.meters import metered

BERLIN = ZoneInfo("Europe/Berlin")
DE, BAVARIA = Place(BERLIN, "DE"), Place(BERLIN, "DE", "BY")
MINUTES = {"unit_price": "0.09", "price_base_quantity": "60", "connect_fee": "0.05"}
ALL = [1, 2, 3, 4, 5, 6, 7]
HOURS = {"price_base_quantity": "3600", "unit_price": None}
CHEAP = {"weekdays": ALL, "from": "00:00", "until": "02:30", "unit_price": "0.36"}
DEAR = {"weekdays": ALL, "from": "02:30", "until": "00:00", "unit_price": "0.72"}


def charge(**more):
    return Charge.model_validate_json(json.dumps(metered("calls", meter="seconds", **more)))


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def cost(said, quantity, *, when="2026-01-05T12:00", place=DE, terms=None, **properties):
    """Return what one event costs, as a decimal."""
    use = Use(at(when), "a", quantity, properties)
    day = use.occurred_at.date()
    found = measure(said, use, terms or Terms(), place=place, day=day)
    return None if found is None else float(walk([(said, found)])[0].amount)


@pytest.mark.parametrize(
    ("step", "quantity", "units"),
    [
        (None, "61.5", "61.5"),
        ("60", "0.001", "60"),
        ("60", "60", "60"),
        ("60", "60.001", "120"),
        ({"first": "60", "next": "10"}, "1", "60"),
        ({"first": "60", "next": "10"}, "60", "60"),
        ({"first": "60", "next": "10"}, "61", "70"),
        ({"first": "60", "next": "10"}, "70", "70"),
        ({"first": "60", "next": "10"}, "125", "130"),
        ({"first": "60", "next": "1"}, "60.5", "61"),
        ({"first": "30", "next": "6"}, "32", "36"),
        ({"first": "30", "next": "6"}, "57", "60"),
        ({"first": "180", "next": "300"}, "180", "180"),
        ({"first": "180", "next": "300"}, "181", "480"),
        ({"first": "180", "next": "300"}, "481", "780"),
    ],
)
def test_u50_a_step_has_a_first_part_and_a_next(step, quantity, units):
    said = charge(unit_price="1", step=step).step

    assert stepped(said, Fraction(quantity)) == Fraction(units)


@pytest.mark.parametrize(
    ("quantity", "amount"), [("1", 0.14), ("60", 0.14), ("61", 0.155), ("125", 0.245)]
)
def test_u50_sixty_ten_with_a_connection_fee(quantity, amount):
    assert cost(charge(step={"first": "60", "next": "10"}, **MINUTES), quantity) == amount


@pytest.mark.parametrize(("quantity", "amount"), [("32", 0.0072), ("57", 0.012)])
def test_u50_thirty_six(quantity, amount):
    said = charge(unit_price="0.006", price_base_quantity="30", step={"first": "30", "next": "6"})

    assert cost(said, quantity) == amount


def test_u50_the_first_minute_whole_then_by_the_second():
    step = {"first": "60", "next": "1"}
    said = charge(unit_price="0.10", price_base_quantity="60", connect_fee="0.50", step=step)

    assert cost(said, "90") == 0.65


@pytest.mark.parametrize(("unanswered", "amount"), [(False, 0.0), (True, 0.14)])
def test_u50_what_was_not_answered_costs_nothing_unless_it_is_charged(unanswered, amount):
    said = charge(step={"first": "60", "next": "10"}, charge_unanswered=unanswered, **MINUTES)

    assert cost(said, "0") == amount


@pytest.mark.parametrize(
    ("bounds", "quantity", "amount"),
    [
        ({"minimum_per_event": "0.15"}, "60", 0.15),
        ({"minimum_per_event": "0.14"}, "60", 0.14),
        ({"minimum_per_event": "0.15"}, "0", 0.0),
        ({"maximum_per_event": "0.13"}, "60", 0.13),
        ({"maximum_per_event": "0.14"}, "60", 0.14),
    ],
)
def test_u50_an_event_costs_no_less_and_no_more_than_its_bounds(bounds, quantity, amount):
    assert cost(charge(**MINUTES, **bounds), quantity) == amount


@pytest.mark.parametrize(
    ("when", "split", "seconds", "amount"),
    [
        # Over midnight: an hour at 0.72 and an hour at 0.36, or both at the price of the start.
        ("2026-01-05T23:00", True, "7200", 1.08),
        ("2026-01-05T23:00", False, "7200", 1.44),
        # Each side of a bound.
        ("2026-01-05T02:29:59", False, "3600", 0.36),
        ("2026-01-05T02:30", False, "3600", 0.72),
        # 01:30 to 03:30 are one hour where 02:00 to 03:00 is not: half of it is before 02:30.
        ("2026-03-29T01:30", True, "3600", 0.54),
        ("2026-03-29T01:30", False, "3600", 0.36),
        # And three where it comes twice: 01:30 to 02:30, 02:00 to 02:30 again; twice to 03:00,
        # and the half hour up to 03:30: 1.5 hours each.
        ("2026-10-25T01:30", True, "10800", 1.62),
        ("2026-10-25T01:30", False, "10800", 1.08),
    ],
)
def test_u52_an_event_is_priced_by_its_start_or_cut(when, split, seconds, amount):
    said = charge(bands=[CHEAP, DEAR], split=split, **HOURS)

    assert cost(said, seconds, when=when) == amount


def test_u52_an_event_is_stepped_first_and_cut_then_and_pays_its_connection_once():
    said = charge(bands=[CHEAP, DEAR], split=True, connect_fee="0.05", step="3600", **HOURS)

    # 1801 seconds become 3600 from 23:30 on: half an hour at each price.
    assert cost(said, "1801", when="2026-01-05T23:30") == 0.59


def test_u52_the_parts_of_an_event_are_whole_and_in_order():
    said = charge(bands=[CHEAP, DEAR], **HOURS)

    found = list(cuts(said.bands, at("2026-10-25T01:30"), Fraction("10800.5"), DE))

    assert sum(each.seconds for each in found) == Fraction("10800.5")
    prices, last = [], None
    for each in found:
        if each.band.unit_price != last:
            prices.append(last := each.band.unit_price)
    assert prices == ["0.36", "0.72", "0.36", "0.72"]


@pytest.mark.parametrize(
    ("place", "when", "amount"),
    [
        # 6 January is a holiday of Bavaria, and of no use in the rest of the country.
        (BAVARIA, "2026-01-06T12:00", 0.10),
        (DE, "2026-01-06T12:00", 0.72),
        (BAVARIA, "2026-01-07T12:00", 0.72),
        # What begins on the holiday before midnight is the holiday's.
        (BAVARIA, "2026-01-06T23:59", 0.10),
        (BAVARIA, "2026-01-05T23:59", 0.72),
    ],
)
def test_u52_a_holiday_of_one_state_only(place, when, amount):
    whole = {"weekdays": ALL, "from": "00:00", "until": "00:00"}
    bands = [
        whole | {"unit_price": "0.72", "holidays": "never"},
        whole | {"unit_price": "0.10", "holidays": "only"},
    ]

    assert cost(charge(bands=bands, **HOURS), "3600", when=when, place=place) == amount


def test_u51_the_longest_prefix_prices_an_event_and_none_is_unpriced():
    entries = [
        {"prefix": "43", "unit_price": "0.10"},
        {"prefix": "43664", "unit_price": "0.30", "connect_fee": "0.20", "step": "60"},
    ]
    part = {"price_list_id": "abroad", "version": 1, "legal_entity_id": "acme"}
    part |= {"part": 1, "parts": 1, "entries": entries}
    terms = Terms().including(PriceListPublished.model_validate_json(json.dumps(part)))
    listed = {"price_list_id": "abroad", "property": "to"}
    said = charge(price_list=listed, price_base_quantity="60", unit_price=None, connect_fee="0.05")

    assert cost(said, "30", terms=terms, to="431") == 0.10
    assert cost(said, "30", terms=terms, to="436641") == 0.50
    assert cost(said, "30", terms=terms, to="49") is None
    assert cost(said, "30", terms=terms) is None


@pytest.mark.parametrize(
    ("value", "amount"), [("0", 0.30), ("10.00", 0.45), ("3000.00", 20.0), ("0.01", 0.30)]
)
def test_u13_a_percentage_has_a_fixed_part_and_bounds_for_each_event(value, amount):
    share = {"rate": "1.5", "per_event": "0.30", "maximum_per_event": "20"}
    said = charge(model="percentage", percentage=share, value="amount", connect_fee=None)

    assert round(cost(said, "1", amount=value), 4) == pytest.approx(amount, abs=0.0002)


def test_u13_a_dynamic_price_comes_with_the_event():
    assert cost(charge(model="dynamic", value="price"), "1", price="12.34") == 12.34
