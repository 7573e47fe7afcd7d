"""The one rounding and the split, with their figures written out."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tariffs.rounding import rounded, split, step_of


@pytest.mark.parametrize(
    ("exact", "amount"),
    [
        ("0", 0),
        ("0.49", 0),
        ("0.5", 1),
        ("0.51", 1),
        ("1.4999999999999999999", 1),
        ("1.5", 2),
        ("2.5", 3),  # not to the even neighbour
        ("-0.49", 0),
        ("-0.5", -1),
        ("-1.5", -2),
        ("-2.5", -3),
        ("1645.16129", 1645),
    ],
)
def test_u40_halves_go_away_from_zero(exact, amount):
    assert rounded(Fraction(exact)) == amount


@pytest.mark.parametrize(
    ("exact", "amount"),
    [("149.999", 100), ("150", 200), ("-149.999", -100), ("-150", -200), ("250", 300)],
)
def test_u40_what_a_market_invoices_in_whole_units_is_rounded_once_to_them(exact, amount):
    assert rounded(Fraction(exact), step=100) == amount


@pytest.mark.parametrize(
    ("currency", "decimals", "step"),
    [
        ("HUF", {"HUF": 0}, 100),
        ("HUF", {}, 1),
        ("EUR", {"HUF": 0}, 1),
        ("JPY", {}, 1),
        ("KWD", {}, 1),
        ("KWD", {"KWD": 2}, 10),
        ("TND", {"TND": 0}, 1000),
    ],
)
def test_u40_a_legal_entity_may_say_fewer_decimals_of_a_currency(currency, decimals, step):
    assert step_of(currency, decimals) == step


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),  # a tie goes to the earlier one
        (101, [1, 1, 1], [34, 34, 33]),
        (10, [1, 2, 4], [1, 3, 6]),  # 1.43, 2.86, 5.71
        (5, [50, 50], [3, 2]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (0, [3, 4], [0, 0]),
        (7, [0, 5], [0, 7]),
        (1, [1, 999], [0, 1]),
    ],
)
def test_u42_what_is_left_goes_to_the_largest_remainders(total, weights, parts):
    assert split(total, weights) == parts


def test_u42_parts_of_whole_units_are_whole_units():
    assert split(10_000, [1, 1, 1], step=100) == [3_400, 3_300, 3_300]


@pytest.mark.parametrize("weights", [[], [0, 0], [2, -1]])
def test_u42_without_a_weight_there_is_nothing_to_split_by(weights):
    with pytest.raises(ValueError, match="nothing can be split"):
        split(100, weights)


@given(
    st.integers(-(10**12), 10**12),
    st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(any),
)
def test_u42_parts_add_up_and_none_is_a_unit_off_its_share(total, weights):
    parts = split(total, weights)

    assert sum(parts) == total
    whole = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(total * weight, whole)) < 1


@given(st.fractions(max_denominator=10**6), st.sampled_from([1, 10, 100]))
def test_u40_what_is_rounded_is_at_most_half_a_step_off_and_not_rounded_again(exact, step):
    amount = rounded(exact, step=step)

    assert abs(amount - exact) <= Fraction(step, 2)
    assert rounded(Fraction(amount), step=step) == amount
    assert rounded(-exact, step=step) == -amount
