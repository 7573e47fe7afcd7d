"""A composed mail: the same bytes each time, read as it was meant."""

import re
from dataclasses import replace
from datetime import datetime
from email import message_from_bytes, policy
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.notifications.channels.mail.body import Body, Figures, Link, Paragraph, html, plain
from services.notifications.channels.mail.headers import HeaderRefused
from services.notifications.channels.mail.message import Attachment, TooLarge, compose
from tests.notifications.channels.mails import BODY, DELIVERY, a_mail
from tests.support.properties import up_to


def read(mail):
    return message_from_bytes(compose(mail), policy=policy.default)


def shown(mail, kind):
    return read(mail).get_body((kind,)).get_content().replace("\r\n", "\n")


def test_each_header_says_what_it_should():
    found = read(a_mail())

    assert dict(found.items()) == {
        "From": "Nordlicht Datendienste GmbH <rechnung@nordlicht.example>",
        "To": "Müller & Söhne <eingang@mueller.example>",
        "Reply-To": '"Nordlicht, Debitoren" <debitoren@nordlicht.example>',
        "Subject": "Rechnung R-2026-0037 \u2013 fällig am 06.12.2026",
        "Date": "Sun, 22 Nov 2026 09:00:00 +0000",
        "Message-ID": "<06669103172eefc5a3f401ed60c94698@nordlicht.example>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Content-Language": "de",
        "MIME-Version": "1.0",
        "Content-Type": found["Content-Type"],
    }
    assert "List-Unsubscribe" not in found


def test_a_mail_holds_plain_text_html_and_the_document_byte_for_byte():
    document = bytes(range(256)) * 1000
    found = read(
        a_mail(attachments=(Attachment("Mahnung Größe.pdf", "application/pdf", document),))
    )

    types = [part.get_content_type() for part in found.walk()]
    assert types == [
        *("multipart/mixed", "multipart/alternative", "text/plain", "text/html"),
        "application/pdf",
    ]
    (attached,) = found.iter_attachments()
    assert attached.get_content() == document
    assert attached.get_filename() == "Mahnung_Gr_e.pdf"
    assert found.defects == []


def test_without_a_document_the_texts_stand_alone():
    found = read(a_mail(attachments=()))

    types = [part.get_content_type() for part in found.walk()]
    assert types == ["multipart/alternative", "text/plain", "text/html"]


def test_the_plain_text_says_everything():
    assert shown(a_mail(), "plain") == (
        "Guten Tag, Frau Größe,\nanbei erhalten Sie Ihre Rechnung.\n\n"
        "Rechnungsbetrag: 1.011,22 €\nfällig am: 06.12.2026\n\n"
        "Kundenportal:\nhttps://portal.nordlicht.example/r?a=1&b=2\n"
    )


def test_the_html_says_the_same():
    assert shown(a_mail(), "html") == (
        '<!DOCTYPE html>\n<html lang="de">\n<body>\n'
        "<p>Guten Tag, Frau Größe,<br>\nanbei erhalten Sie Ihre Rechnung.</p>\n"
        '<table>\n<tr><td>Rechnungsbetrag</td><td align="right">1.011,22 €</td></tr>\n'
        '<tr><td>fällig am</td><td align="right">06.12.2026</td></tr>\n</table>\n'
        '<p><a href="https://portal.nordlicht.example/r?a=1&amp;b=2">Kundenportal</a><br>\n'
        "https://portal.nordlicht.example/r?a=1&amp;b=2</p>\n</body>\n</html>\n"
    )


def test_the_same_data_make_the_same_bytes():
    assert compose(a_mail()) == compose(a_mail())


def test_two_deliveries_of_one_document_have_two_message_ids():
    other = a_mail(delivery_id="6f1c0a52-7d8e-5b43-9a61-0c2f4e8d7b1a")

    assert read(other)["Message-ID"] != read(a_mail())["Message-ID"]
    assert DELIVERY not in compose(a_mail()).decode("ascii")


