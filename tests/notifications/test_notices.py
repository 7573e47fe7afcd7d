"""Notices before the due date and thanks: told once, moving nothing, and no letter for nothing."""

import pytest

from tests.support.correspondent import PostRoom, notice_cancelled, noticed, resend
from tests.support.events import customer

MAIL = "erika@example.org"


def room(**who):
    return PostRoom(customer=customer(**{"email": MAIL} | who)).open()


@pytest.mark.parametrize("kind", ["before_due", "thanks"])
def test_a_notice_is_made_and_goes_by_mail(kind):
    at = room().hear(noticed("N1", kind)).work()

    assert at.told() == [
        "DeliveryIntended N1 email by default",
        "Dispatched N1 email 2026-02-01",
    ]
    [draft] = at.all_of("DocumentDrafted")
    assert (draft.kind, draft.notice.notice_id, draft.reminder) == (kind, "N1", None)


def test_it_moves_no_clock_and_names_no_invoice():
    [sent] = room().hear(noticed("N1")).work().all_of("Dispatched")

    assert (sent.invoice_id, sent.dunning_id, sent.document.kind) == (None, None, "before_due")


@pytest.mark.parametrize(
    ("who", "ways"),
    [
        # A letter costs money: who reads no mail finds it in the archive, or wished letters.
        ({"email": None}, ["DispatchFailed N1 email: no_address, then archive"]),
        ({"dispatch": "letter"}, []),
    ],
)
def test_no_courtesy_falls_back_to_a_letter(who, ways):
    at = room(**who).hear(noticed("N1")).work()

    assert [each for each in at.told() if each.startswith("DispatchFailed")] == ways
    assert at.all_of("Dispatched")[0].channel == ("archive" if ways else "letter")


def test_one_that_is_refused_goes_to_the_archive():
    at = room().hear(noticed("N1")).make().fail_to_hand_over()

    assert at.told()[1:] == [
        "DispatchFailed N1 email: refused, then archive",
        "DeliveryIntended N1 archive by fallback",
        "Dispatched N1 archive 2026-02-01",
    ]


def test_what_is_paid_before_it_is_made_is_not_told():
    at = room().hear(noticed("N1"), notice_cancelled("N1")).make()

    assert at.told() == []


def test_a_cancellation_that_is_read_first_waits_for_its_notice():
    at = room().hear(notice_cancelled("N1"), noticed("N1"))

    assert at.waiting == []
    assert at.make().told() == []


def test_who_has_many_mailboxes_is_told_in_the_first():
    boxes = ("a@example.org", "b@example.org")
    at = room(invoice_recipients=boxes).hear(noticed("N1")).work()

    assert [each.to for each in at.all_of("Dispatched")] == [MAIL]


def test_a_copy_of_it_can_be_had():
    at = room().hear(noticed("N1")).work().hear(resend("N1")).work()

    assert [each.is_copy for each in at.all_of("Dispatched")] == [False, True]
