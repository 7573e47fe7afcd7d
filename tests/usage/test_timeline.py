"""Which plan holds on a day: the last change from it or before it, up to the end of all days."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from services.usage.model import FOREVER, Change, Contract
from services.usage.timeline.life import phases, plan_on
from tests.support.events import terms
from tests.support.meters import published
from tests.support.properties import up_to

NAMES = ("basic", "other", "third")
TERMS = terms(*(published(plan_id=name) for name in NAMES))
days = st.dates(date(2026, 1, 1), date(2026, 1, 9)) | st.sampled_from((date.min, FOREVER))


def changed(*changes):
    some = (Change(from_on=day, plan=(name, 1)) for day, name in changes)
    return Contract(contract_id="C1", changes=tuple(some))


def held(contract, *asked):
    plans = (plan_on(contract, day, TERMS) for day in asked)
    return [plan and plan.plan_id for plan in plans]


def test_a_plan_holds_from_its_day_until_the_next_one_begins():
    contract = changed((date(2026, 1, 3), "basic"), (date(2026, 1, 5), "other"))

    assert held(
        contract, date(2026, 1, 2), date(2026, 1, 3), date(2026, 1, 4), date(2026, 1, 5)
    ) == [None, "basic", "basic", "other"]


def test_of_two_plans_from_one_day_the_later_said_holds():
    contract = changed((date(2026, 1, 3), "basic"), (date(2026, 1, 3), "other"))

    assert held(contract, date(2026, 1, 2), date(2026, 1, 3)) == [None, "other"]


@settings(max_examples=up_to(50), deadline=None)
@given(st.lists(st.tuples(days, st.sampled_from(NAMES)), max_size=4), days)
def test_the_plan_of_a_day_is_that_of_the_phase_in_which_it_lies(changes, day):
    contract = changed(*sorted(changes))

    of_phases = [p.plan.plan_id for p in phases(contract, TERMS) if day in p.stretch]

    assert held(contract, day) == (of_phases or [None])
