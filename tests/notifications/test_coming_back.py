"""What reaches nobody, or comes back: the next way, the closed address, and copies."""

from datetime import date

import pytest
from pydantic import ValidationError

from schemas.message import Refused
from services.notifications import audit
from tests.support.correspondent import (
    MAIL,
    PostRoom,
    cancelled,
    moved,
    our_invoice,
    reminded,
    resend,
    reset,
    returned,
)
from tests.support.events import customer


def room(**more):
    return PostRoom(**more).open()


def delivery_of(post, name):
    return next(e.delivery_id for e in post.all_of("DeliveryIntended") if e.document.id == name)


def test_an_invoice_whose_mail_was_refused_goes_by_letter_at_once():
    post = room().hear(our_invoice("R1")).make().fail_to_hand_over().hand_over()

    assert post.told() == [
        "DeliveryIntended R1 email by default",
        "DispatchFailed R1 email: refused, then letter",
        "DeliveryIntended R1 letter by fallback",
        "Dispatched R1 letter 2026-02-01",
    ]


def test_the_letter_after_a_mail_has_an_id_of_its_own():
    post = room().hear(our_invoice("R1")).make().fail_to_hand_over()

    mail, letter = post.all_of("DeliveryIntended")
    assert mail.delivery_id != letter.delivery_id
    assert post.all_of("DispatchFailed")[0].delivery_id == mail.delivery_id


def test_a_letter_that_cannot_be_handed_over_ends_in_the_archive():
    post = room(customer=customer(dispatch="letter")).hear(our_invoice("R1")).make()

    assert post.fail_to_hand_over("no_window").told()[1:] == [
        "DispatchFailed R1 letter: no_window, then archive",
        "DeliveryIntended R1 archive by fallback",
        "Dispatched R1 archive 2026-02-01",
    ]


def test_a_letter_that_a_person_says_is_to_go_again_goes_once_more_under_another_id():
    post = PostRoom(customer=customer()).open().hear(our_invoice("A")).make()
    first = post.deliveries[0]

    post.fail_to_hand_over("settled_by_hand", again=True)

    second = post.deliveries[0]
    assert (first.channel, second.channel) == ("letter", "letter")
    assert first.delivery_id != second.delivery_id
    post.hand_over()
    assert [each.fallback for each in post.all_of("DispatchFailed")] == ["letter", "letter"]
    assert [each.delivery_id for each in post.all_of("Dispatched")] == [second.delivery_id]
    assert [*audit.faults(each for _, each in post.said)] == []


def test_a_reminder_that_is_to_go_again_waits_for_the_next_day_and_goes_the_same_way():
    post = PostRoom().open().hear(reminded("r-1", "A")).make()
    post.fail_to_hand_over("settled_by_hand", again=True)
    assert post.deliveries == []

    post.until(2, 2)

    assert [each.channel for each in post.deliveries] == ["email"]
    assert len({each.delivery_id for each in post.all_of("DeliveryIntended")}) == 2


def test_a_mail_that_reached_another_mailbox_is_not_repeated():
    who = customer(invoice_recipients=("a@example.org", "b@example.org"))
    post = PostRoom(customer=who).open().hear(our_invoice("A")).make()

    post.fail_to_hand_over("settled_by_hand", again=True).hand_over()

    assert len(post.all_of("DeliveryIntended")) == 2
    assert [*audit.faults(each for _, each in post.said)] == []


def test_one_bad_mailbox_of_two_holds_up_and_repeats_nothing():
    boxes = ("a@example.org", "b@example.org")
    post = room(customer=customer(invoice_recipients=boxes)).hear(our_invoice("R1")).make()

    post.fail_to_hand_over().hand_over()

    assert post.told()[2:] == ["DispatchFailed R1 email: refused", "Dispatched R1 email 2026-02-01"]


def test_where_both_mailboxes_are_bad_one_letter_goes():
    boxes = ("a@example.org", "b@example.org")
    post = room(customer=customer(invoice_recipients=boxes)).hear(our_invoice("R1")).make()

    post.fail_to_hand_over().fail_to_hand_over()

    assert post.told()[2:] == [
        "DispatchFailed R1 email: refused",
        "DispatchFailed R1 email: refused, then letter",
        "DeliveryIntended R1 letter by fallback",
    ]


