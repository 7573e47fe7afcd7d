"""What a period is charged: models, tiers, allowances, segments, bounds, and when it is said."""

from datetime import date

import pytest

from schemas.charges import TierUsed
from schemas.contracts import ContractChanged
from tests.support.metering import C1, MeterRoom, use
from tests.support.meters import TIERS, metered, published

PACKS = {"model": "package", "unit_price": "5.00", "package_size": "100", "free_units": "10"}
GRADUATED = {"model": "graduated", "tiers": TIERS}
VOLUME = {"model": "volume", "tiers": TIERS}

DAY_AND_NIGHT = [
    {"weekdays": [1, 2, 3, 4, 5, 6, 7], "from": "08:00", "until": "20:00", "unit_price": "0.20"},
    {"weekdays": [1, 2, 3, 4, 5, 6, 7], "from": "20:00", "until": "08:00", "unit_price": "0.10"},
]


def calls(component_id="calls", **more):
    return metered(component_id, **{"meter": "seconds", "unit_price": "0.10"} | more)


def january(plan, *usage):
    return MeterRoom(plan).register().hear(*usage).until(2, 2)


def nets(room):
    return [each.net.amount for each in room.all_of("UsageCharged")]


# The table of 3.3: what units cost under three models.
@pytest.mark.parametrize(
    ("units", "graduated", "volume", "package"),
    [
        ("1", ["0.10"], ["0.10"], ["0.00"]),
        ("100", ["10.00"], ["10.00"], ["5.00"]),
        ("100.5", ["10.04"], ["8.04"], ["5.00"]),
        ("101", ["10.08"], ["8.08"], ["5.00"]),
        ("110", ["10.80"], ["8.80"], ["5.00"]),
        ("110.0001", ["10.80"], ["8.80"], ["10.00"]),
        ("500", ["42.00"], ["40.00"], ["25.00"]),
        ("501", ["42.05"], ["25.05"], ["25.00"]),
        ("1000", ["67.00"], ["50.00"], ["50.00"]),
    ],
)
def test_3_3_what_units_cost(units, graduated, volume, package):
    for model, expected in ((GRADUATED, graduated), (VOLUME, volume), (PACKS, package)):
        plan = published(calls(**{"unit_price": None} | model))
        assert nets(january(plan, use("a", "01-05 12:00", units))) == expected, model


def test_3_3_nothing_used_costs_nothing_and_is_not_said():
    room = january(published(calls(), calls(component_id="tiers", **GRADUATED)))

    assert room.story() == []
    assert [each.period.until for each in room.all_of("PeriodClosed")] == [date(2026, 2, 1)]


@pytest.mark.parametrize(("at_zero", "expected"), [(True, ["9.00"]), (False, [])])
def test_u11_the_plan_says_whether_nothing_costs_the_flat_part(at_zero, expected):
    tiers = [{"up_to": "10", "unit_price": "1.00", "flat": "9.00"}, {"unit_price": "0.50"}]
    said = calls(model="graduated", tiers=tiers, flat_at_zero=at_zero, unit_price=None)

    assert nets(january(published(said))) == expected
    assert nets(january(published(said), use("a", "01-05 12:00", "1"))) == ["10.00"]


def test_u12_bucket_and_capacity_cost_the_interval_that_is_reached():
    tiers = [{"up_to": "10", "flat": "5.00"}, {"flat": "8.00"}]
    bucket = calls(model="bucket", tiers=tiers, flat_at_zero=False, unit_price=None)
    peak = bucket | {"component_id": "peak", "model": "capacity", "aggregation": "max"}

    room = january(
        published(bucket, peak), use("a", "01-05 12:00", "6"), use("b", "01-06 12:00", "5")
    )

    assert room.story() == [
        "02-02 calls[01-01,02-01) 11=8.00",
        "02-02 peak[01-01,02-01) 6=5.00",
    ]


def test_u50_a_line_is_rounded_once():
    said = calls(
        unit_price="0.09", price_base_quantity="60", connect_fee="0.05",
        step={"first": "60", "next": "10"},
    )  # fmt: skip
    usage = [use(q, f"01-0{n} 12:00", q) for n, q in enumerate(("1", "60", "61", "125"), start=1)]

    # 0.14 + 0.14 + 0.155 + 0.245; the units are 60 + 60 + 70 + 130.
    assert january(published(said), *usage).story() == ["02-02 calls[01-01,02-01) 320=0.68"]


