"""What a customer is told, when, and which way: invoices, credit notes and reminders."""

from datetime import date

import pytest

from schemas.contracts import ContractChanged
from schemas.message import Refused
from schemas.prepaid import Drawn
from tests.support.correspondent import (
    MAIL,
    PostRoom,
    cancelled,
    moved,
    our_credit_note,
    our_invoice,
    released,
    reminded,
    reset,
)
from tests.support.events import customer, eur, invoice

FIRST = date(2026, 2, 1)


def room(**more):
    return PostRoom(**more).open()


def test_an_invoice_of_ours_is_made_then_intended_then_dispatched():
    post = room().hear(our_invoice("R1"))
    assert (post.told(), [each.document_id for each in post.drafts]) == ([], ["R1"])

    post.make()
    assert post.told() == ["DeliveryIntended R1 email by default"]

    post.hand_over()
    assert post.told()[1:] == ["Dispatched R1 email 2026-02-01"]


def test_a_dispatch_names_the_document_by_its_hash_and_when_it_left():
    [sent] = room().hear(our_invoice("R1")).make("b").hand_over().all_of("Dispatched")

    assert (sent.invoice_id, sent.dunning_id, sent.to) == ("R1", None, MAIL)
    assert (sent.document.hash, sent.document.number) == ("b" * 64, "R-R1")
    assert (sent.sent_at.isoformat(), sent.is_copy) == ("2026-02-01T09:00:00+00:00", False)


def test_an_invoice_from_outside_was_sent_by_whoever_issued_it():
    assert room().hear(invoice("R1", "100.00", date(2026, 1, 16))).said == []


def test_what_comes_before_the_contract_waits_for_it():
    post = PostRoom().hear(our_invoice("R1"), reminded("D1", "R1"))
    assert (post.said, len(post.waiting)) == ([], 2)

    post.open().work()

    assert [each.document.id for each in post.all_of("Dispatched")] == ["R1", "D1"]


def test_each_mailbox_for_invoices_has_a_delivery_of_its_own():
    boxes = ("a@example.org", "b@example.org")
    post = room(customer=customer(email=MAIL, invoice_recipients=boxes))

    post.hear(our_invoice("R1")).make()

    assert [each.to for each in post.deliveries] == ["a@example.org", "b@example.org"]
    assert len({each.delivery_id for each in post.deliveries}) == 2


def test_a_reminder_goes_to_one_mailbox_as_its_clock_runs_from_one_dispatch():
    boxes = ("a@example.org", "b@example.org")
    post = room(customer=customer(email=MAIL, invoice_recipients=boxes))

    post.hear(reminded("D1", "R1")).make()

    assert [each.to for each in post.deliveries] == [MAIL]


def test_without_a_mailbox_of_their_own_the_first_for_invoices_gets_the_reminder():
    boxes = ("a@example.org", "b@example.org")
    post = room(customer=customer(invoice_recipients=boxes)).hear(reminded("D1", "R1")).make()

    assert [each.to for each in post.deliveries] == ["a@example.org"]


def test_a_reminder_sent_automatically_is_told_at_once():
    post = room().hear(reminded("D1", "R1")).work()

    assert post.told() == ["DeliveryIntended D1 email by default", "Dispatched D1 email 2026-02-01"]
    assert post.all_of("Dispatched")[0].dunning_id == "D1"


def test_a_manual_reminder_is_told_when_dunning_releases_it():
    post = room().hear(reminded("D1", "R1", send="manual"))
    assert (post.drafts, post.said) == ([], [])

    post.until(2, 4).hear(released("D1")).work()

    assert post.told()[-1] == "Dispatched D1 email 2026-02-04"


def test_a_release_before_its_reminder_waits():
    post = room().hear(released("D1"))
    assert len(post.waiting) == 1

    post.hear(reminded("D1", "R1", send="manual")).work()

    assert len(post.all_of("Dispatched")) == 1


def test_a_manual_reminder_that_was_cancelled_is_never_told():
    post = room().hear(reminded("D1", "R1", send="manual"), cancelled("D1"), released("D1"))

    assert post.work().said == []


def test_a_reminder_cancelled_while_it_is_made_is_not_sent():
    post = room().hear(reminded("D1", "R1"), cancelled("D1")).make()

    assert post.told() == []


def test_a_reminder_whose_run_ended_while_it_is_made_is_not_sent_and_dunning_hears_of_it():
    post = room().hear(reminded("D1", "R1"), reset()).make()

    assert post.told() == ["DispatchFailed D1 email: run_over"]


def test_a_reminder_whose_run_has_ended_before_it_is_heard_is_not_made():
    post = room().hear(reset(), reminded("D1", "R1"))

    assert (post.drafts, post.told()) == ([], ["DispatchFailed D1 email: run_over"])


def test_a_reminder_that_is_released_after_its_run_is_not_made():
    post = room().hear(reminded("D1", "R1", send="manual"), reset(), released("D1"))

    assert (post.drafts, post.told()) == ([], ["DispatchFailed D1 email: run_over"])


def test_the_end_of_another_run_cancels_nothing():
    assert len(room().hear(reset("run-0"), reminded("D1", "R1")).drafts) == 1


