"""Whoever meters is told before a period ends, where the plan asks for it."""

from datetime import date

import pytest

from schemas.contracts import ContractEnded
from tests.support.office import Office
from tests.support.tariffs import flat, plan

C1 = {"contract_id": "C1"}
CALLS = flat("calls", "1.00", meter="calls")


def told(office):
    return [
        f"{day:%m-%d}: {each.ends_on:%m-%d}"
        for day, each in office.said
        if type(each).__name__ == "PeriodEnding"
    ]


def asking(days, **more):
    return Office(plan(metered=(CALLS,), period_ending_days=days, **more)).register()


@pytest.mark.parametrize(
    ("last", "said"),
    [
        (date(2026, 1, 29), []),
        (date(2026, 1, 30), ["01-30: 02-01"]),
        (date(2026, 2, 26), ["01-30: 02-01"]),
        (date(2026, 2, 27), ["01-30: 02-01", "02-27: 03-01"]),
    ],
)
def test_an_end_is_told_once_so_many_days_before_it(last, said):
    assert told(asking(2).until(last)) == said


def test_the_end_of_the_contract_is_one_of_its_periods():
    office = asking(2).until(date(2026, 1, 10)).hear(ContractEnded(**C1, ends_on=date(2026, 1, 20)))

    assert told(office.until(date(2026, 3, 1))) == ["01-18: 01-20"]


def test_an_end_that_comes_sooner_than_it_could_be_told_is_told_at_once():
    office = asking(5).until(date(2026, 1, 10)).hear(ContractEnded(**C1, ends_on=date(2026, 1, 12)))

    assert told(office) == ["01-10: 01-12"]


def test_on_late_days_it_is_told_with_the_next_that_is_not():
    office = asking(3).until(date(2026, 1, 28)).until(date(2026, 1, 29), late=True)
    assert told(office) == []

    assert told(office.until(date(2026, 1, 30))) == ["01-30: 02-01"]


@pytest.mark.parametrize("plan_", [plan(metered=(CALLS,)), plan(period_ending_days=2)])
def test_without_a_wish_or_without_meters_nothing_is_told(plan_):
    assert told(Office(plan_).register().until(date(2026, 3, 1))) == []