def test_u40_a_line_is_rounded_half_away_from_zero():
    assert nets(january(published(calls(unit_price="0.005")), use("a", "01-05 12:00", "1"))) == [
        "0.01"
    ]


def test_u03_the_local_day_decides_and_ends_are_exclusive():
    usage = [
        use("a", "01-31 23:59:59.999999", "1"),
        use("b", "02-01 00:00", "10"),
        use("c", "01-01 00:00", "100"),
    ]
    room = MeterRoom(published(calls())).register().hear(*usage).until(3, 2)

    assert room.story() == [
        "02-02 calls[01-01,02-01) 101=10.10",
        "03-02 calls[02-01,03-01) 10=1.00",
    ]


@pytest.mark.parametrize(
    ("hours", "day"), [(None, "02-02"), (0, "02-01"), (1, "02-02"), (24, "02-02"), (25, "02-03")]
)
def test_u30_a_period_closes_when_its_delay_is_over(hours, day):
    room = MeterRoom(published(calls(), billing_delay_hours=hours)).register()
    room.hear(use("a", "01-05 12:00", "1")).until(2, 20)

    assert room.story() == [f"{day} calls[01-01,02-01) 1=0.10"]


def test_usage_within_the_delay_is_charged_in_its_own_period():
    room = MeterRoom(published(calls())).register().until(2, 1)

    room.hear(use("b", "02-01 00:30", "10"), use("a", "01-31 23:00", "1")).until(3, 2)

    assert room.story() == [
        "02-02 calls[01-01,02-01) 1=0.10",
        "03-02 calls[02-01,03-01) 10=1.00",
    ]


def test_u14_an_allowance_is_used_up_in_the_order_of_time_and_in_rounded_units():
    said = calls(bands=DAY_AND_NIGHT, unit_price=None, free_units="100", step="60")
    day, night = use("day", "01-05 12:00", "61"), use("night", "01-05 21:00", "50")

    # 120 units by day are 100 free and 20 at 0.20; then 60 at 0.10.
    for usage in ((day, night), (night, day)):
        assert january(published(said), *usage).story() == ["02-02 calls[01-01,02-01) 180=10.00"]


def test_u14_what_comes_late_uses_the_allowance_of_its_own_period():
    said = calls(free_units="100")
    room = january(published(said), use("a", "01-05 12:00", "40"))

    room.hear(use("b", "01-06 12:00", "70")).until(3, 2)

    assert room.story() == [
        "02-02 calls[01-01,02-01) 40=0.00",
        "02-03 ~calls[01-01,02-01) 70=1.00",
    ]


def test_u13_free_events_and_a_free_amount_are_those_of_the_first_by_time():
    share = {"rate": "10", "free_events": 1, "free_amount": "5.00", "minimum_per_event": "0.50"}
    said = calls(model="percentage", percentage=share, value="amount", unit_price=None)
    usage = [
        use("c", "01-07 12:00", "1", amount="1.00"),
        use("a", "01-05 12:00", "1", amount="100.00"),
        use("b", "01-06 12:00", "1", amount="25.00"),
    ]

    # a is free; of b 5.00 are; 10 % of 20.00 are 2.00, of 1.00 they are 0.10, at least 0.50.
    assert nets(january(published(said), *usage)) == ["2.50"]


def test_u54_filters_choose_and_groups_are_counted_apart():
    said = calls(
        model="graduated", tiers=TIERS, unit_price=None,
        filters={"kind": ["mobile"]}, group_by=["sim"],
    )  # fmt: skip
    usage = [
        use("a", "01-05 12:00", "100", kind="mobile", sim="1"),
        use("b", "01-05 12:00", "60", kind="mobile", sim="2"),
        use("c", "01-05 12:00", "1000", kind="fixed", sim="1"),
        use("d", "01-06 12:00", "50", kind="mobile", sim="2"),
    ]

    room = january(published(said), *usage)

    assert room.story() == [
        "02-02 calls:1[01-01,02-01) 100=10.00",
        "02-02 calls:2[01-01,02-01) 110=10.80",
    ]
    # What no component counts is kept and told (U-55).
    assert [(e.meter, e.events, e.quantity) for e in room.all_of("UsageUnpriced")] == [
        ("seconds", 1, "1000")
    ]


