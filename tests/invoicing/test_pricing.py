"""What a quantity costs, with every figure of the rules' table written out."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.plans import Charge, PlanPublished
from services.tariffs.pricing import NotByQuantity, amount, excess, price, true_up
from services.tariffs.proration import charge as prorated
from services.tariffs.rounding import rounded

TIERS = (
    {"up_to": "100", "unit_price": "0.10"},
    {"up_to": "500", "unit_price": "0.08"},
    {"unit_price": "0.05"},
)


def charge(model, **fields):
    return Charge(**{"component_id": "c", "name": "Component", "model": model, **fields})


def cents(model, quantity, **fields):
    return rounded(amount(charge(model, **fields), quantity, currency="EUR"))


TABLE = [
    # units, graduated, volume, package of 100 at 5.00 with 10 free
    ("0", 0, 0, 0),
    ("1", 10, 10, 0),
    ("100", 1000, 1000, 500),
    ("100.5", 1004, 804, 500),
    ("101", 1008, 808, 500),
    ("500", 4200, 4000, 2500),
    ("501", 4205, 2505, 2500),
    ("1000", 6700, 5000, 5000),
]


@pytest.mark.parametrize(("units", "graduated", "volume", "package"), TABLE)
def test_graduated_volume_and_package_cost_what_the_table_says(units, graduated, volume, package):
    assert cents("graduated", units, tiers=TIERS) == graduated
    assert cents("volume", units, tiers=TIERS) == volume
    assert package == cents(
        "package", units, unit_price="5.00", package_size="100", free_units="10"
    )


@pytest.mark.parametrize(
    ("units", "packs"),
    [("10", 0), ("10.0001", 1), ("110", 1), ("110.0001", 2), ("210", 2), ("210.5", 3)],
)
def test_a_part_of_a_pack_is_a_whole_one(units, packs):
    found = cents("package", units, unit_price="5.00", package_size="100", free_units="10")

    assert found == packs * 500


def test_u10_a_volume_total_falls_where_a_border_is_crossed():
    tiers = ({"up_to": "15", "unit_price": "10"}, {"unit_price": "5"})

    assert cents("volume", "15", tiers=tiers) == 15_000
    assert cents("volume", "16", tiers=tiers) == 8_000


@pytest.mark.parametrize(
    ("units", "graduated", "volume"),
    [
        ("0", 0, 0),
        ("0.5", 205, 205),
        ("10", 300, 300),
        ("10.5", 804, 584),
        ("11", 808, 588),
    ],
)
def test_u11_a_flat_part_is_charged_once_when_its_tier_is_entered(units, graduated, volume):
    # Up to 10 at 0.10 and 2.00 flat; above at 0.08 and 5.00 flat.
    tiers = (
        {"up_to": "10", "unit_price": "0.10", "flat": "2.00"},
        {"unit_price": "0.08", "flat": "5.00"},
    )
    how = {"tiers": tiers, "flat_at_zero": False}

    assert (cents("graduated", units, **how), cents("volume", units, **how)) == (graduated, volume)


@pytest.mark.parametrize(("at_zero", "expected"), [(True, 200), (False, 0)])
@pytest.mark.parametrize("model", ["graduated", "volume", "bucket", "capacity"])
def test_u11_the_plan_says_whether_nothing_used_costs_the_first_flat_part(model, at_zero, expected):
    tiers = ({"up_to": "10", "flat": "2.00"}, {"flat": "5.00"})

    assert cents(model, "0", tiers=tiers, flat_at_zero=at_zero) == expected


def test_u11_a_plan_that_does_not_say_it_is_an_error():
    with pytest.raises(ValidationError, match="flat_at_zero must be said"):
        charge("graduated", tiers=({"unit_price": "1", "flat": "2.00"},))


@pytest.mark.parametrize(
    ("units", "expected"),
    [("0.01", 900), ("100", 900), ("100.01", 2900), ("500", 2900), ("501", 9900), ("9999", 9900)],
)
@pytest.mark.parametrize("model", ["bucket", "capacity"])
def test_u12_the_interval_reached_has_one_price(model, units, expected):
    tiers = (
        {"up_to": "100", "flat": "9.00"},
        {"up_to": "500", "flat": "29.00"},
        {"flat": "99.00"},
    )

    assert cents(model, units, tiers=tiers, flat_at_zero=False) == expected


@pytest.mark.parametrize(
    ("model", "quantity", "fields", "expected"),
    [
        ("flat", "1", {"unit_price": "30.00"}, 3000),
        ("flat", "0", {"unit_price": "30.00"}, 3000),
        ("flat", "7", {"unit_price": "30.00"}, 3000),
        ("per_unit", "3", {"unit_price": "9.99"}, 2997),
        ("per_unit", "2.5", {"unit_price": "9.99"}, 2498),  # 24.975
        ("per_unit", "12345", {"unit_price": "0.000000000001"}, 0),
        ("per_unit", "5", {"unit_price": "2.00", "free_units": "3"}, 400),
        ("per_unit", "3", {"unit_price": "2.00", "free_units": "3"}, 0),
        ("per_unit", "2", {"unit_price": "2.00", "free_units": "3"}, 0),
        ("per_unit", "1500", {"unit_price": "4.00", "price_base_quantity": "1000"}, 600),
    ],
)
def test_flat_and_per_unit_prices(model, quantity, fields, expected):
    assert cents(model, quantity, **fields) == expected


@pytest.mark.parametrize(
    ("currency", "minor"), [("JPY", 12), ("EUR", 1235), ("KWD", 12346), ("CHF", 1235)]
)
def test_u40_a_line_has_the_decimals_of_its_currency(currency, minor):
    found = amount(charge("per_unit", unit_price="12.3456"), "1", currency=currency)

    assert rounded(found) == minor


def test_u40_unit_prices_of_12_decimals_are_exact_until_the_line():
    found = amount(charge("per_unit", unit_price="0.333333333333"), "3", currency="EUR")

    assert found == Fraction("99.9999999999")
    assert rounded(found) == 100


@pytest.mark.parametrize(
    ("quantity", "unit_price", "base", "expected"),
    [("3", "10.004", "1", 3001), ("250", "4.00", "1000", 100), ("-1", "0.005", "1", -1)],
)
def test_an_item_costs_its_quantity_by_its_price(quantity, unit_price, base, expected):
    found = price(quantity, unit_price, currency="EUR", base_quantity=base)

    assert rounded(found) == expected


@pytest.mark.parametrize(
    ("billed", "line"), [(0, 5000), (4999, 1), (5000, 0), (5001, 0), (9000, 0)]
)
def test_u15_a_minimum_is_reached_by_one_line(billed, line):
    assert true_up(billed, minimum=5000) == line


@pytest.mark.parametrize(
    ("billed", "line"), [(0, 0), (4999, 0), (5000, 0), (5001, 1), (9000, 4000)]
)
def test_u15_what_exceeds_a_maximum_is_a_discount(billed, line):
    assert excess(billed, maximum=5000) == line


def test_u15_the_minimum_of_a_part_of_a_period_is_prorated_by_days():
    # 50.00 for 17 of 31 days are 27.419; 20.00 were billed.
    assert true_up(2000, minimum=prorated(Fraction(5000), served=17, whole=31)) == 742


@pytest.mark.parametrize("model", ["percentage", "dynamic"])
def test_what_is_priced_by_event_has_no_price_of_a_quantity(model):
    with pytest.raises(NotByQuantity, match="is priced by event"):
        amount(charge(model, percentage={"rate": "1.5"}), "1", currency="EUR")


def test_a_negative_quantity_has_no_price():
    with pytest.raises(NotByQuantity, match=r"quantity -0\.1 is negative"):
        amount(charge("per_unit", unit_price="1"), "-0.1", currency="EUR")


@pytest.mark.parametrize(
    ("model", "fields", "why"),
    [
        ("flat", {}, "a flat charge needs a unit_price"),
        ("per_unit", {}, "a per_unit charge needs a unit_price"),
        ("package", {"unit_price": "5"}, "needs a package_size"),
        ("package", {"unit_price": "5", "package_size": "0"}, "must be more than nothing"),
        ("per_unit", {"unit_price": "5", "price_base_quantity": "0"}, "must be more than nothing"),
        ("graduated", {}, "needs tiers, the last without up_to"),
        ("volume", {"tiers": ({"up_to": "5", "unit_price": "1"},)}, "the last without up_to"),
        ("volume", {"tiers": ({"unit_price": "1"}, {"unit_price": "2"})}, "in order of up_to"),
        (
            "graduated",
            {"tiers": ({"up_to": "5"}, {"up_to": "5"}, {"unit_price": "2"})},
            "in order of up_to",
        ),
        ("bucket", {"tiers": ({"up_to": "5", "unit_price": "1"}, {"flat": "2"})}, "its flat price"),
        ("percentage", {}, "needs its percentage"),
    ],
)
def test_a_charge_that_cannot_be_priced_is_refused_at_the_edge(model, fields, why):
    with pytest.raises(ValidationError, match=why):
        charge(model, **fields)


PLAN = {
    "plan_id": "P",
    "version": 1,
    "legal_entity_id": "E",
    "currency": "EUR",
    "billing_period": "P1M",
    "bill": "in_advance",
}
BASE = {"component_id": "base", "name": "Base", "model": "flat", "unit_price": "30.00"}


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"recurring": (BASE,), "metered": (BASE,)}, "stands in the plan twice"),
        ({"recurring": (BASE | {"model": "dynamic"},)}, "priced by event must be metered"),
        ({"minimum": {"amount": "5.00", "currency": "USD"}}, "are EUR, not negative"),
        ({"maximum": {"amount": "-5.00", "currency": "EUR"}}, "are EUR, not negative"),
    ],
)
def test_a_plan_that_cannot_be_billed_is_refused_at_the_edge(fields, why):
    with pytest.raises(ValidationError, match=why):
        PlanPublished(**PLAN, **fields)


def test_a_plan_says_rhythm_and_notice_of_itself_and_of_an_option():
    option = BASE | {"bill": "in_arrears", "billing_period": "P1Y", "notice": "P3M"}
    plan = PlanPublished(**PLAN, recurring=(option,), minimum_term="P24M", notice="P1M")

    assert (plan.recurring[0].billing_period, plan.recurring[0].notice) == ("P1Y", "P3M")
    assert (plan.minimum_term, plan.notice) == ("P24M", "P1M")


UNITS = st.decimals(0, 2000, places=3).map(str)


@given(UNITS, UNITS)
def test_more_units_never_cost_less_under_a_graduated_price(one, other):
    less, more = sorted((one, other), key=Fraction)
    tiered = charge("graduated", tiers=TIERS)

    assert amount(tiered, less, currency="EUR") <= amount(tiered, more, currency="EUR")


@given(UNITS)
def test_one_tier_costs_the_same_under_every_model_of_units(units):
    one = amount(charge("per_unit", unit_price="0.07"), units, currency="EUR")

    for model in ("graduated", "volume"):
        tiered = charge(model, tiers=({"unit_price": "0.07"},))
        assert amount(tiered, units, currency="EUR") == one
