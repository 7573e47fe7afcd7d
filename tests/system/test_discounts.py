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