@pytest.mark.parametrize(
    ("units", "net", "bounds"),
    [("40", "5.00", "1.00"), ("50", "5.00", None), ("51", "5.10", None), ("81", "8.00", "-0.10")],
)
def test_u53_a_component_costs_no_less_than_its_minimum_and_no_more(units, net, bounds):
    said = calls(minimum="5.00 EUR", maximum="8.00 EUR")

    found = january(published(said), use("a", "01-05 12:00", units)).all_of("UsageCharged")

    assert [each.net.amount for each in found] == [net]
    assert [each.bounds and each.bounds.amount for each in found] == [bounds]


def test_u53_a_maximum_holds_for_all_groups_of_a_component_together():
    plan = published(calls(maximum="5.00 EUR", group_by=["sim"]))
    some = [use("a", "01-05 12:00", "40", sim="A"), use("b", "01-05 12:00", "30", sim="B")]

    # 4.00 and 3.00, and 2.00 off both.
    assert sorted(map(str, nets(january(plan, *some)))) == ["-2.00", "3.00", "4.00"]


def test_u15_a_minimum_is_by_days_where_the_contract_has_a_part():
    said = published(calls(minimum="31.00 EUR"))
    room = MeterRoom(said).register(starts_on=date(2026, 1, 15), billing_anchor_on=date(2026, 1, 1))

    assert room.until(2, 2).story() == ["02-02 calls[01-15,02-01) 0=17.00"]


def test_u62_tiers_are_said_with_their_shares_of_the_net():
    said = calls(model="graduated", tiers=TIERS, unit_price=None)

    found = january(published(said), use("a", "01-05 12:00", "501.1")).all_of("UsageCharged")[0]

    assert found.net.amount == "42.06"
    assert [(t.up_to, t.quantity, t.unit_price, t.net.amount) for t in found.tiers] == [
        ("100", "100", "0.1", "10.00"),
        ("500", "400", "0.08", "32.00"),
        (None, "1.1", "0.05", "0.06"),
    ]
    assert isinstance(found.tiers[0], TierUsed)


def changed(on, plan_id):
    return ContractChanged(**C1, effective_on=on, plan_id=plan_id)


def test_u58_a_b_a_on_three_days_is_one_cumulative_quantity():
    other = [{"up_to": "150", "unit_price": "1.00"}, {"unit_price": "0.01"}]
    first = published(calls(**GRADUATED))
    second = published(calls(model="graduated", tiers=other, unit_price=None), plan_id="other")
    room = MeterRoom(first, second).register()
    room.hear(changed(date(2026, 1, 10), "other"), changed(date(2026, 1, 11), "basic"))

    room.hear(use("c", "01-11 12:00", "300"), use("b", "01-10 12:00", "60"))
    room.hear(use("a", "01-09 12:00", "100")).until(2, 2)

    # 100 at 0.10; 50 at 1.00 and 10 at 0.01; from 160 to 460 units 300 at 0.08.
    assert room.story() == ["02-02 calls[01-01,02-01) 460=84.10"]


# 5 units before the change and 3 behind it, of 31 days 15 and 16. The flat price of a period, 31.00
# by days, is shared by the days of each side.
@pytest.mark.parametrize(
    ("price", "alone", "apart"),
    [
        ({"unit_price": "1.00"}, ("5.00", "3.00"), ("5.00", "3.00")),
        ({"model": "flat", "unit_price": "31.00"}, ("15.00", "16.00"), ("15.00", "16.00")),
    ],
)
def test_u58_what_is_used_before_and_behind_another_group_by_is_rated_side_by_side(
    price, alone, apart
):
    whole = published(metered("calls", meter="m", **price))
    grouped = published(metered("calls", meter="m", **price, group_by=["kind"]), plan_id="grouped")
    mobile, found = {"kind": "mobile"}, {}
    for first, then in ((whole, grouped), (grouped, whole)):
        room = MeterRoom(whole, grouped).register(plan_id=first.plan_id)
        room.hear(
            use("a", "01-05 12:00", "5", "m", kind="mobile"),
            ContractChanged(**C1, plan_id=then.plan_id, effective_on=date(2026, 1, 16)),
            use("b", "01-20 12:00", "3", "m", kind="mobile"),
        )
        said = room.until(2, 2).all_of("UsageCharged")
        found[first.plan_id] = {str(each.group): str(each.net.amount) for each in said}
    assert found == {
        "basic": {"None": alone[0], str(mobile): alone[1]},
        "grouped": {str(mobile): apart[0], "None": apart[1]},
    }


