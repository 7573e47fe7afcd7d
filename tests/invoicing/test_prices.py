"""Quantity and price of a line make its net amount, with at most four decimals (U-62)."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.contracts import ContractEnded
from schemas.orders import AddItem
from services.invoicing.rules.prices import Priced, by_days, by_quantity, in_words
from tests.support.events import eur
from tests.support.office import Office
from tests.support.tariffs import flat, plan

C1 = {"contract_id": "C1"}


@pytest.mark.parametrize(
    ("net", "days", "whole", "said"),
    [
        # 30.00 for 31 days: seventeen are 16.45 (16.4516).
        (1645, 17, 31, Priced("17", "30.00", "31", "DAY")),
        # The last piece took a remainder: 13.56 and not 13.55.
        (1356, 14, 31, Priced("14", "13.56", "14", "DAY")),
        (3000, 31, 31, Priced("31", "30.00", "31", "DAY")),
        (0, 0, 31, None),
    ],
)
def test_a_part_of_a_period_is_days_at_the_price_of_all(net, days, whole, said):
    found = by_days(net, days, price=Fraction(3000), whole=whole, currency="EUR")
    assert found == said


@pytest.mark.parametrize(
    ("net", "quantity", "unit_price", "said"),
    [
        (900, "2", "4.50", Priced("2", "4.50")),
        # A price of five decimals: ten for 0.0012.
        (12, "1000", "0.00012", Priced("1000", "0.0012", "10")),
        # A quantity of five decimals cannot be said.
        (12, "0.12345", "1.00", Priced("1", "0.12")),
        (900, "2", None, Priced("2", "9.00", "2")),
        (500, None, None, Priced("1", "5.00")),
        (500, "0", "4.50", Priced("1", "5.00")),
    ],
)
def test_a_quantity_is_at_its_price_where_that_makes_the_net(net, quantity, unit_price, said):
    assert by_quantity(net, quantity, unit_price, currency="EUR") == said


@pytest.mark.parametrize(
    ("net", "quantity", "unit_price", "base", "unit", "said"),
    [
        # 125 s at 0.09 a minute: 0.1875.
        (19, "125", "0.09", "60", "s", Priced("125", "0.09", "60", "s")),
        # 0.00000125 a byte is 1.25 a million.
        (125, "1000000", "0.00000125", None, "B", Priced("1000000", "0.0125", "10000", "B")),
        (1, "1000", "0.00012", "10", None, Priced("1000", "0.0012", "100")),
        # 0.12345 GB at 5.00 a GB: 0.61725, said in MB.
        (62, "0.12345", "5.00", None, "GB", Priced("123.45", "0.005", None, "MB")),
        (62, "0.12345", None, None, "GB", Priced("123.45", "0.62", "123.45", "MB")),
        # 1.2345678 h are 74.074068 min and 4444.44408 s: no unit is fine enough.
        (100, "1.2345678", None, None, "h", Priced("1", "1.00")),
        # Less money for more units, as a volume price has it.
        (-1495, "1", None, None, None, Priced("1", "14.95")),
    ],
)
def test_u62_unit_and_base_are_chosen_so_that_the_product_is_the_line(
    net, quantity, unit_price, base, unit, said
):
    assert by_quantity(net, quantity, unit_price, currency="EUR", base=base, unit=unit) == said


@pytest.mark.parametrize(
    ("priced", "quantity", "unit", "told"),
    [
        (Priced("1", "1.00"), "1.2345678", "h", "1.2345678 h"),
        (Priced("1", "14.95"), "16", None, "16"),
        (Priced("1", "5.00"), "1", None, None),
        (Priced("1", "5.00"), None, None, None),
        (Priced("1", "5.00"), "0", "GB", None),
        (Priced("123.45", "0.005", None, "MB"), "0.12345", "GB", None),
    ],
)
def test_u62_what_cannot_be_counted_is_told_in_words(priced, quantity, unit, told):
    assert in_words(priced, quantity, unit) == told


_QUANTITIES = st.decimals(
    "-1000000", "1000000", places=12, allow_nan=False, allow_infinity=False
).map(lambda each: f"{each:f}")


@given(
    st.integers(-(10**9), 10**9),
    _QUANTITIES,
    st.none() | st.sampled_from(["0.09", "0.000000000012", "5", "31.5"]),
    st.none() | st.sampled_from(["60", "1000", "0.00001"]),
    st.none() | st.sampled_from(["GB", "s", "E35", "KGM", "h"]),
)
def test_u62_whatever_was_used_its_line_is_a_product_of_four_decimals(
    net, quantity, price, base, unit
):
    found = by_quantity(net, quantity, price, currency="EUR", base=base, unit=unit)

    exact = Fraction(found.quantity) * Fraction(found.unit_price) / Fraction(found.base or 1)
    assert int(exact * 100 + Fraction(1, 2)) == abs(net)
    said = (found.quantity, found.unit_price, found.base or "1")
    assert max(len(each.partition(".")[2]) for each in said) <= 4


@given(
    st.integers(-(10**9), 10**9), st.integers(1, 366), st.integers(1, 366), st.integers(1, 10**9)
)
def test_whatever_a_part_costs_its_days_and_price_make_it(net, days, whole, price):
    found = by_days(net, days, price=Fraction(price), whole=whole, currency="EUR")
    exact = Fraction(found.quantity) * Fraction(found.unit_price) / Fraction(found.base)
    assert int(abs(exact) * 100 + Fraction(1, 2)) == abs(net)


def test_parts_credits_and_what_is_less_than_nothing_say_how_they_come_about():
    office = Office(plan(flat("base", "30.00"))).register(
        starts_on=date(2026, 1, 15), billing_anchor_on=date(2026, 1, 1)
    )
    office.until(date(2026, 1, 20)).hear(
        AddItem(**C1, name="Less", net=eur("-2.00")), ContractEnded(**C1, ends_on=date(2026, 1, 22))
    )
    office.until(date(2026, 2, 10))

    lines = [line for _, said in office.said for line in getattr(said, "lines", ())]
    assert [(e.quantity, e.unit, e.unit_price, e.price_base_quantity) for e in lines] == [
        ("17", "DAY", "30.00", "31"),
        # Ten of the seventeen days for which 16.45 were billed: 9.68.
        ("10", "DAY", "16.45", "17"),
        ("1", None, "2.00", None),
    ]
