"""What endpoints are told of a contract: each event once, in order, numbered without a gap."""

import json
from datetime import UTC, date, datetime
from typing import get_args

import pytest
from pydantic import ValidationError

from schemas import topics
from schemas.deliveries import DeliveryReturned
from schemas.endpoints import EndpointPublished, EventType
from schemas.escalations import PaymentEscalated
from tests.support.correspondent import C1, PostRoom, our_invoice, reminded

AT = datetime(2026, 2, 6, 9, tzinfo=UTC)


def endpoint(name="shop", *types, **more):
    said = {
        "endpoint_id": name,
        "version": 1,
        "legal_entity_id": "acme",
        "url": f"https://{name}.example/hook",
        "types": types or ("InvoiceIssued",),
        "secret_ref": f"file:{name}",
    }
    return EndpointPublished(**said | more)


def room(*endpoints):
    return PostRoom().open().publish(*endpoints)


def told(post):
    """Return what was intended, a line each: to whom, the how many'th, and what."""
    events = [each.event for each in post.all_of("DeliveryIntended") if each.event]
    return [f"{each.endpoint_id} {each.sequence} {each.type}" for each in events]


def bodies(post):
    intended = post.all_of("DeliveryIntended")
    return [json.loads(each.posting.body) for each in intended if each.posting]


def escalated(days=5):
    said = {
        "payment_escalation_process_id": "run-1",
        "customer_id": "K1",
        "trigger_days": days,
        "due_date": date(2026, 1, 16),
        "receivable_id": "R1",
        "reopening": 0,
        "step": days,
    }
    return PaymentEscalated(**C1, **said)


def test_what_can_be_asked_for_is_all_that_we_say_of_invoices_debts_letters_and_deliveries():
    said = (
        topics.INVOICES,
        topics.RECEIVABLES,
        topics.REMINDERS,
        topics.ESCALATIONS,
        topics.DELIVERIES,
    )
    every = {message for each in said for message in each.messages} - {DeliveryReturned}

    assert {*get_args(EventType)} == {each.__name__ for each in every}


def test_an_endpoint_hears_what_it_asks_for_and_nothing_else():
    post = room(endpoint("shop", "InvoiceIssued", "PaymentEscalated"))

    post.hear(our_invoice("R1"), escalated(), reminded("D1", "R1"), our_invoice("R2"))

    assert told(post) == ["shop 1 InvoiceIssued", "shop 2 PaymentEscalated", "shop 3 InvoiceIssued"]


def test_who_asks_for_nothing_hears_nothing():
    assert told(room(endpoint(types=())).hear(our_invoice("R1"))) == []


def test_the_endpoint_of_another_legal_entity_hears_nothing():
    assert told(room(endpoint(legal_entity_id="other")).hear(our_invoice("R1"))) == []


def test_what_is_said_of_the_posting_itself_is_not_posted():
    post = room(endpoint("shop", "InvoiceIssued", "DeliveryIntended", "Dispatched"))

    post.hear(our_invoice("R1")).post().make().hand_over()
    while post.postings:
        post.post()

    assert told(post) == [
        "shop 1 InvoiceIssued",
        "shop 2 DeliveryIntended",
        "shop 3 Dispatched",
    ]
    assert [each["data"]["delivery_id"] for each in bodies(post)[1:]] == [
        each.delivery_id for each in post.all_of("Dispatched") if each.channel == "email"
    ] * 2


def test_each_endpoint_counts_by_itself_and_has_a_lane_of_its_own():
    post = room(endpoint("shop"), endpoint("books", "InvoiceIssued", "PaymentEscalated"))

    post.hear(our_invoice("R1"), escalated())

    assert told(post) == [
        "shop 1 InvoiceIssued",
        "books 1 InvoiceIssued",
        "books 2 PaymentEscalated",
    ]
    assert [each.posting.lane for each in post.postings] == [0, 1, 1]


@pytest.mark.parametrize(("before", "lane"), [(1, 1), (7, 7), (8, 0), (9, 1)])
def test_endpoints_of_other_entities_have_lanes_before_it(before, lane):
    others = [endpoint(f"o{n}", legal_entity_id=f"other-{n}") for n in range(before)]

    post = room(*others, endpoint("shop")).hear(our_invoice("R1"))

    assert [each.posting.lane for each in post.postings] == [lane]


