"""Mails on their way to a real server: handed over, put off, given up, never on two ways."""

import asyncio
import email
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from schemas.drafts import HandedOver, NotHandedOver
from schemas.outcomes import PutOff
from services.notifications.channels.mail.return_path import ReturnPath
from services.notifications.channels.mail.sending import Mailer
from services.notifications.channels.outcome import Later, Sent, Unknown
from services.notifications.channels.pace import Pace
from services.notifications.channels.secret import Secret
from services.notifications.making.storage import Storage
from services.notifications.posting.attempts import Attempt
from services.notifications.posting.mails import MailPost
from services.notifications.posting.traffic import Traffic
from tests.notifications.channels.smtp import Post, mail_server
from tests.notifications.test_posting import intended

DELIVERY = "0b0e4c4c-5f4e-5b7a-9d3c-0123456789ab"
BEGAN = datetime(2026, 2, 1, 9, tzinfo=UTC)
RETURNS = ReturnPath(local="bounces", domain="acme.example", keys=(Secret(b"key"),))
HOUR = timedelta(hours=1)


class Says:
    """A mailer that comes to one outcome, and counts how often it was asked."""

    def __init__(self, outcome):
        self.outcome, self.asked = outcome, 0

    async def send(self, message, *, to, return_path):
        self.asked += 1
        return self.outcome


@pytest.fixture
def storage(tmp_path):
    return Storage(tmp_path)


def attempt(number=1, name="act-1"):
    return Attempt(name, number, BEGAN)


def said(storage, mailer, *, at=BEGAN, number=1, **more):
    post = MailPost(storage, mailer=mailer, returns=RETURNS, now=lambda: at)
    told = intended(storage, delivery_id=DELIVERY, **more)
    return asyncio.run(post.mail(told, attempt(number)))


def test_a_mail_reaches_the_server_and_comes_back_to_its_own_address(storage):
    box = Post()

    async def one():
        async with mail_server(box) as server:
            post = MailPost(storage, mailer=Mailer(server), returns=RETURNS, now=lambda: BEGAN)
            return await post.mail(intended(storage, delivery_id=DELIVERY), attempt())

    outcome = asyncio.run(one())

    assert outcome == HandedOver(contract_id="C1", effect_id="act-1", sent_at=BEGAN)
    [envelope] = box.box
    assert RETURNS.delivery(envelope.mail_from) == DELIVERY
    assert (
        email.message_from_bytes(envelope.content)["From"] == '"Acme GmbH" <billing@acme.example>'
    )


def test_what_is_surely_not_taken_is_tried_again_by_the_plan_of_mail(storage):
    with pytest.raises(PutOff) as put_off:
        said(storage, Says(Later("mail_server_busy", "450")))

    # Five minutes, and up to a tenth of them.
    assert BEGAN + timedelta(minutes=5) <= put_off.value.until <= BEGAN + timedelta(minutes=5.5)


def test_after_a_day_it_goes_the_next_way_and_a_second_before_it_does_not(storage):
    busy = Says(Later("mail_server_busy", "450"))

    with pytest.raises(PutOff) as put_off:
        said(storage, busy, at=BEGAN + 24 * HOUR - timedelta(seconds=1), number=12)
    assert put_off.value.until == BEGAN + 24 * HOUR

    outcome = said(storage, busy, at=BEGAN + 24 * HOUR, number=13)
    assert outcome == NotHandedOver(
        contract_id="C1", effect_id="act-1", reason="mail_server_busy", closes=False
    )


def test_what_may_have_been_taken_never_goes_another_way_however_long_it_lasts(storage):
    at = BEGAN + 48 * HOUR

    with pytest.raises(PutOff) as put_off:
        said(storage, Says(Unknown("mail_server_silent")), at=at, number=20)

    assert put_off.value.until == at + 4 * HOUR


