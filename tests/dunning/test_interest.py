"""Default interest, with its figures written out."""

from datetime import date
from decimal import Decimal

import pytest

from services.dunning.damages import interest as rules
from services.dunning.damages.interest import (
    InterestTerms,
    NoBaseRate,
    Principal,
    base_rate,
    interest,
    loaded_until,
    points,
)

CONSUMER = InterestTerms("consumer", date(2022, 11, 1))
BUSINESS = InterestTerms("business", date(2022, 11, 1))
THOUSAND = [Principal(date(2000, 1, 1), 100_000)]


@pytest.mark.parametrize(
    ("from_on", "until", "terms", "cents"),
    [
        # 31 days at 4.12 are 3.499, 31 days at 6.62 are 5.622: 3.50 + 5.62
        (date(2022, 12, 1), date(2023, 2, 1), CONSUMER, 912),
        # 31 days at 8.12 are 6.896, 31 days at 10.62 are 9.020: 6.90 + 9.02
        (date(2022, 12, 1), date(2023, 2, 1), BUSINESS, 1592),
        # 30 days over a half-year without a change are one segment: 3.386, not 1.69 + 1.69
        (date(2018, 6, 16), date(2018, 7, 16), CONSUMER, 339),
        # 31/365 + 31/366 of 41.20 are 6.989; 62/365 would be 6.998
        (date(2019, 12, 1), date(2020, 2, 1), CONSUMER, 699),
        (date(2019, 11, 28), date(2020, 3, 1), CONSUMER, 1059),  # 34/365 + 60/366: 10.592
        (date(2023, 1, 1), date(2023, 1, 1), CONSUMER, 0),
        (date(2023, 1, 1), date(2023, 1, 2), CONSUMER, 18),  # 0.181
    ],
)
def test_r94_actual_days_of_each_year_and_one_rounding_per_rate(from_on, until, terms, cents):
    assert interest(THOUSAND, [(from_on, until)], terms) == cents


def test_r94_the_day_of_a_part_payment_is_not_counted():
    # 10 days on 1000.00 are 1.814, 21 days on 400.00 are 1.524: rounded once, 3.337
    owed = [*THOUSAND, Principal(date(2023, 1, 11), 40_000)]

    assert interest(owed, [(date(2023, 1, 1), date(2023, 2, 1))], CONSUMER) == 334


def test_r98_days_between_two_periods_of_default_bear_nothing():
    # 10 days and 10 days at 6.62 are 1.814 each; the deferral cuts the segment
    periods = [(date(2023, 1, 1), date(2023, 1, 11)), (date(2023, 2, 1), date(2023, 2, 11))]

    assert interest(THOUSAND, periods, CONSUMER) == 181 + 181


@pytest.mark.parametrize(
    ("kind", "issued_on", "expected"),
    [
        ("consumer", date(2014, 7, 28), 5),
        ("consumer", date(2014, 7, 29), 5),
        ("business", date(2014, 7, 28), 8),
        ("business", date(2014, 7, 29), 9),
    ],
)
def test_r93_claims_of_the_old_law_bear_eight_points(kind, issued_on, expected):
    assert points(kind, issued_on) == expected


@pytest.mark.parametrize(
    ("issued_on", "cents"),
    [(date(2014, 7, 28), 617), (date(2014, 7, 29), 702)],  # 7.27 and 8.27 for 31 days of August
)
def test_r93_the_law_is_that_of_the_day_of_issue(issued_on, cents):
    august = (date(2014, 8, 1), date(2014, 9, 1))

    assert interest(THOUSAND, [august], InterestTerms("business", issued_on)) == cents