def test_a_reminder_whose_mail_was_refused_goes_by_letter_on_the_next_day():
    post = room().hear(reminded("D1", "R1")).make().fail_to_hand_over()
    assert post.told()[1:] == ["DispatchFailed D1 email: refused, then letter"]

    post.until(2, 2).hand_over()

    assert post.told()[2:] == [
        "DeliveryIntended D1 letter by fallback",
        "Dispatched D1 letter 2026-02-02",
    ]


def test_the_next_way_waits_over_a_day_that_is_late():
    post = room().hear(reminded("D1", "R1")).make().fail_to_hand_over().until(2, 2, late=True)
    assert post.deliveries == []

    assert [each.channel for each in post.until(2, 3).deliveries] == ["letter"]


@pytest.mark.parametrize("ends", [cancelled("D1"), reset()])
def test_no_letter_follows_a_mail_whose_reminder_is_not_true_any_more(ends):
    post = room().hear(reminded("D1", "R1")).make().fail_to_hand_over().hear(ends).until(2, 5)

    assert post.deliveries == []


def test_a_mail_that_came_back_after_its_run_has_ended_brings_no_letter():
    post = room().hear(reminded("D1", "R1")).work().hear(reset())

    post.hear(returned(delivery_of(post, "D1"))).until(2, 5)

    assert post.told()[2:] == ["Bounced D1 email", "DispatchFailed D1 email: came_back"]


def test_what_came_back_closes_the_mailbox_for_later_documents():
    post = room().hear(our_invoice("R1")).work()
    post.hear(returned(delivery_of(post, "R1"))).hand_over()
    assert post.told()[2:] == [
        "Bounced R1 email",
        "DispatchFailed R1 email: came_back, then letter",
        "DeliveryIntended R1 letter by fallback",
        "Dispatched R1 letter 2026-02-01",
    ]

    assert post.hear(our_invoice("R2")).make().told()[6:] == [
        "DispatchFailed R2 email: address_closed, then letter",
        "DeliveryIntended R2 letter by fallback",
    ]


def test_the_mailbox_is_open_again_when_the_customer_changes():
    post = room().hear(our_invoice("R1")).work()
    post.hear(returned(delivery_of(post, "R1")), moved(email=MAIL)).work()

    assert post.hear(our_invoice("R2")).make().told()[-1] == "DeliveryIntended R2 email by default"


def test_a_letter_that_came_back_closes_the_postal_address():
    post = room(customer=customer(dispatch="letter")).hear(our_invoice("R1")).work()

    post.hear(returned(delivery_of(post, "R1"), "moved away"), our_invoice("R2")).make()

    assert post.told()[2:] == [
        "Bounced R1 letter",
        "DispatchFailed R1 letter: came_back, then archive",
        "DeliveryIntended R1 archive by fallback",
        "Dispatched R1 archive 2026-02-01",
        "DispatchFailed R2 letter: address_closed, then archive",
        "DeliveryIntended R2 archive by fallback",
        "Dispatched R2 archive 2026-02-01",
    ]


def test_another_mailbox_is_tried_where_one_of_two_is_closed():
    boxes = ("a@example.org", "b@example.org")
    post = room(customer=customer(invoice_recipients=boxes)).hear(our_invoice("R1")).make()
    post.fail_to_hand_over(closes=True).hand_over()

    assert [each.to for each in post.hear(our_invoice("R2")).make().deliveries] == ["b@example.org"]


def test_a_mail_refused_for_today_closes_no_mailbox():
    post = room().hear(our_invoice("R1")).make().fail_to_hand_over("over quota").work()

    assert post.hear(our_invoice("R2")).make().told()[-1] == "DeliveryIntended R2 email by default"