@pytest.mark.parametrize(
    ("more", "reason", "closes"),
    [
        ({"recipient": {"name": "E", "email": "a,b@example.org"}}, "address_refused", True),
        ({"sender": {"name": "Acme GmbH"}}, "no_sender", False),
        ({"sender": {"name": "Acme", "email": "acme@localhost"}}, "no_sender", False),
    ],
)
def test_what_can_be_no_mail_goes_the_next_way_and_the_server_is_not_asked(
    storage, more, reason, closes
):
    mailer = Says(Sent())

    outcome = said(storage, mailer, **more)

    assert (outcome.reason, outcome.closes, mailer.asked) == (reason, closes, 0)


@pytest.mark.parametrize("spoil", [Path.unlink, lambda file: file.write_bytes(b"other")])
def test_a_mail_waits_until_its_document_is_restored_and_it_is_told(storage, spoil):
    mailer = Says(Sent())
    post = MailPost(storage, mailer=mailer, returns=RETURNS, now=lambda: BEGAN)
    told = intended(storage, delivery_id=DELIVERY)
    file = storage.path(told.document.hash, suffix="pdf")
    content = file.read_bytes()
    spoil(file)

    with capture_logs() as logged, pytest.raises(PutOff) as put_off:
        asyncio.run(post.mail(told, attempt()))
    assert (put_off.value.until, mailer.asked) == (BEGAN + timedelta(minutes=15), 0)
    assert [(each["event"], each["hash"], each["act"]) for each in logged] == [
        ("document.unreadable", told.document.hash, "act-1")
    ]

    file.write_bytes(content)
    assert isinstance(asyncio.run(post.mail(told, attempt(2))), HandedOver)


def test_a_server_that_fails_five_times_is_left_alone_for_a_minute_and_then_tried_by_one():
    traffic, down = Traffic(), Later("mail_server_unreachable")
    for _ in range(4):
        traffic.heard(down, at=BEGAN)
    assert traffic.rests_until(at=BEGAN) is None
    traffic.heard(down, at=BEGAN)

    minute = BEGAN + timedelta(minutes=1)
    assert traffic.rests_until(at=minute - timedelta(seconds=1)) == minute
    assert traffic.rests_until(at=minute) is None
    # Another one waits for what the first comes to.
    assert traffic.rests_until(at=minute) == minute + timedelta(minutes=1)
    traffic.heard(Sent("250"), at=minute)
    assert traffic.rests_until(at=minute) is None


def test_a_mailbox_that_is_full_says_nothing_about_the_server():
    traffic = Traffic()
    for _ in range(9):
        traffic.heard(Later("mail_server_busy", "452"), at=BEGAN)

    assert traffic.rests_until(at=BEGAN) is None


def test_while_the_server_rests_mails_are_put_off_for_a_day_and_then_go_the_next_way(storage):
    down, times = Says(Later("mail_server_unreachable")), []
    post = MailPost(storage, mailer=down, returns=RETURNS, now=lambda: times[-1])

    def tried(at, number):
        times.append(at)
        told = intended(storage, delivery_id=DELIVERY)
        return asyncio.run(post.mail(told, attempt(number, f"act-{number}")))

    for number in range(1, 6):
        with pytest.raises(PutOff):
            tried(BEGAN, number)
    with pytest.raises(PutOff) as put_off:
        tried(BEGAN, 6)
    assert (put_off.value.until, down.asked) == (BEGAN + timedelta(minutes=1), 5)

    late = BEGAN + 24 * HOUR
    tried(late, 7)  # the one that tries it, and whose day is over
    outcome = tried(late, 8)
    assert (outcome.reason, down.asked) == ("mail_server_unreachable", 6)


def test_the_third_mail_to_a_domain_waits_for_its_turn_and_keeps_it_and_other_domains_do_not():
    traffic = Traffic(Pace(at_once=2, gap=timedelta(seconds=1)))
    second = timedelta(seconds=1)

    turns = [traffic.turn("a.example", name, at=BEGAN) for name in ("1", "2", "3", "4")]

    assert turns == [None, None, BEGAN + second, BEGAN + 2 * second]
    assert traffic.turn("b.example", "5", at=BEGAN) is None
    assert traffic.turn("a.example", "3", at=BEGAN) == BEGAN + second
    assert traffic.turn("a.example", "3", at=BEGAN + second) is None
    assert traffic.turn("a.example", "4", at=BEGAN + 2 * second) is None
