"""What a metered charge and a price list may say; what they must not is told where published."""

import json
from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from schemas.days import DayBegan
from schemas.price_lists import PriceListPublished
from schemas.terms import Terms
from schemas.usage import UsageRecorded
from tests.support.meters import metered, published

DAY = {"weekdays": [1, 2, 3, 4, 5, 6, 7], "from": "08:00", "until": "20:00", "unit_price": "0.10"}
NIGHT = DAY | {"from": "20:00", "until": "08:00", "unit_price": "0.05"}
LIST = {"price_list_id": "abroad", "property": "to"}


def calls(**more):
    return metered("calls", meter="seconds", **{"unit_price": "0.10"} | more)


def plan(*charges, **more):
    return published(*charges, **more)


@pytest.mark.parametrize(
    "charge",
    [
        calls(step="60"),
        calls(step={"first": "60", "next": "10"}, connect_fee="0.05"),
        calls(bands=[DAY, NIGHT], split=True, unit_price=None),
        calls(price_list=LIST, unit_price=None),
        calls(filters={"kind": ["mobile", "fixed"]}, group_by=["sim"]),
        calls(minimum="5.00 EUR", maximum="5.00 EUR"),
        calls(bands=[DAY | {"holidays": "never"}, NIGHT, DAY | {"holidays": "only"}]),
    ],
)
def test_a_metered_charge_may_say(charge):
    assert plan(charge).metered[0].component_id == "calls"


@pytest.mark.parametrize(
    ("charge", "problem"),
    [
        (calls(step="0"), "a step must be more than nothing"),
        (calls(step={"first": "60", "next": "0"}), "a step must be more than nothing"),
        (calls(bands=[DAY]), "day 1 at 00:00 is in 0 bands"),
        (calls(bands=[DAY, NIGHT, NIGHT]), "day 1 at 00:00 is in 2 bands"),
        (calls(bands=[DAY, NIGHT | {"holidays": "never"}]), "is in 0 bands"),
        (calls(bands=[DAY, NIGHT | {"weekdays": [1, 2, 3, 4, 5, 6]}]), "day 1 at 00:00 is in 0"),
        (calls(split=True), "only bands can split an event"),
        (calls(price_list=LIST, bands=[DAY, NIGHT]), "either bands or a price_list"),
        (calls(model="package", package_size="10", price_list=LIST), "prices of a unit"),
        (calls(minimum="5.01 EUR", maximum="5.00 EUR"), "minimum is more than maximum"),
        (calls(minimum_per_event="2", maximum_per_event="1"), "more than maximum_per_event"),
        (calls(minimum_per_event="1", aggregation="max"), "a max is not the sum of its events"),
        (calls(billing_period="P1Y"), "in the plan's rhythm"),
        (calls(unit_price=None), "a per_unit charge needs a unit_price"),
        (
            calls(
                model="percentage",
                percentage={"rate": "1", "minimum_per_event": "0.10"},
                minimum_per_event="0.20",
            ),
            "a bound per event is said twice",
        ),
    ],
)
def test_a_charge_that_cannot_be_rated_is_refused_where_it_is_published(charge, problem):
    with pytest.raises(ValidationError, match=problem):
        plan(charge)


def test_what_is_about_events_belongs_to_metered_charges():
    with pytest.raises(ValidationError, match="connect_fee belongs to metered charges"):
        plan(recurring=[metered("base", unit_price="30.00", connect_fee="0.05")])


@pytest.mark.parametrize(
    ("alert", "problem"),
    [
        ({"component_id": "calls"}, "either quantity or net"),
        ({"quantity": "100"}, "a quantity is one of a component"),
        ({"component_id": "texts", "quantity": "100"}, "a component that the plan has not"),
        ({"net": {"amount": "5.00", "currency": "CHF"}}, "are in EUR"),
    ],
)
def test_an_alert_says_what_it_is_about(alert, problem):
    with pytest.raises(ValidationError, match=problem):
        plan(calls(), alerts=[alert])


def part(number, *prefixes, parts=2, **more):
    entries = [{"prefix": each, "unit_price": f"0.{each}"} for each in prefixes]
    said = {"price_list_id": "abroad", "version": 1, "legal_entity_id": "acme", "part": number}
    return PriceListPublished.model_validate_json(
        json.dumps(said | {"parts": parts, "entries": entries} | more, default=str)
    )


def test_u51_a_list_counts_when_all_its_parts_are_there_and_the_longest_prefix_wins():
    terms = Terms().including(DayBegan(legal_entity_id="acme", day=date(2026, 3, 1)))
    terms = terms.including(part(1, "4", "43"))
    assert terms.price_list("abroad", date(2026, 3, 1)) is None

    terms = terms.including(part(2, "431"))

    found = terms.price_list("abroad", date(2026, 3, 1))
    assert [found.entry(n).unit_price for n in ("4311", "4399", "49", "43")] == [
        "0.431",
        "0.43",
        "0.4",
        "0.43",
    ]
    assert found.entry("1") is None
    # Without valid_from it counts from the day on which it was said.
    assert terms.price_list("abroad", date(2026, 2, 28)) is None


def test_u51_the_version_that_counts_is_the_last_that_began():
    terms = Terms().including(part(1, "4", parts=1, valid_from=date(2026, 1, 1)))
    terms = terms.including(part(1, "4", parts=1, version=2, valid_from=date(2026, 2, 1)))

    found = [terms.price_list("abroad", date(2026, m, d)) for m, d in ((1, 31), (2, 1))]

    assert [each.version for each in found] == [1, 2]


def test_u51_a_prefix_twice_is_an_error_of_the_list_in_a_part_and_across_parts():
    with pytest.raises(ValidationError, match="a prefix stands in the list twice"):
        part(1, "4", "4")
    terms = Terms().including(part(1, "4")).including(part(2, "4"))
    assert terms.price_list("abroad", date(2026, 3, 1)) is None


@pytest.mark.parametrize(
    "instant",
    [
        "2026-03-01T12:00:00",
        "1899-12-31T00:00:00Z",
        # Pydantic would read seconds since 1970 here: usage of 1 January 1970.
        "0",
        "1767225600",
        "2026-03-01 12:00:00Z",
        "2026-03-01T12:00Z",
        "2026-03-01T12:00:00+0100",
        "2026-03-01T12:00:60Z",
    ],
)
def test_usage_occurs_at_an_instant_of_our_time_with_its_offset(instant):
    text = f'{{"contract_id":"C1","meter":"m","quantity":"1","occurred_at":"{instant}"}}'
    with pytest.raises(ValidationError, match="occurred_at"):
        UsageRecorded.model_validate_json(text)


@pytest.mark.parametrize("instant", ["2026-03-01T12:00:00Z", "2026-03-01t13:00:00+01:00"])
def test_usage_occurs_when_rfc_3339_says_so(instant):
    text = f'{{"contract_id":"C1","meter":"m","quantity":"1","occurred_at":"{instant}"}}'

    assert UsageRecorded.model_validate_json(text).occurred_at == datetime(
        2026, 3, 1, 12, tzinfo=UTC
    )
