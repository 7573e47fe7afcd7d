"""What may stand in a header, and that nothing in it becomes another one."""

import os
import random
from email import message_from_bytes, policy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.notifications.channels.mail import headers
from services.notifications.channels.mail.headers import HeaderRefused, checked
from services.notifications.channels.mail.mailboxes import AddressRefused, mailbox
from services.notifications.channels.mail.message import compose
from tests.notifications.channels.mails import a_mail
from tests.support.properties import up_to

NAMES = [
    *("From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted"),
    *("X-Auto-Response-Suppress", "Content-Language", "MIME-Version", "Content-Type"),
]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("a\r\nBcc: x@evil.example", "holds U+000D"),
        ("a\nBcc: x@evil.example", "holds U+000A"),
        ("a\rBcc: x@evil.example", "holds U+000D"),
        ("a\n\n<html>", "holds U+000A"),
        ("=?utf-8?q?a=0D=0ABcc:_x@evil.example?=", "holds an encoded word"),
        ("=?utf-8?b?YQ0KQmNjOiB4QGV2aWwuZXhhbXBsZQ==?=", "holds an encoded word"),
        ("=?", "holds an encoded word"),
        ("a\x00b", "holds U+0000"),
        ("a\tb", "holds U+0009"),
        ("a\x0bBcc: x", "holds U+000B"),
        ("a\x0cBcc: x", "holds U+000C"),
        ("a\x1cBcc: x", "holds U+001C"),
        ("a\x7fb", "holds U+007F"),
        ("a\x85Bcc: x", "holds U+0085"),
        ("a\u2028Bcc: x", "holds U+2028"),
        ("a\u2029Bcc: x", "holds U+2029"),
        ("a\ud800b", "holds U+D800"),
        ("fdp.exe\u202e", "holds U+202E"),
        ("x" * 201, "longer than 200 characters"),
    ],
)
def test_a_value_that_wants_more_than_a_header_is_refused(value, why):
    with pytest.raises(HeaderRefused, match=f"^{why.replace('+', '[+]')}$"):
        checked(value)


@pytest.mark.parametrize(
    "value", ["x" * 200, "", "= ?", "?=", "Müller, Söhne", "שלום", "名前", "🙂"]
)
def test_a_value_that_is_a_name_is_not_refused(value):
    assert checked(value) == value


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("Rechnung 7", b"Subject: Rechnung 7\r\n"),
        ("", b"Subject: \r\n"),
        ("Größe", b"Subject: =?utf-8?b?R3LDtsOfZQ==?=\r\n"),
        # 20 of these letters are 40 bytes, and 39 stand in a word: the 20th begins the next.
        (
            "ö" * 20,
            b"Subject: =?utf-8?b?w7bDtsO2w7bDtsO2w7bDtsO2w7bDtsO2w7bDtsO2w7bDtsO2w7Y=?=\r\n"
            b" =?utf-8?b?w7Y=?=\r\n",
        ),
    ],
)
def test_a_subject_is_written_as_RFC_2047_has_it(value, line):
    assert headers.text("Subject", value) == line


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("", b"To: <a@b.example>\r\n"),
        ("Mueller, Soehne", b'To: "Mueller, Soehne" <a@b.example>\r\n'),
        ('Mueller "M" Soehne', b"To: =?utf-8?b?TXVlbGxlciAiTSIgU29laG5l?= <a@b.example>\r\n"),
        ("x@evil.example, y", b'To: "x@evil.example, y" <a@b.example>\r\n'),
    ],
)
def test_a_name_is_quoted_or_encoded_so_that_it_is_no_second_address(name, line):
    assert headers.mailbox("To", name, address="a@b.example") == line


