"""A mail meets a real server: what it answers, and where it falls silent."""

import asyncio
from dataclasses import replace
from email import message_from_bytes, policy

import pytest

from services.notifications.channels.mail.answers import judge
from services.notifications.channels.mail.mailboxes import mailbox
from services.notifications.channels.mail.message import compose
from services.notifications.channels.mail.sending import Mailer, MailServer
from services.notifications.channels.outcome import Later, Refused, Sent, Unknown
from services.notifications.channels.secret import Secret
from tests.notifications.channels.mails import a_mail
from tests.notifications.channels.smtp import Post, mail_server

TO, BACK = "eingang@mueller.example", "bounce+1@nordlicht.example"


def sent(post, *, message=None, changed=None, **options):
    """Send one mail to *post* and return the outcome."""

    async def run():
        async with mail_server(post, **options) as server:
            server = replace(server, **(changed or {}))
            return await Mailer(server).send(
                message or compose(a_mail()), to=mailbox(TO), return_path=BACK
            )

    return asyncio.run(run())


def test_a_mail_arrives_as_it_was_composed_for_the_one_recipient():
    post = Post()

    assert sent(post) == Sent("250")
    (found,) = post.box
    assert found.rcpt_tos == [TO]
    assert found.mail_from == BACK
    assert found.content == compose(a_mail())
    assert message_from_bytes(found.content, policy=policy.default).defects == []


def test_a_line_that_is_a_single_dot_does_not_end_the_mail():
    post = Post()
    message = b"Subject: x\r\n\r\n.\r\nRCPT TO:<x@evil.example>\r\n..\r\n"

    assert sent(post, message=message) == Sent("250")
    assert [each.content for each in post.box] == [message]
    assert post.box[0].rcpt_tos == [TO]


@pytest.mark.parametrize(
    ("post", "outcome"),
    [
        (Post(greeting="554 no"), Later("mail_server_refuses_us", "554")),
        (Post(greeting="421 busy"), Later("mail_server_busy", "421")),
        (Post(sender="451 4.3.0 busy"), Later("mail_server_busy", "451 4.3.0")),
        (Post(sender="550 5.7.1 who"), Later("mail_server_refuses_us", "550 5.7.1")),
        (Post(sender="552 5.3.4 too big"), Refused("mail_refused", "552 5.3.4")),
        (Post(recipient="450 4.2.0 greylisted"), Later("mail_server_busy", "450 4.2.0")),
        (Post(recipient="452 4.2.2 full"), Later("mail_server_busy", "452 4.2.2")),
        (
            Post(recipient="550 5.1.1 <eingang@mueller.example> unknown"),
            Refused("no_such_address", "550 5.1.1", closes_address=True),
        ),
        (Post(recipient="550 no such user"), Refused("mail_refused", "550")),
        (Post(recipient="552 5.2.2 full"), Refused("mail_refused", "552 5.2.2")),
        (Post(data="451 4.3.0 not now"), Later("mail_server_busy", "451 4.3.0")),
        (Post(data="554 5.5.1 no"), Refused("mail_refused", "554 5.5.1")),
        (Post(text="451 4.7.0 not now"), Later("mail_server_busy", "451 4.7.0")),
        (Post(text="554 5.6.0 spam"), Refused("mail_refused", "554 5.6.0")),
        (Post(text="554 5.2.1 off"), Refused("no_such_address", "554 5.2.1", closes_address=True)),
        (Post(drops="greeting"), Later("mail_server_unreachable")),
        (Post(drops="MAIL"), Later("mail_server_unreachable")),
        (Post(drops="text"), Unknown("mail_server_silent")),
    ],
)
def test_what_a_server_answers_decides(post, outcome):
    assert sent(post) == outcome


def test_a_line_that_is_cut_before_the_text_is_unknown_rather_than_surely_not_sent():
    # The library does not say on which side of the server's word it was cut: so we assume less.
    assert sent(Post(drops="DATA")) == Unknown("mail_server_silent")


@pytest.mark.parametrize(
    ("at", "outcome"),
    [("MAIL", Later("mail_server_unreachable")), ("text", Unknown("mail_server_silent"))],
)
def test_a_server_that_is_slow_is_waited_for_no_longer_than_allowed(at, outcome):
    assert sent(Post(slow=at), timeout_s=1) == outcome


def test_a_mail_whose_answer_was_lost_goes_again_under_the_same_message_id():
    lost, again = Post(drops="text"), Post()

    sent(lost)
    sent(again)

    ids = {message_from_bytes(post.box[0].content)["Message-ID"] for post in (lost, again)}
    assert len(ids) == 1


def test_where_nobody_listens_nothing_was_sent():
    server = MailServer(hostname="127.0.0.1", port=1, tls="none", timeout_s=5)

    found = asyncio.run(Mailer(server).send(b"x", to=mailbox(TO), return_path=BACK))

    assert found == Later("mail_server_unreachable")


def test_mail_goes_over_TLS_with_a_password(tmp_path):
    post = Post()

    assert sent(post, folder=tmp_path, password=Secret(b"right")) == Sent("250")
    assert post.passwords == [b"right"]


def test_a_wrong_password_is_about_us_and_not_about_the_customer(tmp_path):
    post = Post()

    found = sent(post, folder=tmp_path, password=Secret(b"wrong"))

    assert found == Later("mail_server_refuses_us", "535 5.7.8")
    assert post.box == []


def test_a_server_of_another_authority_is_told_nothing(tmp_path):
    post = Post()

    found = sent(post, folder=tmp_path, password=Secret(b"right"), changed={"ca_file": None})

    assert found == Later("mail_server_unreachable")
    assert post.passwords == []


def test_a_server_that_offers_no_TLS_is_told_nothing():
    post = Post()

    assert sent(post, changed={"tls": "starttls"}) == Later("mail_server_unreachable")
    assert post.box == []


def test_a_password_without_TLS_is_refused_at_once():
    with pytest.raises(ValueError, match="over TLS alone"):
        MailServer(hostname="mx.example", port=25, tls="none", username="u", password=Secret(b"p"))


def test_a_user_without_a_password_is_refused_at_once():
    with pytest.raises(ValueError, match="come together"):
        MailServer(hostname="mx.example", port=25, username="u")


@pytest.mark.parametrize("stage", ["session", "sender", "recipient", "text"])
@pytest.mark.parametrize("code", [-1, 0, 199, 300, 399, 400, 499, 600, 999])
def test_no_nonsense_is_a_refusal_for_good(stage, code):
    assert isinstance(judge(code, "", stage=stage), Later)


@pytest.mark.parametrize(
    ("text", "closes"),
    [
        ("5.1.1 x", True),
        ("5.1.10 x", True),
        ("5.1.0 x", False),
        ("5.1.11 x", False),
        ("5.2.2 x", False),
        ("5.7.1 x", False),
        ("x 5.1.1", False),
        ("", False),
    ],
)
def test_only_a_status_that_says_so_closes_an_address(text, closes):
    assert judge(550, text, stage="recipient").closes_address is closes
