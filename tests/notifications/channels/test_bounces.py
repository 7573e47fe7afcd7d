"""What comes back is told from what people and their programs answer."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.notifications.channels.bounces.maildir import taken, unread
from services.notifications.channels.bounces.reading import Returned, read
from tests.notifications.channels.came_back import (
    BACK,
    EXIM,
    HUMAN,
    ID,
    ORIGINAL,
    OUT_OF_OFFICE,
    PATH,
    QMAIL,
    complaint,
    forwarded,
    in_words,
    report,
    status,
)
from tests.notifications.channels.mails import DELIVERY
from tests.support.properties import up_to


def found(text):
    return read(text.encode(), return_path=PATH)


def ours(what, status=None, *, closes=False, message_id=ID):
    return Returned(
        what=what,
        delivery_id=DELIVERY,
        message_id=message_id,
        status=status,
        closes_address=closes,
    )


@pytest.mark.parametrize(
    ("action", "code", "diagnostic", "expected"),
    [
        ("failed", "5.1.1", None, ours("failed", "5.1.1", closes=True)),
        ("Failed", "5.1.1 (user unknown)", None, ours("failed", "5.1.1", closes=True)),
        ("failed", "5.1.10", None, ours("failed", "5.1.10", closes=True)),
        ("failed", "5.2.1", None, ours("failed", "5.2.1", closes=True)),
        # The mailbox is full: this mail failed, and the address is a good one.
        ("failed", "5.2.2", None, ours("failed", "5.2.2")),
        ("failed", "5.7.1", None, ours("failed", "5.7.1")),
        ("failed", "4.4.7", None, ours("failed", "4.4.7")),
        ("failed", "nonsense", None, ours("failed")),
        ("failed", "5.0.0", "smtp; 550 5.1.1 unknown", ours("failed", "5.1.1", closes=True)),
        ("failed", "5.0.0", "smtp; 550 unknown", ours("failed", "5.0.0")),
        ("failed", "5.2.2", "smtp; 550 5.1.1 unknown", ours("failed", "5.2.2")),
        ("failed", "5.0.0", "smtp; host 10.5.1.1 said no", ours("failed", "5.0.0")),
        ("delayed", "4.4.1", None, ours("delayed", "4.4.1")),
        ("delivered", "2.0.0", None, Returned(what="other")),
        ("relayed", "2.0.0", None, Returned(what="other")),
        ("expanded", "2.0.0", None, Returned(what="other")),
        # It says not what was done, but its text says that it was not delivered.
        ("", "5.1.1", None, ours("failed")),
        ("failure", "5.1.1", None, ours("failed", "5.1.1", closes=True)),
        ("failed (unknown user)", "5.1.1", None, ours("failed", "5.1.1", closes=True)),
    ],
)
def test_a_report_of_delivery_says_what_became_of_it(action, code, diagnostic, expected):
    assert found(report(status(action, code, diagnostic=diagnostic))) == expected


def test_a_failure_counts_before_a_delay():
    both = status("delayed", "4.4.1") + "\n" + status("failed", "5.1.1").partition("\n\n")[2]

    assert found(report(both)) == ours("failed", "5.1.1", closes=True)


def test_a_report_without_what_came_back_is_matched_by_its_own_recipient():
    assert found(report(status("failed", "5.1.1"), original="x")) == ours(
        "failed", "5.1.1", closes=True, message_id=None
    )


def test_a_report_that_came_to_another_mailbox_is_matched_by_what_came_back():
    text = report(status("failed", "5.1.1")).replace(f"Delivered-To: {BACK}\n", "")

    assert found(text.replace(f"To: {BACK}", "To: x@nordlicht.example")) == ours(
        "failed", "5.1.1", closes=True
    )


def test_a_report_under_a_forged_address_names_no_delivery():
    forged = BACK.replace("6f1c", "6f1d")
    text = report(status("failed", "5.1.1")).replace(BACK, forged)

    assert found(text).delivery_id is None


def test_a_report_with_headers_alone_is_matched():
    text = report(status("failed", "5.1.1")).replace("message/rfc822", "text/rfc822-headers")

    assert found(text) == ours("failed", "5.1.1", closes=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (in_words(QMAIL), ours("failed", "5.1.1", closes=True)),
        (
            in_words(
                EXIM,
                sender="Mail Delivery System <Mailer-Daemon@mx.mueller.example>",
                extra="X-Failed-Recipients: a@b.example\nAuto-Submitted: auto-replied\n",
            ),
            ours("failed", "5.2.2"),
        ),
        (
            in_words(
                "Der Empfänger wurde nicht gefunden.\n550 5.1.1 RESOLVER.ADR.RecipNotFound",
                sender="postmaster@mueller.example",
            ),
            ours("failed", "5.1.1", closes=True, message_id=None),
        ),
        (
            report(status("failed", "5.1.1")).replace("report-type=delivery-status; ", ""),
            ours("failed", "5.1.1", closes=True),
        ),
        (
            report(status("failed", "5.1.1")).replace("multipart/report", "multipart/mixed"),
            ours("failed", "5.1.1", closes=True),
        ),
        (
            in_words("Sorry, no luck.", subject="Undeliverable: Rechnung", back="<MAILER-DAEMON>"),
            ours("failed", message_id=None),
        ),
        *(
            (in_words(text), ours("failed", message_id=None))
            for text in (
                "Your message could not be delivered to one or more destinations.",
                "The following recipients did not receive it: quota for a@b.example exceeded.",
                "Delivery to the following recipients failed.",
                "This user doesn't have an account here.",
                "unknown user: a",
                "User account is over his quota",
                "Ihre Nachricht konnte nicht zugestellt werden.",
                "Votre message n'a pas pu \u00eatre remis.",
            )
        ),
        (
            in_words("550 no such user here", sender="MAILER-DAEMON@a.example"),
            ours("failed", message_id=None),
        ),
        (
            in_words(
                "Gone.",
                extra="X-Failed-Recipients: eingang@mueller.example\n",
            ),
            ours("failed", message_id=None),
        ),
        (
            in_words("Warning: message delayed 24 hours, still trying. 450 4.2.0 later"),
            ours("delayed", message_id=None),
        ),
        (
            in_words("We will keep trying. Last error: 550 5.1.1 from the first host"),
            ours("delayed", message_id=None),
        ),
    ],
)
def test_a_report_in_words_of_its_own_is_understood(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        in_words(HUMAN, sender="M. Mueller <m@mueller.example>", back="<m@mueller.example>"),
        # Some programs answer without an envelope sender, as RFC 3834 asks them to.
        in_words(HUMAN, sender="M. Mueller <m@mueller.example>"),
        in_words(HUMAN, sender="postmaster@mueller.example", back="<postmaster@mueller.example>"),
        in_words(OUT_OF_OFFICE, sender="m@mueller.example", extra="Auto-Submitted: auto-replied\n"),
        in_words(OUT_OF_OFFICE, sender="m@mueller.example", extra="X-Autoreply: yes\n"),
        in_words(OUT_OF_OFFICE, extra="Auto-Submitted: auto-replied (vacation)\n"),
        in_words(OUT_OF_OFFICE, extra="Precedence: auto_reply\n"),
        in_words("Your message was received. Ticket #5 of 550.", sender="postmaster@a.example"),
        in_words("The message of 512 bytes has come in.", sender="postmaster@a.example"),
        forwarded(),
        forwarded().replace("<m.mueller@mueller.example>\nDelivered", "<>\nDelivered"),
        report(
            "Disposition: manual-action/MDN-sent-manually; displayed",
            kind="disposition-notification",
        ),
        complaint("not-spam"),
        complaint("auth-failure"),
        complaint(""),
        "",
        "\n\n",
        "From: x\n\n550 5.1.1",
        "Content-Type: multipart/report; report-type=delivery-status\n\nnothing",
    ],
)
def test_what_somebody_wrote_or_nobody_can_read_is_left_to_a_person(text):
    assert found(text) == Returned(what="other")


@pytest.mark.parametrize("kind", ["abuse", "Fraud", "virus"])
def test_a_complaint_closes_the_address(kind):
    assert found(complaint(kind)) == ours("complained", closes=True)


@pytest.mark.parametrize(
    "text",
    [
        complaint("abuse", original="x"),
        complaint("abuse", sender="redacted@nordlicht.example"),
        complaint("abuse", original="x", sender="redacted@a.example", delivered_to=BACK),
    ],
)
def test_a_complaint_is_matched_by_whatever_names_the_envelope_sender(text):
    assert found(text).delivery_id == DELIVERY


def test_a_complaint_of_which_all_was_removed_says_its_message_id_alone():
    text = complaint("abuse", sender="x@a.example", original=ORIGINAL.partition("\n")[2])

    assert found(text) == Returned(what="complained", message_id=ID, closes_address=True)


@settings(max_examples=up_to(300))
@given(st.data())
def test_no_spoiled_report_stops_the_reader(data):
    sample = data.draw(
        st.sampled_from([report(status("failed", "5.1.1")), complaint("abuse"), in_words(QMAIL)])
    ).encode()
    at = data.draw(st.integers(0, len(sample)))
    rubbish = data.draw(st.binary(max_size=40))

    assert read(sample[:at] + rubbish + sample[at:], return_path=PATH).what in (
        *("failed", "delayed", "complained", "other"),
    )


def test_parts_within_parts_without_end_stop_nothing():
    text = "".join(
        f"Content-Type: multipart/report; boundary=b{n}; report-type=delivery-status\n\n--b{n}\n"
        for n in range(3000)
    )

    assert found(text) == Returned(what="other")


@pytest.mark.parametrize("filling", ["\n", "- ", "x ", "a@", "<", "5.1", "error ", "mailbox "])
def test_a_million_of_anything_is_looked_through_at_once(filling):
    much = filling * (1_000_000 // len(filling))
    texts = [
        in_words(much),
        report(status("failed", "5.1.1", diagnostic=much)),
        in_words("", subject=much),
    ]

    began = time.process_time()
    for text in texts:
        found(text)

    assert time.process_time() - began < 3


def test_a_report_around_a_large_mail_is_read_by_its_beginning():
    text = report(status("failed", "5.1.1"), original=ORIGINAL + "\n" + "JVBERi0xLjc=\n" * 100_000)

    assert found(text) == ours("failed", "5.1.1", closes=True)


@settings(max_examples=up_to(300))
@given(st.text(max_size=300))
def test_whatever_a_person_writes_is_never_a_bounce(text):
    written = in_words(f"{text}\n{HUMAN}", sender="m@mueller.example")

    assert read(written.encode(errors="replace"), return_path=PATH) == Returned(what="other")


def test_a_maildir_yields_what_is_new_until_it_is_taken(tmp_path):
    for name in ("cur", "new", "tmp", "new/folder"):
        (tmp_path / name).mkdir()
    (tmp_path / "new/2.host").write_bytes(b"two")
    (tmp_path / "new/1.host").write_bytes(b"one")
    (tmp_path / "tmp/3.host").write_bytes(b"half")
    (tmp_path / "new/0.link").symlink_to(tmp_path / "tmp/3.host")

    assert [(each.name, each.raw) for each in unread(tmp_path)] == [
        ("1.host", b"one"),
        ("2.host", b"two"),
    ]
    assert [each.name for each in unread(tmp_path, at_most=1)] == ["1.host"]

    taken(tmp_path, "1.host")
    taken(tmp_path, "1.host")

    assert [each.name for each in unread(tmp_path)] == ["2.host"]
    assert (tmp_path / "cur/1.host:2,S").read_bytes() == b"one"


def test_of_a_mail_that_is_far_too_long_the_beginning_is_read(tmp_path):
    (tmp_path / "new").mkdir()
    (tmp_path / "new/1.host").write_bytes(b"x" * 1_000_001)

    assert [len(each.raw) for each in unread(tmp_path)] == [1_000_000]


@pytest.mark.parametrize("name", ["../new/1", "/etc/passwd", "..", ".hidden"])
def test_only_a_file_of_the_mailbox_is_moved(tmp_path, name):
    with pytest.raises(ValueError, match="the name of its file alone"):
        taken(tmp_path, name)
