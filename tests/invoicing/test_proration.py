"""Parts of prices and credits, with their figures written out."""

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tariffs.periods import Period, enclosing, period
from services.tariffs.proration import NOTHING, Part, charge, credit, days_of
from tests.invoicing.test_periods import ANCHORS, DURATIONS

THIRTY = Fraction(3000)  # 30.00 EUR


def day(text):
    return date.fromisoformat(text)


def share(from_on, until, whole, *, duration="P1M", proration="actual"):
    how = {"duration": duration, "proration": proration}
    return days_of(Period(from_on, until), whole, **how), days_of(whole, whole, **how)


@pytest.mark.parametrize(
    ("from_on", "until", "cents"),
    [
        ("2026-01-15", "2026-02-01", 1645),  # 17/31 are 16.4516
        ("2026-01-01", "2026-02-01", 3000),
        ("2026-01-02", "2026-02-01", 2903),  # 30/31 are 29.0323
        ("2026-01-31", "2026-02-01", 97),  # 1/31 is 0.9677
        ("2026-01-01", "2026-01-02", 97),
        ("2026-02-01", "2026-02-15", 1500),  # 14/28
        ("2024-02-01", "2024-02-15", 1448),  # 14/29 are 14.4828
        ("2026-04-16", "2026-05-01", 1500),  # 15/30
    ],
)
def test_u20_a_piece_costs_its_days_of_the_days_of_its_period(from_on, until, cents):
    whole = enclosing(day("2024-01-01"), "P1M", day(from_on))
    served, days = share(day(from_on), day(until), whole)

    assert charge(THIRTY, served=served, whole=days) == cents


def test_u20_the_denominator_comes_from_the_original_anchor():
    # Anchored on the 31st, the period around 15 February is 31 Jan to 28 Feb: 28 days, not 31.
    whole = enclosing(day("2026-01-31"), "P1M", day("2026-02-15"))
    served, days = share(day("2026-02-15"), day("2026-02-28"), whole)

    assert (served, days) == (13, 28)
    assert charge(THIRTY, served=served, whole=days) == 1393  # 13.9286


@pytest.mark.parametrize(
    ("from_on", "until", "days", "cents"),
    [
        ("2026-01-15", "2026-02-01", 16, 1600),  # 14 used, the rest is 16
        ("2026-01-01", "2026-01-15", 14, 1400),
        ("2026-01-01", "2026-01-31", 30, 3000),  # used days as they are, at most 30
        ("2026-01-01", "2026-01-30", 29, 2900),
        ("2026-01-31", "2026-02-01", 0, 0),
        ("2026-01-30", "2026-02-01", 1, 100),
        ("2026-01-01", "2026-02-01", 30, 3000),
        ("2026-02-01", "2026-02-15", 14, 1400),
        ("2026-02-15", "2026-03-01", 16, 1600),
        ("2026-02-28", "2026-03-01", 3, 300),  # the last day takes what is missing of 30
        ("2026-04-16", "2026-05-01", 15, 1500),
    ],
)
def test_u20_fixed_30_counts_used_days_and_the_rest_is_30_minus_used(from_on, until, days, cents):
    whole = enclosing(day("2026-01-01"), "P1M", day(from_on))
    served, of = share(day(from_on), day(until), whole, proration="fixed_30")

    assert (served, of) == (days, 30)
    assert charge(THIRTY, served=served, whole=of) == cents


@pytest.mark.parametrize(
    ("duration", "days"), [("P1M", 30), ("P3M", 90), ("P1Y", 360), ("P1W", 7), ("P14D", 14)]
)
def test_fixed_30_is_30_a_month_and_leaves_days_and_weeks_as_they_are(duration, days):
    whole = period(day("2026-01-01"), duration, 0)

    assert days_of(whole, whole, duration=duration, proration="fixed_30") == days


def test_u22_a_change_of_price_cuts_the_period_and_each_piece_has_days_of_its_own():
    # 30.00 for 14 of 31 days are 13.548, 60.00 for 17 of 31 are 32.903
    assert charge(THIRTY, served=14, whole=31) == 1355
    assert charge(Fraction(6000), served=17, whole=31) == 3290


def test_u20_pieces_at_one_price_cost_together_what_one_piece_would_have():
    # Three pieces of 10.00: 3.226, 3.226 and 3.548, and the last one closes the whole.
    first = charge(Fraction(1000), served=10, whole=31)
    second = charge(Fraction(1000), served=20, whole=31, billed=first)
    third = charge(Fraction(1000), served=31, whole=31, billed=first + second)

    assert (first, second, third) == (323, 322, 355)


