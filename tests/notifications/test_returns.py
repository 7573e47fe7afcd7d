"""What came back to the mailbox is said once, and what people wrote is left to them."""

import os
from datetime import UTC, date, datetime, timedelta

import pytest

from services.notifications.posting.returns import new_in, put_away, said_of
from tests.notifications.channels.came_back import (
    HUMAN,
    OUT_OF_OFFICE,
    PATH,
    complaint,
    forwarded,
    report,
    status,
)
from tests.notifications.channels.mails import DELIVERY

AT = datetime(2026, 2, 2, 11, tzinfo=UTC)
CONTRACTS = {DELIVERY: "C1"}
GONE = report(status("failed", "5.1.1"))
FULL = report(status("failed", "5.2.2"))
DELAYED = report(status("delayed", "4.4.1"))


@pytest.fixture
def box(tmp_path):
    (tmp_path / "new").mkdir()
    return tmp_path


def put(box, *mails, came_at=AT):
    for number, mail in enumerate(mails):
        file = box / "new" / f"{number}.host"
        file.write_text(mail)
        os.utime(file, (came_at.timestamp(), came_at.timestamp()))
    return new_in(box, return_path=PATH)


def said(box, *mails):
    """Return what is said of *mails*: why, and whether the address is closed."""
    found = said_of(put(box, *mails), CONTRACTS, at=AT)
    return [(each.contract_id, each.delivery_id, each.reason, each.closes) for each in found]


def test_a_mailbox_that_is_gone_closes_the_address(box):
    assert said(box, GONE) == [("C1", DELIVERY, "5.1.1", True)]


def test_a_mailbox_that_is_full_brings_the_mail_back_and_closes_nothing(box):
    assert said(box, FULL) == [("C1", DELIVERY, "5.2.2", False)]


def test_a_complaint_closes_the_address(box):
    assert said(box, complaint("abuse")) == [("C1", DELIVERY, "complained", True)]


def test_of_two_mails_about_one_delivery_the_one_that_closes_the_address_is_said(box):
    assert said(box, FULL, complaint("abuse")) == [("C1", DELIVERY, "complained", True)]


@pytest.mark.parametrize("mail", [HUMAN, OUT_OF_OFFICE, forwarded(), DELAYED, "", "nonsense"])
def test_what_is_no_failure_brings_nothing_back(box, mail):
    assert said(box, mail) == []


def test_a_delivery_that_nobody_knows_brings_nothing_back(box):
    assert said_of(put(box, GONE), {}, at=AT) == []


@pytest.mark.parametrize(
    ("hour", "day"), [(11, date(2026, 2, 1)), (12, date(2026, 2, 2)), (23, date(2026, 2, 2))]
)
def test_it_came_back_on_a_day_that_has_begun_in_every_zone(box, hour, day):
    at = AT.replace(hour=hour)
    [back] = said_of(put(box, GONE, came_at=at), CONTRACTS, at=at)

    assert back.returned_on == day


def test_what_is_said_again_on_a_later_day_is_the_same(box):
    mails = put(box, GONE)

    assert said_of(mails, CONTRACTS, at=AT + timedelta(days=3)) == said_of(mails, CONTRACTS, at=AT)


def test_a_mail_of_a_day_to_come_came_today(box):
    [back] = said_of(put(box, GONE, came_at=AT + timedelta(days=3)), CONTRACTS, at=AT)

    assert back.returned_on == date(2026, 2, 1)


def test_what_was_said_is_read_and_what_people_wrote_stays_unread(box):
    mails = put(box, GONE, HUMAN, DELAYED, OUT_OF_OFFICE)

    assert put_away(box, mails, CONTRACTS) == 2
    assert sorted(each.name for each in (box / "cur").iterdir()) == [
        "0.host:2,S",
        "1.host:2,",
        "2.host:2,S",
        "3.host:2,",
    ]
    assert [*(box / "new").iterdir()] == []


def test_until_it_is_put_away_it_comes_again(box):
    assert put(box, GONE) == new_in(box, return_path=PATH)
