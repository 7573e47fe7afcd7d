"""Fees and the lump sum, both sides of each edge."""

from datetime import date

import pytest

from services.dunning.damages.fees import lump_sum, reminder_fee


@pytest.mark.parametrize(
    ("said", "kind", "currency", "fee"),
    [
        (0, "consumer", "EUR", 0),  # zero is the default
        (250, "consumer", "EUR", 250),
        (251, "consumer", "EUR", 250),
        (1500, "business", "EUR", 1500),
        (1500, "consumer", "CHF", 1500),  # no cap is known there
    ],
)
def test_r95_a_fee_is_capped_by_customer_type(said, kind, currency, fee):
    assert reminder_fee(said, kind=kind, currency=currency, causes_default=False) == fee


@pytest.mark.parametrize("kind", ["consumer", "business"])
def test_r92_the_reminder_that_causes_the_default_carries_no_fee(kind):
    assert reminder_fee(250, kind=kind, currency="EUR", causes_default=True) == 0


@pytest.mark.parametrize(
    ("kind", "issued_on", "currency", "cents"),
    [
        ("business", date(2014, 7, 29), "EUR", 4000),
        ("business", date(2014, 7, 28), "EUR", 0),
        ("consumer", date(2026, 3, 2), "EUR", 0),
        ("business", date(2026, 3, 2), "CHF", 0),
    ],
)
def test_r93_the_lump_sum_is_for_businesses_and_claims_of_the_new_law(
    kind, issued_on, currency, cents
):
    assert lump_sum(kind=kind, issued_on=issued_on, currency=currency) == cents