def test_u53_a_minimum_stands_beside_groups_and_what_was_used_without_them():
    bounds = {"minimum": "20.00 EUR", "meter": "m", "unit_price": "1.00"}
    whole = published(metered("calls", **bounds))
    grouped = published(metered("calls", **bounds, group_by=["kind"]), plan_id="grouped")
    room = MeterRoom(whole, grouped).register(plan_id="grouped")
    room.hear(
        use("a", "01-05 12:00", "5", "m", kind="mobile"),
        ContractChanged(**C1, plan_id="basic", effective_on=date(2026, 1, 16)),
        use("b", "01-20 12:00", "3", "m", kind="mobile"),
    )
    assert sorted(str(each) for each in nets(room.until(2, 2))) == ["12.00", "3.00", "5.00"]


def test_u58_a_peak_is_of_each_segment_and_shared_by_days():
    tiers = [{"up_to": "10", "flat": "31.00"}, {"flat": "62.00"}]
    peak = calls(model="capacity", tiers=tiers, flat_at_zero=False, aggregation="max",
                 unit_price=None)  # fmt: skip
    dearer = peak | {"tiers": [{"up_to": "10", "flat": "310.00"}, {"flat": "620.00"}]}
    room = MeterRoom(published(peak), published(dearer, plan_id="other")).register()
    room.hear(changed(date(2026, 1, 11), "other"))

    room.hear(use("a", "01-05 12:00", "20"), use("b", "01-20 12:00", "5")).until(2, 2)

    # 10 of 31 days at 62.00 and 21 of 31 at 310.00.
    assert nets(room) == ["230.00"]


def test_u58_a_weighted_sum_integrates_per_segment_and_its_level_goes_on():
    level = calls(aggregation="weighted_sum", unit_price="31.00")
    dearer = level | {"unit_price": "310.00"}
    room = MeterRoom(published(level), published(dearer, plan_id="other")).register()
    room.hear(changed(date(2026, 1, 11), "other"))

    room.hear(use("a", "01-02 00:00", "2"), use("b", "01-21 00:00", "-1")).until(3, 2)

    # 9 days of 2 at 1.00; 10 days of 2 and 11 of 1 at 10.00; February goes on with 1.
    assert nets(room) == ["328.00", "310.00"]


def test_persistent_units_are_counted_by_days_and_go_on():
    seats = calls(unit_price="31.00", persistent=True)
    room = MeterRoom(published(seats)).register()

    room.hear(use("a", "01-01 09:00", "2"), use("b", "01-31 23:00", "1")).until(3, 2)

    # 2 for 31 days and 1 for a day; 3 in February.
    assert room.story() == [
        "02-02 calls[01-01,02-01) 2.032258064516=63.00",
        "03-02 calls[02-01,03-01) 3=93.00",
    ]


def test_a_level_goes_on_into_the_next_period_also_before_the_one_before_is_closed():
    seats = calls(unit_price="31.00", persistent=True)
    room = MeterRoom(published(seats)).register()

    room.hear(use("a", "01-01 09:00", "2")).until(2, 1)
    room.hear(use("b", "02-01 09:00", "1")).bill_now().until(3, 2)

    # On 1 February January is over and not closed yet: two seats go on, and one comes.
    assert room.story() == [
        "02-01 calls[01-01,02-01) 2=62.00",
        "02-01 calls[02-01,03-01) 3=93.00",
    ]


@pytest.mark.parametrize(
    ("aggregation", "quantity"),
    [
        ("count", "4"),
        ("max", "7"),
        ("min", "2"),
        ("last", "5"),
        ("unique_count", "3"),
        ("sum", "16"),
    ],
)
def test_3_2_what_events_come_to(aggregation, quantity):
    usage = [
        use("a", "01-05 12:00", "2"),
        use("z", "01-09 12:00", "5"),
        use("c", "01-06 12:00", "7"),
        use("b", "01-09 11:59", "2"),
    ]
    said = calls(aggregation=aggregation, unit_price="1")

    room = january(published(said), *usage)

    assert [each.quantity for each in room.all_of("UsageCharged")] == [quantity]