def test_what_was_billed_and_is_not_served_comes_back_negative():
    assert charge(THIRTY, served=14, whole=31, billed=3000) == -1645


def test_u23_each_credit_is_rounded_by_itself_and_the_last_takes_the_rest():
    billed = Part(1000, 31)
    first = credit(billed, days=10)  # 3.2258
    second = credit(billed, days=10, credited=Part(first, 10))  # 3.2258 by itself, not 6.45 - 3.23
    last = credit(billed, days=11, credited=Part(first + second, 20))

    assert (first, second, last) == (323, 323, 354)


@pytest.mark.parametrize(
    ("days", "cents"),
    [(31, 3000), (30, 2903), (17, 1645), (16, 1548), (1, 97), (0, 0)],
)
def test_u23_unused_days_of_a_whole_line_give_back_their_share(days, cents):
    assert credit(Part(3000, 31), days=days) == cents


def test_u23_a_full_credit_is_the_original_exactly_also_of_a_prorated_line():
    assert credit(Part(1645, 17), days=17) == 1645
    assert credit(Part(1645, 17), days=5) == 484  # 4.8382


def test_u23_no_credit_is_more_than_what_is_left():
    # Halves of a cent: 3 cents over 6 days give 1, 1, 1 and then nothing.
    billed, given = Part(3, 6), NOTHING
    amounts = []
    for _ in range(6):
        amounts.append(credit(billed, days=1, credited=given))
        given = Part(given.amount + amounts[-1], given.days + 1)

    assert amounts == [1, 1, 1, 0, 0, 0]


def test_u23_a_discount_line_comes_back_with_its_sign():
    assert credit(Part(-1000, 31), days=10) == -323
    assert credit(Part(-1000, 31), days=21, credited=Part(-323, 10)) == -677


@pytest.mark.parametrize(("days", "before"), [(32, 0), (22, 10), (-1, 10)])
def test_no_more_days_are_credited_than_were_billed(days, before):
    with pytest.raises(ValueError, match="days more than"):
        credit(Part(3000, 31), days=days, credited=Part(0, before))


def test_u40_whole_units_stay_whole_units():
    assert charge(Fraction(3_000_00), served=17, whole=31, step=100) == 1645_00
    assert credit(Part(1645_00, 17), days=5, step=100) == 484_00


PRORATIONS = st.sampled_from(["actual", "fixed_30"])
PRICES = st.fractions(min_value=0, max_value=10**7, max_denominator=10**6)
STEPS = st.sampled_from([1, 10, 100])


@st.composite
def cuts(draw):
    """A period of any anchor with any cut of it, as the days of its pieces and of the whole."""
    duration, proration = draw(DURATIONS), draw(PRORATIONS)
    whole = period(draw(ANCHORS), duration, draw(st.integers(-6, 24)))
    inner = draw(st.sets(st.integers(1, whole.days - 1), max_size=6)) if whole.days > 1 else ()
    edges = [0, *sorted(inner), whole.days]
    pieces = [
        Period(whole.from_on + timedelta(days=one), whole.from_on + timedelta(days=next_))
        for one, next_ in pairwise(edges)
    ]
    how = {"duration": duration, "proration": proration}
    return [days_of(each, whole, **how) for each in pieces], days_of(whole, whole, **how)


@given(cuts())
def test_u20_pieces_of_any_cut_count_the_days_of_the_whole(cut):
    pieces, whole = cut

    assert sum(pieces) == whole
    assert min(pieces) >= 0


@given(cuts(), PRICES, STEPS)
def test_u20_pieces_of_any_cut_add_up_to_the_cent(cut, price, step):
    pieces, whole = cut
    served = billed = 0
    for days in pieces:
        served += days
        amount = charge(price, served=served, whole=whole, billed=billed, step=step)
        assert amount >= 0
        billed += amount

    assert billed == charge(price, served=whole, whole=whole, step=step)


@given(cuts(), st.integers(-(10**7), 10**7), STEPS, st.randoms())
def test_u23_credits_of_any_cut_in_any_order_add_up_to_the_cent(cut, units, step, chance):
    pieces, whole = cut
    chance.shuffle(pieces)
    billed, given = Part(units * step, whole), NOTHING
    for days in pieces:
        amount = credit(billed, days=days, credited=given, step=step)
        assert amount * units >= 0
        given = Part(given.amount + amount, given.days + days)

    assert given == billed