def test_each_line_is_of_ascii_and_short_enough_for_every_server():
    lines = compose(a_mail(body=Body((Paragraph("ä" * 5000 + " " + "x" * 5000),), "de"))).split(
        b"\r\n"
    )

    assert max(map(len, lines)) <= 78
    assert all(line.isascii() and b"\n" not in line and b"\r" not in line for line in lines)


def test_hostile_text_is_shown_and_not_obeyed():
    body = Body(
        (
            Paragraph("<script>alert(1)</script>\r\n.\r\nRCPT TO:<x@evil.example>\x00\u2028&amp;"),
            Figures((("<b>\nx", '"><img src=x>'),)),
        ),
        "de",
    )

    assert plain(body) == (
        "<script>alert(1)</script>\r\n.\r\nRCPT TO:<x@evil.example>\ufffd\ufffd&amp;\r\n\r\n"
        '<b> x: "><img src=x>\r\n'
    )
    assert "<script" not in html(body) and "<img" not in html(body) and "<b>" not in html(body)


@pytest.mark.parametrize(
    "url",
    [
        "http://portal.example/",
        "javascript:alert(1)",
        "https://portal.example/\r\nx",
        'https://portal.example/"onclick="x',
        "https://portal.example/<",
        "https://",
        "https://" + "x" * 501,
    ],
)
def test_a_link_that_is_not_plainly_https_is_refused(url):
    with pytest.raises(ValueError, match=r"^a link is https"):
        Link("Portal", url)


def test_a_text_from_right_to_left_says_so():
    assert '<html lang="he" dir="rtl">' in html(replace(BODY, language="he"))
    assert '<html lang="ar-EG" dir="rtl">' in html(replace(BODY, language="ar-EG"))
    assert '<html lang="de">' in html(BODY)


def test_a_language_that_would_break_its_header_is_refused():
    with pytest.raises(HeaderRefused):
        compose(a_mail(body=Body((Paragraph("x"),), "de\r\nBcc: x@evil.example")))


@pytest.mark.parametrize("media_type", ["", "pdf", "application/pdf\r\nX: y", "a/b;x=y", "A/b"])
def test_a_media_type_that_is_none_is_refused(media_type):
    with pytest.raises(HeaderRefused):
        compose(a_mail(attachments=(Attachment("a.pdf", media_type, b"x"),)))


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("R-1.pdf", "R-1.pdf"),
        ('a"; x="b.pdf', "a_x_b.pdf"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("a\r\nBcc: x.pdf", "a_Bcc_x.pdf"),
        ("...", "document"),
        ("x" * 101, "x" * 100),
    ],
)
def test_of_a_file_name_only_what_every_system_takes_is_kept(name, kept):
    found = read(a_mail(attachments=(Attachment(name, "application/pdf", b"x"),)))

    assert [each.get_filename() for each in found.iter_attachments()] == [kept]


def test_what_is_attached_is_bounded_over_all_files():
    half = Attachment("a.pdf", "application/pdf", b"x" * 50)

    assert compose(a_mail(attachments=(half, half), most_bytes=100))
    with pytest.raises(TooLarge):
        compose(a_mail(attachments=(half, half), most_bytes=99))


def test_a_time_without_its_zone_is_refused():
    with pytest.raises(ValueError, match="knows its zone"):
        compose(a_mail(written_at=datetime(2026, 11, 22, 9, 0)))  # noqa: DTZ001


class Words(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_data(self, data):
        self.found.append(data)


def amounts(text):
    return sorted(re.findall(r"[0-9][0-9.,]*", text))


_TEXT = st.text(
    st.sampled_from("abc <>&\"'.,\n0123456789€\u202f=") | st.characters(max_codepoint=0x3000)
)
_BLOCK = st.builds(Paragraph, _TEXT) | st.builds(
    Figures, st.lists(st.tuples(_TEXT, _TEXT), max_size=3).map(tuple)
)


@settings(max_examples=up_to(100))
@given(st.lists(_BLOCK, max_size=4))
def test_plain_text_and_html_name_the_same_amounts(blocks):
    found = read(a_mail(body=Body(tuple(blocks), "de")))
    words = Words()
    words.feed(found.get_body(("html",)).get_content())

    assert amounts(" ".join(words.found)) == amounts(found.get_body(("plain",)).get_content())
