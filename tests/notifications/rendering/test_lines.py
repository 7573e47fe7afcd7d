"""Lines: quantity and price make the net, or the line is one of it (U-62)."""

from decimal import Decimal

import pytest

from services.notifications.rendering.documents.units import unit_of
from services.notifications.rendering.sources.lines import line as drawn
from tests.notifications.rendering.cases import line


@pytest.mark.parametrize(
    ("quantity", "price", "net", "expressed"),
    [
        ("1", "49.90", "49.90", ("1", "49.90", "1")),
        ("1234567", "0.000012", "14.81", ("1234567", "0.0012", "100")),
        ("987654321012", "0.0000000125", "12345.68", ("987654321012", "0.0125", "1000000")),
        ("3", "0.0749", "0.22", ("3", "0.0749", "1")),  # 0.2247
        ("3", "0.075", "0.23", ("3", "0.075", "1")),  # 0.225, half up
        ("1", "-10.00", "-10.00", ("-1", "10.00", "1")),
        ("2", "180", "360.00", ("2", "180", "1")),
        # A price that needs more than four decimals of a million units.
        ("3", "0.00000000012", "0.00", ("1", "0.00", "1")),
        # A quantity of more than four decimals.
        ("0.12345", "100", "12.35", ("1", "12.35", "1")),
        # A net that is not the product: prorated, rounded otherwise, or without a price.
        ("1", "31.00", "17.00", ("1", "17.00", "1")),
        ("7", "333.5", "2335 JPY", ("1", "2335", "1")),
        ("17", None, "-6.46", ("-1", "6.46", "1")),
        (None, None, "5.00", ("1", "5.00", "1")),
    ],
)
def test_a_line_has_a_quantity_and_a_price_whose_product_is_its_net(
    quantity, price, net, expressed
):
    found = drawn(line("x", quantity, price, net))

    assert (found.quantity, found.price, found.base) == tuple(map(Decimal, expressed))


@pytest.mark.parametrize(
    ("quantity", "price", "base", "net", "expressed"),
    [
        # 17 of 31 days at 30.00 for all.
        ("17", "30.00", "31", "16.45", ("17", "30.00", "31")),
        ("125", "0.09", "60", "0.19", ("125", "0.09", "60")),
        ("125", "0.00012", "60", "0.00", ("125", "0.0012", "600")),
        # 0.1875 is 0.19: a net of 0.20 is no product of these.
        ("125", "0.09", "60", "0.20", ("1", "0.20", "1")),
    ],
)
def test_u62_a_price_may_be_for_more_units_than_one(quantity, price, base, net, expressed):
    found = drawn(line("x", quantity, price, net, price_base_quantity=base))

    assert (found.quantity, found.price, found.base) == tuple(map(Decimal, expressed))
    assert found.counted is None or found.counted.price is None


def test_a_quantity_that_the_price_does_not_count_is_told_in_words():
    prorated = drawn(line("x", "17", "1.90", "19.00", unit="Tage"))

    assert (prorated.counted.quantity, prorated.counted.unit) == (17, "DAY")
    assert prorated.counted.price == Decimal("1.90")
    assert drawn(line("x", "1", None, "19.00")).counted is None


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("h", ("HUR", None)),
        ("GB", ("E34", None)),
        ("Std.", ("HUR", None)),
        ("HUR", ("HUR", None)),
        ("Seats", ("C62", "Seats")),
        (None, ("C62", None)),
    ],
)
def test_units_have_codes_where_the_standard_knows_them(name, unit):
    assert unit_of(name) == unit
