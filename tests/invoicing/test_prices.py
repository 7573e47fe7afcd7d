"""Quantity and price of a line make its net amount, with at most four decimals (U-62)."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.contracts import ContractEnded
from schemas.orders import AddItem
from services.invoicing.rules.prices import Priced, by_days, by_quantity
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
        # A price of five decimals: 1000 for 0.12.
        (12, "1000", "0.00012", Priced("1000", "0.12", "1000")),
        # A quantity of five decimals cannot be said.
        (12, "0.12345", "1.00", Priced("1", "0.12")),
        (900, "2", None, Priced("2", "9.00", "2")),
        (500, None, None, Priced("1", "5.00")),
        (500, "0", "4.50", Priced("1", "5.00")),
    ],
)
def test_a_quantity_is_at_its_price_where_that_makes_the_net(net, quantity, unit_price, said):
    assert by_quantity(net, quantity, unit_price, currency="EUR") == said


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