@pytest.mark.parametrize(
    ("step", "wish", "email", "told"),
    [
        ("default", None, MAIL, ["DeliveryIntended D1 email by default"]),
        ("default", "letter", MAIL, ["DeliveryIntended D1 letter by customer"]),
        ("email", "letter", MAIL, ["DeliveryIntended D1 email by step"]),
        ("letter", "email", MAIL, ["DeliveryIntended D1 letter by step"]),
        (
            "archive",
            "email",
            MAIL,
            ["DeliveryIntended D1 archive by step", "Dispatched D1 archive 2026-02-01"],
        ),
        (
            "email",
            None,
            None,
            [
                "DispatchFailed D1 email: no_address, then letter",
                "DeliveryIntended D1 letter by fallback",
            ],
        ),
        (
            "default",
            None,
            None,
            [
                "DispatchFailed D1 email: no_address, then letter",
                "DeliveryIntended D1 letter by fallback",
            ],
        ),
    ],
)
def test_the_step_decides_then_the_customer_then_e_mail(step, wish, email, told):
    more = {"dispatch": wish} if wish else {}
    more |= {"email": email} if email else {}
    post = room(customer=customer(**more)).hear(reminded("D1", "R1", dispatch=step)).make()

    assert post.told() == told


def test_a_letter_goes_to_the_billing_address():
    bills = customer()["address"] | {"name": "Buchhaltung", "city": "Bonn"}
    post = room(customer=customer(billing_address=bills, dispatch="letter"))

    [intended] = post.hear(our_invoice("R1")).make().deliveries

    assert (intended.recipient.address.city, intended.recipient.email) == ("Bonn", None)
    assert intended.to is None


def test_a_draft_says_the_customer_of_its_day_and_a_delivery_the_mailbox_of_its_own():
    post = room().hear(our_invoice("R1"), moved(email="new@example.org"))
    assert post.drafts[0].customer.email == MAIL

    assert [each.to for each in post.make().deliveries] == ["new@example.org"]


def test_a_change_of_the_customer_counts_from_its_day():
    later = ContractChanged(
        contract_id="C1", effective_on=date(2026, 2, 3), customer=customer(email="new@example.org")
    )
    post = room().hear(later, our_invoice("R1")).make()
    assert post.deliveries[0].to == MAIL

    post.until(2, 3).hear(our_invoice("R2")).hand_over().make()

    assert [each.to for each in post.deliveries] == ["new@example.org"]


@pytest.mark.parametrize("more", [{"currency": "USD"}, {"legal_entity_id": "other"}])
def test_a_change_that_everybody_refuses_changes_no_address_here(more):
    changed = ContractChanged(contract_id="C1", customer=customer(email="new@example.org"), **more)
    post = room()

    with pytest.raises(Refused, match="a contract keeps its"):
        post.hear(changed)

    assert post.hear(our_invoice("R1")).make().deliveries[0].to == MAIL


def test_a_credit_note_names_the_invoice_it_is_of():
    post = room().hear(our_invoice("R1"), our_credit_note("G1", "40.00", invoice_id="R1"))

    corrects = post.drafts[1].corrects
    assert (corrects.number, corrects.issued_on, corrects.whole) == (
        "R-R1",
        date(2026, 1, 2),
        False,
    )


def test_a_credit_note_of_all_of_an_invoice_is_its_cancellation():
    post = room().hear(our_invoice("R1"), our_credit_note("G1", "100.00", invoice_id="R1"))

    assert post.drafts[1].corrects.whole


@pytest.mark.parametrize(("back", "whole"), [("99.99", False), ("100.00", True)])
def test_u61_a_credit_note_that_a_balance_gets_back_is_a_cancellation_only_where_it_is_all(
    back, whole
):
    paid = (Drawn(grant_id="g", money=eur("100.00")),)
    given = (Drawn(grant_id="g", money=eur(back)),)
    post = room().hear(
        our_invoice("R1", prepaid=paid),
        our_credit_note("G1", back, invoice_id="R1", prepaid=given),
    )

    assert post.drafts[1].corrects.whole == whole


def test_a_credit_note_moves_no_clock():
    post = room().hear(our_credit_note("G1", "40.00")).work()

    [sent] = post.all_of("Dispatched")
    assert (sent.document.id, sent.dunning_id, sent.invoice_id) == ("G1", None, None)


def test_an_invoice_that_nobody_has_sent_comes_with_its_reminder():
    post = room().hear(our_invoice("R1"), our_invoice("R2")).make("a").make("b").hand_over()

    post.hear(reminded("D1", "R1", "R2", "R3"))
    assert post.drafts[0].enclosed == ("R-R2",)

    post.make("c")
    reminder = post.deliveries[-1]
    assert [(each.id, each.hash) for each in reminder.enclosed] == [("R2", "b" * 64)]


def test_where_that_invoice_cannot_be_made_the_reminder_is_drafted_again_without_it():
    post = room().hear(our_invoice("R1"), reminded("D1", "R1"))
    assert [each.enclosed for each in post.drafts] == [(), ("R-R1",)]

    post.fail_to_make().make()
    assert [(each.attempt, each.enclosed) for each in post.drafts] == [(2, ())]

    post.make()
    assert [each.enclosed for each in post.deliveries] == [()]


def test_a_document_that_cannot_be_made_is_said_to_reach_nobody():
    post = room().hear(reminded("D1", "R1")).fail_to_make()

    assert post.told() == ["DispatchFailed D1 email: address_does_not_fit"]
    assert post.all_of("DispatchFailed")[0].dunning_id == "D1"