def test_what_comes_back_before_it_has_left_waits():
    post = room().hear(our_invoice("R1")).make()
    post.hear(returned(delivery_of(post, "R1")))
    assert len(post.waiting) == 1

    assert post.hand_over().told()[2:4] == [
        "Bounced R1 email",
        "DispatchFailed R1 email: came_back, then letter",
    ]


def test_what_never_left_cannot_come_back():
    post = room().hear(our_invoice("R1")).make().fail_to_hand_over()

    with pytest.raises(Refused, match="what never left cannot come back"):
        post.hear(returned(delivery_of(post, "R1")))


def test_a_copy_is_the_same_file_marked_as_one_and_moves_no_clock():
    post = room().hear(reminded("D1", "R1")).make("d").hand_over().until(2, 9)

    post.hear(resend("D1")).hand_over()

    first, copy = post.all_of("Dispatched")
    assert (copy.is_copy, copy.dunning_id, copy.invoice_id) == (True, None, None)
    assert (copy.document.hash, copy.dispatched_on) == ("d" * 64, date(2026, 2, 9))
    assert copy.delivery_id != first.delivery_id
    assert len(post.all_of("DocumentDrafted")) == 1


def test_a_second_copy_is_another_delivery():
    post = room().hear(our_invoice("R1")).work()

    post.hear(resend("R1")).work().hear(resend("R1")).work()

    assert len({each.delivery_id for each in post.all_of("Dispatched")}) == 3


def test_a_copy_goes_where_the_clerk_says():
    post = room().hear(our_invoice("R1")).work()

    post.hear(resend("R1", to="tax@example.org")).hand_over().hear(resend("R1", channel="letter"))

    assert post.all_of("DeliveryIntended")[1].to == "tax@example.org"
    assert post.told()[4] == "DeliveryIntended R1 letter by clerk"


def test_a_copy_that_cannot_be_handed_over_has_no_other_way():
    post = room().hear(our_invoice("R1")).work().hear(resend("R1")).fail_to_hand_over()

    assert post.told()[-1] == "DispatchFailed R1 email: refused"


def test_a_copy_to_a_mailbox_by_letter_is_no_instruction():
    with pytest.raises(ValidationError, match="only e-mail goes to a mailbox"):
        resend("R1", to="tax@example.org", channel="letter")


def test_a_copy_of_what_is_on_its_way_is_refused():
    with pytest.raises(Refused, match="it is on its way"):
        room().hear(our_invoice("R1"), resend("R1"))


def test_a_copy_of_a_reminder_that_is_held_is_refused():
    with pytest.raises(Refused, match="it was not sent, and is not to be sent"):
        room().hear(reminded("D1", "R1", send="manual"), resend("D1"))


def test_a_copy_of_what_nobody_knows_waits():
    assert len(room().hear(resend("R1")).waiting) == 1


def test_what_could_not_be_made_is_tried_again_when_somebody_asks_and_is_no_copy():
    post = room().hear(our_invoice("R1")).fail_to_make().hear(moved(email=MAIL), resend("R1"))

    post.work()

    [sent] = post.all_of("Dispatched")
    assert (sent.is_copy, sent.invoice_id) == (False, "R1")


def test_a_copy_years_later_closes_no_more_than_the_mailbox_it_went_to():
    post = room().hear(our_invoice("R1")).work().hear(resend("R1", to="old@example.org")).work()
    copy = post.all_of("Dispatched")[1]

    post.hear(returned(copy.delivery_id), our_invoice("R2")).make()

    assert post.told()[-1] == "DeliveryIntended R2 email by default"


def test_a_mail_that_was_not_taken_by_a_full_mailbox_goes_by_letter_and_closes_nothing():
    post = room().hear(our_invoice("R1")).make().hand_over()
    full = returned(delivery_of(post, "R1"), "5.2.2").model_copy(update={"closes": False})

    post.hear(full).hand_over().hear(our_invoice("R2")).make("b")

    assert post.told()[2:] == [
        "Bounced R1 email",
        "DispatchFailed R1 email: came_back, then letter",
        "DeliveryIntended R1 letter by fallback",
        "Dispatched R1 letter 2026-02-01",
        "DeliveryIntended R2 email by default",
    ]
