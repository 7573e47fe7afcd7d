"""What lacks a base rate is seen by who watches (R-93b)."""

from datetime import date

import pytest

from schemas.days import DayBegan
from services.dunning.app import worker
from tests.support.desk import Desk
from tests.support.events import ACME, invoice, policy, registered, reminder, terms

AGREED = {"due_date_is_agreed": True}
JULY_1, JULY_2 = date(2026, 7, 1), date(2026, 7, 2)
PLAIN, RATED = policy(reminder(6)), policy(reminder(6), interest=True)
HOLDING = ACME.model_copy(update={"missing_base_rate": "hold"})
PUBLISHED = HOLDING.model_copy(update={"base_rates": {JULY_1: "1.40"}})


@pytest.mark.parametrize(
    ("entity", "published", "day", "lacking", "still"),
    [
        (ACME, RATED, JULY_1, 0, 0),
        (ACME, RATED, JULY_2, 1, 0),
        (HOLDING, RATED, JULY_1, 0, 0),
        (HOLDING, RATED, JULY_2, 1, 1),
        (HOLDING, PLAIN, JULY_2, 0, 0),
        (PUBLISHED, RATED, JULY_2, 0, 0),
    ],
)
def test_policies_that_lack_a_rate_and_those_that_stand_still(
    entity, published, day, lacking, still
):
    began = DayBegan(legal_entity_id="acme", day=day)
    known = terms(published).including(entity).including(began)

    assert worker.gauges(known) == {
        "policies_without_base_rate": lacking,
        "policies_standing_still": still,
    }


def test_of_a_policy_the_last_version_counts():
    began = DayBegan(legal_entity_id="acme", day=JULY_2)
    known = terms(RATED, PLAIN.model_copy(update={"version": 2})).including(began)

    assert worker.gauges(known)["policies_without_base_rate"] == 0


@pytest.mark.parametrize(
    ("entity", "counted"),
    [
        (ACME, ["letter_without_interest"]),
        (HOLDING, ["letter_held_for_base_rate"]),
        (PUBLISHED, []),
    ],
)
def test_each_letter_that_lacks_interest_or_is_held_is_counted_once(entity, counted):
    given = Desk(terms(RATED).including(entity))
    given.hear(registered(**AGREED), invoice("A", "1000.00", date(2026, 6, 26)))
    given.until(date(2026, 7, 10))

    assert [name for _, said in given.said if (name := worker.counts(said))] == counted