@pytest.mark.parametrize(
    ("day", "percent"),
    [
        (date(2013, 1, 1), "-0.13"),
        (date(2016, 6, 30), "-0.83"),
        (date(2016, 7, 1), "-0.88"),
        (date(2022, 12, 31), "-0.88"),
        (date(2023, 1, 1), "1.62"),
        (date(2023, 7, 1), "3.12"),
        (date(2024, 1, 1), "3.62"),
        (date(2024, 7, 1), "3.37"),
        (date(2025, 1, 1), "2.27"),
        (date(2025, 7, 1), "1.27"),
        (date(2026, 6, 30), "1.27"),
    ],
)
def test_r93_the_base_rate_of_a_day(day, percent):
    assert base_rate(day) == Decimal(percent)


@pytest.mark.parametrize("day", [date(2012, 12, 31), date(2026, 7, 1)])
def test_r93_a_day_without_a_loaded_rate_is_an_error(day):
    with pytest.raises(NoBaseRate, match=f"no base rate is loaded for {day}"):
        base_rate(day)


def test_r93_interest_through_the_last_loaded_day_and_not_beyond():
    assert interest(THOUSAND, [(date(2026, 6, 30), date(2026, 7, 1))], CONSUMER) == 17  # 0.172

    with pytest.raises(NoBaseRate):
        interest(THOUSAND, [(date(2026, 6, 30), date(2026, 7, 2))], CONSUMER)


@pytest.mark.parametrize(("owed", "cents"), [(18_250, 1), (18_249, 0)])
def test_r94_halves_go_up(owed, cents):
    # 182.50 at the contract's own 1 percent are half a cent a day.
    own = InterestTerms("consumer", date(2023, 1, 1), Decimal(1))
    principal = [Principal(date(2023, 1, 1), owed)]

    assert interest(principal, [(date(2023, 3, 1), date(2023, 3, 2))], own) == cents


def test_the_contracts_own_rate_needs_no_base_rate():
    own = InterestTerms("business", date(2022, 11, 1), Decimal("7.3"))  # 20 cents a day on 1000.00

    assert interest(THOUSAND, [(date(2027, 1, 1), date(2027, 1, 11))], own) == 200


def test_the_table_of_base_rates_says_which_values_were_confirmed():
    assert [each.from_on for each in rules.BASE_RATES if not each.confirmed] == [
        date(2023, 7, 1),
        date(2024, 1, 1),
        date(2024, 7, 1),
        date(2025, 1, 1),
        date(2025, 7, 1),
        date(2026, 1, 1),
    ]


@pytest.mark.parametrize(
    ("day", "percent"),
    [
        (date(2026, 6, 30), "1.27"),
        (date(2026, 7, 1), "1.40"),
        (date(2026, 12, 31), "1.40"),
        (date(2025, 6, 30), "2.30"),  # a correction of what is built in
        (date(2025, 7, 1), "1.27"),
    ],
)
def test_r93_a_published_base_rate_holds_for_its_half_year(day, percent):
    published = {date(2026, 7, 1): "1.40", date(2025, 1, 1): "2.30"}

    assert base_rate(day, published) == Decimal(percent)


def test_r93_a_published_base_rate_says_nothing_of_the_next_half_year():
    with pytest.raises(NoBaseRate, match="2027-01-01"):
        base_rate(date(2027, 1, 1), {date(2026, 7, 1): "1.40"})


@pytest.mark.parametrize(
    ("published", "ends"),
    [
        ({}, date(2026, 7, 1)),
        ({date(2026, 7, 1): "1.27"}, date(2027, 1, 1)),
        ({date(2026, 7, 1): "1.27", date(2027, 1, 1): "1.50"}, date(2027, 7, 1)),
        # A half-year is left out: what comes after it helps nobody.
        ({date(2027, 1, 1): "1.50"}, date(2026, 7, 1)),
        # A correction of what is loaded brings nothing later.
        ({date(2026, 1, 1): "1.30"}, date(2026, 7, 1)),
    ],
)
def test_r93b_base_rates_are_loaded_up_to_the_first_half_year_that_is_missing(published, ends):
    assert loaded_until(published) == ends
