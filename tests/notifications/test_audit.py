"""What the audit of notifications finds, and what it lets pass."""

from datetime import date

from schemas.deliveries import Bounced, DeliveryIntended, Dispatched, InstrumentExpired
from services.notifications.audit import faults

C1 = {"contract_id": "C1"}


def intended(name, channel="email", **more):
    document = {"kind": "invoice", "id": "R1"}
    return DeliveryIntended(**C1, delivery_id=name, channel=channel, document=document, **more)


def left(name, channel="email"):
    document = {"kind": "invoice", "id": "R1"}
    on = date(2026, 2, 1)
    return Dispatched(**C1, delivery_id=name, channel=channel, document=document, dispatched_on=on)


def back(name):
    return Bounced(
        **C1, delivery_id=name, channel="email", document={"kind": "invoice", "id": "R1"}
    )


def test_a_letter_after_a_mail_that_came_back_is_in_order():
    said = intended("a"), left("a"), back("a"), intended("b", "letter"), left("b", "letter")

    assert [*faults(said)] == []


def test_a_letter_while_the_mail_is_good_is_a_fault():
    found = [*faults([intended("a"), left("a"), intended("b", "letter")])]

    assert found == ["R-53: b goes while email is good"]


def test_a_copy_by_letter_while_the_mail_is_good_is_none():
    assert [*faults([intended("a"), left("a"), intended("b", "letter", is_copy=True)])] == []


def test_a_delivery_is_intended_and_leaves_once():
    found = [*faults([left("a"), intended("a"), intended("a"), left("a")])]

    assert found == [
        "R-120: a left and was never intended",
        "R-120: a is intended twice",
        "R-120: a left twice",
    ]


def test_the_end_of_a_card_is_told_once():
    ended = InstrumentExpired(**C1, instrument_id="K", expires_on=date(2026, 4, 1))

    assert [*faults([ended, ended])] == ["R-97: InstrumentExpired K 2026-04-01 is told twice"]