def test_a_new_version_counts_on_in_the_same_lane():
    post = room(endpoint("shop"), endpoint("books")).hear(our_invoice("R1"))

    post.publish(endpoint("shop", version=2, url="https://new.example/")).hear(our_invoice("R2"))

    assert told(post)[2:] == ["shop 2 InvoiceIssued", "books 2 InvoiceIssued"]
    assert [each.posting.url for each in post.postings][2:] == [
        "https://new.example/",
        "https://books.example/hook",
    ]
    assert [each.posting.lane for each in post.postings] == [0, 1, 0, 1]


def test_a_thin_body_says_what_it_is_about_and_no_more():
    [body] = bodies(room(endpoint("shop")).hear(our_invoice("R1")))

    assert body == {
        "type": "InvoiceIssued",
        "sequence": 1,
        "day": "2026-02-01",
        "payload": "thin",
        "data": {"contract_id": "C1", "invoice_id": "R1"},
    }


def test_a_full_body_says_all_that_was_said():
    [body] = bodies(room(endpoint("shop", payload="full")).hear(our_invoice("R1")))

    assert (body["payload"], body["data"]["gross"]) == (
        "full",
        {"amount": "100.00", "currency": "EUR"},
    )
    assert body["data"]["due_on"] == "2026-01-16"


def test_what_would_be_too_long_is_told_thin():
    # An item takes some 250 characters.
    names = [f"R{number}" for number in range(300)]
    post = room(endpoint("shop", "ReminderCreated", payload="full"))

    short, long = bodies(post.hear(reminded("D1", "R1"), reminded("D2", *names)))

    assert (short["payload"], len(short["data"]["items"])) == ("full", 1)
    assert (long["payload"], long["data"]) == ("thin", {"contract_id": "C1", "dunning_id": "D2"})


def test_what_was_taken_is_dispatched_and_moves_nobodys_clock():
    post = room(endpoint("shop")).hear(our_invoice("R1")).post()

    [sent] = post.all_of("Dispatched")
    assert (sent.channel, sent.event.sequence, sent.invoice_id, sent.document) == (
        "webhook",
        1,
        None,
        None,
    )
    assert (sent.dispatched_on, post.postings) == (date(2026, 2, 1), [])


def test_what_was_not_taken_goes_no_other_way_and_the_next_shows_the_gap():
    post = room(endpoint("shop")).hear(our_invoice("R1"), our_invoice("R2"))

    post.post(reason="endpoint_refuses").post()

    [failed] = post.all_of("DispatchFailed")
    assert (failed.event.sequence, failed.reason, failed.fallback) == (1, "endpoint_refuses", None)
    assert [each.event.sequence for each in post.all_of("Dispatched")] == [2]


def test_that_an_endpoint_is_disabled_is_told_once_each_time_it_is():
    post = room(endpoint("shop"), endpoint("books", "EndpointDisabled"))
    post.hear(our_invoice("R1"), our_invoice("R2"), our_invoice("R3"))

    post.post(reason="endpoint_failed_for_days", disabled_at=AT)
    post.post(reason="endpoint_failed_for_days", disabled_at=AT)
    post.post(reason="endpoint_gone", disabled_at=AT.replace(hour=10))

    disabled = post.all_of("EndpointDisabled")
    assert [(each.endpoint_id, each.disabled_at, each.reason) for each in disabled] == [
        ("shop", AT, "endpoint_failed_for_days"),
        ("shop", AT.replace(hour=10), "endpoint_gone"),
    ]
    assert len(post.all_of("DispatchFailed")) == 3
    assert told(post)[3:] == ["books 1 EndpointDisabled", "books 2 EndpointDisabled"]


def test_what_came_before_the_contract_is_told_when_the_contract_is_there():
    post = PostRoom().publish(endpoint("shop")).hear(our_invoice("R1"))
    assert told(post) == []

    assert told(post.open()) == ["shop 1 InvoiceIssued"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "http://shop.example/"},
        {"url": "https://shop.example/a b"},
        {"secret_ref": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
        {"secret_ref": "file:../etc/passwd"},
        {"types": ("PaymentReceived",)},
        {"version": 0},
    ],
)
def test_what_is_no_endpoint_is_refused(wrong):
    with pytest.raises(ValidationError):
        endpoint(**wrong)
