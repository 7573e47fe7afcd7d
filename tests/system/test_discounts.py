"""Discounts of usage, behind the bounds of its period (U-53)."""

from datetime import date

import pytest

from schemas.orders import GrantDiscount
from tests.support.events import eur
from tests.support.metering import C1, use
from tests.support.meters import metered, published
from tests.system.test_parts import Desk


@pytest.mark.parametrize(
    ("off", "net"),
    [
        # Of 5.00 and 17.00 the maximum leaves 20.00: 0.50 and 1.50 are off, not 1.70.
        ({"percent": "10"}, 1800),
        ({"percent": "100"}, 0),
        # 5.00 are off the base, 3.00 off the 15.00 that are left of usage.
        ({"amount": eur("8.00")}, 1200),
    ],
)
def test_u53_a_discount_is_off_what_the_maximum_leaves(off, net):
    base = metered("base", model="flat", unit_price="5.00")
    calls = metered("calls", meter="m", unit_price="0.10")
    desk = Desk(published(calls, recurring=[base], maximum="20.00 EUR", bill="in_arrears"))
    desk.office.hear(GrantDiscount(**C1, **off, from_on=date(2026, 1, 1)))

    desk.use(use("a", "01-05 12:00", "170", "m"))
    desk.until(date(2026, 2, 5))

    assert desk.billed == net


@pytest.mark.parametrize(
    ("used", "off", "net"),
    [
        # Of 100.00 the maximum leaves 60.00: 60.00 and 30.00 are off, not 100.00 and 50.00.
        ("1000", {"percent": "100"}, 0),
        ("1000", {"percent": "50"}, 3000),
        ("1000", {"amount": eur("20.00")}, 4000),
        ("1000", {"amount": eur("80.00")}, 0),
        # At the maximum, and just above it.
        ("600", {"percent": "50"}, 3000),
        ("601", {"percent": "50"}, 3000),
        ("400", {"percent": "50"}, 2000),
    ],
)
def test_u53_a_discount_of_a_component_is_off_what_the_maximum_leaves_of_it(used, off, net):
    calls = metered("calls", meter="m", unit_price="0.10")

    desk = discounted(off, calls, used=used)

    assert (desk.billed, desk.office.credits()) == (net, [])


@pytest.mark.parametrize(("percent", "net"), [("100", 1000), ("50", 3500)])
def test_u53_the_maximum_is_off_each_component_by_what_was_sold_of_it(percent, net):
    """Of 100.00 and 20.00 it leaves 50.00 and 10.00: 50.00 and 25.00 are off the first."""
    calls = metered("calls", meter="m", unit_price="0.10")
    data = metered("data", meter="m", unit_price="0.02")
    base = metered("base", model="flat", unit_price="20.00")

    assert discounted({"percent": percent}, calls, data, used="1000").billed == net
    assert discounted({"percent": percent}, calls, used="1000", recurring=[base]).billed == net


def discounted(off, *charges, used, **more):
    """Return a month of calls, at most 60.00 and with something *off* them."""
    desk = Desk(published(*charges, maximum="60.00 EUR", bill="in_arrears", **more))
    desk.office.hear(GrantDiscount(**C1, **off, component_id="calls", from_on=date(2026, 1, 1)))
    desk.use(use("a", "01-05 12:00", used, "m"))
    desk.until(date(2026, 2, 5))
    return desk
