"""The order of effects (U-53), each next to each: what comes first is done to what comes next."""

import pytest

from schemas.orders import GrantPrepaid
from tests.support.events import eur
from tests.support.metering import C1, MeterRoom, use
from tests.support.meters import metered, published

TIERS = [{"up_to": "50", "unit_price": "0.10"}, {"unit_price": "0.02"}]
# In the order of the rule; what each does alone to calls of 61 and 10 seconds at 0.10.
EFFECTS = {
    "step": {"step": "60"},
    "allowance": {"free_units": "15"},
    "tiers": {"model": "graduated", "tiers": TIERS},
    "least": {"minimum_per_event": "3.00"},
    "most": {"maximum_per_event": "4.00"},
    "maximum": {"maximum": "5.00 EUR"},
    "minimum": {"minimum": "9.00 EUR"},
    "prepaid": {},
}  # fmt: skip
# 7.10 without any of them. With both of a pair, worked out by hand in the order of the rule:
PAIRS = {
    # 120 + 60 units, less 15: 105 and 60.
    ("step", "allowance"): "16.50",
    # 5.00 and 70 at 0.02, then 60 at 0.02.
    ("step", "tiers"): "7.60",
    ("step", "least"): "18.00",  # 12.00 and 6.00
    ("step", "most"): "8.00",
    ("step", "maximum"): "5.00",
    ("step", "minimum"): "18.00",
    ("step", "prepaid"): "16.00",
    # 46 at 0.10, then 4 at 0.10 and 6 at 0.02.
    ("allowance", "tiers"): "5.12",
    ("allowance", "least"): "7.60",  # 4.60, and 1.00 up to 3.00
    ("allowance", "most"): "5.00",  # 4.00 and 1.00
    ("allowance", "maximum"): "5.00",
    ("allowance", "minimum"): "9.00",
    ("allowance", "prepaid"): "3.60",
    ("tiers", "least"): "8.22",  # 5.22, and 0.20 up to 3.00
    ("tiers", "most"): "4.20",
    ("tiers", "maximum"): "5.00",
    ("tiers", "minimum"): "9.00",
    ("tiers", "prepaid"): "3.42",
    ("least", "most"): "7.00",
    ("least", "maximum"): "5.00",
    ("least", "minimum"): "9.10",
    ("least", "prepaid"): "7.10",
    ("most", "maximum"): "5.00",
    ("most", "minimum"): "9.00",
    ("most", "prepaid"): "3.00",
    ("maximum", "prepaid"): "3.00",
    ("minimum", "prepaid"): "7.00",
}


def charged(*effects):
    said = {"meter": "seconds", "unit_price": "0.10"}
    for each in effects:
        said |= EFFECTS[each]
    if "tiers" in effects:
        said["unit_price"] = None
    room = MeterRoom(published(metered("calls", **said))).register()
    if "prepaid" in effects:
        room.hear(GrantPrepaid(**C1, grant_id="g", money=eur("2.00")))
    room.hear(use("a", "01-05 12:00", "61"), use("b", "01-06 12:00", "10")).until(2, 2)
    return [each.net.amount for each in room.all_of("UsageCharged")]


def test_without_any_of_them():
    assert charged() == ["7.10"]


@pytest.mark.parametrize(("pair", "net"), PAIRS.items(), ids=str)
def test_u53_two_effects_follow_each_other(pair, net):
    assert charged(*pair) == [net]


def test_u53_every_pair_is_there_but_bounds_that_exclude_one_another():
    names = list(EFFECTS)
    pairs = {(one, other) for n, one in enumerate(names) for other in names[n + 1 :]}

    assert pairs - PAIRS.keys() == {("maximum", "minimum")}
