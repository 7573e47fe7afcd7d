"""The catalogue, and what its messages refuse."""

import json
from datetime import date

import pytest
from pydantic import ValidationError

from schemas.invoices import InvoiceIssued, LinePeriod
from schemas.message import ContractMessage
from schemas.orders import AddItem, GrantDiscount
from schemas.terms import LegalEntityPublished
from schemas.topics import CATALOGUE, FROM_OUTSIDE, topic_of
from tests.support.events import ACME, eur, invoice, policy, webhook

MARCH_1 = date(2026, 3, 1)
MESSAGES = sorted({m for t in CATALOGUE for m in t.messages}, key=lambda each: each.__name__)


@pytest.mark.parametrize("shape", MESSAGES, ids=lambda shape: shape.__name__)
def test_the_identity_of_a_message_is_made_of_its_fields(shape):
    assert set(shape.identity) <= set(shape.model_fields)


@pytest.mark.parametrize("shape", MESSAGES, ids=lambda shape: shape.__name__)
def test_every_message_has_a_schema(shape):
    assert json.dumps(shape.model_json_schema())


def test_what_we_say_has_an_identity_from_which_its_id_comes():
    ours = [m for t in CATALOGUE if t.writer == "dunning" for m in t.messages]

    assert [m.__name__ for m in ours if not m.identity] == []


def test_a_type_belongs_to_one_topic_from_outside():
    names = [m.__name__ for t in FROM_OUTSIDE for m in t.messages]

    assert len(names) == len(set(names))
    assert topic_of("WriteOff").name == "instructions"
    assert topic_of("EntryPosted") is None
    assert topic_of("DayDone") is None


def test_the_days_that_are_done_have_a_topic_of_their_own():
    carriers = [t.name for t in CATALOGUE if t.message("DayDone")]

    assert carriers == ["usage.days", "invoicing.days", "dunning.days", "notifications.days"]


def test_unknown_fields_are_ignored():
    data = json.loads(invoice("A", "50.00", MARCH_1).model_dump_json()) | {"colour": "red"}

    assert InvoiceIssued.model_validate_json(json.dumps(data)).gross == eur("50.00")


def test_a_period_is_said_from_and_until():
    period = LinePeriod.model_validate_json('{"from":"2026-03-01","until":"2026-04-01"}')

    assert period.model_dump_json() == '{"from":"2026-03-01","until":"2026-04-01"}'
    with pytest.raises(ValidationError, match="ends before it begins"):
        LinePeriod.model_validate_json('{"from":"2026-03-02","until":"2026-03-01"}')


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"gross": eur("-1.00")}, "must not be negative"),
        ({"tax": eur("1.00")}, "net and tax do not make gross"),
        ({"number": ""}, "at least 1 character"),
    ],
)
def test_what_is_no_invoice(change, problem):
    with pytest.raises(ValidationError, match=problem):
        InvoiceIssued(**dict(invoice("A", "50.00", MARCH_1)) | change)


def test_a_line_by_instruction_has_one_price():
    for item in ({}, {"net": eur("1.00"), "quantity": "1", "unit_price": "1"}):
        with pytest.raises(ValidationError, match="either net, or"):
            AddItem(contract_id="C1", name="Setup", **item)


def test_a_discount_is_a_percentage_or_an_amount():
    with pytest.raises(ValidationError, match="either percent or amount"):
        GrantDiscount(contract_id="C1")


def test_a_zone_that_nobody_knows_is_refused():
    with pytest.raises(ValidationError, match="unknown time zone"):
        LegalEntityPublished(**dict(ACME) | {"time_zone": "Europe/Atlantis"})


@pytest.mark.parametrize(
    "more", [{"thresholds": {"EUR": "-1.00"}}, {"thresholds": {"EUR": "1.001"}}, {"steps": ()}]
)
def test_what_is_no_policy(more):
    steps = more.pop("steps", (webhook(5),))
    with pytest.raises(ValidationError):
        policy(*steps, **more)


def test_r20_the_hash_of_a_policy_is_of_its_content_without_defaults():
    plain = policy(webhook(5))

    assert plain.hash() == policy(webhook(5), min_notice_days=14).hash()
    assert plain.hash() != policy(webhook(6)).hash()
    assert plain.hash() == "4b679874b0b71abb3aba7042e6cfe7a0"


def test_only_terms_and_days_belong_to_no_contract():
    free = {m.__name__ for m in MESSAGES if not issubclass(m, ContractMessage)}

    assert free == {
        "DayBegan",
        "DayDone",
        "EndpointPublished",
        "LegalEntityPublished",
        "PlanPublished",
        "PolicyPublished",
        "PriceListPublished",
        "TemplatesPublished",
    }
