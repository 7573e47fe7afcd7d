"""Billing: periods in advance and in arrears, on time and late."""

from datetime import date

from tests.support.office import Office, plan


def test_a_contract_is_billed_monthly_in_advance():
    office = Office(plan()).register().until(date(2026, 3, 5))

    assert office.story() == [
        "01-01 R-1 35.70 base[01-01,02-01)=30.00",
        "02-01 R-2 35.70 base[02-01,03-01)=30.00",
        "03-01 R-3 35.70 base[03-01,04-01)=30.00",
    ]


def test_a_contract_is_billed_monthly_in_arrears():
    office = Office(plan(bill="in_arrears")).register().until(date(2026, 3, 5))

    assert office.story() == [
        "02-01 R-1 35.70 base[01-01,02-01)=30.00",
        "03-01 R-2 35.70 base[02-01,03-01)=30.00",
    ]