@pytest.mark.parametrize(
    "address",
    [
        "a@b.example, c@d.example",
        "a@b.example;c@d.example",
        "<a@b.example>",
        "a@b.example\r\nRCPT TO:<c@d.example>",
        "a@b.example\n",
        "a b@c.example",
        '"a b"@c.example',
        "a@b@c.example",
        "a(comment)@b.example",
        ".a@b.example",
        "a..b@c.example",
        "a.@b.example",
        "@b.example",
        "a@",
        "a",
        "",
        "a@localhost",
        "a@127.0.0.1",
        "a@[127.0.0.1]",
        "a@-b.example",
        "a@b_c.example",
        "a@b..example",
        "a@b.example.",
        "größe@b.example",
        "a@b.example\u2028",
        "x" * 65 + "@b.example",
        "a@" + "x" * 64 + ".example",
        "a@" + "x.y" * 90,
    ],
)
def test_what_is_no_single_plain_address_is_refused(address):
    with pytest.raises(AddressRefused):
        mailbox(address)


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("a@b.example", "a@b.example"),
        ("O'Neil+x=1@B.Example", "O'Neil+x=1@b.example"),
        ("x" * 64 + "@b.example", "x" * 64 + "@b.example"),
        ("a@müller.example", "a@xn--mller-kva.example"),
        ("a@MÜLLER.example", "a@xn--mller-kva.example"),
        ("a@straße.example", "a@xn--strae-oqa.example"),
        ("a@例え.example", "a@xn--r8jz45g.example"),
        # The ideographic full stop is a dot.
        ("a@例え。example", "a@xn--r8jz45g.example"),
    ],
)
def test_a_domain_of_another_script_is_written_as_DNS_has_it(address, written):
    assert mailbox(address).address == written


HOSTILE = [
    *("\r", "\n", "\r\n", "\x00", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "=?", "?="),
    *("=?utf-8?q?=0A?=", "Bcc: x@evil.example", ":", ",", ";", "<", ">", '"', "\\", "@", "(", ")"),
    *(
        " ",
        "\t",
        "=0D=0A",
        "%0d%0a",
        "a",
        "Z",
        "ä",
        "ß",
        "\u2013",
        "€",
        "名",
        "🙂",
        "\u0301",
        "\u200d",
    ),
    *("\ud800", "\u202e", "xx" * 30, "\ufeff", "'", "utf-8", "?q?", "?b?", "--", "."),
]


def sound(value):
    """Compose a mail with *value* wherever a value can stand; say what a reader finds."""
    try:
        mail = a_mail(subject=value, to=mailbox("a@b.example", value), attachments=())
    except AddressRefused:
        return None
    raw = compose(mail)
    head = raw.partition(b"\r\n\r\n")[0]
    assert b"\n" not in head.replace(b"\r\n", b"") and b"\r" not in head.replace(b"\r\n", b"")
    assert max(map(len, head.split(b"\r\n"))) <= 76
    read = message_from_bytes(head + b"\r\n\r\n", policy=policy.default)
    assert read.keys() == NAMES
    assert [each.addr_spec for each in read["To"].addresses] == ["a@b.example"]
    return read["Subject"], read["To"].addresses[0].display_name


def as_read(value):
    """Return what a parser leaves of the blanks around a value."""
    return value.strip(" ")


@settings(max_examples=up_to(500))
@given(st.lists(st.sampled_from(HOSTILE) | st.text(max_size=20), max_size=8).map("".join))
def test_no_value_becomes_a_second_header_or_recipient(value):
    found = sound(value)

    if found is not None:
        assert as_read(found[0]) == as_read(value)


@pytest.mark.long
def test_of_thousands_of_values_none_becomes_a_second_header_or_recipient():
    """A second or two for each 1,000; HEADER_VALUES=100000 was done by hand."""
    number = int(os.environ.get("HEADER_VALUES", "5000"))
    drawn, refused = random.Random(20261129), 0

    for _ in range(number):
        value = "".join(drawn.choices(HOSTILE, k=drawn.randrange(1, 7)))
        found = sound(value)
        refused += found is None
        assert found is None or as_read(found[0]) == as_read(value)

    # Both kinds are many, so that the number says something.
    assert 0.4 * number < refused < 0.9 * number
